/* SPDX-License-Identifier: Apache-2.0 */
/* Which unit a container gets, and where systemd puts its cgroup. */
#include "host.h"
#include "path.h"
#include "unit_build.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define PATH_POINTER   "/linux/cgroupsPath"
#define SLICE_SUFFIX   ".slice"
#define SCOPE_SUFFIX   ".scope"
#define ROOT_SLICE     "-.slice"
#define DEFAULT_PREFIX "ocirun"
#define NAME_MAX_BYTES 255 /* of systemd: UNIT_NAME_MAX */

/* ---- names ---- */

static bool ends_with(const char *text, const char *suffix)
{
	size_t len = strlen(text), n = strlen(suffix);

	return len > n && strcmp(text + len - n, suffix) == 0;
}

/* A name becomes a directory's: what systemd would refuse must not lead anywhere either. */
static int check_name(const char *name, struct err *err)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789:-_.\\@";
	size_t len = strlen(name);

	if (len > NAME_MAX_BYTES)
		return err_at(err, PATH_POINTER, ENAMETOOLONG,
			      "a unit of systemd has at most %d bytes of name, '%.32s...' has %zu",
			      NAME_MAX_BYTES, name, len);
	if (name[strspn(name, allowed)])
		return err_at(err, PATH_POINTER, EINVAL,
			      "'%s' is no name for a unit of systemd: '%c' cannot be in one", name,
			      name[strspn(name, allowed)]);
	return 0;
}

/* "a-b-c.slice" lies in a-b.slice, and that one in a.slice. */
static int expand_slice(struct arena *arena, const char *slice, const char **ret_path,
			struct err *err)
{
	size_t len = strlen(slice) - strlen(SLICE_SUFFIX);
	const char *path = "";

	if (strcmp(slice, ROOT_SLICE) == 0) {
		*ret_path = "";
		return 0;
	}
	for (size_t at = 0; at < len;) {
		size_t n = strcspn(slice + at, "-");

		if (at + n > len)
			n = len - at;
		at += n;
		if (n == 0 || at + 1 == len)
			return err_at(err, PATH_POINTER, EINVAL, "invalid slice name: %s", slice);
		path = arena_printf(arena, "%s/%.*s" SLICE_SUFFIX, path, (int)at, slice);
		at++;
	}
	*ret_path = path;
	return 0;
}

static int check_slice(struct arena *arena, const char *slice, struct err *err)
{
	const char *path;

	if (!ends_with(slice, SLICE_SUFFIX))
		return err_at(err, PATH_POINTER, EINVAL,
			      "invalid slice name: %s: it has to end in .slice", slice);
	TRY(check_name(slice, err));
	return expand_slice(arena, slice, &path, err);
}

/* "slice:prefix:name" becomes prefix-name.scope in the slice. */
static int read_cgroups_path(struct arena *arena, const char *asked, struct plan_unit *unit,
			     struct err *err)
{
	const char *prefix = strchr(asked, ':');
	const char *name = prefix ? strchr(prefix + 1, ':') : NULL;

	if (!name || strchr(name + 1, ':') || !name[1]) {
		err_at(err, PATH_POINTER, EINVAL,
		       "expected cgroupsPath to be of format \"slice:prefix:name\" for systemd "
		       "cgroups, got \"%s\" instead",
		       asked);
		return err_hint(err,
				"the caller of ocirun has to use systemd as its cgroup manager "
				"too, or neither of them");
	}
	if (prefix > asked)
		unit->slice = arena_strndup(arena, asked, (size_t)(prefix - asked));
	if (ends_with(name + 1, SLICE_SUFFIX))
		return err_at(err, PATH_POINTER, ENOTSUP,
			      "'%s' is a slice, which cannot hold a process: name a scope",
			      name + 1);
	unit->name = arena_printf(arena, "%.*s-%s" SCOPE_SUFFIX, (int)(name - prefix - 1),
				  prefix + 1, name + 1);
	return 0;
}

static bool is_pure_v2(const struct host *host)
{
	return host->n_hierarchies == 1 && host->hierarchies[0].is_v2;
}

int unit_build(struct arena *arena, const struct spec *spec, const struct host *host,
	       const struct plan_request *request, struct plan_unit **ret_unit, struct err *err)
{
	struct plan_unit *unit = ARENA_NEW(arena, struct plan_unit);
	const char *asked = spec->linux_.cgroups_path;

	unit->is_user = host->euid != 0 || host->in_user_ns;
	unit->slice = unit->is_user ? "user.slice" : "system.slice";
	if (host->n_hierarchies == 0)
		return err_set(err, ENOTSUP, "no cgroup hierarchy is mounted on this host");
	if (unit->is_user && !is_pure_v2(host)) {
		err_set(err, ENOTSUP, "cannot use rootless systemd cgroups manager on cgroup v1");
		return err_hint(err,
				"use --cgroup-manager cgroupfs, or a host with cgroup v2 alone");
	}
	if (asked && asked[0]) {
		unit->origin = PATH_POINTER;
		TRY(read_cgroups_path(arena, asked, unit, err));
	} else {
		unit->origin = "";
		unit->name = arena_printf(arena, DEFAULT_PREFIX "-%s" SCOPE_SUFFIX, request->id);
	}
	TRY(check_name(unit->name, err));
	TRY(check_slice(arena, unit->slice, err));
	*ret_unit = unit;
	return 0;
}

/* ---- places ---- */

/*
 * Where the user's manager is, if the caller is one of its processes; else where systemd puts it. The
 * manager itself says for sure, once it is asked.
 */
