/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the container's cgroup lies in each hierarchy, and in which of them each controller is
 * set. What is written is in the tables of cgroup_v1.c and cgroup_v2.c.
 */
#include "cgroup_rows.h"
#include "host.h"
#include "path.h"
#include "plan_build.h"
#include "unit_build.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* What a controller is called; NULL: v2 has none like it. */
static const struct {
	const char *v1;
	const char *v2;
} controller_names[CG_CONTROLLERS] = {
	[CG_CPUSET] = { "cpuset", "cpuset" }, [CG_CPU] = { "cpu", "cpu" },
	[CG_BLKIO] = { "blkio", "io" },       [CG_HUGETLB] = { "hugetlb", "hugetlb" },
	[CG_RDMA] = { "rdma", "rdma" },       [CG_NET_CLS] = { "net_cls", NULL },
	[CG_NET_PRIO] = { "net_prio", NULL }, [CG_MEMORY] = { "memory", "memory" },
	[CG_PIDS] = { "pids", "pids" },
};

/* Whether a list has a word of @len bytes; v1 lists are separated by commas, v2 ones by blanks. */
static bool has_word(const char *list, const char *word, size_t len)
{
	for (const char *at = list; *at; at += strspn(at, ", ")) {
		size_t n = strcspn(at, ", ");

		if (n == len && strncmp(at, word, len) == 0)
			return true;
		at += n;
	}
	return false;
}

static size_t find_hierarchy(const struct plan_cgroup *plan, const char *name_v1,
			     const char *name_v2)
{
	for (size_t i = 0; i < plan->n_hierarchies; i++) {
		const struct plan_cgroup_hierarchy *h = &plan->hierarchies[i];
		const char *name = h->is_v2 ? name_v2 : name_v1;

		if (name && has_word(h->controllers, name, strlen(name)))
			return i;
	}
	return CG_NO_HIERARCHY;
}

static size_t find_v2(const struct plan_cgroup *plan)
{
	for (size_t i = 0; i < plan->n_hierarchies; i++)
		if (plan->hierarchies[i].is_v2)
			return i;
	return CG_NO_HIERARCHY;
}

/* A host is v2 when it has nothing else; a hybrid one answers as v1 for what is nowhere. */
static bool is_pure_v2(const struct host *host)
{
	return host->n_hierarchies == 1 && host->hierarchies[0].is_v2;
}

/* ---- placement ---- */

/* The directory that a relative cgroupsPath starts from. */
static const char *relative_base(struct arena *arena, const struct host *host,
				 const struct host_hierarchy *h)
{
	char *base = path_clean(arena, h->own_path);

	/* A v2 cgroup with processes can have no controllers below it, so that a container
	 * becomes a sibling of its creator, not a child. */
	if (is_pure_v2(host)) {
		char *slash = strrchr(base, '/');

		slash[slash == base ? 1 : 0] = '\0';
	}
	return base;
}

/* At @path in each hierarchy; below where the caller is, unless that is absolute. */
static void place_at(struct arena *arena, const struct host *host, const char *path,
		     bool is_absolute, struct plan_cgroup *plan)
{
	plan->n_hierarchies = host->n_hierarchies;
	plan->hierarchies = ARENA_ARRAY(arena, struct plan_cgroup_hierarchy, host->n_hierarchies);
	for (size_t i = 0; i < host->n_hierarchies; i++) {
		const struct host_hierarchy *from = &host->hierarchies[i];
		struct plan_cgroup_hierarchy *h = &plan->hierarchies[i];
		const char *base = is_absolute ? "" : relative_base(arena, host, from);

		h->is_v2 = from->is_v2;
		h->mount = arena_strdup(arena, from->mount);
		h->controllers = arena_strdup(arena, from->controllers);
		h->path = path_clean(arena, arena_printf(arena, "%s%s", base, path));
		h->dir = arena_printf(arena, "%s%s", h->mount, h->path);
		h->needed = "";
	}
}

