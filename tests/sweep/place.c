/* SPDX-License-Identifier: Apache-2.0 */
/* Making a place, and looking for what is left in it. */

#include "place.h"

#include "command.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define CGROUPS     "/sys/fs/cgroup"
#define END_SECONDS 3.0
#define FILE_MAX    65536

void place_keep_apart(void)
{
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		die("a mount namespace of our own: %s", strerror(errno));
}

static void copy_file(const char *from, const char *to, mode_t mode)
{
	char buf[FILE_MAX];
	int in = open(from, O_RDONLY | O_CLOEXEC), out;
	ssize_t n;

	out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	if (in < 0 || out < 0)
		die("copy '%s' to '%s': %s", from, to, strerror(errno));
	while ((n = read(in, buf, sizeof(buf))) > 0)
		if (write(out, buf, (size_t)n) != n)
			die("write '%s': %s", to, strerror(errno));
	close(in);
	close(out);
}

static void make_dir(char *ret_path, const char *dir, const char *name, uid_t uid)
{
	if (snprintf(ret_path, PLACE_PATH, "%s/%s", dir, name) >= PLACE_PATH)
		die("'%s/%s' is too long", dir, name);
	if (mkdir(ret_path, 0755) < 0)
		die("make '%s': %s", ret_path, strerror(errno));
	if (uid && chown(ret_path, uid, uid) < 0)
		die("chown '%s': %s", ret_path, strerror(errno));
}

/* @text with each @word in it replaced; in memory of its own. */
static char *replace(char *take_text, const char *word, const char *by)
{
	char *result = calloc(1, FILE_MAX), *at = take_text, *found;

	if (!result)
		die("no memory");
	while ((found = strstr(at, word))) {
		*found = '\0';
		strcat(strcat(result, at), by);
		at = found + strlen(word);
	}
	strcat(result, at);
	free(take_text);
	return result;
}

static void write_text(const char *dir, const char *name, const char *text)
{
	char path[2 * PLACE_PATH];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "we");
	if (!file || fputs(text, file) < 0 || fclose(file) != 0)
		die("write '%s': %s", path, strerror(errno));
}

static void write_configs(const struct place *place, const char *bundles, const char *bundle,
			  const char *probe)
{
	char path[2 * PLACE_PATH], cgroup[96], uid[16];
	char *text = calloc(1, FILE_MAX);
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s.json", bundles, bundle);
	file = fopen(path, "re");
	if (!file || !text || fread(text, 1, FILE_MAX / 2, file) == 0)
		die("read '%s': %s", path, strerror(errno));
	fclose(file);
	snprintf(cgroup, sizeof(cgroup), "/%s/c", place->cgroup);
	snprintf(uid, sizeof(uid), "%u", place->uid);
	text = replace(text, "@CGROUP@", cgroup);
	text = replace(text, "@PROBE@", probe);
	text = replace(text, "@UID@", uid);
	write_text(place->bundle, "config.json", text);
	text = replace(text, "\"stay\"", "\"once\"");
	write_text(place->bundle, "once.json", text);
	free(text);
}

static void make_rootfs(const struct place *place, const char *probe)
{
	static const char *const dirs[] = { "proc", "dev", "sys", "tmp", "etc", "data" };
	char path[PLACE_PATH], rootfs[PLACE_PATH], file[2 * PLACE_PATH];

	make_dir(rootfs, place->bundle, "rootfs", place->uid);
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		make_dir(path, rootfs, dirs[i], place->uid);
	snprintf(file, sizeof(file), "%s/probe", rootfs);
	copy_file(probe, file, 0755);
	snprintf(file, sizeof(file), "%s/etc", rootfs);
	write_text(file, "hosts", "");
	write_text(file, "passwd", "root:x:0:0:root:/:/bin/sh\n");
	make_dir(path, place->bundle, "data", place->uid);
	write_text(place->bundle, "hosts", "127.0.0.1 localhost\n");
}

static char *read_mounts(void)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file = fopen("/proc/self/mountinfo", "re");

	/* One read(2) or more: the kernel gives it in pages. */
	if (!file || getdelim(&text, &size, '\0', file) < 0)
		die("read the mounts: %s", strerror(errno));
	fclose(file);
	return text;
}

