/* SPDX-License-Identifier: Apache-2.0 */
/* The console socket, the pidfd socket and the pid file. */
#include "handover.h"

#include "fd.h"
#include "io.h"
#include "scm.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

static int connect_to(const char *path, const char *option, int *ret_fd, struct err *err)
{
	int fd = path ? scm_connect(SOCK_STREAM, AT_FDCWD, path) : -1;

	if (path && fd < 0) {
		err_errno(err, fd, "connect to the %s '%s'", option, path);
		return err_path(err, path);
	}
	*ret_fd = fd;
	return 0;
}

int handover_check_terminal(bool has_terminal, bool relays_terminal, const char *console_socket,
			    struct err *err)
{
	if (has_terminal && !relays_terminal && !console_socket) {
		err_at(err, "/process/terminal", EINVAL,
		       "cannot allocate tty if runc will detach without setting console socket");
		return err_hint(err, "use --console-socket, or set terminal to false");
	}
	if (console_socket && (!has_terminal || relays_terminal))
		return err_set(err, EINVAL,
			       "cannot use console socket if runc will not detach or allocate tty");
	return 0;
}

void handover_size_terminal(uint16_t rows, uint16_t columns, struct plan_process *process)
{
	if (!rows && !columns)
		return;
	process->rows = rows;
	process->columns = columns;
}

int handover_connect(const char *console_socket, const char *pidfd_socket,
		     struct handover *ret_handover, struct err *err)
{
	TRY(connect_to(console_socket, "console socket", &ret_handover->console_fd, err));
	return connect_to(pidfd_socket, "pidfd socket", &ret_handover->pidfd_fd, err);
}

void handover_close(struct handover *handover)
{
	fd_close(&handover->console_fd);
	fd_close(&handover->pidfd_fd);
}

void handover_tell_sockets(int n, struct spec *spec)
{
	struct spec_strings *env = &spec->process.env;
	const char **v;

	if (n == 0)
		return;
	v = ARENA_ARRAY(spec->arena, const char *, env->n + 2);
	if (env->n)
		memcpy(v, env->v, env->n * sizeof(v[0]));
	v[env->n] = arena_printf(spec->arena, "LISTEN_FDS=%d", n);
	v[env->n + 1] = "LISTEN_PID=1";
	env->v = v;
	env->n += 2;
}

static int send_console(int socket_fd, struct launched *launched, struct err *err)
{
	unsigned int number;
	char name[32];
	int ret;

	if (ioctl(launched->console_fd, TIOCGPTN, &number) < 0)
		return err_sys(err, "name the terminal");
	snprintf(name, sizeof(name), "/dev/pts/%u", number);
	ret = scm_send(socket_fd, name, strlen(name), launched->console_fd);
	if (ret < 0)
		return err_errno(err, ret, "send the terminal to the console socket");
	/* The caller reads until the last holder is gone: that must not be us. */
	fd_close(&launched->console_fd);
	return 0;
}

int handover_send(const struct handover *handover, struct launched *launched, const char *payload,
		  struct err *err)
{
	int ret;

	if (handover->console_fd >= 0)
		TRY(send_console(handover->console_fd, launched, err));
	if (handover->pidfd_fd < 0)
		return 0;
	ret = scm_send(handover->pidfd_fd, payload, strlen(payload), launched->pidfd);
	return ret < 0 ? err_errno(err, ret, "send the pidfd to the pidfd socket") : 0;
}

/* ---- the pid file ---- */

/* How often two may get in each other's way who replace one pid file. */
#define REPLACE_TRIES 10

/* The path, cut in two, and the hidden name beside it that rename(2) needs. */
struct pid_path {
	const char *path;
	char dir[PATH_MAX], tmp[PATH_MAX];
};

static int split(const char *path, struct pid_path *ret)
{
	const char *slash = strrchr(path, '/');
	int dir_len = slash ? (int)(slash + 1 - path) : 0;

	ret->path = path;
	if (snprintf(ret->dir, PATH_MAX, "%.*s", dir_len, slash ? path : "") >= PATH_MAX ||
	    snprintf(ret->tmp, PATH_MAX, "%s.%s.new", ret->dir, path + dir_len) >= PATH_MAX)
		return -ENAMETOOLONG;
	if (!slash)
		strcpy(ret->dir, ".");
	return 0;
}

static int name_file(int fd, const char *path)
{
	char link[32];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, link, AT_FDCWD, path, AT_SYMLINK_FOLLOW) < 0 ? -errno : 0;
}

/* Of a file that is there already. A name that a killed process left goes first. */
static int replace_file(int fd, const struct pid_path *to)
{
	int ret = -EEXIST;

	for (int i = 0; i < REPLACE_TRIES && (ret == -EEXIST || ret == -ENOENT); i++) {
		unlink(to->tmp);
		ret = name_file(fd, to->tmp);
		if (ret == 0 && rename(to->tmp, to->path) < 0)
			ret = -errno;
	}
	if (ret < 0)
		unlink(to->tmp);
	return ret;
}

/* The file gets its name when it is whole: whoever is killed before leaves nothing. */
static int write_nameless(const struct pid_path *to, const char *digits)
{
	AUTO_FD fd = open(to->dir, O_WRONLY | O_TMPFILE | O_CLOEXEC, 0644);
	int ret;

	if (fd < 0)
		return -errno;
	TRY(io_write_all(fd, digits, strlen(digits)));
	ret = name_file(fd, to->path);
	return ret == -EEXIST ? replace_file(fd, to) : ret;
}

/* Where a filesystem has no files without a name, or /proc is not what it should be. */
static int write_named(const struct pid_path *to, const char *digits)
{
	AUTO_FD fd = -1;
	int ret;

	unlink(to->tmp);
	fd = open(to->tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return -errno;
	ret = io_write_all(fd, digits, strlen(digits));
	if (ret == 0 && rename(to->tmp, to->path) < 0)
		ret = -errno;
	if (ret < 0)
		unlink(to->tmp);
	return ret;
}

int handover_write_pid_file(const char *path, pid_t pid, struct err *err)
{
	struct pid_path to;
	char digits[16];
	int ret = split(path, &to);

	snprintf(digits, sizeof(digits), "%d", pid);
	if (ret == 0 && write_nameless(&to, digits) == 0)
		return 0;
	if (ret == 0)
		ret = write_named(&to, digits);
	if (ret == 0)
		return 0;
	err_errno(err, ret, "write the pid file '%s'", path);
	return err_path(err, path);
}
