/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a container has from outside, by names that dump and restore agree on: mounts, namespaces
 * and options. Private to this layer.
 */
#ifndef OCIRUN_OPS_CRIU_EXTERNAL_H
#define OCIRUN_OPS_CRIU_EXTERNAL_H

#include "criu_dirs.h"
#include "criu_rpc.h"
#include "join.h"
#include "plan.h"

#include <stdbool.h>

/* Mounts in a mount namespace of others (@is_bound) are dumped with that, or not at all. */
int criu_check_root(bool is_bound, struct err *err);

/* Bytes of arena that the functions below take for @plan. */
size_t criu_external_bytes(const struct plan *plan);

/* What a dump and a restore are asked for in the same way. */
void criu_set_common(const struct ops_criu_options *options, const struct criu_dirs *dirs,
		     const struct plan *plan, struct criu_opts *opts);

/*
 * Mounts whose source is the host's: bind mounts, views of cgroups without a cgroup namespace, nodes
 * of devices, and what files are masked with. In a dump each gets its target of config.json as its
 * name; where that lies, links followed, is looked up below @root_fd, the container's root.
 */
int criu_dump_mounts(struct arena *arena, const struct plan *plan, int root_fd,
		     struct criu_opts *opts, struct err *err);
void criu_restore_mounts(struct arena *arena, const struct plan *plan, struct criu_opts *opts);

/*
 * Network and pid namespaces that config.json joins are left alone: what a dump calls them is what
 * inherits the descriptor at a restore, which is added to @ret_fds (borrowed of @joined), of which
 * there are *@ret_n. Others are dumped, and joined at a restore.
 */
int criu_dump_namespaces(struct arena *arena, const struct plan *plan, pid_t pid,
			 struct criu_opts *opts, struct err *err);
int criu_restore_namespaces(struct arena *arena, const struct plan *plan,
			    const struct join_fds *joined, struct criu_opts *opts, int *ret_fds,
			    size_t *ret_n, struct err *err);

#endif
