/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is legal, but surprises: a row says when, where in config.json, and what it means. Rows are
 * about what a container can do to its host or does not get, never about taste.
 */
#include "path.h"
#include "plan.h"
#include "plan_check.h"
#include "plan_parts.h"
#include "plan_seccomp.h"
#include "process_names.h"
#include "spec.h"

#include <inttypes.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#define MEMORY_LIMIT_LOW (INT64_C(6) << 20) /* engines refuse less: a program hardly starts */

struct subject {
	const struct spec *spec;
	const struct host *host;
	const struct plan *plan;
	const struct problem_sink *sink;
};

static bool has_ns(const struct subject *s, uint64_t clone_flag)
{
	return plan_has_ns(&s->plan->ns, clone_flag);
}

/* Whether its root has power over the host: it has not in a user namespace, its own or ours. */
static bool is_host_root(const struct subject *s)
{
	return !has_ns(s, CLONE_NEWUSER) && !s->host->in_user_ns;
}

static const struct plan_mount *find_mount(const struct subject *s, const char *type)
{
	for (size_t i = 0; i < s->plan->rootfs.n_mounts; i++) {
		const struct plan_mount *mount = &s->plan->rootfs.mounts[i];

		if (mount->type && strcmp(mount->type, type) == 0)
			return mount;
	}
	return NULL;
}

/* ---- rows: one text each ---- */

static bool has_own_user_ns(const struct subject *s)
{
	return s->plan->ns.has_own_user_ns;
}
static bool has_one_id(const struct subject *s)
{
	return s->plan->ns.has_default_maps && s->plan->ns.uids.n == 1 && s->plan->ns.gids.n == 1;
}
static bool has_all_ids(const struct subject *s)
{
	return s->plan->ns.has_default_maps && !has_one_id(s);
}

static bool shares_pids(const struct subject *s)
{
	return !has_ns(s, CLONE_NEWPID) && !find_mount(s, "proc");
}
static bool shares_pids_in_proc(const struct subject *s)
{
	return !has_ns(s, CLONE_NEWPID) && find_mount(s, "proc");
}
static bool shares_network(const struct subject *s)
{
	return !has_ns(s, CLONE_NEWNET);
}
static bool shares_ipc(const struct subject *s)
{
	return !has_ns(s, CLONE_NEWIPC);
}
static bool is_in_chroot(const struct subject *s)
{
	return !has_ns(s, CLONE_NEWNS) && !s->plan->rootfs.is_bound;
}
static bool shows_mounts_to_host(const struct subject *s)
{
	return !has_ns(s, CLONE_NEWNS) && s->plan->rootfs.is_bound;
}
static bool shows_mounts_to_joined(const struct subject *s)
{
	return (s->plan->ns.join & CLONE_NEWNS) && s->plan->rootfs.is_bound;
}
static bool writes_cgroups(const struct subject *s)
{
	const struct plan_mount *mount = find_mount(s, "cgroup");

	if (!mount)
		mount = find_mount(s, "cgroup2");
	return mount && !(mount->attr_set & MOUNT_ATTR_RDONLY) && !has_ns(s, CLONE_NEWCGROUP);
}
static bool has_no_filter(const struct subject *s)
{
	return !s->spec->linux_.seccomp.set;
}
static bool has_open_filter(const struct subject *s)
{
	return s->plan->seccomp && s->plan->seccomp->default_action == SCMP_ACT_ALLOW;
}
static bool is_rooted_in_host(const struct subject *s)
{
	return s->plan->rootfs.path && strcmp(s->plan->rootfs.path, "/") == 0;
}
static bool shares_propagation(const struct subject *s)
{
	return s->plan->rootfs.has_mount_ns && s->plan->rootfs.propagation == MS_SHARED;
}
static bool shows_proc(const struct subject *s)
{
	const struct plan_rootfs *rootfs = &s->plan->rootfs;

	return find_mount(s, "proc") && is_host_root(s) && !rootfs->n_masked &&
	       !rootfs->n_readonly_paths;
}
static bool lacks_dev(const struct subject *s)
{
	return s->plan->rootfs.n_devices && !s->plan->rootfs.mounts_dev;
}
static bool has_little_memory(const struct subject *s)
{
	int64_t limit = s->spec->linux_.resources.memory.limit.value;

	return limit > 0 && limit < MEMORY_LIMIT_LOW;
}
static bool has_one_task(const struct subject *s)
{
	return s->spec->linux_.resources.pids.limit.value == 1;
}
static bool has_prestart(const struct subject *s)
{
	return s->plan->hooks[PLAN_HOOK_PRESTART].n;
}
static bool is_spared(const struct subject *s)
{
	return s->plan->process.has_oom_score_adj && s->plan->process.oom_score_adj < 0;
}
static bool lacks_path(const struct subject *s)
{
	const struct plan_process *process = &s->plan->process;

	if (!s->plan->has_process || strchr(process->argv[0], '/'))
		return false;
	for (char **entry = process->envp; *entry; entry++)
		if (strncmp(*entry, "PATH=", strlen("PATH=")) == 0)
			return false;
	return true;
}

