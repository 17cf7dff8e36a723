/* SPDX-License-Identifier: Apache-2.0 */
#include "unit_session.h"

#include "clone.h"
#include "deadline.h"
#include "fd.h"
#include "process_start.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM     "ocirun-systemd"
#define MARGIN_MS   500 /* within which it is to say itself that the time was not enough */
#define EXIT_FAILED 127

/* Never where a caller's environment leads; the first is where this build installs it. */
static const char *const directories[] = {
	OCIRUN_LIBEXECDIR,
	"/usr/local/libexec/ocirun",
	"/usr/libexec/ocirun",
};
#define N_DIRECTORIES (sizeof(directories) / sizeof(directories[0]))

int unit_session_program(char ret_path[PATH_MAX], struct err *err)
{
	for (size_t i = 0; i < N_DIRECTORIES; i++) {
		snprintf(ret_path, PATH_MAX, "%s/" PROGRAM, directories[i]);
		if (access(ret_path, X_OK) == 0)
			return 0;
	}
	err_set(err, ENOENT,
		"the program " PROGRAM ", which speaks to systemd for ocirun, is not there");
	return err_hint(err,
			"install it as %s/" PROGRAM ", with its library libsystemd; or use "
			"--cgroup-manager cgroupfs",
			directories[N_DIRECTORIES - 1]);
}

__attribute__((noreturn)) static void become_program(const char *path, int socket_fd, pid_t parent)
{
	static char *const no_environment[] = { NULL };
	char *const argv[] = { PROGRAM, NULL };
	int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	/* It has nothing to do without us, and we may be killed at any time. */
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != parent || process_reset_signals() < 0)
		_exit(EXIT_FAILED);
	/* Above the three, of which a caller may have closed some: dup2(2) onto itself does nothing. */
	socket_fd = fcntl(socket_fd, F_DUPFD_CLOEXEC, 3);
	null_fd = fcntl(null_fd, F_DUPFD_CLOEXEC, 3);
	if (dup2(socket_fd, 0) >= 0 && dup2(null_fd, 1) >= 0 && dup2(null_fd, 2) >= 0) {
		process_close_on_exec_from(3);
		execve(path, argv, no_environment);
	}
	_exit(EXIT_FAILED);
}

int unit_session_open(const struct unit_ref *ref, struct unit_session *session, struct err *err)
{
	const struct clone_request request = { 0 };
	pid_t parent = getpid();
	char path[PATH_MAX];
	int sockets[2];

	session->ref = *ref;
	session->left_ms = UNIT_WAIT_MS;
	session->fd = -1;
	session->pid = -1;
	TRY(unit_session_program(path, err));
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) < 0)
		return err_sys(err, "socketpair");
	session->fd = sockets[0];
	AUTO_FD its_fd = sockets[1];
	session->pid = clone_process(&request);
	if (session->pid < 0) {
		err_sys(err, "clone");
		fd_close(&session->fd);
		return -err->code;
	}
	if (session->pid == 0)
		become_program(path, its_fd, parent);
	return 0;
}

void unit_session_close(struct unit_session *session)
{
	fd_close(&session->fd);
	if (session->pid <= 0)
		return;
	/* It keeps nothing that its end could harm. */
	kill(session->pid, SIGKILL);
	while (waitpid(session->pid, NULL, __WALL) < 0 && errno == EINTR)
		;
	session->pid = -1;
}

void unit_session_begin(struct unit_session *session, const char *verb)
{
	int64_t ms = session->left_ms - MARGIN_MS;

	unit_wire_begin(&session->wire, verb);
	unit_wire_put(&session->wire, session->ref.bus);
	unit_wire_put(&session->wire, session->ref.name);
	unit_wire_put_number(&session->wire, ms > 0 ? (unsigned long long)ms : 0);
}

/* Until the reply is there; -ETIMEDOUT when it does not come in time. */
static int await_reply(struct unit_session *session, struct deadline deadline)
{
	struct pollfd fd = { .fd = session->fd, .events = POLLIN };
	int n;

	do {
		n = poll(&fd, 1, deadline_left_ms(deadline));
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return n == 0 ? -ETIMEDOUT : unit_wire_receive(session->fd, &session->wire);
}

static int read_reply(struct unit_wire *reply, struct err *err)
{
	const char *word = unit_wire_get(reply);
	bool is_ok = word[0] == UNIT_OK[0] && word[1] == UNIT_OK[1];
	int code;
	const char *text, *hint;

	if (is_ok)
		return 0;
	code = (int)unit_wire_get_number(reply);
	text = unit_wire_get(reply);
	hint = unit_wire_get(reply);
	if (reply->is_bad || code <= 0)
		return err_set(err, EPROTO, PROGRAM " said what ocirun does not understand");
	err_set(err, code, "%s", text);
	return hint[0] ? err_hint(err, "%s", hint) : -code;
}

int unit_session_call(struct unit_session *session, struct err *err)
{
	int64_t left = session->left_ms > MARGIN_MS ? session->left_ms : MARGIN_MS;
	int64_t begin = deadline_clock_ms();
	int ret = unit_wire_send(session->fd, &session->wire);

	if (ret == 0)
		ret = await_reply(session, deadline_in_ms(left));
	session->left_ms -= deadline_clock_ms() - begin;
	if (ret == 0)
		return read_reply(&session->wire, err);
	if (ret == -EMSGSIZE)
		return err_set(err, E2BIG,
			       "unit %s has more properties than fit into a message of %u bytes",
			       session->ref.name, UNIT_WIRE_MAX);
	if (ret == -ETIMEDOUT)
		err_set(err, ETIMEDOUT, "systemd does not answer at '%s'", session->ref.bus);
	else if (ret == -EPIPE || ret == -ECONNRESET)
		err_set(err, ECHILD, PROGRAM " ended without an answer");
	else
		err_errno(err, ret, "speak to " PROGRAM);
	if (ret == -EPIPE || ret == -ECONNRESET)
		err_hint(err,
			 "it needs its library libsystemd; run by hand it says what else it lacks");
	return -err->code;
}
