/* SPDX-License-Identifier: Apache-2.0 */
/* A plan is its parts: what the others depend on comes first. */
#include "annotation.h"
#include "plan_cgroup.h"
#include "plan_check.h"
#include "plan_parts.h"
#include "plan_seccomp.h"

#include <linux/mount.h>
#include <string.h>

/*
 * Room for a plan. Its spec bounds the number and length of nearly everything in it: strings are
 * copied once or twice, the JSON pointer of an element is at most twice its key, and entries of a
 * plan are larger than those of a spec, but none by more than a factor of eight (a mount: 88 bytes
 * at least in a spec, about 650 in a plan with its texts; a flag among the commas of an option: 2
 * and 22). Twice that is reserved. The rest is added: fixed tables, paths that are put in front of
 * others, and values that become several entries. This is address space; memory is what is used of
 * it.
 */
#define PLAN_BYTES_FIXED  ((size_t)1 << 20)
#define PLAN_BYTES_FACTOR ((size_t)16)
#define PLAN_BYTES_TEXT   ((size_t)64) /* around a text: separators, the rounding of an arena */

/* The bundle's path is put in front of relative sources and of the root. */
static size_t bundle_bytes(const struct spec *spec, const struct plan_request *request)
{
	return (spec->mounts.n + 2) * 2 * (strlen(request->bundle) + PLAN_BYTES_TEXT);
}

/* The cgroup's path is joined to that of each hierarchy, cleaned, and joined to its mount. */
static size_t cgroup_bytes(const struct spec *spec, const struct host *host,
			   const struct plan_request *request)
{
	const char *path = spec->linux_.cgroups_path;
	size_t len = (path ? strlen(path) : 0) + strlen(request->id), bytes = 0;

	for (size_t i = 0; i < host->n_hierarchies; i++) {
		const struct host_hierarchy *h = &host->hierarchies[i];

		bytes += 4 * (len + strlen(h->mount) + strlen(h->own_path) + PLAN_BYTES_TEXT) +
			 strlen(h->controllers) + sizeof(struct plan_cgroup_hierarchy);
	}
	return bytes;
}

static size_t plan_bytes(const struct spec *spec, const struct host *host,
			 const struct plan_request *request)
{
	return PLAN_BYTES_FIXED + PLAN_BYTES_FACTOR * arena_used(spec->arena) +
	       bundle_bytes(spec, request) + cgroup_bytes(spec, host, request) +
	       plan_cgroup_values_bytes(&spec->linux_.resources);
}

char **plan_texts(struct arena *arena, const struct spec_strings *texts)
{
	char **copy = ARENA_ARRAY(arena, char *, texts->n + 1);

	for (size_t i = 0; i < texts->n; i++)
		copy[i] = arena_strdup(arena, texts->v[i]);
	return copy;
}

char *plan_pointer(struct arena *arena, const char *parent, const char *key)
{
	size_t len = strlen(parent);
	char *pointer = arena_alloc(arena, len + 1 + 2 * strlen(key) + 1);
	char *at = stpcpy(pointer, parent);

	/* RFC 6901: "~" and "/" of a key are escaped. */
	*at++ = '/';
	for (; *key; key++) {
		if (*key == '~' || *key == '/') {
			*at++ = '~';
			*at++ = *key == '~' ? '0' : '1';
		} else {
			*at++ = *key;
		}
	}
	return pointer;
}

/* ---- the parts, in an order in which each finds what it depends on ---- */

static int build_namespaces(struct plan_input *in, struct plan *plan, struct err *err)
{
	TRY(plan_build_namespaces(in, &plan->ns, err));
	in->ns = &plan->ns;
	return 0;
}

static int build_uts(struct plan_input *in, struct plan *plan, struct err *err)
{
	return plan_build_uts(in, &plan->hostname, &plan->domainname, err);
}

static int build_sysctls(struct plan_input *in, struct plan *plan, struct err *err)
{
	return plan_build_sysctls(in, &plan->sysctls, err);
}

static int build_net_devices(struct plan_input *in, struct plan *plan, struct err *err)
{
	return plan_build_net_devices(in, &plan->net_devices, &plan->n_net_devices, err);
}

static int build_rootfs(struct plan_input *in, struct plan *plan, struct err *err)
{
	return plan_build_rootfs(in, &plan->rootfs, err);
}

/* The caller's cgroups may hold others, whose limits are none of the container's business. */
static void show_readonly(struct plan_mount *mount)
{
	if (mount->kind != PLAN_MOUNT_CGROUP)
		return;
	mount->attr_set |= MOUNT_ATTR_RDONLY;
	mount->attr_clear &= ~(uint64_t)MOUNT_ATTR_RDONLY;
}

static int build_cgroup(struct plan_input *in, struct plan *plan, struct err *err)
{
	TRY(plan_build_cgroup(in->arena, in->spec, in->host, in->request, &plan->cgroup, err));
	if (plan->cgroup)
		plan_cgroup_owner(in, plan, plan->cgroup);
	plan->shown_cgroup =
		plan->cgroup ? plan->cgroup : plan_build_callers_cgroup(in->arena, in->host);
	for (size_t i = 0; !plan->cgroup && i < plan->rootfs.n_mounts; i++)
		show_readonly(&plan->rootfs.mounts[i]);
	return 0;
}

static int build_rdt(struct plan_input *in, struct plan *plan, struct err *err)
{
	return plan_build_rdt(in, &plan->rdt, err);
}