static int place(struct arena *arena, const struct spec *spec, const struct host *host,
		 const struct plan_request *request, struct plan_cgroup *plan, struct err *err)
{
	const char *asked = spec->linux_.cgroups_path;
	bool is_asked = asked && asked[0];
	/* Cleaned by itself first: ".." must not climb over what it is put behind. */
	const char *tail = path_clean(arena, is_asked ? asked : request->id);

	if (strcmp(tail, "/") == 0)
		return err_at(err, "/linux/cgroupsPath", EINVAL,
			      "'%s' names no cgroup of the container's own", asked);
	place_at(arena, host, tail, is_asked && asked[0] == '/', plan);
	return 0;
}

/* Where systemd will have it. */
static int place_unit(struct arena *arena, const struct spec *spec, const struct host *host,
		      const struct plan_request *request, struct plan_cgroup *plan, struct err *err)
{
	const char *path;

	TRY(unit_build(arena, spec, host, request, &plan->unit, err));
	TRY(unit_path(arena, plan->unit, host, &path, err));
	place_at(arena, host, path, true, plan);
	return 0;
}

/* ---- resources ---- */

/* The rows of one controller, from the table of the hierarchy that has it. */
static int add_controller(struct cgroup_build *build, const struct host *host,
			  enum cgroup_controller controller)
{
	const char *name_v1 = controller_names[controller].v1;
	const char *name_v2 = controller_names[controller].v2;
	size_t at = find_hierarchy(build->plan, name_v1, name_v2);
	bool is_v2 = at == CG_NO_HIERARCHY ? is_pure_v2(host) : build->plan->hierarchies[at].is_v2;
	const struct cgroup_row *rows = is_v2 ? cgroup_v2_rows : cgroup_v1_rows;
	size_t n_rows = is_v2 ? cgroup_v2_n_rows : cgroup_v1_n_rows;

	build->hierarchy = at;
	build->controller = is_v2 && name_v2 ? name_v2 : name_v1;
	for (size_t i = 0; i < n_rows; i++)
		if (rows[i].controller == controller)
			TRY(rows[i].emit(build, &rows[i]));
	return 0;
}

/* Each line of a value is a write of its own: the kernel reads no further than the first. */
static int add_unified_lines(struct cgroup_build *build, const struct spec_pair *pair,
			     const char *origin)
{
	const char *line = pair->value;

	do {
		size_t len = strcspn(line, "\n");
		struct plan_cgroup_write write = {
			.phase = PLAN_CGROUP_LAST,
			.file = arena_strdup(build->arena, pair->key),
			.value = arena_strndup(build->arena, line, len),
			.origin = origin,
		};

		TRY(cgroup_add(build, &write));
		line += len;
		line += *line == '\n';
	} while (*line);
	return 0;
}

static int add_unified(struct cgroup_build *build, const struct spec_pair *pair)
{
	const char *origin = cgroup_pointer_member(build, "unified", pair->key);
	size_t len = strcspn(pair->key, ".");
	const char *name = arena_strndup(build->arena, pair->key, len);
	const struct plan_cgroup_hierarchy *h;
	bool is_core;

	if (strchr(pair->key, '/'))
		return err_at(build->err, origin, EINVAL,
			      "unified resource \"%s\" must be a file name (no slashes)",
			      pair->key);
	if (!pair->key[len] || len == 0)
		return err_at(build->err, origin, EINVAL,
			      "unified resource \"%s\" must be in the form CONTROLLER.PARAMETER",
			      pair->key);
	build->hierarchy = find_v2(build->plan);
	if (build->hierarchy == CG_NO_HIERARCHY)
		return err_at(build->err, origin, ENOTSUP,
			      "invalid configuration: unified resources need cgroup v2");
	h = &build->plan->hierarchies[build->hierarchy];
	/* Every cgroup has these, whatever is enabled. */
	is_core = strcmp(name, "cgroup") == 0 || strcmp(pair->key + len, ".pressure") == 0;
	build->controller = is_core ? NULL : name;
	if (!is_core && !has_word(h->controllers, name, len))
		return err_at(build->err, origin, ENOTSUP,
			      "invalid configuration: unified resource \"%s\" can't be set: "
			      "controller \"%s\" not available%s",
			      pair->key, name,
			      find_hierarchy(build->plan, name, NULL) != CG_NO_HIERARCHY
				      ? " in cgroup v2, it is in use by cgroup v1"
				      : "");
	if (strcmp(pair->key, "cpu.weight") == 0 && cgroup_ignores_weight(build, origin))
		return 0;
	return add_unified_lines(build, pair, origin);
}