static const struct {
	const char *pointer;
	bool (*holds)(const struct subject *subject);
	const char *text, *hint;
} rows[] = {
	{ "/linux/namespaces", has_own_user_ns,
	  "there is no user namespace, without which a user can run nothing: one is made",
	  "add {\"type\": \"user\"}" },
	{ "/linux/uidMappings", has_one_id,
	  "there are no id mappings: you are the container's user, and there is no other",
	  "for more ids you need lines in /etc/subuid and /etc/subgid, newuidmap and newgidmap" },
	{ "/linux/uidMappings", has_all_ids,
	  "there are no id mappings: you are the container's root, and its other users have your "
	  "ids of /etc/subuid and /etc/subgid",
	  NULL },
	{ "/linux/namespaces", shares_pids,
	  "there is no pid namespace: the container can signal the host's processes",
	  "add {\"type\": \"pid\"}" },
	{ "/linux/namespaces", shares_pids_in_proc,
	  "there is no pid namespace: /proc shows the host's processes, with their environment",
	  "add {\"type\": \"pid\"}" },
	{ "/linux/namespaces", shares_network,
	  "there is no network namespace: the container has the host's addresses, ports and "
	  "abstract sockets",
	  "add {\"type\": \"network\"}" },
	{ "/linux/namespaces", shares_ipc,
	  "there is no ipc namespace: shared memory and message queues are the host's",
	  "add {\"type\": \"ipc\"}" },
	{ "/linux/namespaces", is_in_chroot,
	  "there is no mount namespace: chroot is all that confines the container",
	  "add {\"type\": \"mount\"}" },
	{ "/linux/namespaces", shows_mounts_to_host,
	  "there is no mount namespace: the host sees the container's mounts until it is deleted, "
	  "and chroot is all that confines the container",
	  "add {\"type\": \"mount\"}" },
	{ "/linux/namespaces", shows_mounts_to_joined,
	  "the mount namespace is others' too: they see the container's mounts until it is "
	  "deleted, "
	  "and chroot is all that confines it",
	  "remove \"path\" of {\"type\": \"mount\"}" },
	{ "/mounts", writes_cgroups,
	  "cgroups are writable and there is no cgroup namespace: the container can change limits "
	  "of others",
	  "mount them with \"ro\", or add {\"type\": \"cgroup\"}" },
	{ "/linux/seccomp", has_no_filter,
	  "there is no seccomp profile: every system call is allowed", NULL },
	{ "/linux/seccomp/defaultAction", has_open_filter,
	  "system calls that the profile does not name are allowed, also those of newer kernels",
	  "name those that are allowed, with SCMP_ACT_ERRNO as the default" },
	{ "/root/path", is_rooted_in_host, "the container's root file system is the host's", NULL },
	{ "/linux/rootfsPropagation", shares_propagation,
	  "what the container mounts appears on the host", "use \"rslave\" or \"rprivate\"" },
	{ "/linux/maskedPaths", shows_proc,
	  "nothing of /proc is hidden or read-only: /proc/sysrq-trigger, /proc/kcore and "
	  "/proc/sys are the host's",
	  "list them in maskedPaths and readonlyPaths" },
	{ "/mounts", lacks_dev,
	  "nothing is mounted on /dev: device nodes are made in the root file system itself",
	  "mount a tmpfs on /dev" },
	{ "/linux/resources/memory/limit", has_little_memory,
	  "the limit is below 6 MiB, with which hardly any program starts",
	  "the value is in bytes" },
	{ "/linux/resources/pids/limit", has_one_task,
	  "with a limit of 1 the program can start neither a process nor a thread", NULL },
	{ "/hooks/prestart", has_prestart, "prestart hooks are deprecated",
	  "use createRuntime, createContainer or startContainer" },
	{ "/process/oomScoreAdj", is_spared,
	  "when memory runs out the kernel ends processes of the host before this one", NULL },
	{ "/process/env", lacks_path,
	  "there is no PATH: the program is looked for in a few usual directories", NULL },
};

