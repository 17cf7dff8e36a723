/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device rules on cgroup v2, which has no controller for them: a BPF program, attached to the
 * container's cgroup, that the kernel asks at each access. Without one everything is allowed.
 */
#ifndef OCIRUN_EXEC_DEVICE_FILTER_H
#define OCIRUN_EXEC_DEVICE_FILTER_H

#include "err.h"
#include "plan_cgroup.h"

#include <linux/bpf.h>
#include <stddef.h>

/* Room for the program of @n rules, in instructions. */
#define DEVICE_FILTER_ROOM(n) (DEVICE_FILTER_HEAD + (n)*DEVICE_FILTER_RULE + DEVICE_FILTER_TAIL)
#define DEVICE_FILTER_HEAD    6
#define DEVICE_FILTER_RULE    8
#define DEVICE_FILTER_TAIL    2

/* Compiles the rules; @insns has that room. Returns the number of instructions. */
size_t device_filter_compile(const struct plan_cgroup_device *rules, size_t n,
			     struct bpf_insn *insns);

/*
 * Restricts the cgroup to what the rules allow. A program that a container before has left there is
 * replaced, at one moment; those of others (systemd's) stay, and have to allow an access too.
 */
int device_filter_attach(int cgroup_fd, const struct plan_cgroup_device *rules, size_t n,
			 struct err *err);

/* Whether the cgroup has a program of ours: 1, 0, or -errno for who may not know. */
int device_filter_is_attached(int cgroup_fd);

/* Takes away what device_filter_attach() attached, from a cgroup that outlives the container. */
void device_filter_detach(int cgroup_fd);

#endif
