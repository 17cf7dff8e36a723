/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of a process' properties by name: for plans as text and for errors. */
#ifndef OCIRUN_PLAN_PROCESS_NAMES_H
#define OCIRUN_PLAN_PROCESS_NAMES_H

#include <stddef.h>
#include <stdint.h>

/* "CAP_CHOWN"; "CAP_63" for one that this program does not know. */
struct plan_capability_name {
	char text[32];
};
struct plan_capability_name plan_capability_name(unsigned capability);

/* "RLIMIT_NOFILE", "SCHED_FIFO", "MPOL_BIND"; "?" for what no kernel has. */
const char *plan_rlimit_name(int resource);
const char *plan_scheduler_name(uint32_t policy);
const char *plan_memory_policy_name(int mode);

#endif
