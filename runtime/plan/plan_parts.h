/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The builders that build.c calls, one per part of a plan. Each copies what it takes from the spec
 * into the plan's arena. Private to this layer.
 */
#ifndef OCIRUN_PLAN_PLAN_PARTS_H
#define OCIRUN_PLAN_PLAN_PARTS_H

#include "plan_build.h"
#include "spec.h"

/* What a builder works from. */
struct plan_input {
	struct arena *arena;
	const struct spec *spec;
	const struct host
		*host; /* NULL: a process is added to a container, which has its cgroups */
	const struct plan_request *request;
	const struct plan_namespaces *ns; /* built first: what else is allowed depends on them */
};

/* ---- builders ---- */

int plan_build_namespaces(const struct plan_input *in, struct plan_namespaces *ret_ns,
			  struct err *err);
int plan_build_uts(const struct plan_input *in, const char **ret_hostname,
		   const char **ret_domainname, struct err *err);
int plan_build_sysctls(const struct plan_input *in, struct plan_writes *ret_sysctls,
		       struct err *err);
int plan_build_net_devices(const struct plan_input *in, struct plan_net_device **ret_devices,
			   size_t *ret_n, struct err *err);
int plan_build_rdt(const struct plan_input *in, struct plan_rdt **ret_rdt, struct err *err);

/* Sets the owner of @cgroup, from the namespaces and mounts of @plan. */
void plan_cgroup_owner(const struct plan_input *in, const struct plan *plan,
		       struct plan_cgroup *cgroup);

int plan_build_rootfs(const struct plan_input *in, struct plan_rootfs *ret_rootfs, struct err *err);
int plan_build_mounts(const struct plan_input *in, struct plan_rootfs *rootfs, struct err *err);
int plan_build_devices(const struct plan_input *in, struct plan_rootfs *rootfs, struct err *err);
int plan_build_process(const struct plan_input *in, struct plan_process *ret_process,
		       struct err *err);

/* Of duplicate keys the last one only, at its place, and no empty HOME. */
char **plan_build_env(struct arena *arena, const struct spec_strings *env, bool *ret_has_home);
int plan_build_memory_policy(const struct plan_input *in, struct plan_process *process,
			     struct err *err);
int plan_build_cpu_affinity(const struct plan_input *in, struct plan_process *process,
			    struct err *err);
/* @process_env is that of the container's process, or NULL when it has none. */
void plan_build_hooks(const struct plan_input *in, char **process_env,
		      struct plan_hooks hooks[PLAN_HOOK_KINDS]);

/* The maps at the JSON pointer @pointer, checked as the kernel will check them. */
int plan_build_id_maps(struct arena *arena, const struct spec_id_maps *maps, const char *pointer,
		       struct plan_id_maps *ret_maps, struct err *err);
bool plan_id_is_mapped(const struct plan_id_maps *maps, uint32_t id);

/*
 * Those of a caller without privileges, when config.json has none: root inside is @own, and the ids
 * from 1 on are @more; without more, the id @wanted inside is @own, and there is no other.
 */
void plan_default_id_maps(struct arena *arena, uint32_t own, uint32_t wanted,
			  const struct host_id_ranges *more, struct plan_id_maps *ret_maps);

/* ---- shared by builders ---- */

/* Whether the container has such a namespace beside the caller's, made for it or joined. */
static inline bool plan_has_ns(const struct plan_namespaces *ns, uint64_t clone_flag)
{
	return ((ns->create | ns->join) & clone_flag) != 0;
}

/* A copy of an optional text. */
static inline char *plan_text(struct arena *arena, const char *text)
{
	return text ? arena_strdup(arena, text) : NULL;
}

/* A copy of a list of texts with a NULL behind the last. */
char **plan_texts(struct arena *arena, const struct spec_strings *texts);

/* The JSON pointer of member @key of the object at @parent: "/linux/sysctl/net~1core". */
char *plan_pointer(struct arena *arena, const char *parent, const char *key);

/* Refuses the value at @pointer because the container has no such namespace; says what to add. */
int plan_needs_ns(const char *pointer, const char *what, uint64_t clone_flag, struct err *err);

#endif
