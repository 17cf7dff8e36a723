/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One poll(2) loop over a signalfd and, with a terminal, the relay. Every signal that can be
 * blocked is, so no exit path leaves the caller's terminal in raw mode.
 */
#include "foreground.h"

#include "fd.h"
#include "relay.h"
#include "tty.h"

#include <errno.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define HUNG_UP_RETRY_MS    50
#define BACKGROUND_RETRY_MS 100 /* `fg` is no event */

/* What the wait is about. */
struct session {
	pid_t pid;
	int status; /* exit status once has_ended */
	bool has_ended;
	bool gives_up;               /* a signal came that nobody is left to get */
	struct seccomp_watch *watch; /* NULL: nobody wants to know of system calls */
	struct notify *notify;       /* NULL: nobody waits for the program to be ready */
	struct relay *relay;         /* NULL: the process has our own stdio */
	struct tty *tty;
};

/* Signals that the kernel raises for our own faults cannot be waited for. */
static void all_but_faults(sigset_t *set)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS, SIGABRT };

	sigfillset(set);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		sigdelset(set, faults[i]);
}

static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

int foreground_begin(struct foreground *fg, bool subreaper, struct err *err)
{
	AUTO_FD signal_fd = -1;
	AUTO_FD cancel_fd = -1;
	sigset_t set, ends;

	all_but_faults(&set);
	sigemptyset(&ends);
	for (size_t i = 0; i < sizeof(ending) / sizeof(ending[0]); i++)
		sigaddset(&ends, ending[i]);
	signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	cancel_fd = signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signal_fd < 0 || cancel_fd < 0)
		return err_sys(err, "signalfd");
	if (subreaper && prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		return err_sys(err, "become the subreaper");
	if (sigprocmask(SIG_BLOCK, &set, &fg->old_mask) < 0)
		return err_sys(err, "block signals");
	fg->signal_fd = fd_take(&signal_fd);
	fg->cancel_fd = fd_take(&cancel_fd);
	return 0;
}

void foreground_end(struct foreground *fg)
{
	if (fg->signal_fd < 0)
		return;
	fd_close(&fg->signal_fd);
	fd_close(&fg->cancel_fd);
	sigprocmask(SIG_SETMASK, &fg->old_mask, NULL);
}

/* All children that have ended: the container's process, and orphans that came to us. */
static int reap(struct session *s, struct err *err)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG | __WALL)) > 0 || (pid < 0 && errno == EINTR)) {
		if (pid != s->pid)
			continue;
		s->has_ended = true;
		s->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	}
	/* The end of one that is missed here would not be told of again. */
	return pid < 0 && errno != ECHILD ? err_sys(err, "wait for the container's process") : 0;
}

static void pass_on(struct session *s, const struct signalfd_siginfo *info)
{
	int signal = (int)info->ssi_signo;

	/* Our own SIGPIPE: the reader of our output has gone, the container's has not. */
	if (info->ssi_pid == (uint32_t)getpid())
		return;
	/* Not reaped yet, so the number is still that of our child. */
	if (!s->has_ended)
		kill(s->pid, signal);
	else
		s->gives_up = true;
}

static int take_signals(struct session *s, int signal_fd, struct err *err)
{
	struct signalfd_siginfo info;

	while (read(signal_fd, &info, sizeof(info)) == sizeof(info)) {
		switch (info.ssi_signo) {
		case SIGCHLD:
			TRY(reap(s, err));
			break;
		case SIGURG: /* out-of-band data of nobody's socket; ignored by default */
			break;
		case SIGWINCH:
			if (s->relay) {
				tty_copy_size(s->tty, s->relay->console_fd);
				break;
			}
			__attribute__((fallthrough));
		default:
			pass_on(s, &info);
		}
	}
	return 0;
}

static bool is_over(const struct session *s)
{
	return s->has_ended && (!s->relay || relay_is_done(s->relay) || s->gives_up);
}

/* What is no event, and has to be looked at again: sets *@ret_timeout. */
static int await_foreground(struct session *s, int *ret_timeout, struct err *err)
{
	struct relay *relay = s->relay;

	if (relay->is_background && !tty_is_background(relay->in_fd)) {
		TRY(tty_take(s->tty, err));
		tty_copy_size(s->tty, relay->console_fd);
		relay->is_background = false;
	}
	if (relay->is_background)
		*ret_timeout = BACKGROUND_RETRY_MS;
	if (relay->is_hung_up)
		*ret_timeout = HUNG_UP_RETRY_MS;
	return 0;
}

/* What is polled, in the order of the slots. */
enum { SLOT_SIGNALS, SLOT_WATCH, SLOT_NOTIFY, SLOT_RELAY, SLOTS = SLOT_RELAY + RELAY_FDS };

static int loop(struct session *s, int signal_fd, struct err *err)
{
	struct pollfd fds[SLOTS];

	while (!is_over(s)) {
		int timeout = -1;
		nfds_t n = SLOT_RELAY;

		fds[SLOT_SIGNALS] = (struct pollfd){ .fd = signal_fd, .events = POLLIN };
		fds[SLOT_WATCH] = (struct pollfd){
			.fd = s->watch ? op_watch_fd(s->watch) : -1,
			.events = POLLIN,
		};
		fds[SLOT_NOTIFY] = (struct pollfd){
			.fd = s->notify ? op_notify_fd(s->notify) : -1,
			.events = POLLIN,
		};
		if (s->relay) {
			TRY(await_foreground(s, &timeout, err));
			relay_watch(s->relay, s->has_ended, fds + SLOT_RELAY);
			n = SLOTS;
		}
		if (poll(fds, n, timeout) < 0 && errno != EINTR)
			return err_sys(err, "poll");
		/* First the end of the process, so that the relay's last reads come after it. */
		TRY(take_signals(s, signal_fd, err));
		if (s->watch)
			TRY(op_watch_serve(s->watch, fds[SLOT_WATCH].revents, err));
		/* Who is to be watched is this process, which ends as the program does. */
		if (s->notify)
			op_notify_serve(s->notify, getpid());
		if (s->relay)
			relay_copy(s->relay, s->has_ended, fds + SLOT_RELAY);
	}
	return s->status;
}

static int wait_for(struct foreground *fg, struct ops_process *process, struct err *err)
{
	AUTO(relay) struct relay relay = RELAY_NONE;
	AUTO(tty) struct tty tty = TTY_NONE;
	struct session s = {
		.pid = process->pid,
		.watch = process->watch,
		.notify = process->notify,
		.tty = &tty,
	};

	if (process->console_fd >= 0) {
		TRY(relay_begin(&relay, fd_take(&process->console_fd), STDIN_FILENO, STDOUT_FILENO,
				err));
		s.relay = &relay;
		tty_begin(&tty);
		relay.is_background = tty_is_background(STDIN_FILENO);
		if (!relay.is_background)
			TRY(tty_take(&tty, err));
		tty_copy_size(&tty, relay.console_fd);
	}
	return loop(&s, fg->signal_fd, err);
}

int foreground_wait(struct foreground *fg, struct ops_process *take_process, struct err *err)
{
	int ret;

	fd_close(&take_process->pidfd);
	ret = wait_for(fg, take_process, err);
	op_watch_free(take_process->watch);
	op_notify_free(take_process->notify);
	return ret;
}
