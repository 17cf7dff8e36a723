/* SPDX-License-Identifier: Apache-2.0 */
/* From a copy of the runtime to the container's process, one concern per function. */
#include "process_start.h"

#include "fd.h"
#include "process_names.h"
#include "program.h"
#include "program_cause.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define CAPABILITY_MASK(cap) (UINT64_C(1) << (cap))
#define IOPRIO_WHO_PROCESS   1

struct sched_attr_kernel {
	uint32_t size;
	uint32_t sched_policy;
	uint64_t sched_flags;
	int32_t sched_nice;
	uint32_t sched_priority;
	uint64_t sched_runtime;
	uint64_t sched_deadline;
	uint64_t sched_period;
};

int process_reset_signals(void)
{
	static const struct sigaction by_default = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int signal = 1; signal < NSIG; signal++)
		/* EINVAL: one of those that the C library keeps for itself */
		if (signal != SIGKILL && signal != SIGSTOP &&
		    sigaction(signal, &by_default, NULL) < 0 && errno != EINVAL)
			return -errno;
	sigemptyset(&none);
	return sigprocmask(SIG_SETMASK, &none, NULL) < 0 ? -errno : 0;
}

void process_close_on_exec_from(unsigned int first)
{
	(void)syscall(SYS_close_range, first, ~0U, CLOSE_RANGE_CLOEXEC);
}

/*
 * Without a name: with one, a keyring would be joined that anybody who is the same user on the host has
 * made under it, as another container may have.
 */
int process_new_keyring(struct err *err)
{
	/* ENOSYS, EPERM: a kernel without keys, or a sandbox around us that forbids them. */
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 && errno != ENOSYS &&
	    errno != EPERM) {
		err_sys(err, "join a new session keyring");
		return err_hint(err, "--no-new-keyring keeps the caller's");
	}
	return 0;
}

int process_set_rlimits(const struct plan_process *process, pid_t pid, struct err *err)
{
	for (size_t i = 0; i < process->n_rlimits; i++) {
		const struct plan_rlimit *limit = &process->rlimits[i];
		struct rlimit64 value = { .rlim_cur = limit->soft, .rlim_max = limit->hard };

		if (prlimit64(pid, (__rlimit_resource_t)limit->resource, &value, NULL) == 0)
			continue;
		err_sys(err, "error setting rlimit type %s to soft %llu, hard %llu", limit->name,
			(unsigned long long)limit->soft, (unsigned long long)limit->hard);
		if (err->code == EPERM)
			err_hint(err, "raising a hard limit needs CAP_SYS_RESOURCE");
		return err_pointer(err, limit->origin);
	}
	return 0;
}

static int set_cpus(const unsigned long *cpus, const char *when, struct err *err)
{
	if (!cpus || syscall(SYS_sched_setaffinity, 0, PLAN_CPU_SET_BYTES, cpus) >= 0)
		return 0;
	err_sys(err, "error setting %s CPU affinity", when);
	err_pointer(err, "/process/execCPUAffinity");
	return err_hint(err, "some CPU has to be online and in the container's cpuset");
}

int process_set_initial_cpus(const struct plan_process *process, struct err *err)
{
	return set_cpus(process->initial_cpus, "initial", err);
}

int process_set_final_cpus(const struct plan_process *process, struct err *err)
{
	if (!process->initial_cpus && !process->final_cpus)
		process_reset_cpus();
	return set_cpus(process->final_cpus, "final", err);
}

void process_reset_cpus(void)
{
	unsigned char all[PLAN_CPU_SET_BYTES];

	memset(all, 0xff, sizeof(all));
	(void)syscall(SYS_sched_setaffinity, 0, sizeof(all), all);
}

