/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bpf(2) for programs that judge accesses to devices in a cgroup of v2 (Linux 4.15). All return a
 * descriptor or 0, or -errno.
 */
#ifndef OCIRUN_SYS_BPF_H
#define OCIRUN_SYS_BPF_H

#include <linux/bpf.h>
#include <stddef.h>
#include <stdint.h>

/* How many programs of one kind a cgroup takes (kernel/bpf/cgroup.c). */
#define BPF_DEVICE_PROGRAMS_MAX 64

/* Loads a program, which keeps @name (15 characters at most). */
int bpf_device_load(const char *name, const struct bpf_insn *insns, size_t n);

/*
 * Attaches a program beside those that are there (they all have to allow an access), or, with
 * @replaced_fd, in the place of that one (Linux 5.6); -1 for none.
 */
int bpf_device_attach(int cgroup_fd, int program_fd, int replaced_fd);

int bpf_device_detach(int cgroup_fd, int program_fd);

/* The ids of the programs that are attached to the cgroup itself. Returns how many. */
int bpf_device_query(int cgroup_fd, uint32_t ids[BPF_DEVICE_PROGRAMS_MAX]);

/* Opens a program by its id. -ENOENT: another one, that has no such @name, or none. */
int bpf_open_named(uint32_t id, const char *name);

#endif
