/* SPDX-License-Identifier: Apache-2.0 */
/* The relay of a terminal, with pipes for the caller and this process for the container. */
#include "test.h"

#include "fd.h"
#include "relay.h"

#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <string.h>
#include <termios.h>

struct fixture {
	struct relay relay;
	int in[2], out[2]; /* the caller's pipes: it writes in[1] and reads out[0] */
	int slave;         /* the container's side */
};

static void setup(struct fixture *f)
{
	struct termios raw;
	struct err err;
	int master;

	CHECK_INT(openpty(&master, &f->slave, NULL, NULL, NULL), 0);
	CHECK_INT(tcgetattr(f->slave, &raw), 0);
	cfmakeraw(&raw);
	CHECK_INT(tcsetattr(f->slave, TCSANOW, &raw), 0);
	CHECK_INT(pipe(f->in), 0);
	CHECK_INT(pipe(f->out), 0);
	CHECK_INT(relay_begin(&f->relay, master, f->in[0], f->out[1], &err), 0);
}

/* One turn of the loop, without waiting. */
static void turn(struct fixture *f, bool has_ended)
{
	struct pollfd fds[RELAY_FDS];

	relay_watch(&f->relay, has_ended, fds);
	poll(fds, RELAY_FDS, 20);
	relay_copy(&f->relay, has_ended, fds);
}

static void turns(struct fixture *f, int n)
{
	while (n-- > 0)
		turn(f, false);
}

TEST(both_directions_are_copied)
{
	struct fixture f;
	char buf[16];

	setup(&f);
	CHECK_INT(write(f.slave, "out", 3), 3);
	CHECK_INT(write(f.in[1], "in", 2), 2);
	turns(&f, 4);
	CHECK_INT(read(f.out[0], buf, sizeof(buf)), 3);
	CHECK(memcmp(buf, "out", 3) == 0);
	CHECK_INT(read(f.slave, buf, sizeof(buf)), 2);
	CHECK(memcmp(buf, "in", 2) == 0);
	relay_end(&f.relay);
}

/* More output than the pipe holds: the caller begins to read only after the process has ended. */
TEST(the_last_output_is_not_lost_on_a_slow_reader)
{
	struct fixture f;
	char buf[RELAY_BUFFER];
	size_t got = 0;

	setup(&f);
	CHECK(fcntl(f.out[1], F_SETPIPE_SZ, RELAY_BUFFER) > 0);
	memset(buf, 'x', sizeof(buf));
	CHECK_INT(write(f.slave, buf, sizeof(buf)), sizeof(buf));
	turns(&f, 4);
	CHECK_INT(write(f.slave, buf, sizeof(buf)), sizeof(buf));
	close(f.slave);
	for (int i = 0; i < 1000 && !relay_is_done(&f.relay); i++) {
		turn(&f, true);
		if (i % 2)
			got += (size_t)read(f.out[0], buf, 1000);
	}
	CHECK(relay_is_done(&f.relay));
	relay_end(&f.relay);
	close(f.out[1]);
	for (ssize_t n; (n = read(f.out[0], buf, sizeof(buf))) > 0;)
		got += (size_t)n;
	CHECK_INT(got, 2 * RELAY_BUFFER);
}

TEST(a_process_that_keeps_the_terminal_open_does_not_keep_the_relay)
{
	struct fixture f;
	char buf[16];

	setup(&f);
	CHECK_INT(write(f.slave, "bye", 3), 3);
	for (int i = 0; i < 10 && !relay_is_done(&f.relay); i++)
		turn(&f, true);
	CHECK(relay_is_done(&f.relay));
	CHECK_INT(read(f.out[0], buf, sizeof(buf)), 3);
	relay_end(&f.relay);
}

TEST(the_end_of_input_stops_nothing_else)
{
	struct fixture f;
	char buf[16];

	setup(&f);
	CHECK_INT(write(f.in[1], "in", 2), 2);
	close(f.in[1]);
	turns(&f, 4);
	CHECK_INT(f.relay.in_fd, -1);
	CHECK_INT(read(f.slave, buf, sizeof(buf)), 2);
	CHECK_INT(write(f.slave, "out", 3), 3);
	turns(&f, 2);
	CHECK_INT(read(f.out[0], buf, sizeof(buf)), 3);
	relay_end(&f.relay);
}

TEST(a_terminal_that_is_closed_and_opened_again_is_still_relayed)
{
	struct fixture f;
	char name[64], buf[16];

	setup(&f);
	CHECK_INT(ttyname_r(f.slave, name, sizeof(name)), 0);
	close(f.slave);
	turn(&f, false);
	CHECK(f.relay.is_hung_up);
	f.slave = open(name, O_RDWR | O_NOCTTY);
	CHECK(f.slave >= 0);
	CHECK_INT(write(f.slave, "out", 3), 3);
	turns(&f, 4);
	CHECK(!f.relay.is_hung_up);
	CHECK_INT(read(f.out[0], buf, sizeof(buf)), 3);
	relay_end(&f.relay);
}

TEST(when_nobody_reads_the_output_the_terminal_hangs_up)
{
	struct fixture f;
	struct pollfd slave;

	setup(&f);
	signal(SIGPIPE, SIG_IGN);
	close(f.out[0]);
	CHECK_INT(write(f.slave, "out", 3), 3);
	turns(&f, 4);
	CHECK_INT(f.relay.console_fd, -1);
	slave = (struct pollfd){ .fd = f.slave };
	CHECK_INT(poll(&slave, 1, 0), 1);
	CHECK(slave.revents & POLLHUP);
	turn(&f, true);
	CHECK(relay_is_done(&f.relay));
}

TEST(the_callers_descriptors_stay_blocking)
{
	struct fixture f;

	setup(&f);
	turns(&f, 1);
	CHECK(!(fcntl(f.in[0], F_GETFL) & O_NONBLOCK));
	CHECK(!(fcntl(f.out[1], F_GETFL) & O_NONBLOCK));
	relay_end(&f.relay);
}

TEST_MAIN()
