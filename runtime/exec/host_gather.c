/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A v2 host costs one statfs(2) and two small files. On others /proc/self/cgroup names the
 * hierarchies, and each is looked for where everybody mounts it; /proc/self/mountinfo, which can
 * have thousands of lines, is read only when one is not there, and then once.
 *
 * A mount that shows a part of its hierarchy only, as in a container without a cgroup namespace, is
 * the other reason to read it: what /proc/self/cgroup says of us begins above that part.
 */
#include "host_gather.h"

#include "fd.h"
#include "host_facts.h"
#include "io.h"
#include "mountinfo.h"
#include "subid.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define HIERARCHIES_MAX 32
#define TEXT_MAX        16384
#define MOUNTINFO_MAX   (16u << 20)

struct gather {
	const struct host_sources *from;
	struct arena *arena;
	struct host_hierarchy *v;
	size_t n;
	char *mountinfo; /* NULL until it is needed */
	int failure;     /* 0, or the first -errno that leaves open what the host has */
};

static long fs_type(const char *path)
{
	struct statfs st;

	if (statfs(path, &st) == 0)
		return (long)st.f_type;
	return errno == ENOENT || errno == ENOTDIR || errno == EACCES ? 0 : -errno;
}

/* A hierarchy that is overlooked is one in which the container gets no cgroup. */
static bool is_cgroup(struct gather *g, const char *path, bool is_v2)
{
	long type = g->from->fs_type(path);

	if (type < 0 && g->failure == 0)
		g->failure = (int)type;
	return type == (is_v2 ? CGROUP2_SUPER_MAGIC : CGROUP_SUPER_MAGIC);
}

/* The root of a cgroup file system has the first inode number. */
static bool shows_all(const char *mount)
{
	struct stat st;

	return stat(mount, &st) < 0 || st.st_ino == 1;
}

/* ---- mountinfo, the slow way ---- */

/* The n-th word of a line of mountinfo, counted from 0; words end at blanks. */
static const char *word_at(const char *line, unsigned n, size_t *ret_len)
{
	for (; n > 0; n--) {
		line += strcspn(line, " \n");
		line += *line == ' ';
	}
	*ret_len = strcspn(line, " \n");
	return line;
}

/* Whether the comma-separated @list of @len bytes has every word of @words. */
static bool has_words(const char *list, size_t len, const char *words)
{
	while (*words) {
		size_t n = strcspn(words, ","), at = 0, m = 0;

		for (; at < len; at += m + 1) {
			m = strcspn(list + at, ", \n");
			if (m == n && strncmp(list + at, words, n) == 0)
				break;
		}
		if (at >= len)
			return false;
		words += n;
		words += *words == ',';
	}
	return true;
}

static char *path_of(struct arena *arena, const char *text, size_t len)
{
	char *out = arena_strndup(arena, text, len);

	mountinfo_unescape(out);
	return out;
}

/* The mount point of a hierarchy, or NULL. */
static const char *find_mounted(struct gather *g, const char *controllers, bool is_v2)
{
	const char *type = is_v2 ? "cgroup2" : "cgroup";

	for (const char *line = g->mountinfo; line && *line;) {
		const char *next = strchr(line, '\n');
		const char *rest = strstr(line, " - ");
		size_t type_len, options_len, dir_len;
		const char *dir = word_at(line, 4, &dir_len);

		if (rest && (!next || rest < next)) {
			const char *got = word_at(rest + 3, 0, &type_len);
			const char *options = word_at(rest + 3, 2, &options_len);

			if (type_len == strlen(type) && strncmp(got, type, type_len) == 0 &&
			    (is_v2 || has_words(options, options_len, controllers)))
				return path_of(g->arena, dir, dir_len);
		}
		line = next ? next + 1 : NULL;
	}
	return NULL;
}

/* Whether a word of mountinfo is @path. A host may have thousands of lines: the arena has no room for all. */
static bool is_path(const char *word, size_t len, const char *path)
{
	char text[4 * PATH_MAX]; /* each byte may be written as an octal number */

	if (len >= sizeof(text))
		return false;
	memcpy(text, word, len);
	text[len] = '\0';
	mountinfo_unescape(text);
	return strcmp(text, path) == 0;
}

