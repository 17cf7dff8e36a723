/* SPDX-License-Identifier: Apache-2.0 */
/* Namespaces: which are made, which are joined, and what is written into them at once. */
#include "clone_flags.h"
#include "namespace_names.h"
#include "plan_parts.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define UTS_NAME_MAX 64 /* __NEW_UTS_LEN of the kernel */
#define NSEC_PER_SEC 1000000000u

const struct plan_ns_name plan_ns_names[PLAN_NS_MAX] = {
	{ CLONE_NEWUSER, "user", "user" },       { CLONE_NEWNS, "mount", "mnt" },
	{ CLONE_NEWPID, "pid", "pid" },          { CLONE_NEWNET, "network", "net" },
	{ CLONE_NEWIPC, "ipc", "ipc" },          { CLONE_NEWUTS, "uts", "uts" },
	{ CLONE_NEWCGROUP, "cgroup", "cgroup" }, { CLONE_NEWTIME, "time", "time" },
};

const struct plan_ns_name *plan_ns_find(uint64_t clone_flag)
{
	for (size_t i = 0; i < PLAN_NS_MAX; i++)
		if (plan_ns_names[i].clone_flag == clone_flag)
			return &plan_ns_names[i];
	return NULL;
}

int plan_needs_ns(const char *pointer, const char *what, uint64_t clone_flag, struct err *err)
{
	const char *article = clone_flag == CLONE_NEWIPC ? "an" : "a", *name;
	const struct plan_ns_name *ns = plan_ns_names;

	/* One of the eight: callers name it. */
	while (ns->clone_flag != clone_flag)
		ns++;
	name = ns->spec_name;

	err_at(err, pointer, EINVAL, "%s needs %s %s namespace", what, article, name);
	return err_hint(err, "add {\"type\": \"%s\"} to /linux/namespaces", name);
}

static int build_list(const struct plan_input *in, struct plan_namespaces *ns, struct err *err)
{
	for (size_t i = 0; i < in->spec->linux_.namespaces.n; i++) {
		const struct spec_namespace *from = &in->spec->linux_.namespaces.v[i];
		const struct plan_ns_name *name = plan_ns_find(from->clone_flag);
		const char *origin = arena_printf(in->arena, "/linux/namespaces/%zu", i);

		if (!name || plan_has_ns(ns, from->clone_flag))
			return err_at(err, origin, EINVAL,
				      "a namespace is of no type or of that of an earlier one");
		ns->v[ns->n++] = (struct plan_ns){
			.clone_flag = from->clone_flag,
			.name = name->proc_name,
			.path = plan_text(in->arena, from->path),
			.origin = origin,
		};
		if (from->path)
			ns->join |= from->clone_flag;
		else
			ns->create |= from->clone_flag;
	}
	return 0;
}

/* Root, or where it is not mapped, the first who is: nobody else can own a file. */
static uint32_t setup_id(const struct plan_id_maps *maps)
{
	return plan_id_is_mapped(maps, 0) ? 0 : maps->v[0].inside;
}

/*
 * Who has no privileges can make no other namespace, nor a root, without one of users. To one that
 * is joined it would be foreign.
 */
static void add_user_ns(const struct plan_input *in, struct plan_namespaces *ns)
{
	if (!in->host->lacks_admin || plan_has_ns(ns, CLONE_NEWUSER) || ns->join)
		return;
	ns->v[ns->n++] = (struct plan_ns){
		.clone_flag = CLONE_NEWUSER,
		.name = plan_ns_find(CLONE_NEWUSER)->proc_name,
		.origin = "/linux/namespaces",
	};
	ns->create |= CLONE_NEWUSER;
	ns->has_own_user_ns = true;
}

/* Ranges of users without those of groups, or the other way round, are a host half set up. */
static void set_default_maps(const struct plan_input *in, struct plan_namespaces *ns)
{
	static const struct host_id_ranges none = { .n = 0 };
	const struct host *host = in->host;
	const struct spec_user *user = &in->spec->process.user;
	bool has_ranges = host->can_map_ranges && host->subuids.n > 0 && host->subgids.n > 0;

	if (ns->uids.n == 0)
		plan_default_id_maps(in->arena, host->euid, user->uid,
				     has_ranges ? &host->subuids : &none, &ns->uids);
	if (ns->gids.n == 0)
		plan_default_id_maps(in->arena, host->egid, user->gid,
				     has_ranges ? &host->subgids : &none, &ns->gids);
	ns->has_default_maps = true;
}