/* v1 has a controller for devices; without one a BPF program on the v2 cgroup does the same. */
static int add_devices(struct cgroup_build *build, const struct host *host)
{
	struct plan_cgroup *plan = build->plan;
	struct plan_cgroup_device *rules;
	size_t n;

	TRY(cgroup_device_rules(build, &rules, &n));
	/* In a user namespace the kernel decides: no node that is made there can be opened. */
	if (host->in_user_ns)
		return 0;
	if (plan->unit && !plan->unit->is_user)
		TRY(unit_add_devices(build, rules, n));
	build->controller = "devices";
	build->hierarchy = find_hierarchy(plan, "devices", NULL);
	if (build->hierarchy != CG_NO_HIERARCHY)
		return cgroup_add_devices_v1(build, rules, n);
	plan->devices_hierarchy = find_v2(plan);
	if (plan->devices_hierarchy == CG_NO_HIERARCHY)
		return err_at(
			build->err, cgroup_pointer(build, "devices"), ENOTSUP,
			"cannot restrict devices: this host has no cgroup controller 'devices'");
	plan->devices = rules;
	plan->n_devices = n;
	return 0;
}

/*
 * A user who may not make cgroups still gets containers, as long as nothing is asked for that
 * would need one. (The kernel tells who may: cgroups can be delegated.) What lies at a path that is
 * given has been delegated for it, but not always in the v2 hierarchy beside those of v1.
 */
static void mark_optional(struct arena *arena, struct plan_cgroup *plan, const struct spec *spec,
			  const struct host *host)
{
	bool is_asked = spec->linux_.cgroups_path && spec->linux_.cgroups_path[0];

	if (host->euid == 0 && !host->in_user_ns)
		return;
	for (size_t i = 0; i < plan->n_hierarchies; i++) {
		struct plan_cgroup_hierarchy *h = &plan->hierarchies[i];

		h->is_optional = h->needed[0] == '\0' &&
				 (!is_asked || (h->is_v2 && plan->n_hierarchies > 1));
		if (h->is_optional)
			h->own_dir = arena_printf(arena, "%s%s", h->mount,
						  path_clean(arena, host->hierarchies[i].own_path));
	}
}

static int build_resources(struct cgroup_build *build, const struct host *host, bool with_devices)
{
	const struct spec_resources *resources = build->resources;

	for (unsigned c = 0; c < CG_CONTROLLERS; c++)
		TRY(add_controller(build, host, (enum cgroup_controller)c));
	if (with_devices)
		TRY(add_devices(build, host));
	for (size_t i = 0; i < resources->unified.n; i++)
		TRY(add_unified(build, &resources->unified.v[i]));
	return 0;
}

/* What is derived from the writes comes last but one: an annotation is the last word. */
static int build_unit(struct cgroup_build *build, const struct spec *spec, const char *id)
{
	unit_add_fixed(build, id);
	TRY(unit_add_values(build));
	return unit_add_annotations(build, spec);
}

int plan_build_cgroup(struct arena *arena, const struct spec *spec, const struct host *host,
		      const struct plan_request *request, struct plan_cgroup **ret_cgroup,
		      struct err *err)
{
	struct cgroup_build build = {
		.arena = arena,
		.resources = &spec->linux_.resources,
		.base = "/linux/resources",
		.log = request->log,
		.plan = ARENA_NEW(arena, struct plan_cgroup),
		.err = err,
	};

