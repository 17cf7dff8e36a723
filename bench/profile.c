/* SPDX-License-Identifier: Apache-2.0 */
/* default: `ocirun spec`; podman, docker: tests/real-configs/{podman,docker}-default. */
#include "profile.h"

#include <linux/capability.h>
#include <string.h>
#include <sys/mount.h>

#define CAP(x) (1ull << CAP_##x)
#define ENGINE_CAPS                                                                                \
	(CAP(AUDIT_WRITE) | CAP(CHOWN) | CAP(DAC_OVERRIDE) | CAP(FOWNER) | CAP(FSETID) |           \
	 CAP(KILL) | CAP(MKNOD) | CAP(NET_BIND_SERVICE) | CAP(NET_RAW) | CAP(SETFCAP) |            \
	 CAP(SETGID) | CAP(SETPCAP) | CAP(SETUID) | CAP(SYS_CHROOT))
#define NO_SUID MOUNT_ATTR_NOSUID
#define NO_EXEC MOUNT_ATTR_NOEXEC
#define SAFE    (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)
#define RO      MOUNT_ATTR_RDONLY
#define STRICT  MOUNT_ATTR_STRICTATIME

static const char *const dev[] = { "mode", "755", "size", "65536k", NULL };
static const char *const pts[] = { "newinstance", "",    "ptmxmode", "0666", "mode",
				   "0620",        "gid", "5",        NULL };
static const char *const shm[] = { "mode", "1777", "size", "65536k", NULL };

static const struct floor_mount default_mounts[] = {
	{ "proc", NULL, "/proc", 0, NULL, false },
	{ "tmpfs", NULL, "/dev", NO_SUID | STRICT, dev, false },
	{ "devpts", NULL, "/dev/pts", NO_SUID | NO_EXEC, pts, false },
	{ "tmpfs", NULL, "/dev/shm", SAFE, shm, false },
	{ "mqueue", NULL, "/dev/mqueue", SAFE, NULL, false },
	{ "sysfs", NULL, "/sys", SAFE | RO, NULL, false },
	{ "cgroup", NULL, "/sys/fs/cgroup", SAFE | RO, NULL, false },
	{ 0 },
};

static const struct floor_mount podman_mounts[] = {
	{ "proc", NULL, "/proc", SAFE, NULL, false },
	{ "tmpfs", NULL, "/dev", NO_SUID | NO_EXEC | STRICT, dev, false },
	{ "sysfs", NULL, "/sys", SAFE | RO, NULL, false },
	{ "devpts", NULL, "/dev/pts", NO_SUID | NO_EXEC, pts, false },
	{ "mqueue", NULL, "/dev/mqueue", SAFE, NULL, false },
	{ NULL, "mounts/containerenv", "/run/.containerenv", 0, NULL, true },
	{ NULL, "mounts/hostname", "/etc/hostname", 0, NULL, true },
	{ NULL, "mounts/resolv.conf", "/etc/resolv.conf", 0, NULL, true },
	{ NULL, "mounts/hosts", "/etc/hosts", 0, NULL, true },
	{ NULL, "mounts/shm.d", "/dev/shm", SAFE, NULL, true },
	{ "cgroup", NULL, "/sys/fs/cgroup", SAFE | RO, NULL, true },
	{ 0 },
};

static const struct floor_mount docker_mounts[] = {
	{ "proc", NULL, "/proc", SAFE, NULL, false },
	{ "tmpfs", NULL, "/dev", NO_SUID | STRICT, dev, false },
	{ "devpts", NULL, "/dev/pts", NO_SUID | NO_EXEC, pts, false },
	{ "sysfs", NULL, "/sys", SAFE | RO, NULL, false },
	{ "cgroup", NULL, "/sys/fs/cgroup", SAFE | RO, NULL, false },
	{ "mqueue", NULL, "/dev/mqueue", SAFE, NULL, false },
	{ "tmpfs", NULL, "/dev/shm", SAFE, shm, false },
	{ NULL, "mounts/resolv.conf", "/etc/resolv.conf", 0, NULL, true },
	{ NULL, "mounts/hostname", "/etc/hostname", 0, NULL, true },
	{ NULL, "mounts/hosts", "/etc/hosts", 0, NULL, true },
	{ 0 },
};

static const char *const readonly[] = { "/proc/bus",           "/proc/fs", "/proc/irq", "/proc/sys",
					"/proc/sysrq-trigger", NULL };
static const char *const podman_readonly[] = {
	"/proc/asound", "/proc/bus",           "/proc/fs", "/proc/irq",
	"/proc/sys",    "/proc/sysrq-trigger", NULL
};

static const char *const masked[] = { "/proc/acpi",
				      "/proc/asound",
				      "/proc/kcore",
				      "/proc/keys",
				      "/proc/latency_stats",
				      "/proc/timer_list",
				      "/proc/timer_stats",
				      "/proc/sched_debug",
				      "/sys/firmware",
				      "/proc/scsi",
				      NULL };
static const char *const podman_masked[] = {
	"/proc/acpi",       "/proc/kcore",       "/proc/keys",        "/proc/latency_stats",
	"/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi",
	"/sys/firmware",    "/sys/fs/selinux",   "/sys/dev/block",    NULL
};

/* Every container may make nodes, and use the devices that every container has. */
static const char *const device_rules[] = { "c *:* m",     "b *:* m",   "c 1:3 rwm",    "c 1:8 rwm",
					    "c 1:7 rwm",   "c 5:0 rwm", "c 1:5 rwm",    "c 1:9 rwm",
					    "c 136:* rwm", "c 5:2 rwm", "c 10:200 rwm", NULL };

static const struct floor_limit default_limits[] = { { RLIMIT_NOFILE, 1024 }, { 0 } };
static const struct floor_limit podman_limits[] = { { RLIMIT_NOFILE, 1048576 },
						    { RLIMIT_NPROC, 32768 },
						    { 0 } };

static const struct floor_write docker_sysctls[] = {
	{ "net/ipv4/ip_unprivileged_port_start", "0" },
	{ "net/ipv4/ping_group_range", "0 2147483647" },
	{ 0 },
};

static const struct floor_profile profiles[] = {
	{
		.name = "default",
		.mounts = default_mounts,
		.readonly = readonly,
		.masked = masked,
		.device_rules = device_rules,
		.limits = default_limits,
		.caps = CAP(AUDIT_WRITE) | CAP(KILL) | CAP(NET_BIND_SERVICE),
		.has_no_new_privs = true,
		.is_readonly = true,
	},
	{
		.name = "podman",
		.mounts = podman_mounts,
		.readonly = podman_readonly,
		.masked = podman_masked,
		.device_rules = device_rules,
		.limits = podman_limits,
		.pids_max = "2048",
		.caps = ENGINE_CAPS,
	},
	{
		.name = "docker",
		.mounts = docker_mounts,
		.readonly = readonly,
		.masked = masked,
		.device_rules = device_rules,
		.sysctls = docker_sysctls,
		.oom_score_adj = "0",
		.hook = "/bin/true",
		.caps = ENGINE_CAPS,
		.gids = { 0, 10 },
		.n_gids = 2,
	},
};

const struct floor_profile *profile_find(const char *name)
{
	for (size_t i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++)
		if (strcmp(profiles[i].name, name) == 0)
			return &profiles[i];
	return NULL;
}
