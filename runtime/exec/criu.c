/* SPDX-License-Identifier: Apache-2.0 */
/* Starting criu, asking it, answering what it tells, waiting for its end. */
#include "criu.h"

#include "clone.h"
#include "criu_child.h"
#include "fd.h"
#include "io.h"
#include "scm.h"
#include "sync.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MESSAGE_MAX     16384
#define DEFAULT_PATH    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define VERSION_NEEDED  31600 /* of lsm_mount_context, the youngest thing that we ask for */
#define CGROUP_TEXT_MAX 16384
#define CGROUP_ROOTS    64

/* One criu process. */
struct criu {
	const struct criu_task *task;
	int socket_fd;
	pid_t pid;
	bool is_logged; /* what fails now is its own failure */
};

int criu_find(char ret_path[PATH_MAX], struct err *err)
{
	const char *path = getenv("PATH");

	/* Some callers send no environment at all. */
	for (path = path && *path ? path : DEFAULT_PATH; *path; path += *path == ':') {
		size_t len = strcspn(path, ":");
		int n = snprintf(ret_path, PATH_MAX, "%.*s/criu", (int)len, path);
		struct stat st;

		path += len;
		if (len && n < PATH_MAX && stat(ret_path, &st) == 0 && S_ISREG(st.st_mode) &&
		    access(ret_path, X_OK) == 0)
			return 0;
	}
	err_set(err, ENOENT, "criu is not installed: there is no program 'criu' in $PATH");
	return err_hint(err, "checkpoint and restore are done by CRIU, see https://criu.org");
}

/* ---- the process ---- */

static int spawn(struct criu *criu, struct err *err)
{
	/* SIGCHLD: what is restored becomes our child, with the same signal at its end. */
	const struct clone_request request = { .exit_signal = SIGCHLD };
	struct sync_message message;
	int sockets[2], syncs[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) < 0)
		return err_sys(err, "socketpair");
	criu->socket_fd = sockets[0];
	AUTO_FD child_socket_fd = sockets[1];
	TRY(sync_pair(syncs, err));
	AUTO_FD sync_fd = syncs[0];
	AUTO_FD child_sync_fd = syncs[1];

	criu->pid = clone_process(&request);
	if (criu->pid < 0)
		return err_sys(err, "clone");
	if (criu->pid == 0)
		criu_child_main(criu->task, child_socket_fd, child_sync_fd);
	fd_close(&child_sync_fd);
	TRY(sync_receive(sync_fd, &message, err));
	if (message.type != SYNC_EOF)
		return err_set(err, EPROTO, "got %s from the process that runs criu",
			       sync_type_name(message.type));
	return 0;
}

/* Not for long: criu ends with the connection. The status as waitid(2) has it. */
static void await_end(struct criu *criu, siginfo_t *ret_info)
{
	fd_close(&criu->socket_fd);
	*ret_info = (siginfo_t){ 0 };
	if (criu->pid > 0)
		while (waitid(P_PID, (id_t)criu->pid, ret_info, WEXITED | __WALL) < 0 &&
		       errno == EINTR)
			;
	criu->pid = -1;
}

/* ---- what is asked ---- */

/* One line of /proc/PID/cgroup, "N:controller,controller:path", as an entry per controller. */
static size_t add_roots(char *line, struct criu_pair *roots, size_t n)
{
	char *controllers = strchr(line, ':');
	char *path = controllers ? strchr(controllers + 1, ':') : NULL;
	char *controller;

	if (!path)
		return n;
	*path++ = '\0';
	controllers++;
	do {
		controller = strsep(&controllers, ",");
		if (n < CGROUP_ROOTS)
			roots[n++] = (struct criu_pair){ controller, path };
	} while (controllers);
	return n;
}

/* Where criu was put is where restored processes belong. */
static int find_roots(const struct criu *criu, char text[CGROUP_TEXT_MAX],
		      struct criu_pair roots[CGROUP_ROOTS], struct err *err)
{
	struct criu_opts *opts = criu->task->opts;
	char path[64];
	char *line;
	ssize_t len;

