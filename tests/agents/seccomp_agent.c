/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A seccomp agent for tests: seccomp_agent SOCKET DIR. It listens at SOCKET and says "ready". Each
 * connection's state goes to DIR/state.N, N counted from 1, and its listener is served by a process
 * of its own until the container's last process has ended, upon which DIR/end.N is made.
 *
 * What a call gets depends on the path that is its first argument (its second for those that end
 * in "at"): EXDEV when it begins with /denied, success without doing anything when it begins with
 * /emulated, and the call itself for everything else. Each is a line in DIR/calls.N: the number of the call, and the path of those
 * that are answered.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static const char *dir;
static int number;

static FILE *open_file(const char *name)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s.%d", dir, name, number);
	file = fopen(path, "w");
	if (!file)
		err(1, "%s", path);
	setlinebuf(file);
	return file;
}

/* The state up to the end of the connection, which has to come, and the one descriptor. */
static int receive(int fd)
{
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(4 * sizeof(int))];
	} control;
	FILE *file = open_file("state.new");
	int listener = -1;
	ssize_t n;

	do {
		char data[65536];
		struct iovec iov = { .iov_base = data, .iov_len = sizeof(data) };
		struct msghdr msg = {
			.msg_iov = &iov,
			.msg_iovlen = 1,
			.msg_control = control.buf,
			.msg_controllen = sizeof(control.buf),
		};
		struct cmsghdr *cmsg;

		n = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC);
		if (n < 0)
			err(1, "recvmsg");
		fwrite(data, 1, (size_t)n, file);
		cmsg = CMSG_FIRSTHDR(&msg);
		if (!cmsg)
			continue;
		if (listener >= 0 || cmsg->cmsg_type != SCM_RIGHTS ||
		    cmsg->cmsg_len != CMSG_LEN(sizeof(int)))
			errx(1, "not exactly one descriptor");
		memcpy(&listener, CMSG_DATA(cmsg), sizeof(int));
	} while (n > 0);
	fclose(file);
	return listener;
}

/* The path that a call is about; "" for calls without one. */
static void read_path(const struct seccomp_notif *call, char *path, size_t size)
{
	char mem[64];
	__u64 at;
	int fd;

	path[0] = '\0';
	switch (call->data.nr) {
	case SYS_mkdirat:
	case SYS_fchmodat:
		at = call->data.args[1];
		break;
#ifdef SYS_mkdir
	case SYS_mkdir:
	case SYS_chmod:
		at = call->data.args[0];
		break;
#endif
	default:
		return;
	}
	snprintf(mem, sizeof(mem), "/proc/%u/mem", call->pid);
	fd = open(mem, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		err(1, "%s", mem);
	for (size_t i = 0; i < size - 1 && pread(fd, &path[i], 1, (off_t)(at + i)) == 1 && path[i];)
		path[++i] = '\0';
	close(fd);
}

static void answer(int listener, FILE *calls)
{
	struct seccomp_notif call = { .id = 0 };
	struct seccomp_notif_resp reply = { .id = 0 };
	char path[256];

	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) < 0) {
		if (errno == ENOENT || errno == EINTR) /* killed meanwhile */
			return;
		err(1, "SECCOMP_IOCTL_NOTIF_RECV");
	}
	read_path(&call, path, sizeof(path));
	reply.id = call.id;
	if (strncmp(path, "/denied", strlen("/denied")) == 0)
		reply.error = -EXDEV;
	else if (strncmp(path, "/emulated", strlen("/emulated")) != 0)
		reply.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	fprintf(calls, "%d %s\n", call.data.nr, path);
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &reply) < 0 && errno != ENOENT)
		err(1, "SECCOMP_IOCTL_NOTIF_SEND");
}

static void serve(int fd)
{
	int listener = receive(fd);
	struct pollfd pfd = { .fd = listener, .events = POLLIN };
	char from[4096], to[4096];
	FILE *calls = open_file("calls");

	if (listener < 0)
		errx(1, "no descriptor");
	/* Whole from the moment it is there. */
	snprintf(from, sizeof(from), "%s/state.new.%d", dir, number);
	snprintf(to, sizeof(to), "%s/state.%d", dir, number);
	if (rename(from, to) < 0)
		err(1, "rename");
	while (poll(&pfd, 1, -1) >= 0 && !(pfd.revents & POLLHUP))
		answer(listener, calls);
	fclose(open_file("end"));
}

int main(int argc, char **argv)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (argc != 3 || strlen(argv[1]) >= sizeof(addr.sun_path))
		errx(2, "usage: seccomp_agent SOCKET DIR");
	dir = argv[2];
	strcpy(addr.sun_path, argv[1]);
	signal(SIGCHLD, SIG_IGN);
	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 || listen(fd, 8) < 0)
		err(1, "%s", argv[1]);
	puts("ready");
	fflush(stdout);
	for (;;) {
		int one = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

		if (one < 0)
			err(1, "accept");
		number++;
		if (fork() == 0) {
			/* Served no longer than the test lives. */
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			close(fd);
			serve(one);
			return 0;
		}
		close(one);
	}
}
