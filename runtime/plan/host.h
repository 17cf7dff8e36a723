/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Facts about this host that a plan depends on, gathered once by exec/host.c. Tests make their
 * own: a plan for a cgroup v2 host can be built and looked at on any machine.
 */
#ifndef OCIRUN_PLAN_HOST_H
#define OCIRUN_PLAN_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * One cgroup hierarchy as this process sees it. On v1 and hybrid hosts there are several; on a v2
 * host one, with is_v2 set.
 */
struct host_hierarchy {
	bool is_v2;
	const char *mount; /* "/sys/fs/cgroup/memory" */
	/* "cpu,cpuacct", "name=systemd"; of v2 the words of cgroup.controllers */
	const char *controllers;
	const char *own_path; /* of this process in it, from /proc/self/cgroup: "/user.slice" */
};

/* Intel's Resource Director Technology, as its file system shows it. */
struct host_rdt {
	const char *mount; /* of resctrl */
	bool has_l3;       /* shares of the L3 cache */
	bool has_mb;       /* and of memory bandwidth */
};

/* Ids of this host, as a line of /etc/subuid gives them to a user. */
struct host_id_range {
	uint32_t first, count;
};
struct host_id_ranges {
	size_t n;
	const struct host_id_range *v;
};

struct host {
	size_t n_hierarchies;
	const struct host_hierarchy *hierarchies;
	uid_t euid;
	gid_t egid;
	const struct host_rdt *rdt; /* NULL: none, or nobody asked */
	bool in_user_ns;            /* not in the initial one, or without CAP_SYS_ADMIN in it */

	/* The caller may make no namespace but of users: without CAP_SYS_ADMIN where it is. */
	bool lacks_admin;
	/* Then: who it is, its name or number as in /etc/subuid; what it may map beside its own id; and
	 * whether the programs that do so are there. */
	const char *user;
	struct host_id_ranges subuids, subgids;
	bool can_map_ranges;
};

/* How the container's cgroup is made. */
enum cgroup_manager {
	CGROUP_MANAGER_CGROUPFS,
	CGROUP_MANAGER_SYSTEMD,
	CGROUP_MANAGER_DISABLED,
};

#endif
