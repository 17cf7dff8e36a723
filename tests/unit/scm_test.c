/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors over sockets, and sockets at paths. */
#include "test.h"

#include "fd.h"
#include "scm.h"
#include "temp_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int pair[2];

static void make_pair(void)
{
	CHECK_INT(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
}

static bool is_same_file(int a, int b)
{
	struct stat one, other;

	return fstat(a, &one) == 0 && fstat(b, &other) == 0 && one.st_ino == other.st_ino &&
	       one.st_dev == other.st_dev;
}

TEST(a_datagram_brings_its_bytes_and_its_descriptor)
{
	AUTO_FD null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	AUTO_FD got_fd = -1;
	char buf[8] = "";

	make_pair();
	CHECK_INT(scm_send(pair[0], "hello", 5, null_fd), 0);
	CHECK_INT(scm_recv(pair[1], buf, sizeof(buf), &got_fd), 5);
	CHECK_STR(buf, "hello");
	CHECK(is_same_file(got_fd, null_fd));
	CHECK_INT(fcntl(got_fd, F_GETFD), FD_CLOEXEC);
}

TEST(without_a_descriptor_there_is_none)
{
	char buf[8];
	int fd = 77;

	make_pair();
	CHECK_INT(scm_send(pair[0], "x", 1, -1), 0);
	CHECK_INT(scm_recv(pair[1], buf, sizeof(buf), &fd), 1);
	CHECK_INT(fd, -1);
}

static void send_descriptors(int n)
{
	char control[CMSG_SPACE(16 * sizeof(int))] = { 0 };
	struct iovec iov = { .iov_base = "x", .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = CMSG_SPACE((size_t)n * sizeof(int)),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
	int fds[16] = { 0 };

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN((size_t)n * sizeof(int));
	memcpy(CMSG_DATA(cmsg), fds, (size_t)n * sizeof(int));
	CHECK_INT(sendmsg(pair[0], &msg, 0), 1);
}

TEST(descriptors_beyond_the_first_do_not_stay_open)
{
	make_pair();
	for (int n = 1; n <= 16; n++) {
		int before = open_fd_count(), fd = -1;
		char buf[8];

		send_descriptors(n);
		CHECK_INT(scm_recv(pair[1], buf, sizeof(buf), &fd), 1);
		CHECK(fd >= 0);
		fd_close(&fd);
		CHECK_INT(open_fd_count(), before);
	}
}

TEST(a_descriptor_that_nobody_asked_for_is_closed)
{
	int before;
	char buf[8];

	make_pair();
	before = open_fd_count();
	CHECK_INT(scm_send(pair[0], "x", 1, 0), 0);
	CHECK_INT(scm_recv(pair[1], buf, sizeof(buf), NULL), 1);
	CHECK_INT(open_fd_count(), before);
}

TEST(a_datagram_that_is_too_large_is_refused_with_its_descriptor)
{
	char buf[4];
	int fd = -1, before;

	make_pair();
	before = open_fd_count();
	CHECK_INT(scm_send(pair[0], "hello", 5, 0), 0);
	CHECK_INT(scm_recv(pair[1], buf, sizeof(buf), &fd), -EMSGSIZE);
	CHECK_INT(open_fd_count(), before);
}

TEST(an_end_is_zero_and_sending_to_it_raises_no_signal)
{
	char buf[4];

	make_pair();
	close(pair[0]);
	CHECK_INT(scm_recv(pair[1], buf, sizeof(buf), NULL), 0);
	CHECK_INT(scm_send(pair[1], "x", 1, -1), -EPIPE);
}

TEST(payloads_are_whole_or_refused)
{
	static char sent[1u << 20], got[1u << 20];
	static const size_t sizes[] = { 1, 65535, 65536, 65537, sizeof(sent) };

	memset(sent, 'p', sizeof(sent));
	make_pair();
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		int ret = scm_send(pair[0], sent, sizes[i], -1);

		if (ret < 0) {
			CHECK_INT(ret, -EMSGSIZE);
			continue;
		}
		memset(got, 0, sizeof(got));
		CHECK_INT(scm_recv(pair[1], got, sizeof(got), NULL), sizes[i]);
		CHECK(memcmp(sent, got, sizes[i]) == 0);
	}
}

/* Listens at @name in the test's directory and connects to it by @path. */
static void check_connects(const char *name, const char *path)
{
	AUTO_FD dir_fd = temp_open_dir("");
	AUTO_FD listen_fd = scm_listen(SOCK_STREAM, dir_fd, name);
	AUTO_FD fd = scm_connect(SOCK_STREAM, AT_FDCWD, path);

	CHECK(listen_fd >= 0);
	CHECK(fd >= 0);
	CHECK_INT(fcntl(fd, F_GETFD), FD_CLOEXEC);
}

TEST(a_socket_is_reached_by_any_path_that_is_short_or_has_a_short_name)
{
	char name[128];

	check_connects("socket", temp_path("socket"));
	/* A long name is fine as long as the whole path is not too long. */
	snprintf(name, sizeof(name), "/%s", text_of('n', 78));
	check_connects(name + 1, temp_path(name + 1));
	snprintf(name, sizeof(name), "%s", text_of('d', 120));
	temp_make_dir(name);
	{
		AUTO_FD dir_fd = temp_open_dir(name);
		AUTO_FD listen_fd = scm_listen(SOCK_STREAM, dir_fd, "s");
		AUTO_FD fd = scm_connect(SOCK_STREAM, AT_FDCWD, temp_path(strcat(name, "/s")));

		CHECK(listen_fd >= 0);
		CHECK(fd >= 0);
	}
}

/* Whose name alone would not fit behind that of its directory's descriptor. */
TEST(a_path_of_107_bytes_is_the_kernels_longest_and_works)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	AUTO_FD listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	AUTO_FD fd = -1;

	memset(addr.sun_path, 's', sizeof(addr.sun_path) - 1);
	CHECK_INT(strlen(addr.sun_path), 107);
	CHECK_INT(chdir(temp_dir()), 0);
	CHECK_INT(bind(listen_fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	CHECK_INT(listen(listen_fd, 1), 0);
	fd = scm_connect(SOCK_STREAM, AT_FDCWD, addr.sun_path);
	CHECK(fd >= 0);
}

TEST(errors_of_paths_leak_nothing)
{
	AUTO_FD dir_fd = temp_open_dir("");
	int before = open_fd_count();

	CHECK_INT(scm_connect(SOCK_STREAM, AT_FDCWD, temp_path("none")), -ENOENT);
	CHECK_INT(scm_connect(SOCK_STREAM, AT_FDCWD, temp_path("no/dir/s")), -ENOENT);
	CHECK_INT(scm_connect(SOCK_STREAM, dir_fd, text_of('x', 200)), -ENAMETOOLONG);
	CHECK_INT(scm_connect(SOCK_STREAM, dir_fd, text_of('/', 5000)), -ENAMETOOLONG);
	temp_make_file("file", "", 0600);
	CHECK_INT(scm_connect(SOCK_STREAM, dir_fd, "file"), -ECONNREFUSED);
	CHECK_INT(scm_listen(SOCK_STREAM, dir_fd, "file"), -EADDRINUSE);
	CHECK_INT(open_fd_count(), before);
}

TEST(a_listener_that_accepts_nobody_blocks_nobody_who_does_not_want_to)
{
	AUTO_FD dir_fd = temp_open_dir("");
	AUTO_FD listen_fd = scm_listen(SOCK_SEQPACKET, dir_fd, "s");
	int fd = 0, fds[32], n = 0;

	CHECK(listen_fd >= 0);
	while (n < 32) {
		fd = scm_connect(SOCK_SEQPACKET | SOCK_NONBLOCK, dir_fd, "s");
		if (fd < 0)
			break;
		fds[n++] = fd;
	}
	CHECK_INT(fd, -EAGAIN);
	while (n > 0)
		fd_close(&fds[--n]);
}

static unsigned int mode_of(int dir_fd, const char *name)
{
	struct stat st = { 0 };

	fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW);
	return st.st_mode & 07777;
}

TEST(sockets_have_their_own_mode_whatever_the_umask)
{
	static const mode_t masks[] = { 0, 022, 0777 };
	AUTO_FD dir_fd = open(temp_dir(), O_PATH | O_DIRECTORY | O_CLOEXEC);
	mode_t old = umask(0);

	for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
		umask(masks[i]);
		AUTO_FD listening_fd = scm_listen(SOCK_SEQPACKET, dir_fd, "private");
		AUTO_FD bound_fd = scm_bind_for_all(dir_fd, "public");

		CHECK(listening_fd >= 0 && bound_fd >= 0);
		CHECK_INT(mode_of(dir_fd, "private") & ~0600u, 0);
		CHECK_INT(mode_of(dir_fd, "public"), 0666);
		unlinkat(dir_fd, "private", 0);
		unlinkat(dir_fd, "public", 0);
	}
	umask(old);
}

TEST(an_abstract_name_is_connected_to)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	AUTO_FD server_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	char name[64], buf[8];

	snprintf(name, sizeof(name), "ocirun-scm-test-%d", getpid());
	memcpy(addr.sun_path + 1, name, strlen(name));
	CHECK_INT(scm_connect_abstract(SOCK_DGRAM, name), -ECONNREFUSED);
	CHECK_INT(bind(server_fd, (struct sockaddr *)&addr,
		       (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name))),
		  0);
	AUTO_FD fd = scm_connect_abstract(SOCK_DGRAM, name);
	CHECK_INT(scm_send(fd, "hello", 5, -1), 0);
	CHECK_INT(scm_recv(server_fd, buf, sizeof(buf), NULL), 5);
}

TEST_MAIN()
