/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of names, indexed by the kernel's numbers. */
#include "process_names.h"

#include <linux/capability.h>
#include <linux/mempolicy.h>
#include <linux/sched.h>
#include <stdio.h>
#include <sys/resource.h>

static const char *const capabilities[] = {
	[CAP_CHOWN] = "CHOWN",
	[CAP_DAC_OVERRIDE] = "DAC_OVERRIDE",
	[CAP_DAC_READ_SEARCH] = "DAC_READ_SEARCH",
	[CAP_FOWNER] = "FOWNER",
	[CAP_FSETID] = "FSETID",
	[CAP_KILL] = "KILL",
	[CAP_SETGID] = "SETGID",
	[CAP_SETUID] = "SETUID",
	[CAP_SETPCAP] = "SETPCAP",
	[CAP_LINUX_IMMUTABLE] = "LINUX_IMMUTABLE",
	[CAP_NET_BIND_SERVICE] = "NET_BIND_SERVICE",
	[CAP_NET_BROADCAST] = "NET_BROADCAST",
	[CAP_NET_ADMIN] = "NET_ADMIN",
	[CAP_NET_RAW] = "NET_RAW",
	[CAP_IPC_LOCK] = "IPC_LOCK",
	[CAP_IPC_OWNER] = "IPC_OWNER",
	[CAP_SYS_MODULE] = "SYS_MODULE",
	[CAP_SYS_RAWIO] = "SYS_RAWIO",
	[CAP_SYS_CHROOT] = "SYS_CHROOT",
	[CAP_SYS_PTRACE] = "SYS_PTRACE",
	[CAP_SYS_PACCT] = "SYS_PACCT",
	[CAP_SYS_ADMIN] = "SYS_ADMIN",
	[CAP_SYS_BOOT] = "SYS_BOOT",
	[CAP_SYS_NICE] = "SYS_NICE",
	[CAP_SYS_RESOURCE] = "SYS_RESOURCE",
	[CAP_SYS_TIME] = "SYS_TIME",
	[CAP_SYS_TTY_CONFIG] = "SYS_TTY_CONFIG",
	[CAP_MKNOD] = "MKNOD",
	[CAP_LEASE] = "LEASE",
	[CAP_AUDIT_WRITE] = "AUDIT_WRITE",
	[CAP_AUDIT_CONTROL] = "AUDIT_CONTROL",
	[CAP_SETFCAP] = "SETFCAP",
	[CAP_MAC_OVERRIDE] = "MAC_OVERRIDE",
	[CAP_MAC_ADMIN] = "MAC_ADMIN",
	[CAP_SYSLOG] = "SYSLOG",
	[CAP_WAKE_ALARM] = "WAKE_ALARM",
	[CAP_BLOCK_SUSPEND] = "BLOCK_SUSPEND",
	[CAP_AUDIT_READ] = "AUDIT_READ",
	[38] = "PERFMON", /* Linux 5.8 */
	[39] = "BPF",
	[40] = "CHECKPOINT_RESTORE", /* Linux 5.9 */
};

static const char *const rlimits[] = {
	[RLIMIT_CPU] = "RLIMIT_CPU",
	[RLIMIT_FSIZE] = "RLIMIT_FSIZE",
	[RLIMIT_DATA] = "RLIMIT_DATA",
	[RLIMIT_STACK] = "RLIMIT_STACK",
	[RLIMIT_CORE] = "RLIMIT_CORE",
	[RLIMIT_RSS] = "RLIMIT_RSS",
	[RLIMIT_NPROC] = "RLIMIT_NPROC",
	[RLIMIT_NOFILE] = "RLIMIT_NOFILE",
	[RLIMIT_MEMLOCK] = "RLIMIT_MEMLOCK",
	[RLIMIT_AS] = "RLIMIT_AS",
	[RLIMIT_LOCKS] = "RLIMIT_LOCKS",
	[RLIMIT_SIGPENDING] = "RLIMIT_SIGPENDING",
	[RLIMIT_MSGQUEUE] = "RLIMIT_MSGQUEUE",
	[RLIMIT_NICE] = "RLIMIT_NICE",
	[RLIMIT_RTPRIO] = "RLIMIT_RTPRIO",
	[15] = "RLIMIT_RTTIME", /* not in every libc's resource.h */
};

static const char *const schedulers[] = {
	[SCHED_NORMAL] = "SCHED_OTHER",
	[SCHED_FIFO] = "SCHED_FIFO",
	[SCHED_RR] = "SCHED_RR",
	[SCHED_BATCH] = "SCHED_BATCH",
	[4] = "SCHED_ISO", /* reserved, a word of the spec */
	[SCHED_IDLE] = "SCHED_IDLE",
	[SCHED_DEADLINE] = "SCHED_DEADLINE",
};

static const char *const memory_policies[] = {
	[MPOL_DEFAULT] = "MPOL_DEFAULT",  [MPOL_PREFERRED] = "MPOL_PREFERRED",
	[MPOL_BIND] = "MPOL_BIND",        [MPOL_INTERLEAVE] = "MPOL_INTERLEAVE",
	[MPOL_LOCAL] = "MPOL_LOCAL",      [5] = "MPOL_PREFERRED_MANY", /* Linux 5.15 */
	[6] = "MPOL_WEIGHTED_INTERLEAVE",                              /* Linux 6.9 */
};

#define LOOKUP(table, index) lookup((table), sizeof(table) / sizeof((table)[0]), (index))

static const char *lookup(const char *const *table, size_t n, uint64_t index)
{
	return index < n ? table[index] : NULL;
}

static const char *or_unknown(const char *name)
{
	return name ? name : "?";
}

struct plan_capability_name plan_capability_name(unsigned capability)
{
	const char *name = LOOKUP(capabilities, capability);
	struct plan_capability_name out;

	if (name)
		snprintf(out.text, sizeof(out.text), "CAP_%s", name);
	else
		snprintf(out.text, sizeof(out.text), "CAP_%u", capability);
	return out;
}

const char *plan_rlimit_name(int resource)
{
	return or_unknown(LOOKUP(rlimits, (unsigned)resource));
}

const char *plan_scheduler_name(uint32_t policy)
{
	return or_unknown(LOOKUP(schedulers, policy));
}

const char *plan_memory_policy_name(int mode)
{
	return or_unknown(LOOKUP(memory_policies, (unsigned)mode));
}