	snprintf(path, sizeof(path), "/proc/%d/cgroup", criu->pid);
	len = io_read_small(AT_FDCWD, path, text, CGROUP_TEXT_MAX);
	if (len < 0)
		return err_errno(err, (int)len, "read '%s'", path);
	opts->cgroup_roots = (struct criu_pairs){ .v = roots };
	while ((line = strsep(&text, "\n")))
		opts->cgroup_roots.n = add_roots(line, roots, opts->cgroup_roots.n);
	return 0;
}

/*
 * The work directory as criu's mount namespace has it: criu finds it through our descriptor, and can
 * mount nothing (it does so for its view of cgroups) below another namespace's.
 */
static int reopen_work_dir(const struct criu *criu, int *ret_fd, struct err *err)
{
	int32_t *fd = &criu->task->opts->work_dir_fd;
	char link[64], path[PATH_MAX], inside[PATH_MAX + 64];
	struct stat ours, theirs;
	ssize_t len;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", *fd);
	len = readlink(link, path, sizeof(path));
	if (len < 0 || len == (ssize_t)sizeof(path))
		return err_sys(err, "find a directory's path");
	snprintf(inside, sizeof(inside), "/proc/%d/root%.*s", criu->pid, (int)len, path);
	*ret_fd = open(inside, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*ret_fd < 0 || fstat(*ret_fd, &theirs) < 0 || fstat(*fd, &ours) < 0)
		return err_sys(err, "open '%.*s' for criu", (int)len, path);
	if (ours.st_dev != theirs.st_dev || ours.st_ino != theirs.st_ino)
		return err_set(err, ESTALE, "'%.*s' is another directory by now", (int)len, path);
	*fd = *ret_fd;
	return 0;
}

static int send_request(const struct criu *criu, const struct criu_request *request,
			struct err *err)
{
	struct protobuf_buffer message;
	int ret = criu_request_encode(request, &message, err);

	if (ret == 0) {
		ret = scm_send(criu->socket_fd, message.data, message.len, -1);
		if (ret == -EPIPE ||
		    ret == -ECONNRESET) /* what it said before it went tells more */
			ret = 0;
		if (ret < 0)
			err_errno(err, ret, "send a request to criu");
	}
	protobuf_buffer_done(&message);
	return ret;
}

/* ---- what is answered ---- */

static const char *type_name(int32_t type)
{
	static const struct {
		int32_t type;
		const char *name;
	} names[] = {
		{ CRIU_DUMP, "DUMP" },
		{ CRIU_RESTORE, "RESTORE" },
		{ CRIU_PRE_DUMP, "PRE_DUMP" },
		{ CRIU_NOTIFY, "NOTIFY" },
		{ CRIU_FEATURE_CHECK, "FEATURE_CHECK" },
		{ CRIU_VERSION, "VERSION" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].type == type)
			return names[i].name;
	return "unknown";
}

/* What criu found first, as its log has it: one line, and perhaps with the container's words in it. */
static void make_line(char *text)
{
	size_t len = strlen(text);

	while (len > 0 && (unsigned char)text[len - 1] <= ' ')
		len--;
	text[len] = '\0';
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 127)
			*text = ' ';
}

static int describe_failure(struct criu_response *response, struct err *err)
{
	make_line(response->errmsg);
	return err_set(err, EIO, "criu failed: type %s errno %d%s%s", type_name(response->type),
		       response->cr_errno, response->errmsg[0] ? ": " : "", response->errmsg);
}

static int receive(const struct criu *criu, struct criu_response *ret_response, int *ret_fd,
		   struct err *err)
{
	uint8_t message[MESSAGE_MAX];
	ssize_t len = scm_recv(criu->socket_fd, message, sizeof(message), ret_fd);

	/* It went without having read all that we sent; what it said before is told after that. */
	if (len == -ECONNRESET)
		len = scm_recv(criu->socket_fd, message, sizeof(message), ret_fd);
	if (len < 0 && len != -ECONNRESET)
		return err_errno(err, (int)len, "receive from criu");
	if (len <= 0)
		return err_set(err, ECONNRESET, "criu ended without an answer");
	return criu_response_decode(message, (size_t)len, ret_response, err);
}

/* Our own failure is the reason for the one that criu reports then. */
static int answer(const struct criu *criu, const struct criu_response *event, int *fd,
		  struct err *first_err, struct err *err)
{
	const struct criu_task *task = criu->task;
	struct criu_request request = { .type = CRIU_NOTIFY };

