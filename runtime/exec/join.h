/* SPDX-License-Identifier: Apache-2.0 */
/* Namespaces that exist already: opened and checked by the parent, entered by a child. */
#ifndef OCIRUN_EXEC_JOIN_H
#define OCIRUN_EXEC_JOIN_H

#include "cgroup_paths.h"
#include "err.h"
#include "plan.h"
#include "unit_ref.h"

/* Descriptors of the joined namespaces, by their index in plan_namespaces; -1 for the others. */
struct join_fds {
	int v[PLAN_NS_MAX];
};
#define JOIN_FDS_NONE ((struct join_fds){ .v = { -1, -1, -1, -1, -1, -1, -1, -1 } })

/* Opens each and checks its type (NS_GET_NSTYPE): another type is a clear error. */
int join_open(const struct plan_namespaces *ns, struct join_fds *ret_fds, struct err *err);
void join_close(struct join_fds *fds);

/*
 * Enters them. Those that are refused with the privileges at hand are tried again after the user
 * namespace was entered; the mount namespace comes last. Without one joined, *@fds may be empty.
 */
int join_enter(const struct plan_namespaces *ns, const struct join_fds *fds, struct err *err);

/* The container that a further process (`exec`) is made for. */
struct join_target {
	int pidfd;           /* of its init */
	uint64_t namespaces; /* CLONE_NEWx: entered there */
	int root_fd;         /* its root directory where that is no namespace's root, else -1 */
	const struct cgroup_paths *cgroups;
	const struct unit_ref *unit;    /* of systemd, which has made them; no name: none */
	const char *cgroup_v2_fallback; /* joined when the v2 one takes no process; or NULL */
};

/*
 * Moves the calling process into the container's cgroups and then into all its namespaces at once
 * (setns(2) of a pidfd, Linux 5.8). Those of pid and time take effect with the next clone only.
 * The CPUs of @process are set before and after the cgroups. @is_in_v2: it was made in the v2 one.
 */
int join_container(const struct join_target *target, const struct plan_process *process,
		   bool is_in_v2, struct err *err);

/*
 * A descriptor of the v2 cgroup, which the caller closes; -1 where there is none, or the process cannot
 * be made in it: CPUs that it is to have before it is there may be others.
 */
int join_open_cgroup_v2(const struct join_target *target, const struct plan_process *process);

/* Whether init cannot enter what is joined by itself: a process in between has to. */
bool join_needs_intermediate(const struct plan_namespaces *ns);

/*
 * The same for exec. What stands in the container's pid namespace shows all that are in there its mounts
 * and its network, by /proc/PID/mountinfo and net: it has to have joined everything else by then.
 */
bool join_target_needs_intermediate(const struct join_target *target);

#endif