/* ---- capabilities ---- */

static const struct {
	unsigned capability;
	const char *means;
} strong_capabilities[] = {
	{ CAP_SYS_ADMIN, "mounts, namespaces, and most that root can do" },
	{ CAP_SYS_MODULE, "loading code into the host's kernel" },
	{ CAP_SYS_RAWIO, "the host's memory and disks, past the kernel" },
	{ CAP_SYS_PTRACE, "reading and changing processes that it can see" },
	{ CAP_DAC_READ_SEARCH, "opening any file of a file system by its handle" },
	{ CAP_SYS_BOOT, "rebooting the host" },
	{ CAP_SYS_TIME, "setting the host's clock" },
	{ 39, "loading BPF programs into the host's kernel" }, /* CAP_BPF, Linux 5.8 */
};

static void find_capabilities(const struct subject *s)
{
	const struct plan_capabilities *caps = &s->plan->process.caps;
	uint64_t all = caps->bounding | caps->permitted;
	const size_t n = sizeof(strong_capabilities) / sizeof(strong_capabilities[0]);

	for (size_t i = 0; i < n && is_host_root(s); i++) {
		unsigned capability = strong_capabilities[i].capability;

		if (all & (UINT64_C(1) << capability))
			problem_warning(s->sink, "/process/capabilities", NULL, "%s allows %s",
					plan_capability_name(capability).text,
					strong_capabilities[i].means);
	}
}

/* ---- mounts ---- */

static const struct {
	const char *path, *what;
} host_paths[] = {
	{ "/", "all of the host's files" },
	{ "/proc", "the host's processes" },
	{ "/sys", "the host's devices and kernel settings" },
	{ "/dev", "the host's devices" },
	{ "/etc", "the host's configuration" },
	{ "/boot", "the host's kernel" },
	{ "/root", "the files of the host's root" },
	{ "/run", "the sockets of the host's services" },
	{ "/var/run", "the sockets of the host's services" },
	{ "/run/docker.sock", "docker, and by it the host" },
	{ "/var/run/docker.sock", "docker, and by it the host" },
	{ "/run/containerd/containerd.sock", "containerd, and by it the host" },
	{ "/run/podman/podman.sock", "podman, and by it the host" },
	{ "/var/run/crio/crio.sock", "CRI-O, and by it the host" },
};

static void find_host_paths(const struct subject *s, const struct plan_mount *mount)
{
	bool is_readonly = (mount->attr_set | mount->rec_attr_set) & MOUNT_ATTR_RDONLY;

	for (size_t i = 0; i < sizeof(host_paths) / sizeof(host_paths[0]); i++)
		if (strcmp(mount->source, host_paths[i].path) == 0)
			problem_warning(s->sink, mount->origin, NULL,
					"the container gets %s%s: '%s' is mounted",
					host_paths[i].what, is_readonly ? ", read-only" : "",
					mount->source);
}

