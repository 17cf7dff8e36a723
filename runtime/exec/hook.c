/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One hook is one process of a process group of its own, watched by a pidfd: its end is noticed
 * without waiting for what it left in the background, and without a SIGCHLD to our caller.
 */
#include "hook.h"

#include "clone.h"
#include "deadline.h"
#include "fd.h"
#include "io.h"
#include "process_start.h"
#include "program_cause.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define HOOK_STDERR_MAX  512
#define HOOK_EXEC_FAILED 127
#define WHERE_HOOKS_RUN  "where the hook runs" /* startContainer: in the container */
#define HOOK_TIMEOUT_MAX INT64_C(2000000)      /* s; 23 days are for ever */
#define HINT_FOLLOWS     '\x1e'                /* on the stderr of what was not executed */
#define DRAIN_READS      128                   /* of 512 bytes: 64 KiB, what a pipe holds */

/* The state in pieces, and how much of it the hook has taken. */
struct feed {
	const char *part[3];
	size_t index;
	size_t offset;
	int fd; /* non-blocking; -1 when done */
};

struct hook_process {
	pid_t pid;
	int pidfd;
	int stderr_fd; /* non-blocking; -1 at its end */
	struct feed feed;
	char stderr_text[HOOK_STDERR_MAX];
	size_t stderr_len;
};

static void hook_process_done(struct hook_process *process)
{
	fd_close(&process->pidfd);
	fd_close(&process->stderr_fd);
	fd_close(&process->feed.fd);
}

static void feed_some(struct feed *feed)
{
	while (feed->index < 3) {
		const char *at = feed->part[feed->index] + feed->offset;
		size_t len = strlen(at);
		ssize_t n = len ? write(feed->fd, at, len) : 0;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0) /* EPIPE: a hook need not read its input */
			break;
		feed->offset += (size_t)n;
		if ((size_t)n == len) {
			feed->index++;
			feed->offset = 0;
		}
	}
	fd_close(&feed->fd);
}

/*
 * Keeps the first bytes of what the hook says, and reads on so that it never blocks: a pipe full
 * at once and no more, lest one that never stops keeps us from its end and its timeout.
 */
static void drain_stderr(struct hook_process *process)
{
	char buf[512];

	for (int i = 0; i < DRAIN_READS; i++) {
		ssize_t n = read(process->stderr_fd, buf, sizeof(buf));
		size_t room = sizeof(process->stderr_text) - 1 - process->stderr_len;

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			fd_close(&process->stderr_fd);
			return;
		}
		room = (size_t)n < room ? (size_t)n : room;
		memcpy(process->stderr_text + process->stderr_len, buf, room);
		process->stderr_len += room;
	}
}

/* One line: control characters become spaces, the end is trimmed. */
static const char *stderr_line(struct hook_process *process)
{
	char *text = process->stderr_text;
	size_t len = process->stderr_len;

	while (len > 0 && (unsigned char)text[len - 1] <= ' ')
		len--;
	text[len] = '\0';
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < ' ')
			text[i] = ' ';
	return text;
}

/* A hook without its runtime would work on, unseen, at what `delete` takes away meanwhile. */
static void end_with(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != parent)
		_exit(HOOK_EXEC_FAILED);
}

__attribute__((noreturn)) static void hook_child(const struct plan_hook *hook, pid_t parent,
						 int cwd_fd, int stdin_fd, int stderr_fd)
{
	int null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	const char *call = "exec";
	char text[HOOK_STDERR_MAX], hint[ERR_HINT_MAX] = "";
	int errnum, len;

	end_with(parent);
	setpgid(0, 0);
	errnum = -process_reset_signals();
	/* Above the three, of which a caller may have closed some: dup2(2) onto itself does nothing. */
	stdin_fd = fcntl(stdin_fd, F_DUPFD_CLOEXEC, 3);
	stderr_fd = fcntl(stderr_fd, F_DUPFD_CLOEXEC, 3);
	null_fd = fcntl(null_fd, F_DUPFD_CLOEXEC, 3);
	if (!errnum && dup2(stdin_fd, 0) >= 0 && dup2(null_fd, 1) >= 0 && dup2(stderr_fd, 2) >= 0) {
		process_close_on_exec_from(3);
		if (cwd_fd >= 0 && fchdir(cwd_fd) < 0)
			call = "enter the working directory of";
		else
			execve(hook->path, hook->argv, hook->envp);
	}
	errnum = errnum ? errnum : errno;
	program_explain_path(hook->path, WHERE_HOOKS_RUN, hint);
	if (!hint[0])
		program_explain_format(hook->path, WHERE_HOOKS_RUN, hint);
	/* Not dprintf(3), which takes a lock that a thread of our caller may have held. */
	len = snprintf(text, sizeof(text), "%s %s: %s%c%s", call, hook->path, strerror(errnum),
		       HINT_FOLLOWS, hint);
	(void)io_write_all(stderr_fd, text,
			   (size_t)len < sizeof(text) ? (size_t)len : sizeof(text) - 1);
	_exit(HOOK_EXEC_FAILED);
}

