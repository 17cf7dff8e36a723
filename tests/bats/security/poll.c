/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hostile process of a container: looks at every process that it sees, again and again. "poll exe"
 * keeps each program that is not its own and tries to open it for writing, also when it has ended;
 * "poll mount" tries to make the mounts writable that programs run from, in a user namespace of its
 * own; "poll fd" tries to read descriptors and to trace; "poll root" looks for a root directory, and
 * "poll mountinfo" and "poll net" for mounts and network interfaces, that are not its own. Whatever
 * works is printed to the file "found" in the current directory.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define KEPT_MAX 64

static int kept[KEPT_MAX];
static size_t n_kept;

static void found(const char *what, const char *name)
{
	FILE *file = fopen("found", "a");

	if (file) {
		fprintf(file, "%s %s\n", what, name);
		fclose(file);
	}
}

static int is_own(int fd)
{
	struct stat own, st;

	if (fstat(fd, &st) < 0)
		return 1;
	for (int i = 0; i < 2; i++)
		if (stat(i ? "/bin/busybox" : "/proc/self/exe", &own) == 0 &&
		    st.st_ino == own.st_ino && st.st_dev == own.st_dev)
			return 1;
	return 0;
}

/* A copy in memory that is sealed can be opened for writing, and not be written to. */
static int is_sealed(int fd)
{
	int seals = fcntl(fd, F_GET_SEALS);

	return seals >= 0 && seals & F_SEAL_WRITE;
}

static void try_write(int fd)
{
	char path[64];
	int write_fd;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	write_fd = open(path, O_WRONLY | O_APPEND);
	if (write_fd < 0)
		return;
	if (!is_sealed(write_fd))
		found("writable", path);
	close(write_fd);
}

static void look_at_exe(const char *pid)
{
	char path[300];
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/exe", pid);
	fd = open(path, O_RDONLY);
	if (fd >= 0 && !is_own(fd)) {
		try_write(fd);
		if (n_kept < KEPT_MAX)
			kept[n_kept++] = fd;
		else
			close(fd);
	} else if (fd >= 0) {
		close(fd);
	}
	for (size_t i = 0; i < n_kept; i++)
		try_write(kept[i]);
}

#define EXE_FD 200

/*
 * Who has all rights over a mount namespace of its own may change mounts that are in no namespace but
 * open somewhere. A process that shares our descriptors does, so that we go on seeing those of others.
 */
static int start_changing_mounts(void)
{
	const struct mount_attr writable = { .attr_clr = MOUNT_ATTR_RDONLY };
	int ends[2];
	char byte;

	if (pipe(ends) < 0)
		err(1, "pipe");
	if (syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL, NULL) != 0)
		return ends[1];
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		err(1, "unshare");
	while (read(ends[0], &byte, 1) == 1)
		syscall(SYS_mount_setattr, EXE_FD, "", AT_EMPTY_PATH, &writable, sizeof(writable));
	_exit(0);
}

static void look_at_mount_of_exe(const char *pid)
{
	static int to_changer = -1;
	struct statvfs fs;
	char path[300];
	int fd;

	if (to_changer < 0)
		to_changer = start_changing_mounts();
	snprintf(path, sizeof(path), "/proc/%s/exe", pid);
	fd = open(path, O_PATH);
	if (fd < 0)
		return;
	if (!is_own(fd) && dup2(fd, EXE_FD) == EXE_FD && write(to_changer, "", 1) == 1)
		for (int i = 0; i < 20; i++) {
			usleep(100);
			if (fstatvfs(EXE_FD, &fs) == 0 && !(fs.f_flag & ST_RDONLY))
				found("writable mount of", path);
		}
	close(fd);
}

/* Whose program is not one of ours yet: the runtime, on its way to execve(2). */
static void look_at_fds(const char *pid)
{
	char path[300];
	int exe_fd, status;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%s/fd", pid);
	dir = opendir(path);
	snprintf(path, sizeof(path), "/proc/%s/exe", pid);
	exe_fd = open(path, O_PATH);
	if (dir && exe_fd >= 0 && !is_own(exe_fd))
		found("descriptors of", pid);
	if (dir)
		closedir(dir);
	if (exe_fd >= 0 && !is_own(exe_fd) && ptrace(PTRACE_ATTACH, atoi(pid), 0, 0) == 0) {
		waitpid(atoi(pid), &status, __WALL);
		found("traced", pid);
		ptrace(PTRACE_DETACH, atoi(pid), 0, 0);
	}
	if (exe_fd >= 0)
		close(exe_fd);
}

static void look_at_root(const char *pid)
{
	struct stat own, st;
	char path[300];

	snprintf(path, sizeof(path), "/proc/%s/root/.", pid);
	if (stat(path, &st) == 0 && stat("/", &own) == 0 &&
	    (st.st_ino != own.st_ino || st.st_dev != own.st_dev))
		found("the root of", pid);
}

/* Its first bytes, which in another namespace are others; "" when it cannot be read. */
static void read_start(const char *pid, const char *name, char *ret_text, size_t size)
{
	char path[300];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/%s", pid, name);
	fd = open(path, O_RDONLY);
	n = fd < 0 ? -1 : read(fd, ret_text, size - 1);
	ret_text[n < 0 ? 0 : n] = '\0';
	if (fd >= 0)
		close(fd);
}

static void look_at_file(const char *pid, const char *name)
{
	char own[256], text[256];

	read_start("self", name, own, sizeof(own));
	read_start(pid, name, text, sizeof(text));
	if (text[0] && strcmp(text, own) != 0)
		found(name, pid);
}

static void look_at_mounts(const char *pid)
{
	look_at_file(pid, "mountinfo");
}

/* Routes: a container without interfaces but loopback has those of that alone. */
static void look_at_net(const char *pid)
{
	look_at_file(pid, "net/fib_trie");
}

int main(int argc, char **argv)
{
	static const struct {
		const char *what;
		void (*look)(const char *pid);
	} rows[] = {
		{ "exe", look_at_exe }, { "mount", look_at_mount_of_exe },
		{ "fd", look_at_fds },  { "root", look_at_root },
		{ "net", look_at_net }, { "mountinfo", look_at_mounts },
	};
	const size_t n = sizeof(rows) / sizeof(rows[0]);
	size_t row = 0;

	while (row < n && strcmp(rows[row].what, argc > 1 ? argv[1] : "") != 0)
		row++;
	if (row == n)
		errx(2, "what to look at?");

	for (;;) {
		DIR *proc = opendir("/proc");
		struct dirent *entry;

		if (!proc)
			err(1, "/proc");
		while ((entry = readdir(proc))) {
			if (entry->d_name[0] < '1' || entry->d_name[0] > '9' ||
			    atoi(entry->d_name) == getpid())
				continue;
			rows[row].look(entry->d_name);
		}
		closedir(proc);
	}
}