static int build_process(struct plan_input *in, struct plan *plan, struct err *err)
{
	if (!in->spec->process.set)
		return 0;
	TRY(plan_build_process(in, &plan->process, err));
	plan->has_process = true;
	return 0;
}

static int build_seccomp(struct plan_input *in, struct plan *plan, struct err *err)
{
	const struct spec *spec = in->spec;

	struct spec_seccomp seccomp = spec->linux_.seccomp;

	if (!seccomp.set)
		return 0;
	if (!seccomp.listener_path)
		seccomp.listener_path = plan_annotation(spec, ANNOTATION_SECCOMP_RECEIVER);
	return plan_build_seccomp(in->arena, &seccomp, spec->process.no_new_privileges,
				  &plan->seccomp, err);
}

static int build_hooks(struct plan_input *in, struct plan *plan, struct err *err)
{
	(void)err;
	plan_build_hooks(in, plan->process.envp, plan->hooks);
	return 0;
}

static int build_annotations(struct plan_input *in, struct plan *plan, struct err *err)
{
	const struct spec_pairs *from = &in->spec->annotations;

	(void)err;
	plan->n_annotations = from->n;
	plan->annotations = ARENA_ARRAY(in->arena, struct plan_annotation, from->n);
	for (size_t i = 0; i < from->n; i++) {
		plan->annotations[i].key = arena_strdup(in->arena, from->v[i].key);
		plan->annotations[i].value = arena_strdup(in->arena, from->v[i].value);
		if (plan_annotation_is_foreign(from->v[i].key))
			log_warning(in->request->log,
				    "/annotations/%s: an annotation of crun, without a meaning "
				    "here; ignored",
				    from->v[i].key);
	}
	return 0;
}

static int (*const parts[])(struct plan_input *in, struct plan *plan, struct err *err) = {
	build_namespaces, build_uts,    build_sysctls,     build_net_devices,
	build_rootfs,     build_cgroup, build_rdt,         build_process,
	build_seccomp,    build_hooks,  build_annotations,
};

/* Into @in->arena, which is the plan's from then on. @sink is NULL when the first error ends it. */
static int build_parts(struct plan_input *in, const struct problem_sink *sink,
		       struct plan **ret_plan, struct err *err)
{
	struct plan *plan = ARENA_NEW(in->arena, struct plan);

	plan->arena = in->arena;
	plan->id = arena_strdup(in->arena, in->request->id);
	plan->bundle = arena_strdup(in->arena, in->request->bundle);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		int ret = parts[i](in, plan, err);

		if (ret < 0 && (!sink || !in->ns))
			return ret;
		if (ret < 0)
			problem_of_err(sink, false, err);
	}
	*ret_plan = plan;
	return 0;
}

int plan_build(const struct spec *spec, const struct host *host, const struct plan_request *request,
	       struct plan **ret_plan, struct err *err)
{
	AUTO(arena) struct arena *arena = NULL;
	struct plan_input in = { .spec = spec, .host = host, .request = request };

	TRY(arena_new(plan_bytes(spec, host, request), &arena, err));
	in.arena = arena;
	TRY(build_parts(&in, NULL, ret_plan, err));
	TAKE(arena);
	return 0;
}

int plan_build_parts(const struct spec *spec, const struct host *host,
		     const struct plan_request *request, const struct problem_sink *sink,
		     struct plan **ret_plan, struct err *err)
{
	AUTO(arena) struct arena *arena = NULL;
	struct plan_input in = { .spec = spec, .host = host, .request = request };

	TRY(arena_new(plan_bytes(spec, host, request), &arena, err));
	in.arena = arena;
	*ret_plan = NULL;
	if (build_parts(&in, sink, ret_plan, err) < 0)
		problem_of_err(sink, false, err);
	else
		TAKE(arena);
	err_clear(err);
	return 0;
}

/* What a command line adds to a process is in no document, and counts by itself. */
static size_t texts_bytes(const struct spec_strings *texts)
{
	size_t bytes = 0;

	for (size_t i = 0; i < texts->n; i++)
		bytes += strlen(texts->v[i]) + PLAN_BYTES_TEXT;
	return bytes;
}

static size_t exec_bytes(const struct spec *spec)
{
	return PLAN_BYTES_FIXED + PLAN_BYTES_FACTOR * arena_used(spec->arena) +
	       texts_bytes(&spec->process.args) + texts_bytes(&spec->process.env) +
	       spec->process.user.additional_gids.n * PLAN_BYTES_TEXT;
}

int plan_build_exec(const struct spec *spec, uint64_t namespaces,
		    const struct plan_request *request, struct plan **ret_plan, struct err *err)
{
	AUTO(arena) struct arena *arena = NULL;
	struct plan_input in = { .spec = spec, .request = request };
	struct plan *plan;

	TRY(arena_new(exec_bytes(spec), &arena, err));
	plan = ARENA_NEW(arena, struct plan);
	plan->arena = in.arena = arena;
	plan->id = arena_strdup(arena, request->id);
	plan->bundle = arena_strdup(arena, request->bundle);
	plan->ns.create = namespaces;
	in.ns = &plan->ns;
	plan->has_process = true;
	TRY(plan_build_process(&in, &plan->process, err));

	TAKE(arena);
	*ret_plan = plan;
	return 0;
}

void plan_free(struct plan *plan)
{
	if (plan)
		arena_free(plan->arena);
}
