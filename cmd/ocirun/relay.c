/* SPDX-License-Identifier: Apache-2.0 */
/* The copying behind relay.h: two buffers, each either being filled or being emptied. */
#include "relay.h"

#include "fd.h"
#include "tty.h"

#include <errno.h>
#include <fcntl.h>

#define READABLE (POLLIN | POLLHUP | POLLERR)
#define WRITABLE (POLLOUT | POLLHUP | POLLERR)

enum transfer {
	TRANSFER_DONE,
	TRANSFER_LATER, /* not now, although poll(2) may have said so */
	TRANSFER_END,   /* end of file or failure: never again */
};

static bool is_empty(const struct relay_buffer *buffer)
{
	return buffer->start == buffer->end;
}

static void drop(struct relay_buffer *buffer)
{
	buffer->start = buffer->end = 0;
}

static enum transfer failed(void)
{
	return errno == EAGAIN || errno == EINTR ? TRANSFER_LATER : TRANSFER_END;
}

static enum transfer fill(struct relay_buffer *buffer, int fd)
{
	ssize_t n = read(fd, buffer->data, sizeof(buffer->data));

	if (n < 0)
		return failed();
	buffer->start = 0;
	buffer->end = (size_t)n;
	return n > 0 ? TRANSFER_DONE : TRANSFER_END;
}

static enum transfer flush(struct relay_buffer *buffer, int fd)
{
	ssize_t n = write(fd, buffer->data + buffer->start, buffer->end - buffer->start);

	if (n < 0)
		return failed();
	buffer->start += (size_t)n;
	return TRANSFER_DONE;
}

int relay_begin(struct relay *ret_relay, int take_console_fd, int in_fd, int out_fd,
		struct err *err)
{
	AUTO_FD console_fd = take_console_fd;
	int flags = fcntl(console_fd, F_GETFL);

	if (flags < 0 || fcntl(console_fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return err_sys(err, "make the terminal's master non-blocking");
	*ret_relay = (struct relay){
		.console_fd = fd_take(&console_fd),
		.in_fd = in_fd,
		.out_fd = out_fd,
	};
	return 0;
}

void relay_end(struct relay *relay)
{
	fd_close(&relay->console_fd);
}

void relay_watch(const struct relay *relay, bool has_ended, struct pollfd fds[RELAY_FDS])
{
	bool is_alive = !has_ended && relay->console_fd >= 0;
	short console_events = 0;

	if (is_alive && is_empty(&relay->to_caller))
		console_events |= POLLIN;
	if (is_alive && !is_empty(&relay->to_console))
		console_events |= POLLOUT;

	/* Negative descriptors are skipped; POLLHUP could not be masked otherwise. */
	fds[RELAY_IN] = (struct pollfd){
		.fd = is_alive && !relay->is_background && is_empty(&relay->to_console)
			      ? relay->in_fd
			      : -1,
		.events = POLLIN,
	};
	fds[RELAY_OUT] = (struct pollfd){
		.fd = is_empty(&relay->to_caller) ? -1 : relay->out_fd,
		.events = POLLOUT,
	};
	fds[RELAY_CONSOLE] = (struct pollfd){
		.fd = console_events && !relay->is_hung_up ? relay->console_fd : -1,
		.events = console_events,
	};
}

/*
 * When nobody reads any more the container shall notice, as a program in a pipe does: without its
 * master the terminal hangs up, which sends SIGHUP to the container's foreground processes.
 */
static void write_output(struct relay *relay)
{
	if (flush(&relay->to_caller, relay->out_fd) != TRANSFER_END)
		return;
	drop(&relay->to_caller);
	fd_close(&relay->console_fd);
	relay->is_drained = true;
}

/*
 * After the end of the process there is no need to poll: before a read says EIO (all descriptors
 * of the terminal are closed) or EAGAIN (some process has kept one) the kernel has delivered all
 * that was written.
 */
static void read_rest(struct relay *relay)
{
	if (!relay->is_drained && is_empty(&relay->to_caller))
		relay->is_drained = fill(&relay->to_caller, relay->console_fd) != TRANSFER_DONE;
}

/* With SIGTTIN blocked a read in the background of the terminal is an error, and no end. */
static void read_input(struct relay *relay)
{
	if (fill(&relay->to_console, relay->in_fd) != TRANSFER_END)
		return;
	if (tty_is_background(relay->in_fd))
		relay->is_background = true;
	else
		relay->in_fd = -1;
}

void relay_copy(struct relay *relay, bool has_ended, const struct pollfd fds[RELAY_FDS])
{
	short console = fds[RELAY_CONSOLE].revents;

	if (fds[RELAY_OUT].revents & WRITABLE)
		write_output(relay);
	if (has_ended) {
		read_rest(relay);
		return;
	}
	if (console & POLLIN)
		fill(&relay->to_caller, relay->console_fd);
	if (console & POLLOUT && flush(&relay->to_console, relay->console_fd) == TRANSFER_END)
		drop(&relay->to_console);
	if (fds[RELAY_IN].revents & READABLE)
		read_input(relay);
	/*
	 * The process may open its terminal again, as login programs do after vhangup(2): the
	 * descriptor is left out of one poll, which the caller gives a time-out, and tried again.
	 */
	relay->is_hung_up = console & POLLHUP && !(console & POLLIN);
}

bool relay_is_done(const struct relay *relay)
{
	return relay->is_drained && is_empty(&relay->to_caller);
}
