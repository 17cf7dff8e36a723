/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose the container's cgroup becomes (runtime-spec, config-linux, "Cgroup ownership"): with cgroup v2
 * alone, in a new cgroup namespace, and when the container can write its mount of it, that of the
 * user that its process runs as, who then makes cgroups below it.
 */
#include "plan_cgroup.h"
#include "plan_parts.h"

#include <linux/mount.h>
#include <linux/sched.h>
#include <string.h>

static bool can_write(const struct plan_rootfs *rootfs)
{
	for (size_t i = 0; i < rootfs->n_mounts; i++) {
		const struct plan_mount *mount = &rootfs->mounts[i];

		if (mount->kind == PLAN_MOUNT_CGROUP &&
		    strcmp(mount->target, "/sys/fs/cgroup") == 0)
			return !(mount->attr_set & MOUNT_ATTR_RDONLY);
	}
	return false;
}

/* What @id of the container is on the host. A user namespace that is joined has maps that only it knows. */
static bool find_outside(const struct plan_namespaces *ns, uint32_t id, uint32_t *ret_outside)
{
	if (!plan_has_ns(ns, CLONE_NEWUSER)) {
		*ret_outside = id;
		return true;
	}
	for (size_t i = 0; i < ns->uids.n; i++) {
		const struct plan_id_map *map = &ns->uids.v[i];

		if (id >= map->inside && id - map->inside < map->size) {
			*ret_outside = map->outside + (id - map->inside);
			return true;
		}
	}
	return false;
}

void plan_cgroup_owner(const struct plan_input *in, const struct plan *plan,
		       struct plan_cgroup *cgroup)
{
	bool is_v2_alone = cgroup->n_hierarchies == 1 && cgroup->hierarchies[0].is_v2;

	cgroup->has_owner = is_v2_alone && in->spec->process.set &&
			    (plan->ns.create & CLONE_NEWCGROUP) && can_write(&plan->rootfs) &&
			    find_outside(&plan->ns, in->spec->process.user.uid, &cgroup->owner);
}