void place_make(struct place *place, const char *dir, const char *bundles, const char *bundle,
		const char *probe, unsigned number, uid_t uid)
{
	char name[64];

	*place = (struct place){ .id = "c1", .uid = uid, .mounts = read_mounts() };
	snprintf(name, sizeof(name), "%s-%u", bundle, number);
	make_dir(place->root, dir, name, uid);
	if (strlen(place->root) >= sizeof(place->dir))
		die("'%s' is too long", place->root);
	strcpy(place->dir, place->root);
	make_dir(place->root, place->dir, "root", uid);
	make_dir(place->bundle, place->dir, "bundle", uid);
	make_dir(place->run, place->dir, "run", uid);
	snprintf(place->cgroup, sizeof(place->cgroup), "ocirun-sweep-%d-%u", getpid(), number);
	make_rootfs(place, probe);
	write_configs(place, bundles, bundle, probe);
}

void place_read(const struct place *place, const char *name, char *ret_text, size_t size)
{
	char path[2 * PLACE_PATH];
	size_t n = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", place->dir, name);
	file = fopen(path, "re");
	if (file) {
		n = fread(ret_text, 1, size - 1, file);
		fclose(file);
	}
	ret_text[n] = '\0';
}

/* ---- what is left ---- */

/* The first entry of a directory that @is_left says is left; whether there is one. */
static bool find_entry(const char *dir, bool (*is_left)(const char *name), char *ret_why,
		       size_t size)
{
	DIR *list = opendir(dir);
	struct dirent *entry;
	bool found = false;

	while (list && !found && (entry = readdir(list)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
		    is_left(entry->d_name)) {
			snprintf(ret_why, size, "left: %s/%s", dir, entry->d_name);
			found = true;
		}
	if (list)
		closedir(list);
	return found;
}

/* Compiled filters are kept for the next container, by design. */
static bool is_left_in_root(const char *name)
{
	return strcmp(name, ".seccomp") != 0;
}

/* Their names are a hash; what has a suffix is temporary. */
static bool is_left_in_kept(const char *name)
{
	return strchr(name, '.');
}

static bool is_left_in_run(const char *name)
{
	static const char *const asked_for[] = { "pid", "exec.pid", "config.json" };

	for (size_t i = 0; i < sizeof(asked_for) / sizeof(asked_for[0]); i++)
		if (strcmp(name, asked_for[i]) == 0)
			return false;
	return true;
}

static bool has_files(const struct place *place, char *ret_why, size_t size)
{
	char kept[2 * PLACE_PATH];

	snprintf(kept, sizeof(kept), "%s/.seccomp", place->root);
	return find_entry(place->root, is_left_in_root, ret_why, size) ||
	       find_entry(kept, is_left_in_kept, ret_why, size) ||
	       find_entry(place->run, is_left_in_run, ret_why, size);
}

/* Calls @visit for the place's upper cgroup in each hierarchy, until it returns true. */
static bool each_cgroup(const struct place *place, bool (*visit)(const char *path, void *context),
			void *context)
{
	DIR *list = opendir(CGROUPS);
	struct dirent *entry;
	bool found = false;
	char path[512];

	while (list && !found && (entry = readdir(list))) {
		if (strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(path, sizeof(path), CGROUPS "/%s/%s", entry->d_name, place->cgroup);
		found = access(path, F_OK) == 0 && visit(path, context);
	}
	if (list)
		closedir(list);
	return found;
}

struct why {
	char *text;
	size_t size;
};

static bool tell_cgroup(const char *path, void *context)
{
	const struct why *why = context;

	snprintf(why->text, why->size, "left: %s", path);
	return true;
}

static unsigned long content;

static int add_name(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	/* A sum: the order in which a directory is read is of no account. */
	unsigned long hash = 5381;

	for (; *path; path++)
		hash = hash * 33 + (unsigned char)*path;
	content += hash;
	return 0;
}

static unsigned long content_of(const struct place *place)
{
	content = 0;
	nftw(place->bundle, add_name, 16, FTW_PHYS);
	return content;
}

/* We are who orphans come to: whoever is left is our child. */
static bool has_process(char *ret_why, size_t size)
{
	double deadline = seconds_until(END_SECONDS);
	char name[64] = "?", path[64];
	siginfo_t info = { 0 };
	FILE *file;
	pid_t pid = 0;

	while (reap_children()) {
		if (seconds_now() > deadline)
			break;
		usleep(500);
	}
	if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WALL) < 0)
		return false;
	snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	file = fopen(path, "re");
	if (file) {
		(void)!fscanf(file, "%d", &pid);
		fclose(file);
	}
	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	file = fopen(path, "re");
	if (file) {
		(void)!fscanf(file, "%63s", name);
		fclose(file);
	}
	snprintf(ret_why, size, "left: process %d (%s)", pid, name);
	return true;
}