	if (request->cgroup_manager == CGROUP_MANAGER_DISABLED) {
		*ret_cgroup = NULL;
		return 0;
	}
	if (request->cgroup_manager == CGROUP_MANAGER_SYSTEMD)
		TRY(place_unit(arena, spec, host, request, build.plan, err));
	else
		TRY(place(arena, spec, host, request, build.plan, err));
	/* A host without any cgroup restricts no device either, unless that was asked for. */
	TRY(build_resources(&build, host, host->n_hierarchies || spec->linux_.resources.devices.n));
	if (host->n_hierarchies == 0 && spec->linux_.cgroups_path && spec->linux_.cgroups_path[0])
		return err_at(err, "/linux/cgroupsPath", ENOTSUP,
			      "no cgroup hierarchy is mounted on this host");
	if (build.plan->unit)
		TRY(build_unit(&build, spec, request->id));
	else
		mark_optional(arena, build.plan, spec, host);
	*ret_cgroup = host->n_hierarchies ? build.plan : NULL;
	return 0;
}

struct plan_cgroup *plan_build_callers_cgroup(struct arena *arena, const struct host *host)
{
	struct plan_cgroup *plan = ARENA_NEW(arena, struct plan_cgroup);

	if (host->n_hierarchies == 0)
		return NULL;
	plan->n_hierarchies = host->n_hierarchies;
	plan->hierarchies = ARENA_ARRAY(arena, struct plan_cgroup_hierarchy, host->n_hierarchies);
	for (size_t i = 0; i < host->n_hierarchies; i++) {
		const struct host_hierarchy *from = &host->hierarchies[i];
		const char *path = path_clean(arena, from->own_path);

		plan->hierarchies[i] = (struct plan_cgroup_hierarchy){
			.is_v2 = from->is_v2,
			.mount = arena_strdup(arena, from->mount),
			.controllers = arena_strdup(arena, from->controllers),
			.path = path,
			.dir = arena_printf(arena, "%s%s", from->mount, path),
			.needed = "",
		};
	}
	return plan;
}

/* A write is in an array that grows by doubling, and has up to three texts and a pointer. */
#define WRITE_BYTES (4 * sizeof(struct plan_cgroup_write) + 512)
/* Properties of a unit; a list of processors or nodes becomes a text for each byte of its bits. */
#define UNIT_BYTES (512u << 10)

size_t plan_cgroup_values_bytes(const struct spec_resources *r)
{
	/* Most entries become one write, some two. */
	size_t n = r->block_io.weight_device.n + r->block_io.read_bps.n + r->block_io.write_bps.n +
		   r->block_io.read_iops.n + r->block_io.write_iops.n + r->hugepage_limits.n +
		   r->network.priorities.n + r->rdma.n;
	size_t bytes = (2 * n + cgroup_v1_n_rows + cgroup_v2_n_rows) * WRITE_BYTES + UNIT_BYTES;

	for (size_t i = 0; i < r->rdma.n; i++)
		bytes += 8 * strlen(r->rdma.v[i].device);
	for (size_t i = 0; i < r->network.priorities.n; i++)
		bytes += 8 * strlen(r->network.priorities.v[i].name);
	bytes += 4 *
		 (strlen(r->cpu.cpus ? r->cpu.cpus : "") + strlen(r->cpu.mems ? r->cpu.mems : ""));
	for (size_t i = 0; i < r->unified.n; i++) {
		size_t key_len = strlen(r->unified.v[i].key), lines = 1;

		/* Each line is a write of its own. */
		for (const char *c = r->unified.v[i].value; *c; c++)
			lines += *c == '\n';
		bytes += lines * (key_len + WRITE_BYTES) + 4 * key_len +
			 strlen(r->unified.v[i].value);
	}
	return bytes;
}

