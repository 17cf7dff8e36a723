/* SPDX-License-Identifier: Apache-2.0 */
/* A terminal by descriptors alone: the image has no say in what is opened. */
#include "console.h"

#include "fd.h"
#include "mount.h"
#include "rootpath.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <termios.h>
#include <unistd.h>

#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41)
#endif

/* The caller prints what the container writes: a line feed must not become two characters. */
static int clear_onlcr(int fd, struct err *err)
{
	struct termios termios;

	if (tcgetattr(fd, &termios) < 0)
		return err_sys(err, "tcgetattr");
	termios.c_oflag &= ~(tcflag_t)ONLCR;
	if (tcsetattr(fd, TCSANOW, &termios) < 0)
		return err_sys(err, "tcsetattr");
	return 0;
}

static int set_size(int fd, const struct plan_process *process, struct err *err)
{
	const struct winsize size = { .ws_row = process->rows, .ws_col = process->columns };

	if ((size.ws_row || size.ws_col) && ioctl(fd, TIOCSWINSZ, &size) < 0) {
		err_sys(err, "set the size of the terminal");
		return err_pointer(err, "/process/consoleSize");
	}
	return 0;
}

int console_open(int root_fd, const struct plan_process *process, int *ret_master, int *ret_slave,
		 struct err *err)
{
	AUTO_FD master_fd = rootpath_open_strict(root_fd, "/dev/pts/ptmx", O_RDWR | O_NOCTTY, 0,
						 RESOLVE_NO_SYMLINKS);
	AUTO_FD slave_fd = -1;
	struct statfs fs;
	int unlocked = 0;

	if (master_fd < 0) {
		err_sys(err, "open /dev/pts/ptmx in the container");
		err_pointer(err, "/process/terminal");
		return err_hint(err, "a terminal needs a mount of type devpts at /dev/pts");
	}
	if (fstatfs(master_fd, &fs) < 0)
		return err_sys(err, "statfs /dev/pts/ptmx");
	if (fs.f_type != DEVPTS_SUPER_MAGIC)
		return err_at(err, "/process/terminal", EINVAL,
			      "/dev/pts/ptmx in the container is not on a devpts filesystem");
	if (ioctl(master_fd, TIOCSPTLCK, &unlocked) < 0)
		return err_sys(err, "unlock the terminal");
	slave_fd = ioctl(master_fd, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave_fd < 0)
		return err_sys(err, "open the terminal's other side");
	TRY(clear_onlcr(slave_fd, err));
	TRY(set_size(slave_fd, process, err));
	*ret_master = fd_take(&master_fd);
	*ret_slave = fd_take(&slave_fd);
	return 0;
}

int console_mount(const struct mount_ops *ops, int root_fd, int slave_fd, struct err *err)
{
	AUTO_FD mnt_fd = -1;
	AUTO_FD target_fd = rootpath_open_strict(root_fd, "/dev/console", O_PATH | O_NOFOLLOW, 0,
						 RESOLVE_NO_SYMLINKS);
	struct stat st;

	if (target_fd < 0 && errno == ENOENT)
		target_fd = rootpath_make_file(root_fd, "/dev/console", 0600);
	if (target_fd < 0)
		return err_sys(err, "open /dev/console in the container");
	if (fstat(target_fd, &st) < 0)
		return err_sys(err, "stat /dev/console in the container");
	if (!S_ISREG(st.st_mode) && !S_ISCHR(st.st_mode))
		return err_set(err, EINVAL, "/dev/console in the container is no ordinary file");
	mnt_fd = ops->tree_clone(slave_fd, "", false);
	if (mnt_fd < 0)
		return err_sys(err, "open_tree of the terminal");
	return mount_attach(ops, mnt_fd, target_fd, "/dev/console", err);
}

int console_become(const struct plan_process *process, int slave_fd, struct err *err)
{
	if (ioctl(slave_fd, TIOCSCTTY, 0) < 0)
		return err_sys(err, "make the terminal the controlling one");
	/* The user of the container has to be able to open /dev/tty and its own /dev/pts/N. */
	if (fchown(slave_fd, process->uid, (gid_t)-1) < 0 && errno != EINVAL && errno != EPERM)
		return err_sys(err, "chown the terminal");
	for (int fd = 0; fd < 3; fd++)
		if (dup2(slave_fd, fd) < 0)
			return err_sys(err, "dup2 the terminal");
	return 0;
}