/* One that was not there before. Others may go: with a directory goes what is mounted on it. */
static bool has_mount(const struct place *place, char *ret_why, size_t size)
{
	char *now = read_mounts(), *rest = now, *line;
	bool found = false;

	while (!found && (line = strsep(&rest, "\n")))
		if (!strstr(place->mounts, line)) {
			snprintf(ret_why, size, "left: mount %s", line);
			found = true;
		}
	free(now);
	return found;
}

bool place_is_clean(struct place *place, char *ret_why, size_t size)
{
	struct why why = { ret_why, size };
	unsigned long now = content_of(place);

	if (has_process(ret_why, size) || has_files(place, ret_why, size) ||
	    each_cgroup(place, tell_cgroup, &why) || has_mount(place, ret_why, size))
		return false;
	/* Mount points are made by the first container; from then on nothing changes. */
	if (place->content && place->content != now) {
		snprintf(ret_why, size, "left: a file in the bundle");
		return false;
	}
	place->content = now;
	return true;
}

/* ---- counting and cleaning ---- */

static bool count_processes(const char *path, void *context)
{
	size_t *max = context, n = 0;
	char file[600];
	FILE *list;
	int c;

	snprintf(file, sizeof(file), "%s/c/cgroup.procs", path);
	list = fopen(file, "re");
	while (list && (c = getc(list)) != EOF)
		n += c == '\n';
	if (list)
		fclose(list);
	if (n > *max)
		*max = n;
	return false;
}

size_t place_processes(const struct place *place)
{
	size_t max = 0;

	each_cgroup(place, count_processes, &max);
	return max;
}

static bool kill_cgroup(const char *path, void *context)
{
	char file[600];
	FILE *list;
	int pid;

	(void)context;
	snprintf(file, sizeof(file), "%s/c/freezer.state", path);
	list = fopen(file, "we");
	if (list) {
		fputs("THAWED", list);
		fclose(list);
	}
	snprintf(file, sizeof(file), "%s/c/cgroup.procs", path);
	list = fopen(file, "re");
	while (list && fscanf(list, "%d", &pid) == 1)
		kill(pid, SIGKILL);
	if (list)
		fclose(list);
	return false;
}

static bool remove_cgroup(const char *path, void *context)
{
	char below[600];

	(void)context;
	snprintf(below, sizeof(below), "%s/c", path);
	for (int tries = 0; rmdir(below) < 0 && errno == EBUSY && tries < 1000; tries++)
		usleep(1000);
	rmdir(path);
	return false;
}

static void kill_children(void)
{
	char path[64];
	int pid;

	for (int tries = 0; tries < 1000; tries++) {
		FILE *file;

		reap_children();
		snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
		file = fopen(path, "re");
		if (!file)
			return;
		int n = 0;
		while (fscanf(file, "%d", &pid) == 1) {
			kill(pid, SIGKILL);
			n++;
		}
		fclose(file);
		if (n == 0)
			return;
		usleep(1000);
	}
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	if (ftw->level > 0)
		remove(path);
	return 0;
}

static void unmount_root(const struct place *place)
{
	char path[2 * PLACE_PATH];

	snprintf(path, sizeof(path), "%s/rootfs", place->bundle);
	while (umount2(path, MNT_DETACH) == 0)
		;
}

void place_clean(const struct place *place)
{
	each_cgroup(place, kill_cgroup, NULL);
	kill_children();
	each_cgroup(place, remove_cgroup, NULL);
	unmount_root(place);
	nftw(place->root, remove_one, 16, FTW_PHYS | FTW_DEPTH | FTW_MOUNT);
	nftw(place->run, remove_one, 16, FTW_PHYS | FTW_DEPTH | FTW_MOUNT);
}

void place_remove(struct place *place)
{
	place_clean(place);
	nftw(place->dir, remove_one, 16, FTW_PHYS | FTW_DEPTH | FTW_MOUNT);
	rmdir(place->dir);
	free(place->mounts);
}