int plan_build_cgroup_update(struct arena *arena, const struct spec_resources *resources,
			     const struct host *host, bool has_unit, const struct log *log,
			     struct plan_cgroup **ret_cgroup, struct err *err)
{
	struct cgroup_build build = {
		.arena = arena,
		.resources = resources,
		.base = "",
		.log = log,
		.plan = ARENA_NEW(arena, struct plan_cgroup),
		.err = err,
	};
	struct plan_cgroup *plan = build.plan;

	plan->n_hierarchies = host->n_hierarchies;
	plan->hierarchies = ARENA_ARRAY(arena, struct plan_cgroup_hierarchy, host->n_hierarchies);
	for (size_t i = 0; i < host->n_hierarchies; i++) {
		const char *dir = arena_strdup(arena, host->hierarchies[i].mount);

		plan->hierarchies[i] = (struct plan_cgroup_hierarchy){
			.is_v2 = host->hierarchies[i].is_v2,
			.mount = dir,
			.controllers = arena_strdup(arena, host->hierarchies[i].controllers),
			.path = "",
			.dir = dir,
			.needed = "",
		};
	}
	if (has_unit)
		plan->unit = ARENA_NEW(arena, struct plan_unit);
	TRY(build_resources(&build, host, false));
	if (has_unit)
		TRY(unit_add_values(&build));
	*ret_cgroup = plan;
	return 0;
}

/* ---- text ---- */

#define PRINT_MAX 1024

static const char *const phase_names[] = {
	[PLAN_CGROUP_SETUP] = "setup",
	[PLAN_CGROUP_JOIN] = "join",
	[PLAN_CGROUP_LAST] = "last",
};

static void print_write(const struct plan_cgroup *plan, const struct plan_cgroup_write *w,
			char *text, size_t size)
{
	bool has_alt = w->alt_file != NULL;

	snprintf(text, size, "%s: %s/%s = %s%s%s%s%s%s%s%s  [%s]", phase_names[w->phase],
		 plan->hierarchies[w->hierarchy].dir, w->file, w->value, has_alt ? " or " : "",
		 has_alt ? w->alt_file : "", has_alt ? " = " : "", has_alt ? w->alt_value : "",
		 w->flags & PLAN_CGROUP_MAY_MISS ? " (if there)" : "",
		 w->flags & PLAN_CGROUP_DEFER ? " (or later)" : "",
		 w->flags & PLAN_CGROUP_CHECK_USAGE ? " (if not in use)" : "", w->origin);
}

void plan_print_cgroup(const struct plan_cgroup *cgroup, void (*line)(void *context, const char *),
		       void *context)
{
	char text[PRINT_MAX];

	if (!cgroup)
		return;
	for (size_t i = 0; i < cgroup->n_hierarchies; i++) {
		const struct plan_cgroup_hierarchy *h = &cgroup->hierarchies[i];

		snprintf(text, sizeof(text), "cgroup v%d %s (%s)%s%s%s", h->is_v2 ? 2 : 1, h->dir,
			 h->controllers, h->needed[0] ? " needs " : "", h->needed,
			 h->is_optional ? " if permitted" : "");
		line(context, text);
	}
	if (cgroup->has_owner) {
		snprintf(text, sizeof(text), "cgroup owner %u", cgroup->owner);
		line(context, text);
	}
	if (cgroup->unit)
		unit_print(cgroup->unit, line, context);
	for (size_t i = 0; i < cgroup->n_writes; i++) {
		print_write(cgroup, &cgroup->writes[i], text, sizeof(text));
		line(context, text);
	}
	for (size_t i = 0; i < cgroup->n_devices; i++) {
		const struct plan_cgroup_device *d = &cgroup->devices[i];
		char buf[CG_DEVICE_TEXT_MAX];

		cgroup_device_format(d, buf, sizeof(buf));
		snprintf(text, sizeof(text), "device %s %s  [%s]", d->allow ? "allow" : "deny", buf,
			 d->origin);
		line(context, text);
	}
}