static int build_maps(const struct plan_input *in, struct plan_namespaces *ns, struct err *err)
{
	const struct spec_id_maps *uids = &in->spec->linux_.uid_mappings;
	const struct spec_id_maps *gids = &in->spec->linux_.gid_mappings;

	add_user_ns(in, ns);
	if (!plan_has_ns(ns, CLONE_NEWUSER)) {
		if (uids->n > 0)
			return plan_needs_ns("/linux/uidMappings", "an id mapping", CLONE_NEWUSER,
					     err);
		if (gids->n > 0)
			return plan_needs_ns("/linux/gidMappings", "an id mapping", CLONE_NEWUSER,
					     err);
		return 0;
	}
	TRY(plan_build_id_maps(in->arena, uids, "/linux/uidMappings", &ns->uids, err));
	TRY(plan_build_id_maps(in->arena, gids, "/linux/gidMappings", &ns->gids, err));

	/* One that is joined has its maps; containerd and CRI-O repeat them here. */
	if (ns->join & CLONE_NEWUSER)
		return 0;
	if ((uids->n == 0 || gids->n == 0) && in->host->lacks_admin)
		set_default_maps(in, ns);
	if (ns->uids.n == 0 || ns->gids.n == 0) {
		err_at(err, uids->n == 0 ? "/linux/uidMappings" : "/linux/gidMappings", EINVAL,
		       "a new user namespace needs mappings of user and group ids");
		return err_hint(err, "add [{\"containerID\": 0, \"hostID\": N, \"size\": N}] to "
				     "/linux/uidMappings and /linux/gidMappings");
	}
	ns->has_uid_gid_maps = true;
	ns->setup_uid = setup_id(&ns->uids);
	ns->setup_gid = setup_id(&ns->gids);
	return 0;
}

static int check_offset(const struct spec_time_offset *offset, const char *pointer, struct err *err)
{
	if (offset->nanosecs >= NSEC_PER_SEC)
		return err_at(err, pointer, EINVAL, "%" PRIu32 " nanoseconds are a second or more",
			      offset->nanosecs);
	return 0;
}

static char *offset_line(struct arena *arena, const char *clock, const struct spec_time_offset *off)
{
	if (!off->set)
		return arena_strdup(arena, "");
	return arena_printf(arena, "%s %" PRId64 " %" PRIu32 "\n", clock, off->secs, off->nanosecs);
}

static int build_time_offsets(const struct plan_input *in, struct plan_namespaces *ns,
			      struct err *err)
{
	const struct spec_time_offset *boottime = &in->spec->linux_.boottime;
	const struct spec_time_offset *monotonic = &in->spec->linux_.monotonic;

	if (!boottime->set && !monotonic->set)
		return 0;
	/* time_namespaces(7): offsets are fixed before the first process enters. */
	if (ns->join & CLONE_NEWTIME)
		return err_at(err, "/linux/timeOffsets", EINVAL,
			      "time offsets need a new time namespace, not one that is joined");
	if (!(ns->create & CLONE_NEWTIME))
		return plan_needs_ns("/linux/timeOffsets", "a time offset", CLONE_NEWTIME, err);
	TRY(check_offset(boottime, "/linux/timeOffsets/boottime/nanosecs", err));
	TRY(check_offset(monotonic, "/linux/timeOffsets/monotonic/nanosecs", err));
	ns->time_offsets =
		arena_printf(in->arena, "%s%s", offset_line(in->arena, "boottime", boottime),
			     offset_line(in->arena, "monotonic", monotonic));
	return 0;
}

int plan_build_namespaces(const struct plan_input *in, struct plan_namespaces *ret_ns,
			  struct err *err)
{
	struct plan_namespaces ns = { .n = 0 };

	TRY(build_list(in, &ns, err));
	TRY(build_maps(in, &ns, err));
	TRY(build_time_offsets(in, &ns, err));

	/* setns(2) to these changes what children are born into, not the caller; a user namespace
	 * has to be entered before those that it owns. */
	ns.needs_intermediate =
		(ns.join & (CLONE_NEWPID | CLONE_NEWTIME | CLONE_NEWUSER)) || ns.time_offsets;
	*ret_ns = ns;
	return 0;
}

static int build_uts_name(const struct plan_input *in, const char *name, const char *key,
			  const char *pointer, const char **ret_name, struct err *err)
{
	if (!name || !name[0])
		return 0;
	if (!plan_has_ns(in->ns, CLONE_NEWUTS))
		return plan_needs_ns(pointer, key, CLONE_NEWUTS, err);
	if (strlen(name) > UTS_NAME_MAX)
		return err_at(err, pointer, EINVAL,
			      "%s is %zu bytes long, but Linux takes %d at most", key, strlen(name),
			      UTS_NAME_MAX);
	*ret_name = arena_strdup(in->arena, name);
	return 0;
}

int plan_build_uts(const struct plan_input *in, const char **ret_hostname,
		   const char **ret_domainname, struct err *err)
{
	TRY(build_uts_name(in, in->spec->hostname, "hostname", "/hostname", ret_hostname, err));
	return build_uts_name(in, in->spec->domainname, "domainname", "/domainname", ret_domainname,
			      err);
}