/* What of its file system the uppermost mount at @mount shows, or NULL. */
static const char *find_shown(struct gather *g, const char *mount)
{
	const char *shown = NULL;

	for (const char *line = g->mountinfo; line && *line;) {
		const char *next = strchr(line, '\n');
		size_t root_len, dir_len;
		const char *root = word_at(line, 3, &root_len);
		const char *dir = word_at(line, 4, &dir_len);

		if (is_path(dir, dir_len, mount))
			shown = path_of(g->arena, root, root_len);
		line = next ? next + 1 : NULL;
	}
	return shown;
}

static int read_mountinfo(struct gather *g, struct err *err)
{
	char path[256];
	size_t len = 0;

	if (g->mountinfo)
		return 0;
	snprintf(path, sizeof(path), "%s/mountinfo", g->from->proc_self);
	AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, "open '%s'", path);
	for (size_t room = 1u << 16; room <= MOUNTINFO_MAX; room *= 4) {
		char *more = realloc(g->mountinfo, room);
		ssize_t n;

		if (!more)
			return err_set(err, ENOMEM, "no memory for '%s'", path);
		g->mountinfo = more;
		n = io_read_some(fd, more + len, room - 1 - len);
		if (n < 0)
			return err_errno(err, (int)n, "read '%s'", path);
		len += (size_t)n;
		more[len] = '\0';
		if (len < room - 1)
			return 0;
	}
	return err_set(err, EFBIG, "'%s' has more than %u bytes", path, MOUNTINFO_MAX);
}

/* ---- the conventional places ---- */

/* "cpu,cpuacct" is also mounted as "cpuacct,cpu", and "cpu" links to it. */
static const char *find_conventional(struct gather *g, const char *controllers)
{
	const char *root = g->from->cgroup_root;
	const char *name = strncmp(controllers, "name=", 5) == 0 ? controllers + 5 : controllers;
	const char *comma = strchr(name, ',');
	const char *tries[3] = { arena_printf(g->arena, "%s/%s", root, name), NULL, NULL };

	if (comma) {
		int first = (int)(comma - name);

		tries[1] = arena_printf(g->arena, "%s/%s,%.*s", root, comma + 1, first, name);
		tries[2] = arena_printf(g->arena, "%s/%.*s", root, first, name);
	}
	for (size_t i = 0; i < 3 && tries[i]; i++)
		if (is_cgroup(g, tries[i], false))
			return tries[i];
	return NULL;
}