/* A later mount hides what was mounted below its target. */
static void find_covered(const struct subject *s, size_t index)
{
	const struct plan_mount *mounts = s->plan->rootfs.mounts, *cover = &mounts[index];

	if (cover->kind == PLAN_MOUNT_REMOUNT)
		return;
	for (size_t i = 0; i < index; i++)
		if (path_is_below(mounts[i].target, cover->target) &&
		    mounts[i].kind != PLAN_MOUNT_REMOUNT)
			problem_warning(s->sink, cover->origin, "mounts are made in their order",
					"the mount on '%s' covers that on '%s', %s", cover->target,
					mounts[i].target, mounts[i].origin);
}

static void find_mounts(const struct subject *s)
{
	for (size_t i = 0; i < s->plan->rootfs.n_mounts; i++) {
		const struct plan_mount *mount = &s->plan->rootfs.mounts[i];

		find_covered(s, i);
		if (mount->kind != PLAN_MOUNT_BIND)
			continue;
		find_host_paths(s, mount);
		if (mount->propagation == MS_SHARED)
			problem_warning(s->sink, mount->origin, "use \"rslave\" or \"rprivate\"",
					"what the container mounts below '%s' appears on the host",
					mount->target);
	}
}

/* ---- lists ---- */

static void find_id_maps(const struct subject *s, const struct plan_id_maps *maps,
			 const char *pointer, const char *who)
{
	char at[64];

	for (size_t i = 0; i < maps->n; i++) {
		if (maps->v[i].outside != 0 || s->plan->ns.join & CLONE_NEWUSER ||
		    s->host->in_user_ns)
			continue;
		snprintf(at, sizeof(at), "%s/%zu", pointer, i);
		problem_warning(s->sink, at, NULL,
				"%s %" PRIu32 " of the container is the host's root", who,
				maps->v[i].inside);
	}
}

static void find_device_rules(const struct subject *s)
{
	const struct spec_resources *resources = &s->spec->linux_.resources;
	char at[64];

	for (size_t i = 0; i < resources->devices.n; i++) {
		const struct spec_device_rule *rule = &resources->devices.v[i];
		bool is_all = (!rule->major.set || rule->major.value < 0) &&
			      (!rule->minor.set || rule->minor.value < 0);

		if (!rule->allow || !is_all || !is_host_root(s) ||
		    (rule->access && !strchr(rule->access, 'w')))
			continue;
		snprintf(at, sizeof(at), "/linux/resources/devices/%zu", i);
		problem_warning(s->sink, at, NULL, "all devices of the host can be written to%s",
				rule->type == 'b'   ? ", if they are block devices"
				: rule->type == 'c' ? ", if they are character devices"
						    : "");
	}
}

static void find_environment(const struct subject *s)
{
	const struct spec_strings *env = &s->spec->process.env;
	char at[64];

	for (size_t i = 0; i < env->n; i++) {
		size_t len = strcspn(env->v[i], "=");
		bool is_repeated = false;

		for (size_t k = i + 1; k < env->n && !is_repeated; k++)
			is_repeated =
				strncmp(env->v[i], env->v[k], len) == 0 && env->v[k][len] == '=';
		if (!is_repeated)
			continue;
		snprintf(at, sizeof(at), "/process/env/%zu", i);
		problem_warning(s->sink, at, NULL, "%.*s is set again later, which counts",
				(int)len, env->v[i]);
	}
}

void plan_find_surprises(const struct spec *spec, const struct host *host, const struct plan *plan,
			 const struct problem_sink *sink)
{
	const struct subject subject = { spec, host, plan, sink };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].holds(&subject))
			problem_warning(sink, rows[i].pointer, rows[i].hint, "%s", rows[i].text);
	find_capabilities(&subject);
	find_mounts(&subject);
	find_id_maps(&subject, &plan->ns.uids, "/linux/uidMappings", "user");
	find_id_maps(&subject, &plan->ns.gids, "/linux/gidMappings", "group");
	find_device_rules(&subject);
	find_environment(&subject);
}
