/* SPDX-License-Identifier: Apache-2.0 */
/* Readiness comes as datagrams of lines; a service manager gets it with the pid to watch. */
#include "notify.h"

#include "deadline.h"
#include "fd.h"
#include "scm.h"
#include "spec.h"
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIR_INSIDE  "/run/notify" /* where callers of runc know it */
#define SOCKET_NAME "notify.sock"
#define MESSAGE_MAX 4096
#define BARRIER_MS  30000 /* as long as systemd waits for its own */
#define READY       "READY="

struct notify {
	int fd;      /* the container's, bound; -1 when the program is ready */
	int host_fd; /* connected to the service manager */
	const struct log *log;
};

/* ---- in the container ---- */

/* In a mount namespace that is joined our directory may be elsewhere; a bare chroot has no mounts. */
static bool can_mount(const struct spec *spec)
{
	for (size_t i = 0; i < spec->linux_.namespaces.n; i++)
		if (spec->linux_.namespaces.v[i].clone_flag == CLONE_NEWNS)
			return !spec->linux_.namespaces.v[i].path;
	return spec->mounts.n;
}

/* The last of mounts, so that it lies on those of /run. */
static void add_mount(const char *source, struct spec *spec)
{
	static const char *options[] = { "bind", "nosuid", "noexec", "nodev", "ro" };
	size_t n = spec->mounts.n;
	struct spec_mount *v = ARENA_ARRAY(spec->arena, struct spec_mount, n + 1);

	if (n)
		memcpy(v, spec->mounts.v, n * sizeof(v[0]));
	v[n] = (struct spec_mount){
		.destination = DIR_INSIDE,
		.source = source,
		.options = { .n = sizeof(options) / sizeof(options[0]), .v = options },
	};
	spec->mounts.v = v;
	spec->mounts.n = n + 1;
}

static void add_variable(struct spec *spec)
{
	struct spec_strings *env = &spec->process.env;
	const char **v = ARENA_ARRAY(spec->arena, const char *, env->n + 1);

	if (env->n)
		memcpy(v, env->v, env->n * sizeof(v[0]));
	v[env->n] = "NOTIFY_SOCKET=" DIR_INSIDE "/" SOCKET_NAME;
	env->v = v;
	env->n++;
}

bool notify_add_to_spec(const struct ops_context *ctx, const char *id, struct spec *spec)
{
	if (!spec->process.set || !can_mount(spec))
		return false;
	add_mount(arena_printf(spec->arena, "%s/%s/" STORE_NOTIFY, ctx->root, id), spec);
	add_variable(spec);
	return true;
}

/* ---- in the store ---- */

int notify_make_dir(int dir_fd, struct err *err)
{
	/* Of its own mode, whatever our caller's umask is: the container's user looks into it. */
	if (mkdirat(dir_fd, STORE_NOTIFY, 0700) < 0 || fchmodat(dir_fd, STORE_NOTIFY, 0755, 0) < 0)
		return err_sys(err, "make the directory of the notify socket");
	return 0;
}

/* "@name" is an abstract socket: see sd_notify(3). */
static int connect_to_host(const char *address)
{
	return address[0] == '@' ? scm_connect_abstract(SOCK_DGRAM, address + 1)
				 : scm_connect(SOCK_DGRAM, AT_FDCWD, address);
}

int notify_open(const struct ops_context *ctx, int dir_fd, const char *notify_socket,
		struct notify **ret_notify, struct err *err)
{
	AUTO(notify) struct notify *notify = NULL;
	AUTO_FD host_fd = -1;
	struct stat st;

	*ret_notify = NULL;
	if (!notify_socket || fstatat(dir_fd, STORE_NOTIFY, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	host_fd = connect_to_host(notify_socket);
	if (host_fd < 0) {
		log_warning(ctx->log, "nobody listens at NOTIFY_SOCKET '%s': %s", notify_socket,
			    strerror(-host_fd));
		return 0;
	}
	notify = malloc(sizeof(*notify));
	if (!notify)
		return err_set(err, ENOMEM, "no memory for the notify socket");
	*notify = (struct notify){ .fd = -1, .host_fd = fd_take(&host_fd), .log = ctx->log };
	/* A start that was killed may have left one. */
	unlinkat(dir_fd, STORE_NOTIFY_SOCKET, 0);
	notify->fd = scm_bind_for_all(dir_fd, STORE_NOTIFY_SOCKET);
	if (notify->fd < 0)
		return err_errno(err, notify->fd, "make the notify socket");
	*ret_notify = TAKE(notify);
	return 0;
}

/* ---- what is said there ---- */

int op_notify_fd(const struct notify *notify)
{
	return notify->fd;
}

void op_notify_free(struct notify *notify)
{
	if (!notify)
		return;
	fd_close(&notify->fd);
	fd_close(&notify->host_fd);
	free(notify);
}

/* The line of a message that says so, or NULL. */
static const char *find_ready(char *message)
{
	char *rest = message;

	for (char *line; (line = strsep(&rest, "\n"));)
		if (strncmp(line, READY, strlen(READY)) == 0)
			return line;
	return NULL;
}

static void tell_host(struct notify *notify, const char *ready, pid_t main_pid)
{
	char text[MESSAGE_MAX + 32];
	int len = snprintf(text, sizeof(text), "%s\nMAINPID=%d\n", ready, (int)main_pid);
	int ret = scm_send(notify->host_fd, text, (size_t)len, -1);

	if (ret < 0)
		log_warning(notify->log, "pass \"%s\" on to NOTIFY_SOCKET: %s", ready,
			    strerror(-ret));
	fd_close(&notify->fd);
}

void op_notify_serve(struct notify *notify, pid_t main_pid)
{
	char message[MESSAGE_MAX];

	while (notify->fd >= 0) {
		ssize_t n = recv(notify->fd, message, sizeof(message) - 1, MSG_DONTWAIT);
		const char *ready;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return;
		message[n] = '\0';
		ready = find_ready(message);
		if (ready)
			tell_host(notify, ready, main_pid);
	}
}

/*
 * A service manager asks who a message is from, which it cannot when the sender has ended by then.
 * It closes the descriptor when it has taken all messages before: sd_notify_barrier(3).
 */
static void await_host(const struct notify *notify)
{
	struct deadline deadline = deadline_in_ms(BARRIER_MS);
	struct pollfd pfd = { .events = 0 };
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return;
	AUTO_FD read_fd = fds[0];
	AUTO_FD write_fd = fds[1];
	if (scm_send(notify->host_fd, "BARRIER=1", strlen("BARRIER=1"), write_fd) < 0)
		return;
	fd_close(&write_fd);
	pfd.fd = read_fd;
	while (poll(&pfd, 1, deadline_left_ms(deadline)) < 0 && errno == EINTR)
		;
}

void op_notify_wait(struct notify *notify, pid_t main_pid, int pidfd)
{
	while (notify->fd >= 0) {
		struct pollfd fds[] = {
			{ .fd = notify->fd, .events = POLLIN },
			{ .fd = pidfd, .events = POLLIN },
		};

		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return;
		op_notify_serve(notify, main_pid);
		if (notify->fd >= 0 && fds[1].revents)
			return;
	}
	await_host(notify);
}