static const char *user_manager_path(struct arena *arena, const struct host *host)
{
	static const char component[] = "/user@";
	const char *own = host->hierarchies[0].own_path;
	const char *at = strstr(own, component);

	if (at)
		return arena_strndup(arena, own, (size_t)(at - own) + 1 + strcspn(at + 1, "/"));
	return arena_printf(arena, "/user.slice/user-%u.slice/user@%u.service", host->euid,
			    host->euid);
}

int unit_path(struct arena *arena, const struct plan_unit *unit, const struct host *host,
	      const char **ret_path, struct err *err)
{
	const char *slice_path;

	TRY(expand_slice(arena, unit->slice, &slice_path, err));
	*ret_path =
		arena_printf(arena, "%s%s/%s", unit->is_user ? user_manager_path(arena, host) : "",
			     slice_path, unit->name);
	return 0;
}

void plan_unit_move(struct arena *arena, struct plan_cgroup *plan, const char *control_group)
{
	for (size_t i = 0; i < plan->n_hierarchies; i++) {
		struct plan_cgroup_hierarchy *h = &plan->hierarchies[i];

		if (strcmp(h->path, control_group) == 0)
			continue;
		h->path = path_clean(arena, control_group);
		h->dir = arena_printf(arena, "%s%s", h->mount, h->path);
	}
}

const char *plan_unit_description(struct arena *arena, const char *id)
{
	return arena_printf(arena, "ocirun container %s", id);
}

/* ---- properties ---- */

void unit_add(struct cgroup_build *build, const struct unit_property_kind *kind, size_t n,
	      const char *const *values, const char *origin)
{
	struct plan_unit *unit = build->plan->unit;
	const char **copy = ARENA_ARRAY(build->arena, const char *, n);

	if (unit->n_properties == build->properties_room) {
		size_t room = build->properties_room ? 2 * build->properties_room : 32;
		struct plan_unit_property *more =
			ARENA_ARRAY(build->arena, struct plan_unit_property, room);

		if (unit->n_properties)
			memcpy(more, unit->properties, unit->n_properties * sizeof(*more));
		unit->properties = more;
		build->properties_room = room;
	}
	for (size_t i = 0; i < n; i++)
		copy[i] = values[i];
	unit->properties[unit->n_properties++] = (struct plan_unit_property){
		.name = kind->name,
		.signature = kind->signature,
		.n = n,
		.values = copy,
		.since = kind->since,
		.is_late = kind->is_late,
		.origin = origin,
	};
}

static bool has_v1_controllers(const struct plan_cgroup *plan)
{
	for (size_t i = 0; i < plan->n_hierarchies; i++)
		if (!plan->hierarchies[i].is_v2 &&
		    strncmp(plan->hierarchies[i].controllers, "name=", strlen("name=")) != 0)
			return true;
	return false;
}

/*
 * Delegate keeps systemd from touching what is below the cgroup; without DefaultDependencies the
 * scope is not stopped at shutdown before the engine that looks after it; and a scope that failed
 * (its processes were killed for lack of memory) is forgotten like any other.
 */
void unit_add_fixed(struct cgroup_build *build, const char *id)
{
	static const struct unit_property_kind switches[] = {
		{ "Delegate", "b", 0, false },
		{ "CPUAccounting", "b", 0, false },
		{ "MemoryAccounting", "b", 0, false },
		{ "TasksAccounting", "b", 0, false },
	};
	static const struct unit_property_kind description = { "Description", "s", 0, false };
	static const struct unit_property_kind slice = { "Slice", "s", 0, false };
	static const struct unit_property_kind dependencies = { "DefaultDependencies", "b", 0,
								false };
	static const struct unit_property_kind collect = { "CollectMode", "s", 236, false };
	static const struct unit_property_kind io[] = { { "IOAccounting", "b", 0, false },
							{ "BlockIOAccounting", "b", 0, false } };
	const char *yes = "true", *no = "false", *mode = "inactive-or-failed";
	const char *text = plan_unit_description(build->arena, id);

	unit_add(build, &description, 1, &text, "");
	unit_add(build, &slice, 1, &build->plan->unit->slice, "");
	unit_add(build, &dependencies, 1, &no, "");
	unit_add(build, &collect, 1, &mode, "");
	for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++)
		unit_add(build, &switches[i], 1, &yes, "");
	unit_add(build, &io[has_v1_controllers(build->plan)], 1, &yes, "");
}

/* ---- text ---- */

#define PRINT_MAX 1024

void unit_print(const struct plan_unit *unit, void (*line)(void *context, const char *),
		void *context)
{
	char text[PRINT_MAX];
	int len;

	snprintf(text, sizeof(text), "unit %s in %s of the %s's manager", unit->name, unit->slice,
		 unit->is_user ? "user" : "system");
	line(context, text);
	for (size_t i = 0; i < unit->n_properties; i++) {
		const struct plan_unit_property *p = &unit->properties[i];

		len = snprintf(text, sizeof(text),
			       "%s property: %s %s =", p->is_late ? "last" : "setup", p->name,
			       p->signature);
		for (size_t k = 0; k < p->n && (size_t)len < sizeof(text); k++)
			len += snprintf(text + len, sizeof(text) - (size_t)len, " %s",
					p->values[k]);
		if (p->since && (size_t)len < sizeof(text))
			len += snprintf(text + len, sizeof(text) - (size_t)len, " (systemd %u)",
					p->since);
		if ((size_t)len < sizeof(text))
			snprintf(text + len, sizeof(text) - (size_t)len, "  [%s]", p->origin);
		line(context, text);
	}
}
