/* SPDX-License-Identifier: Apache-2.0 */
/* "PATH" is below the container's cgroup in every hierarchy, "memory:PATH" in that of memory. */
#include "exec_cgroup.h"

#include "cgroup.h"
#include "host_gather.h"
#include "io.h"
#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define CGROUP_FILE_MAX 65536u

struct search {
	const struct container *container;
	struct exec_cgroups *cgroups;
	bool *is_given;     /* by an argument, for each path */
	const char **named; /* controllers that were met */
	size_t n_named;
};

static bool has_word(const char *list, const char *word, size_t len)
{
	while (*list) {
		size_t n = strcspn(list, ", ");

		if (n == len && memcmp(list, word, n) == 0)
			return true;
		list += n;
		list += strspn(list, ", ");
	}
	return false;
}

static int set_path(struct search *search, size_t i, const char *sub, struct err *err)
{
	const char *base = search->container->record.cgroups.v[i].dir;
	struct arena *arena = search->cgroups->arena;
	const char *dir;

	if (strlen(sub) >= PATH_MAX)
		return err_set(err, ENAMETOOLONG, "bad sub cgroup path: it is too long");
	dir = path_clean(arena, arena_printf(arena, "%s/%s", base, sub));
	if (!path_is_below(dir, base))
		return err_set(err, EINVAL, "bad sub cgroup path: %s", sub);
	search->cgroups->paths.v[i].dir = dir;
	search->is_given[i] = true;
	return 0;
}

static int set_controller(struct search *search, const char *arg, const char *name, size_t len,
			  const char *sub, struct err *err)
{
	const struct cgroup_paths *paths = &search->container->record.cgroups;
	bool is_known = false;

	if (len == 0)
		return err_set(err, EINVAL,
			       "invalid --cgroup argument: %s (empty <controller> prefix)", arg);
	for (size_t i = 0; i < search->n_named; i++)
		if (strlen(search->named[i]) == len && memcmp(search->named[i], name, len) == 0)
			return err_set(err, EINVAL,
				       "invalid --cgroup argument(s): controller %.*s specified "
				       "multiple times",
				       (int)len, name);
	search->named[search->n_named++] = arena_strndup(search->cgroups->arena, name, len);
	for (size_t i = 0; i < paths->n; i++) {
		if (!has_word(paths->v[i].controllers, name, len))
			continue;
		TRY(set_path(search, i, sub, err));
		is_known = true;
	}
	if (!is_known)
		return err_set(err, EINVAL, "unknown controller %.*s in --cgroup %s", (int)len,
			       name, arg);
	return 0;
}

static int read_argument(struct search *search, const char *arg, bool is_only, struct err *err)
{
	const char *colon = strchr(arg, ':');

	if (!colon && !is_only)
		return err_set(err, EINVAL,
			       "invalid --cgroup argument: %s (missing <controller>: prefix)", arg);
	if (!colon) {
		for (size_t i = 0; i < search->cgroups->paths.n; i++)
			TRY(set_path(search, i, arg, err));
		return 0;
	}
	for (const char *name = arg; name <= colon;) {
		size_t len = strcspn(name, ",:");

		TRY(set_controller(search, arg, name, len, colon + 1, err));
		name += len + 1;
	}
	return 0;
}

/* Where init is in the v2 hierarchy, by its line "0::/path"; NULL when it is out of our sight. */
static const char *find_init_path(char *text)
{
	char *line = strncmp(text, "0::/", 4) == 0 ? text : strstr(text, "\n0::/");

	if (!line)
		return NULL;
	line += strcspn(line, "/");
	line[strcspn(line, "\n")] = '\0';
	return strncmp(line, "/..", 3) == 0 ? NULL : line;
}

static int find_fallback(struct search *search, struct err *err)
{
	AUTO(arena) struct arena *arena = NULL;
	char file[64], text[CGROUP_FILE_MAX];
	struct host *host;
	const char *path;
	ssize_t len;

	snprintf(file, sizeof(file), "/proc/%d/cgroup", search->container->pid.pid);
	len = io_read_small(AT_FDCWD, file, text, sizeof(text));
	if (len < 0)
		return err_errno(err, (int)len, "read '%s'", file);
	TRY(arena_new(HOST_ARENA_BYTES, &arena, err));
	TRY(host_gather(arena, &host, err));
	path = find_init_path(text);
	for (size_t i = 0; path && i < host->n_hierarchies; i++)
		if (host->hierarchies[i].is_v2)
			search->cgroups->v2_fallback = arena_printf(
				search->cgroups->arena, "%s%s", host->hierarchies[i].mount, path);
	return 0;
}

/* Each controller is named once at most, and its path joined and cleaned. */
static size_t arena_bytes(const struct cgroup_paths *paths, size_t args_bytes)
{
	size_t n_paths = 1;

	for (size_t i = 0; i < paths->n; i++)
		n_paths += 1 + strlen(paths->v[i].controllers);
	return n_paths * (sizeof(struct cgroup_path) + (size_t)8 * PATH_MAX) +
	       args_bytes * (sizeof(char *) + 32);
}

int exec_cgroups_find(const struct container *container, const char *const *args,
		      struct exec_cgroups *ret_cgroups, struct err *err)
{
	const struct cgroup_paths *own = &container->record.cgroups;
	struct search search = { .container = container, .cgroups = ret_cgroups };
	size_t n = 0, n_bytes = 0;

	for (; args && args[n]; n++)
		n_bytes += strlen(args[n]) + 1;
	TRY(arena_new(arena_bytes(own, n_bytes), &ret_cgroups->arena, err));
	search.is_given = ARENA_ARRAY(ret_cgroups->arena, bool, own->n);
	search.named = ARENA_ARRAY(ret_cgroups->arena, const char *, n_bytes);
	ret_cgroups->paths.n = own->n;
	ret_cgroups->paths.v = ARENA_ARRAY(ret_cgroups->arena, struct cgroup_path, own->n);
	for (size_t i = 0; i < own->n; i++)
		ret_cgroups->paths.v[i] = own->v[i];
	for (size_t i = 0; i < n; i++)
		TRY(read_argument(&search, args[i], n == 1, err));
	for (size_t i = 0; i < own->n; i++)
		if (own->v[i].is_v2 && !search.is_given[i] && cgroup_may_refuse(own->v[i].dir))
			TRY(find_fallback(&search, err));
	return 0;
}

void exec_cgroups_done(struct exec_cgroups *cgroups)
{
	arena_free(cgroups->arena);
}