static int set_scheduler(const struct plan_process *process, struct err *err)
{
	const struct sched_attr_kernel attr = {
		.size = sizeof(attr),
		.sched_policy = process->scheduler.policy,
		.sched_flags = process->scheduler.flags,
		.sched_nice = process->scheduler.nice,
		.sched_priority = process->scheduler.priority,
		.sched_runtime = process->scheduler.runtime,
		.sched_deadline = process->scheduler.deadline,
		.sched_period = process->scheduler.period,
	};

	if (syscall(SYS_sched_setattr, 0, &attr, 0) < 0) {
		err_sys(err, "sched_setattr");
		if (err->code == EPERM && process->has_cpuset)
			err_set(err, EPERM,
				"process scheduler can't be used together with AllowedCPUs");
		else if (err->code == EPERM)
			err_hint(err, "a real-time policy needs CAP_SYS_NICE, and in cgroups of "
				      "version 1 a cpu.rt_runtime_us above 0");
		else if (err->code == EINVAL && attr.sched_policy == SCHED_DEADLINE)
			err_hint(err, "of SCHED_DEADLINE the runtime is 1024 at least, and not "
				      "above the deadline, which is not above the period "
				      "(nanoseconds)");
		return err_pointer(err, "/process/scheduler");
	}
	return 0;
}

int process_set_scheduling(const struct plan_process *process, struct err *err)
{
	if (process->has_scheduler)
		TRY(set_scheduler(process, err));
	if (process->has_io_priority &&
	    syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, process->io_priority) < 0) {
		err_sys(err, "ioprio_set");
		return err_pointer(err, "/process/ioPriority");
	}
	if (process->has_personality && personality(process->personality) < 0) {
		err_sys(err, "personality");
		return err_pointer(err, "/linux/personality");
	}
	if (process->has_memory_policy &&
	    syscall(SYS_set_mempolicy, process->memory_policy.mode, process->memory_policy.nodes,
		    process->memory_policy.max_node) < 0) {
		err_sys(err, "set_mempolicy");
		if (err->code == EINVAL)
			err_hint(err, "the nodes have to be those of this host, and of the "
				      "cpuset's mems: see /sys/devices/system/node/online");
		return err_pointer(err, "/linux/memoryPolicy");
	}
	return 0;
}

static int capset_masks(uint64_t effective, uint64_t permitted, uint64_t inheritable)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	const struct __user_cap_data_struct data[2] = {
		{ .effective = (uint32_t)effective,
		  .permitted = (uint32_t)permitted,
		  .inheritable = (uint32_t)inheritable },
		{ .effective = (uint32_t)(effective >> 32),
		  .permitted = (uint32_t)(permitted >> 32),
		  .inheritable = (uint32_t)(inheritable >> 32) },
	};

	return (int)syscall(SYS_capset, &header, data);
}

static int err_capability(uint64_t missing, const char *set, const char *reason, struct err *err)
{
	err_set(err, EPERM, "capset: %s %s",
		plan_capability_name((unsigned)__builtin_ctzll(missing)).text, reason);
	return err_pointer(err, set);
}

/* Says after capset(2) has failed which capability was too much; what we have is as before. */
static int err_capset(const struct plan_capabilities *caps, struct err *err)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct have[2] = { { 0 } };
	uint64_t permitted, inheritable, missing;

	err_sys(err, "capset");
	if (err->code == EPERM && syscall(SYS_capget, &header, have) == 0) {
		permitted = have[0].permitted | (uint64_t)have[1].permitted << 32;
		inheritable = have[0].inheritable | (uint64_t)have[1].inheritable << 32;
		missing = caps->permitted & ~permitted;
		if (missing)
			return err_capability(missing, "/process/capabilities/permitted",
					      "cannot be granted: ocirun itself is without it",
					      err);
		missing = caps->inheritable & ~(inheritable | caps->bounding);
		if (missing)
			return err_capability(missing, "/process/capabilities/inheritable",
					      "is inheritable, but not in the bounding set", err);
	}
	return err_pointer(err, "/process/capabilities");
}

/* Capabilities that this kernel does not know are no error: it ends the list with EINVAL. */
static int drop_bounding(uint64_t keep, struct err *err)
{
	for (int cap = 0; cap < 64; cap++) {
		if (keep & CAPABILITY_MASK(cap))
			continue;
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0) {
			if (errno == EINVAL)
				return 0;
			err_sys(err, "drop capability %d from the bounding set", cap);
			return err_pointer(err, "/process/capabilities/bounding");
		}
	}
	return 0;
}

static int raise_ambient(const struct plan_capabilities *caps, struct err *err)
{
	uint64_t ambient = caps->ambient;

	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return err_sys(err, "clear the ambient capabilities");
	for (int cap = 0; ambient; cap++, ambient >>= 1) {
		if ((ambient & 1) && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) < 0) {
			err_sys(err, "raise ambient capability %d", cap);
			return err_pointer(err, "/process/capabilities/ambient");
		}
	}
	return 0;
}

