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
#include <linux/capability.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define HIERARCHIES_MAX 32
#define TEXT_MAX        16384

/* A hierarchy that the kernel has, mounted or not. */
struct place {
	const char *controllers; /* "" is v2 */
	const char *own_path;    /* as the kernel names it */
	const char *mount;       /* NULL until it is found */
	bool is_part;            /* that is seen there, and maybe we are not at its root */
	const char *shown;       /* which part */
};

struct gather {
	const struct host_sources *from;
	struct arena *arena;
	struct place places[HIERARCHIES_MAX];
	size_t n;
	bool is_unclear; /* without mountinfo */
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

/* ---- the conventional places ---- */

/* "cpu,cpuacct" is also mounted as "cpuacct,cpu", and "cpu" links to it. */
static const char *find_conventional_v1(struct gather *g, const char *controllers)
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

static const char *find_conventional_v2(struct gather *g)
{
	const char *root = g->from->cgroup_root;
	const char *unified = arena_printf(g->arena, "%s/unified", root);

	if (is_cgroup(g, root, true))
		return arena_strdup(g->arena, root);
	return is_cgroup(g, unified, true) ? unified : NULL;
}

static void set_mount(const struct gather *g, struct place *place, const char *mount)
{
	place->mount = mount;
	place->is_part = mount && strcmp(place->own_path, "/") != 0 && !g->from->shows_all(mount);
}

static void find_place(struct gather *g, struct place *place)
{
	bool is_v2 = !place->controllers[0];

	set_mount(g, place,
		  is_v2 ? find_conventional_v2(g) : find_conventional_v1(g, place->controllers));
	/* The kernel lists v2 whether or not it is mounted: with v1 at hand that is no reason to search. */
	if (place->is_part || (!place->mount && (!is_v2 || g->n == 1)))
		g->is_unclear = true;
}

/* ---- mountinfo, the slow way ---- */

/* Whether the comma-separated @list has every word of @words. */
static bool has_words(const char *list, const char *words)
{
	size_t len = strlen(list);

	while (*words) {
		size_t n = strcspn(words, ","), at = 0, m = 0;

		for (; at < len; at += m + 1) {
			m = strcspn(list + at, ",");
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

/* The first mount of a hierarchy is taken for it, and the uppermost at that place says what is shown. */
static bool take_mount(void *context, const struct mountinfo *mount)
{
	struct gather *g = context;
	bool is_v1 = strcmp(mount->type, "cgroup") == 0;

	if (!is_v1 && strcmp(mount->type, "cgroup2") != 0)
		return false;
	for (size_t i = 0; i < g->n; i++) {
		struct place *place = &g->places[i];

		if (!place->mount && is_v1 == (place->controllers[0] != '\0') &&
		    (!is_v1 || has_words(mount->super_options, place->controllers)))
			set_mount(g, place, arena_strdup(g->arena, mount->target));
		if (place->mount && place->is_part && strcmp(place->mount, mount->target) == 0 &&
		    (!place->shown || strcmp(place->shown, mount->root) != 0))
			place->shown = arena_strdup(g->arena, mount->root);
	}
	return false;
}

/* ---- all hierarchies ---- */

/* Our path as seen from the mount; "/" when we are not in the part that it shows. */
static const char *own_path_seen(const struct place *place)
{
	size_t len = place->shown ? strlen(place->shown) : 0;

	if (len <= 1)
		return place->own_path;
	if (strncmp(place->own_path, place->shown, len) == 0 && place->own_path[len] == '/')
		return place->own_path + len;
	return "/";
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

static void add_mounted(struct gather *g, struct host *host)
{
	struct host_hierarchy *v = ARENA_ARRAY(g->arena, struct host_hierarchy, HIERARCHIES_MAX);

	for (size_t i = 0; i < g->n; i++) {
		const struct place *place = &g->places[i];
		bool is_v2 = !place->controllers[0];

		if (!place->mount)
			continue;
		v[host->n_hierarchies++] = (struct host_hierarchy){
			.is_v2 = is_v2,
			.mount = place->mount,
			.controllers = is_v2 ? v2_controllers(g, place->mount)
					     : arena_strdup(g->arena, place->controllers),
			.own_path = arena_strdup(g->arena, own_path_seen(place)),
		};
	}
	host->hierarchies = v;
}

/* Lines "4:memory:/path"; that of v2 is the last one, "0::/path". */
static void find_hierarchies(struct gather *g, char *text)
{
	char *rest = text, *line;

	while ((line = strsep(&rest, "\n")) && g->n < HIERARCHIES_MAX) {
		char *controllers = strchr(line, ':');
		char *own_path = controllers ? strchr(controllers + 1, ':') : NULL;
		struct place *place = &g->places[g->n];

		if (!own_path)
			continue;
		*own_path++ = '\0';
		*place = (struct place){ .controllers = controllers + 1, .own_path = own_path };
		g->n++;
		find_place(g, place);
	}
}

static int gather_cgroups(const struct host_sources *sources, int proc_fd, struct arena *arena,
			  struct host *host, struct err *err)
{
	struct gather g = { .from = sources, .arena = arena };
	char text[TEXT_MAX];
	int ret = (int)io_read_small(proc_fd, "cgroup", text, sizeof(text));

	if (ret == -ENOENT) /* a kernel without cgroups */
		return 0;
	if (ret < 0)
		return err_errno(err, ret, "read '%s/cgroup'", sources->proc_self);
	find_hierarchies(&g, text);
	ret = g.is_unclear ? mountinfo_find(proc_fd, "mountinfo", take_mount, &g) : 0;
	if (ret < 0)
		return err_errno(err, ret, "read '%s/mountinfo'", sources->proc_self);
	add_mounted(&g, host);
	return g.failure < 0 ? err_errno(err, g.failure, "find out what this host has") : 0;
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
	struct host *host = ARENA_NEW(arena, struct host);
	AUTO_FD proc_fd = open(sources->proc_self, O_PATH | O_DIRECTORY | O_CLOEXEC);
	uint64_t capabilities;
	char text[256];
	int ret;

	if (proc_fd < 0)
		return err_sys(err, "open '%s'", sources->proc_self);
	TRY(gather_cgroups(sources, proc_fd, arena, host, err));
	/* A guess would make it a user's container, with a user namespace that nobody asked for. */
	ret = host_capabilities(&capabilities);
	if (ret < 0)
		return err_errno(err, ret, "read the capabilities of this process");
	host->lacks_admin = !(capabilities >> CAP_SYS_ADMIN & 1);
	ret = (int)io_read_small(proc_fd, "uid_map", text, sizeof(text));
	if (ret < 0 && ret != -ENOENT) /* ENOENT: a kernel without user namespaces */
		return err_errno(err, ret, "read '%s/uid_map'", sources->proc_self);
	host->in_user_ns = (ret >= 0 && !maps_everything(text)) || host->lacks_admin;
	host->euid = geteuid();
	host->egid = getegid();
	if (host->lacks_admin)
		subid_gather(arena, host);
	*ret_host = host;
	return 0;
}

int host_gather(struct arena *arena, struct host **ret_host, struct err *err)
{
	static const struct host_sources sources = { "/sys/fs/cgroup", "/proc/self", fs_type,
						     shows_all };

	return host_gather_from(&sources, arena, ret_host, err);
}