	request.notify_success = task->notify(task->context, event, fd, err) == 0;
	if (!request.notify_success && !first_err->code)
		*first_err = *err;
	return send_request(criu, &request, err);
}

static int converse(struct criu *criu, struct criu_response *ret_response, struct err *err)
{
	struct err first_err = { 0 };
	int ret;

	criu->is_logged = true;
	for (;;) {
		AUTO_FD fd = -1;

		ret = receive(criu, ret_response, &fd, err);
		if (ret < 0)
			break;
		if (!ret_response->success) {
			ret = describe_failure(ret_response, err);
			break;
		}
		if (ret_response->type != CRIU_NOTIFY)
			break;
		ret = answer(criu, ret_response, &fd, &first_err, err);
		if (ret < 0)
			break;
	}
	if (!first_err.code)
		return ret;
	criu->is_logged = false;
	*err = first_err;
	return -err->code;
}

/* ---- the whole ---- */

static int ask(struct criu *criu, const struct criu_request *request,
	       struct criu_response *ret_response, struct err *err)
{
	char text[CGROUP_TEXT_MAX];
	struct criu_pair roots[CGROUP_ROOTS];
	AUTO_FD work_fd = -1;

	TRY(spawn(criu, err));
	if (criu->task->place) {
		TRY(find_roots(criu, text, roots, err));
		TRY(reopen_work_dir(criu, &work_fd, err));
	}
	TRY(send_request(criu, request, err));
	TRY(converse(criu, ret_response, err));
	if (ret_response->type != (int32_t)request->type)
		return err_set(err, EPROTO, "criu answered %s to %s", type_name(ret_response->type),
			       type_name((int32_t)request->type));
	return 0;
}

static int run(const struct criu_task *task, const struct criu_request *request,
	       struct criu_response *ret_response, bool *ret_is_logged, struct err *err)
{
	struct criu criu = { .task = task, .socket_fd = -1, .pid = -1 };
	int ret = ask(&criu, request, ret_response, err);
	siginfo_t info;

	await_end(&criu, &info);
	*ret_is_logged = criu.is_logged;
	TRY(ret);
	/* After a pre-dump it waits for the next request, and is not content that none comes. */
	if (request->type != CRIU_PRE_DUMP && (info.si_code != CLD_EXITED || info.si_status != 0))
		return err_set(err, EIO, "criu failed: %s %d",
			       info.si_code == CLD_EXITED ? "exit status" : "signal",
			       info.si_status);
	return 0;
}

int criu_run(const struct criu_task *task, bool *ret_is_logged, struct err *err)
{
	const struct criu_request request = { .type = task->type, .opts = task->opts };
	struct criu_response response;

	return run(task, &request, &response, ret_is_logged, err);
}

int criu_check_version(const char *program, struct err *err)
{
	const struct criu_task task = { .program = program, .lock_fd = -1 };
	const struct criu_request request = { .type = CRIU_VERSION };
	struct criu_response response;
	bool ignored;

	if (run(&task, &request, &response, &ignored, err) < 0)
		return err_wrap(err, "CRIU version check failed");
	if (response.major * 10000 + response.minor * 100 + response.sublevel >= VERSION_NEEDED)
		return 0;
	err_set(err, ENOTSUP, "CRIU version %d.%d.%d must be %d.%d or higher", response.major,
		response.minor, response.sublevel, VERSION_NEEDED / 10000,
		VERSION_NEEDED / 100 % 100);
	return err_path(err, program);
}

int criu_check_features(const char *program, const struct criu_features *needed, struct err *err)
{
	const struct criu_task task = { .program = program, .lock_fd = -1 };
	const struct criu_request request = { .type = CRIU_FEATURE_CHECK, .features = *needed };
	struct criu_response response;
	const char *missing = NULL;
	bool ignored;

	if (run(&task, &request, &response, &ignored, err) < 0)
		return err_wrap(err, "CRIU feature check failed");
	if (needed->mem_track && !response.features.mem_track)
		missing = "MemTrack";
	else if (needed->lazy_pages && !response.features.lazy_pages)
		missing = "LazyPages";
	if (!missing)
		return 0;
	err_set(err, ENOTSUP, "criu is missing features: [%s]", missing);
	return err_hint(err, "the kernel may lack what they need: see `criu check --all`");
}