static int spawn(const struct plan_hook *hook, int cwd_fd, struct hook_process *process,
		 struct err *err)
{
	struct clone_request request = {
		.flags = CLONE_PIDFD,
		.pidfd = &process->pidfd,
	};
	int in[2], out[2];
	pid_t parent;

	if (pipe2(in, O_CLOEXEC) < 0)
		return err_sys(err, "pipe");
	AUTO_FD in_read = in[0];
	process->feed.fd = in[1];
	if (pipe2(out, O_CLOEXEC) < 0)
		return err_sys(err, "pipe");
	AUTO_FD out_write = out[1];
	process->stderr_fd = out[0];
	if (fcntl(process->feed.fd, F_SETFL, O_NONBLOCK) < 0 ||
	    fcntl(process->stderr_fd, F_SETFL, O_NONBLOCK) < 0)
		return err_sys(err, "fcntl");

	parent = getpid();
	process->pid = clone_process(&request);
	if (process->pid < 0)
		return err_sys(err, "clone");
	if (process->pid == 0)
		hook_child(hook, parent, cwd_fd, in_read, out_write);
	/* In both processes, so that whoever comes first has done it. */
	setpgid(process->pid, process->pid);
	return 0;
}

/*
 * Until the hook has ended; -ETIMEDOUT when its time is over, -ECHILD when init has ended, -EINTR when
 * our caller gives up.
 */
static int watch(struct hook_process *process, struct deadline deadline,
		 const struct hook_state *state)
{
	for (;;) {
		struct pollfd fds[] = {
			{ .fd = process->pidfd, .events = POLLIN },
			{ .fd = process->stderr_fd, .events = POLLIN },
			{ .fd = process->feed.fd, .events = POLLOUT },
			{ .fd = state->init_pidfd ? *state->init_pidfd : -1, .events = POLLIN },
			{ .fd = state->cancel_fd ? *state->cancel_fd : -1, .events = POLLIN },
		};
		int n = poll(fds, sizeof(fds) / sizeof(fds[0]), deadline_left_ms(deadline));

		if (n == 0)
			return -ETIMEDOUT;
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n < 0)
			continue;
		if (fds[2].revents)
			feed_some(&process->feed);
		if (fds[1].revents)
			drain_stderr(process);
		if (fds[0].revents) {
			if (process->stderr_fd >= 0)
				drain_stderr(process);
			return 0;
		}
		if (fds[3].revents)
			return -ECHILD;
		if (fds[4].revents)
			return -EINTR;
		/* Something to do at every poll(2) must not keep it from ever timing out. */
		if (deadline_has_passed(deadline))
			return -ETIMEDOUT;
	}
}

static struct deadline hook_deadline(const struct plan_hook *hook)
{
	if (hook->timeout_s <= 0)
		return deadline_in_ms(-1);
	return deadline_in_ms(hook->timeout_s < HOOK_TIMEOUT_MAX ? hook->timeout_s * 1000
								 : HOOK_TIMEOUT_MAX * 1000);
}

/* "exit status 1", "signal: bad system call": in the words that callers of runc know. */
static void describe_status(const siginfo_t *info, char *to, size_t size)
{
	const char *name = sigdescr_np(info->si_status);

	if (info->si_code == CLD_EXITED)
		snprintf(to, size, "exit status %d", info->si_status);
	else if (name)
		snprintf(to, size, "signal: %c%s", tolower((unsigned char)name[0]), name + 1);
	else
		snprintf(to, size, "signal: %d", info->si_status);
}

static int describe_end(struct hook_process *process, const siginfo_t *info, struct err *err)
{
	char *hint = memchr(process->stderr_text, HINT_FOLLOWS, process->stderr_len);
	const char *said;
	char end[64];

	if (info->si_code == CLD_EXITED && info->si_status == 0)
		return 0;
	describe_status(info, end, sizeof(end));
	said = stderr_line(process);
	if (hint)
		*hint++ = '\0';
	if (said[0])
		err_set(err, ECANCELED, "%s, stderr: %s", end, said);
	else
		err_set(err, ECANCELED, "%s", end);
	return hint && *hint ? err_hint(err, "%s", hint) : -ECANCELED;
}

/* The mask of before, and whether there was a SIGPIPE already. */
struct sigpipe {
	sigset_t old;
	bool was_pending;
};

/* A write to a hook that has closed its input must not kill us, nor our caller get the signal. */
static int sigpipe_block(struct sigpipe *sigpipe)
{
	sigset_t set, pending;

	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	if (sigpending(&pending) < 0 || sigprocmask(SIG_BLOCK, &set, &sigpipe->old) < 0)
		return -errno;
	sigpipe->was_pending = sigismember(&pending, SIGPIPE) == 1;
	return 0;
}

