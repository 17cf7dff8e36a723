/* SPDX-License-Identifier: Apache-2.0 */
/* Being told when a cgroup runs out of memory. */
#ifndef OCIRUN_OPS_OOM_WATCH_H
#define OCIRUN_OPS_OOM_WATCH_H

#include "auto.h"
#include "cgroup_paths.h"
#include "err.h"

#include <stdint.h>

struct oom_watch {
	int fd; /* readable when oom_watch_take() has something to say; -1: nobody tells */
	int dir_fd;
	bool is_v2;
	uint64_t kills; /* v2: those that were told of, or came before */
};
#define OOM_WATCH_NONE ((struct oom_watch){ .fd = -1, .dir_fd = -1 })

/* Watches the cgroup that memory is accounted in. Without one this is no error: see fd. */
int oom_watch_begin(struct oom_watch *watch, const struct cgroup_paths *paths, struct err *err);
void oom_watch_end(struct oom_watch *watch);

/* How often it happened since the last call. Never waits. */
uint64_t oom_watch_take(struct oom_watch *watch);

static inline void oom_watch_auto(struct oom_watch *watch)
{
	oom_watch_end(watch);
}

#endif