/* cgroup.controllers of the hierarchy's root: the words of it that the host has for v2. */
static const char *v2_controllers(struct gather *g, const char *mount)
{
	char text[TEXT_MAX];
	AUTO_FD fd = open(mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -errno : io_read_small(fd, "cgroup.controllers", text, sizeof(text));

	if (len >= 0)
		return arena_strdup(g->arena, text);
	if (len != -ENOENT && len != -EACCES && g->failure == 0)
		g->failure = (int)len;
	return "";
}

static void add(struct gather *g, bool is_v2, const char *mount, const char *controllers,
		const char *own_path)
{
	g->v[g->n++] = (struct host_hierarchy){
		.is_v2 = is_v2,
		.mount = mount,
		.controllers =
			is_v2 ? v2_controllers(g, mount) : arena_strdup(g->arena, controllers),
		.own_path = arena_strdup(g->arena, own_path),
	};
}

/* @own_path as seen from @mount; "/" when we are not in what that shows. */
static int rebase(struct gather *g, const char *mount, const char **own_path, struct err *err)
{
	const char *shown;
	size_t len;

	if (strcmp(*own_path, "/") == 0 || g->from->shows_all(mount))
		return 0;
	TRY(read_mountinfo(g, err));
	shown = find_shown(g, mount);
	len = shown ? strlen(shown) : 0;
	if (len <= 1)
		return 0;
	if (strncmp(*own_path, shown, len) == 0 && (*own_path)[len] == '/')
		*own_path += len;
	else
		*own_path = "/";
	return 0;
}

static int add_v1(struct gather *g, const char *controllers, const char *own_path, struct err *err)
{
	const char *mount = find_conventional(g, controllers);

	if (!mount) {
		TRY(read_mountinfo(g, err));
		mount = find_mounted(g, controllers, false);
	}
	if (!mount)
		return 0;
	TRY(rebase(g, mount, &own_path, err));
	add(g, false, mount, controllers, own_path);
	return 0;
}

/* The kernel lists v2 whether or not it is mounted: with v1 at hand that is no reason to search. */
static int add_v2(struct gather *g, const char *own_path, struct err *err)
{
	const char *root = g->from->cgroup_root;
	const char *unified = arena_printf(g->arena, "%s/unified", root);
	const char *mount = NULL;

	if (is_cgroup(g, root, true)) {
		mount = arena_strdup(g->arena, root);
	} else if (is_cgroup(g, unified, true)) {
		mount = unified;
	} else if (g->n == 0 || g->mountinfo) {
		TRY(read_mountinfo(g, err));
		mount = find_mounted(g, "", true);
	}
	if (!mount)
		return 0;
	TRY(rebase(g, mount, &own_path, err));
	add(g, true, mount, "", own_path);
	return 0;
}

/* Lines "4:memory:/path"; that of v2 is the last one, "0::/path". */
static int add_hierarchies(struct gather *g, char *text, struct err *err)
{
	char *rest = text, *line;

	while ((line = strsep(&rest, "\n")) && g->n < HIERARCHIES_MAX) {
		char *controllers = strchr(line, ':');
		char *own_path = controllers ? strchr(controllers + 1, ':') : NULL;

		if (!own_path)
			continue;
		*own_path++ = '\0';
		controllers++;
		TRY(controllers[0] ? add_v1(g, controllers, own_path, err)
				   : add_v2(g, own_path, err));
	}
	return 0;
}

/* ---- rights ---- */

/* The initial user namespace maps everything onto itself. */
static bool maps_everything(const char *uid_map)
{
	unsigned long inside, outside, size;

	return sscanf(uid_map, "%lu %lu %lu", &inside, &outside, &size) == 3 && inside == 0 &&
	       outside == 0 && size == 4294967295ul;
}

int host_gather_from(const struct host_sources *sources, struct arena *arena,
		     struct host **ret_host, struct err *err)
{
	struct gather g = { .from = sources, .arena = arena };
	struct host *host = ARENA_NEW(arena, struct host);
	AUTO_FD proc_fd = open(sources->proc_self, O_PATH | O_DIRECTORY | O_CLOEXEC);
	char text[TEXT_MAX];
	int ret;

	if (proc_fd < 0)
		return err_sys(err, "open '%s'", sources->proc_self);
	g.v = ARENA_ARRAY(arena, struct host_hierarchy, HIERARCHIES_MAX);

	ret = (int)io_read_small(proc_fd, "cgroup", text, sizeof(text));
	if (ret < 0 && ret != -ENOENT) /* ENOENT: a kernel without cgroups */
		return err_errno(err, ret, "read '%s/cgroup'", sources->proc_self);
	if (ret > 0)
		ret = add_hierarchies(&g, text, err);
	free(g.mountinfo);
	TRY(ret == -ENOENT ? 0 : ret);

	ret = (int)io_read_small(proc_fd, "uid_map", text, sizeof(text));
	if (ret < 0 && ret != -ENOENT) /* ENOENT: a kernel without user namespaces */
		return err_errno(err, ret, "read '%s/uid_map'", sources->proc_self);
	if (g.failure < 0)
		return err_errno(err, g.failure, "find out what this host has");
	host->lacks_admin = !host_has_capability(CAP_SYS_ADMIN);
	host->in_user_ns = (ret >= 0 && !maps_everything(text)) || host->lacks_admin;
	host->euid = geteuid();
	host->egid = getegid();
	if (host->lacks_admin)
		subid_gather(arena, host);
	host->hierarchies = g.v;
	host->n_hierarchies = g.n;
	*ret_host = host;
	return 0;
}

int host_gather(struct arena *arena, struct host **ret_host, struct err *err)
{
	static const struct host_sources sources = { "/sys/fs/cgroup", "/proc/self", fs_type,
						     shows_all };

	return host_gather_from(&sources, arena, ret_host, err);
}