/* Takes back our own: a caller that has it blocked would find it pending otherwise. */
static int sigpipe_restore(const struct sigpipe *sigpipe)
{
	static const struct timespec now = { 0 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	if (!sigpipe->was_pending)
		while (sigtimedwait(&set, NULL, &now) > 0)
			;
	return sigprocmask(SIG_SETMASK, &sigpipe->old, NULL) < 0 ? -errno : 0;
}

static int watch_quietly(struct hook_process *process, struct deadline deadline,
			 const struct hook_state *state)
{
	struct sigpipe sigpipe;
	int ret, restored;

	TRY(sigpipe_block(&sigpipe));
	ret = watch(process, deadline, state);
	/* What stays blocked is so for the container's program too, or for our caller. */
	restored = sigpipe_restore(&sigpipe);
	return ret < 0 ? ret : restored;
}

static int hook_run(const struct plan_hook *hook, const struct hook_state *state,
		    const char *middle, struct err *err)
{
	struct hook_process process = {
		.pidfd = -1,
		.stderr_fd = -1,
		.feed = { .part = { state->head, middle, state->tail }, .fd = -1 },
	};
	siginfo_t info = { 0 };
	int ret;

	ret = spawn(hook, state->cwd_fd, &process, err);
	if (ret < 0) {
		hook_process_done(&process);
		return ret;
	}
	ret = watch_quietly(&process, hook_deadline(hook), state);
	if (ret < 0)
		kill(-process.pid, SIGKILL);
	while (waitid(P_PID, (id_t)process.pid, &info, WEXITED | __WALL) < 0 && errno == EINTR)
		;
	if (ret == -ETIMEDOUT)
		ret = err_set(err, ETIMEDOUT, "hook ran past specified timeout of %lld.0s",
			      (long long)hook->timeout_s);
	else if (ret == -ECHILD)
		ret = err_set(err, ECHILD, "the container's process ended meanwhile");
	else if (ret == -EINTR)
		ret = err_set(err, EINTR, "interrupted");
	else if (ret < 0)
		ret = err_errno(err, ret, "watch the hook");
	else
		ret = describe_end(&process, &info, err);
	hook_process_done(&process);
	return ret;
}

int hook_run_helper(const struct plan_hook *program, struct err *err)
{
	static const struct hook_state no_state = { .head = "", .tail = "", .cwd_fd = -1 };

	return hook_run(program, &no_state, "", err);
}

/* What comes between the parts of the state. */
struct hook_moment {
	char text[64];
};

static struct hook_moment hook_moment(const char *status, pid_t pid)
{
	struct hook_moment moment;

	if (pid)
		snprintf(moment.text, sizeof(moment.text), ",\"status\":\"%s\",\"pid\":%d", status,
			 pid);
	else
		snprintf(moment.text, sizeof(moment.text), ",\"status\":\"%s\"", status);
	return moment;
}

static int run_nth(const struct plan_hooks *hooks, size_t n, enum plan_hook_kind kind,
		   const struct hook_state *state, const struct hook_moment *moment,
		   struct err *err)
{
	if (TRACED(state->trace, plan_hook_names[kind], hooks->v[n].path,
		   hook_run(&hooks->v[n], state, moment->text, err)) == 0)
		return 0;
	err_wrap(err, "error running %s hook #%zu", plan_hook_names[kind], n);
	err_path(err, hooks->v[n].path);
	return err_pointer(err, hooks->v[n].origin);
}

int hooks_run(const struct plan_hooks *hooks, enum plan_hook_kind kind,
	      const struct hook_state *state, const char *status, pid_t pid, struct err *err)
{
	const struct hook_moment moment = hook_moment(status, pid);

	for (size_t i = 0; i < hooks->n; i++)
		TRY(run_nth(hooks, i, kind, state, &moment, err));
	return 0;
}

int hooks_run_early(const struct plan_hooks hooks[PLAN_HOOK_KINDS], const struct hook_state *state,
		    pid_t pid, struct err *err)
{
	/*
	 * prestart hooks are older than the status "creating": until 1.0.2 of the specification `create`
	 * was over when they ran, and what was written for that may ask for it. It is after step 2 of
	 * the lifecycle still. createRuntime hooks get what runc gives them.
	 */
	static const struct {
		enum plan_hook_kind kind;
		const char *status;
	} rows[] = {
		{ PLAN_HOOK_PRESTART, "created" },
		{ PLAN_HOOK_CREATE_RUNTIME, "creating" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		TRY(hooks_run(&hooks[rows[i].kind], rows[i].kind, state, rows[i].status, pid, err));
	return 0;
}

void hooks_run_poststop(const struct plan_hooks *hooks, const struct hook_state *state,
			const struct log *log)
{
	const struct hook_moment moment = hook_moment("stopped", 0);

	for (size_t i = 0; i < hooks->n; i++) {
		struct err err = { 0 };

		if (run_nth(hooks, i, PLAN_HOOK_POSTSTOP, state, &moment, &err) < 0)
			log_warning(log, "%s", err.text);
	}
}
