/* SPDX-License-Identifier: Apache-2.0 */
/* SCM_RIGHTS, and addresses longer than sun_path through /proc/self/fd. */
#include "scm.h"

#include "fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define LISTEN_BACKLOG 8

union fd_control {
	struct cmsghdr align;
	char buf[CMSG_SPACE(sizeof(int))];
};

static ssize_t send_some(int socket_fd, const void *data, size_t len, int fd)
{
	union fd_control control = { .buf = { 0 } };
	struct iovec iov = { .iov_base = (void *)data, .iov_len = len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n;

	if (fd >= 0) {
		struct cmsghdr *cmsg = &control.align;

		msg.msg_control = control.buf;
		msg.msg_controllen = sizeof(control.buf);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(cmsg), &fd, sizeof(int));
	}
	do {
		n = sendmsg(socket_fd, &msg, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

int scm_send(int socket_fd, const void *data, size_t len, int fd)
{
	ssize_t n = send_some(socket_fd, data, len, fd);

	if (n < 0)
		return (int)n;
	return (size_t)n == len ? 0 : -EMSGSIZE;
}

int scm_send_stream(int socket_fd, const void *data, size_t len, int fd)
{
	for (const char *at = data; len > 0;) {
		ssize_t n = send_some(socket_fd, at, len, fd);

		if (n < 0)
			return (int)n;
		at += n;
		len -= (size_t)n;
		fd = -1;
	}
	return 0;
}

ssize_t scm_recv(int socket_fd, void *data, size_t size, int *ret_fd)
{
	union fd_control control;
	struct iovec iov = { .iov_base = data, .iov_len = size };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.buf,
		/* Without the padding, which would have room for a second descriptor. */
		.msg_controllen = CMSG_LEN(sizeof(int)),
	};
	struct cmsghdr *cmsg;
	int fd = -1;
	ssize_t n;

	do {
		n = recvmsg(socket_fd, &msg, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	cmsg = CMSG_FIRSTHDR(&msg);
	if (cmsg && cmsg->cmsg_level == SOL_SOCKET && cmsg->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(cmsg), sizeof(int));
	if (msg.msg_flags & MSG_TRUNC) {
		fd_close(&fd);
		return -EMSGSIZE;
	}
	if (ret_fd)
		*ret_fd = fd;
	else
		fd_close(&fd);
	return n;
}

/*
 * The address of @path, and what has to stay open as long as it is used: the directory of a path
 * that does not fit as it is. fd or -errno.
 */
static int make_address(int dir_fd, const char *path, struct sockaddr_un *addr)
{
	const char *name = strrchr(path, '/');
	AUTO_FD parent_fd = -1;
	char parent[4096];
	size_t len;

	name = name ? name + 1 : path;
	len = (size_t)(name - path);
	if (len >= sizeof(parent))
		return -ENAMETOOLONG;
	memcpy(parent, path, len);
	parent[len] = '\0';
	parent_fd = openat(dir_fd, len ? parent : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (parent_fd < 0)
		return -errno;
	addr->sun_family = AF_UNIX;
	if (dir_fd == AT_FDCWD && strlen(path) < sizeof(addr->sun_path)) {
		memcpy(addr->sun_path, path, strlen(path) + 1);
		return fd_take(&parent_fd);
	}
	len = (size_t)snprintf(addr->sun_path, sizeof(addr->sun_path), "/proc/self/fd/%d/%s",
			       parent_fd, name);
	return len < sizeof(addr->sun_path) ? fd_take(&parent_fd) : -ENAMETOOLONG;
}

static int connect_to(int type, const struct sockaddr_un *addr, size_t len)
{
	AUTO_FD fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (const struct sockaddr *)addr, (socklen_t)len) < 0)
		return -errno;
	return fd_take(&fd);
}

int scm_connect(int type, int dir_fd, const char *path)
{
	struct sockaddr_un addr;
	AUTO_FD parent_fd = make_address(dir_fd, path, &addr);

	return parent_fd < 0 ? parent_fd : connect_to(type, &addr, sizeof(addr));
}

int scm_connect_abstract(int type, const char *name)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	size_t len = strlen(name);

	if (len >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	memcpy(addr.sun_path + 1, name, len);
	return connect_to(type, &addr, offsetof(struct sockaddr_un, sun_path) + 1 + len);
}

static int bind_at(int type, int dir_fd, const char *name)
{
	struct sockaddr_un addr;
	AUTO_FD parent_fd = make_address(dir_fd, name, &addr);
	AUTO_FD fd = -1;

	if (parent_fd < 0)
		return parent_fd;
	fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	/* The mode of an unbound socket is that of its file, less the umask, which may be none. */
	if (fd < 0 || fchmod(fd, 0600) < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		return -errno;
	return fd_take(&fd);
}

int scm_listen(int type, int dir_fd, const char *name)
{
	AUTO_FD fd = bind_at(type, dir_fd, name);

	if (fd >= 0 && listen(fd, LISTEN_BACKLOG) < 0)
		return -errno;
	return fd_take(&fd);
}

int scm_bind_for_all(int dir_fd, const char *name)
{
	AUTO_FD fd = bind_at(SOCK_DGRAM, dir_fd, name);

	if (fd >= 0 && fchmodat(dir_fd, name, 0666, 0) < 0)
		return -errno;
	return fd_take(&fd);
}
