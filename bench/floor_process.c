/* SPDX-License-Identifier: Apache-2.0 */
/* A process of a container, first or later one: its session, limits and rights, until execve(2). */
#include "floor.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct sock_filter filter[BPF_MAXINSNS];
static unsigned short filter_len;

void floor_read_filter(const char *path)
{
	int fd = (int)MUST(open(path, O_RDONLY | O_CLOEXEC));

	filter_len = (unsigned short)((size_t)MUST(read(fd, filter, sizeof(filter))) /
				      sizeof(filter[0]));
	close(fd);
}

void floor_lead_session(const char *id)
{
	MUST(setsid());
	MUST(syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, id));
}

static void take_rights(const struct floor_profile *profile)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	const uint64_t caps = profile->caps;
	struct __user_cap_data_struct data[2] = {
		{ .effective = (uint32_t)caps, .permitted = (uint32_t)caps },
	};
	struct sock_fprog program = { .len = filter_len, .filter = filter };

	for (int cap = 0; cap <= CAP_LAST_CAP; cap++)
		if (!(caps & 1ull << cap))
			MUST(prctl(PR_CAPBSET_DROP, cap, 0, 0, 0));
	MUST(syscall(SYS_setgroups, profile->n_gids, profile->gids));
	MUST(syscall(SYS_setresgid, 0, 0, 0));
	MUST(syscall(SYS_setresuid, 0, 0, 0));
	if (profile->has_no_new_privs)
		MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	/* Without no_new_privs a filter takes a capability that goes right afterwards. */
	if (filter_len)
		MUST(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW,
			     &program));
	MUST(syscall(SYS_capset, &header, data));
}

static void set_limits(const struct floor_limit *limit)
{
	for (; limit && limit->value; limit++) {
		struct rlimit64 value;

		MUST(prlimit64(0, (unsigned int)limit->resource, NULL, &value));
		if (value.rlim_max > limit->value)
			value.rlim_max = limit->value;
		value.rlim_cur = value.rlim_max;
		MUST(prlimit64(0, (unsigned int)limit->resource, &value, NULL));
	}
}

void floor_become_user(const struct floor_profile *profile)
{
	set_limits(profile->limits);
	take_rights(profile);
}

void floor_execute(char **program)
{
	char *const envp[] = { "PATH=/bin", "TERM=xterm", "HOME=/", NULL };

	MUST(syscall(SYS_close_range, 3, ~0U, 0));
	execve(program[0], program, envp);
	floor_fail("execve");
}