void process_give_stdio(const struct plan_process *process)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		struct stat st;

		if (fstat(fd, &st) < 0 || st.st_uid == process->uid)
			continue;
		/* In a user namespace others' pipes stay theirs: what works without matters more. */
		if ((S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode)) &&
		    fchown(fd, process->uid, (gid_t)-1) < 0)
			continue;
	}
}

static bool is_null_device(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && st->st_rdev == makedev(1, 3);
}

/* Whatever else an image calls so is not opened, or not kept. fd or -1. */
static int open_own_null(void)
{
	struct stat st;

	if (lstat("/dev/null", &st) < 0 || !is_null_device(&st))
		return -1;
	AUTO_FD fd = open("/dev/null", O_RDWR | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0 || !is_null_device(&st) || fcntl(fd, F_SETFL, 0) < 0)
		return -1;
	return fd_take(&fd);
}

void process_use_own_null(void)
{
	AUTO_FD null_fd = -1;

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		struct stat st;

		if (fstat(fd, &st) < 0 || !is_null_device(&st))
			continue;
		if (null_fd < 0)
			null_fd = open_own_null();
		if (null_fd < 0)
			return;
		dup2(null_fd, fd);
	}
}

static int set_ids(const struct plan_process *process, struct err *err)
{
	/* The system calls themselves: the C library's wrappers would involve our caller's threads. */
	if (!process->keeps_groups && syscall(SYS_setgroups, process->n_gids, process->gids) < 0) {
		/* A user namespace whose setgroups is "deny" keeps the groups as they are. */
		if (errno != EPERM || process->n_gids > 0) {
			err_sys(err, "setgroups");
			return err_pointer(err, "/process/user/additionalGids");
		}
	}
	if (syscall(SYS_setresgid, process->gid, process->gid, process->gid) < 0) {
		err_sys(err, "setgid %u", process->gid);
		return err_pointer(err, "/process/user/gid");
	}
	if (syscall(SYS_setresuid, process->uid, process->uid, process->uid) < 0) {
		err_sys(err, "setuid %u", process->uid);
		return err_pointer(err, "/process/user/uid");
	}
	return 0;
}

int process_become_user(const struct plan_process *process, bool keep_admin, struct err *err)
{
	const struct plan_capabilities *caps = &process->caps;
	uint64_t admin = keep_admin ? CAPABILITY_MASK(CAP_SYS_ADMIN) : 0;

	TRY(drop_bounding(caps->bounding, err));
	/* Permitted capabilities survive the change of the user id; effective ones are set again. */
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
		return err_sys(err, "keep capabilities");
	TRY(set_ids(process, err));
	if (capset_masks(caps->effective | admin, caps->permitted | admin, caps->inheritable) < 0)
		return err_capset(caps, err);
	if (prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) < 0)
		return err_sys(err, "clear keep capabilities");
	return raise_ambient(caps, err);
}

int process_set_capabilities(const struct plan_process *process, struct err *err)
{
	const struct plan_capabilities *caps = &process->caps;

	if (capset_masks(caps->effective, caps->permitted, caps->inheritable) < 0)
		return err_capset(caps, err);
	return 0;
}

int process_enter_cwd(const struct plan_process *process, struct err *err)
{
	char cwd[PATH_MAX], hint[ERR_HINT_MAX] = "";

	if (chdir(process->cwd) < 0) {
		err_set(err, errno, "chdir to cwd (\"%s\") set in config.json failed: %s",
			process->cwd, program_errno_text(errno));
		/* With a dot, as it is no program that lacks an execute bit. */
		snprintf(cwd, sizeof(cwd), "%s/.", process->cwd);
		program_explain_path(cwd, "in the container", hint);
		if (hint[0])
			err_hint(err, "%s", hint);
		err_path(err, process->cwd);
		return err_pointer(err, "/process/cwd");
	}
	/* The kernel says "(unreachable)" for a directory outside of our root: a leaked handle. */
	if (syscall(SYS_getcwd, cwd, sizeof(cwd)) < 0 || cwd[0] != '/') {
		err_set(err, EPERM, "cwd '%s' is outside of the container's root", process->cwd);
		return err_pointer(err, "/process/cwd");
	}
	return 0;
}
