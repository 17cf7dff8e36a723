/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What will be done, in the order in which it will be done. A plan is made of a spec and of facts
 * about the host without any system call; the executor carries it out and adds no decision that
 * could have been made here. `origin` is the JSON pointer of the line in config.json that asked for
 * an entry: errors name it. All memory belongs to the plan's arena.
 */
#ifndef OCIRUN_PLAN_PLAN_H
#define OCIRUN_PLAN_PLAN_H

#include "arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* ---- namespaces and ids: ns.c, idmap.c ---- */

#define PLAN_NS_MAX 8

struct plan_ns {
	uint64_t clone_flag; /* CLONE_NEWx */
	const char *name;    /* as in /proc/PID/ns: "pid", "net", "mnt", ... */
	const char *path;    /* joined; NULL: created */
	const char *origin;
};

struct plan_id_map {
	uint32_t inside, outside, size;
};
/* user_namespaces(7): more lines than that the kernel does not take (Linux 4.15). */
#define PLAN_ID_MAPS_MAX 340

struct plan_id_maps {
	size_t n;
	struct plan_id_map *v;
};

struct plan_namespaces {
	size_t n;
	struct plan_ns v[PLAN_NS_MAX];
	uint64_t create;       /* flags of those that are created */
	uint64_t join;         /* flags of those that are joined */
	bool has_uid_gid_maps; /* uid_maps and gid_maps are to be written */
	bool has_own_user_ns; /* which config.json does not have: the caller can do nothing without */
	bool has_default_maps; /* of either kind config.json has none */
	struct plan_id_maps uids, gids;
	uint32_t setup_uid, setup_gid; /* who makes mounts and devices in a user namespace */
	const char *time_offsets;      /* text for /proc/PID/timens_offsets, NULL for none */
	bool needs_intermediate;       /* some namespaces are only entered by a further clone */
};

/* A kernel file that gets a value: a sysctl, an oom score. */
struct plan_write {
	const char *path; /* below /proc for sysctls: "sys/net/ipv4/ip_forward" */
	const char *value;
	const char *origin;
};
struct plan_writes {
	size_t n;
	struct plan_write *v;
};

/* ---- the root file system and mounts: rootfs.c, mount.c, mount_options.c ---- */

enum plan_mount_kind {
	PLAN_MOUNT_NEW,     /* a new instance of a filesystem: fsopen, fsconfig, fsmount */
	PLAN_MOUNT_BIND,    /* an existing tree: open_tree */
	PLAN_MOUNT_REMOUNT, /* change the options of what is mounted at the target */
	PLAN_MOUNT_CGROUP,  /* the container's view of its cgroups, v1 or v2 */
};

/* A filesystem parameter for fsconfig(2); value NULL is a flag. */
struct plan_fs_param {
	const char *key;
	const char *value;
};

struct plan_mount {
	enum plan_mount_kind kind;
	const char *type;   /* filesystem type; NULL for binds */
	const char *source; /* absolute for binds */
	/* A bind of what lies in the container's root, with the mounts made so far: its path there. */
	const char *root_source;
	const char *target; /* cleaned, absolute inside the container */
	const char *origin;

	bool recursive;    /* rbind */
	uint64_t attr_set; /* MOUNT_ATTR_x for the mount itself */
	uint64_t attr_clear;
	/* What a source has of these must stay, so that clearing it is refused: see mount.c. */
	uint64_t attr_locked;
	uint64_t rec_attr_set;   /* the same for all mounts below: rro, rnosuid, ... */
	uint64_t rec_attr_clear; /* applied before attr_x, which may take back part of it */
	uint64_t propagation; /* MS_SHARED, MS_SLAVE, MS_PRIVATE, MS_UNBINDABLE; 0: as it comes */
	bool rec_propagation;

	size_t n_params; /* what the filesystem itself gets: "size=64k", "sync" */
	struct plan_fs_param *params;
	const char *data;  /* the same as one comma-separated string, for kernels' legacy parsers */
	uint64_t sb_flags; /* MS_x flags of the superblock: MS_SYNCHRONOUS, MS_RDONLY, ... */
	uint64_t sb_clear; /* those that were turned off again: a remount needs to know */

	bool copy_up; /* tmpcopyup */
	/* A bind in a mount namespace of others: what is mounted in it must not show at its source. */
	bool is_cut_off;
	bool idmap; /* idmap or ridmap */
	bool rec_idmap;
	struct plan_id_maps uids, gids; /* empty with idmap: the container's user namespace */

	/* A bind over /proc: whether the source is a procfs, as it must be, only the kernel knows. */
	bool must_be_procfs;

	/* The target, links of the image resolved, may lie in a procfs: lxcfs serves such files. */
	bool may_be_in_procfs;

	/* Attributes that are set when all is in place: devices, targets of later mounts. */
	uint64_t late_attr_set;

	uint32_t target_mode; /* of a directory that has to be made for it */
};

struct plan_device {
	mode_t type; /* S_IFCHR, S_IFBLK, S_IFIFO */
	const char *path;
	uint32_t major, minor;
	mode_t mode;
	uid_t uid;
	gid_t gid;
	const char *origin; /* "" for the spec's default devices */
};

struct plan_link {
	const char *path;
	const char *target;
};

struct plan_path {
	const char *path;
	const char *origin;
};

struct plan_rootfs {
	const char *path; /* absolute, on the host */
	bool readonly;
	uint64_t propagation; /* of the root mount while the container is set up and afterwards */
	bool rec_propagation;
	bool has_mount_ns; /* a new one: else it is others' too, and the root is entered by chroot */
	/*
	 * In a mount namespace of others: the root is bound onto itself, so that all that is mounted
	 * for the container hangs below one mount. Where nothing is, the root is used as it is.
	 */
	bool is_bound;
	bool no_pivot;
	/* Hooks of the host enter the mount namespace and look for the root at its own path. */
	bool at_own_path;
	const char *mount_label;  /* SELinux context, NULL for none */
	const char *label_option; /* that it is given with: "context" */

	size_t n_mounts;
	struct plan_mount *mounts;
	bool mounts_dev; /* some mount covers /dev: device nodes go there */
	size_t n_devices;
	struct plan_device *devices;
	size_t n_links;
	struct plan_link *links;
	size_t n_masked;
	struct plan_path *masked;
	size_t n_readonly_paths;
	struct plan_path *readonly_paths;
};

/* ---- cgroups: cgroup.c, cgroup_v1.c, cgroup_v2.c; see plan_cgroup.h ---- */

struct plan_cgroup;

/* ---- cache and memory bandwidth: rdt.c; see plan_rdt.h ---- */

struct plan_rdt;

/* ---- the process: process.c ---- */

struct plan_rlimit {
	int resource;
	uint64_t soft, hard;
	const char *name;
	const char *origin;
};

struct plan_capabilities {
	uint64_t bounding, effective, inheritable, permitted, ambient;
};

/* As sched_setaffinity(2) takes it. A kernel ignores CPUs that it cannot have. */
#define PLAN_CPU_SET_BYTES ((size_t)8192)

struct plan_process {
	bool terminal;
	uint16_t rows, columns; /* 0: not asked for */
	const char *cwd;
	char **argv;       /* NULL-terminated */
	char **envp;       /* NULL-terminated; of duplicate keys the last one only */
	bool env_has_home; /* else there is room for one more entry in envp */
	uid_t uid;
	gid_t gid;
	bool has_umask;
	mode_t umask;
	bool keeps_groups; /* the further groups are the caller's; else these */
	size_t n_gids;
	gid_t *gids;
	struct plan_capabilities caps;
	bool no_new_privs;
	bool has_oom_score_adj;
	int oom_score_adj;
	size_t n_rlimits;
	struct plan_rlimit *rlimits;
	const char *apparmor_profile;
	const char *selinux_label;
	bool has_scheduler;
	struct {
		uint32_t policy;
		int32_t nice;
		uint32_t priority;
		uint64_t flags, runtime, deadline, period;
	} scheduler;
	bool has_cpuset; /* some schedulers refuse to work in one */
	bool has_io_priority;
	int io_priority; /* as ioprio_set(2) takes it */
	bool has_personality;
	unsigned long personality;
	bool has_memory_policy;
	struct {
		int mode;               /* with MPOL_F_x */
		unsigned long max_node; /* as set_mempolicy(2) takes it; 0: no nodes */
		unsigned long *nodes;   /* bit mask */
	} memory_policy;
	/* Of exec, before and after it joins the cgroup: PLAN_CPU_SET_BYTES; NULL: not asked for. */
	const unsigned long *initial_cpus, *final_cpus;
};

/* ---- seccomp: seccomp.c; see plan_seccomp.h ---- */

struct plan_seccomp;

/* ---- hooks: hooks.c ---- */

struct plan_hook {
	const char *path;
	char **argv;       /* NULL-terminated */
	char **envp;       /* NULL-terminated, exactly what the hook gets */
	int64_t timeout_s; /* 0: none */
	const char *origin;
};
struct plan_hooks {
	size_t n;
	struct plan_hook *v;
};

enum plan_hook_kind {
	PLAN_HOOK_PRESTART,
	PLAN_HOOK_CREATE_RUNTIME,
	PLAN_HOOK_CREATE_CONTAINER,
	PLAN_HOOK_START_CONTAINER,
	PLAN_HOOK_POSTSTART,
	PLAN_HOOK_POSTSTOP,
	PLAN_HOOK_KINDS,
};

/* The names of the hooks in the spec: "createRuntime". */
extern const char *const plan_hook_names[PLAN_HOOK_KINDS];

struct plan_net_device {
	const char *host_name;
	const char *name; /* inside the container */
	bool is_template; /* the name ends in "%d": the kernel puts a free number there */
	const char *origin;
};

struct plan_annotation {
	const char *key, *value;
};

/* ---- the whole ---- */

struct plan {
	struct arena *arena;
	const char *id;
	const char *bundle; /* absolute */
	const char *hostname;
	const char *domainname;
	struct plan_namespaces ns;
	struct plan_writes sysctls;
	struct plan_rootfs rootfs;
	struct plan_cgroup *cgroup; /* NULL: no cgroup is made */
	struct plan_rdt *rdt;       /* NULL: nothing is done in resctrl */
	/* What mounts of cgroups show: those, else the caller's; NULL: the host has none. */
	const struct plan_cgroup *shown_cgroup;
	bool has_process;
	struct plan_process process;
	struct plan_seccomp *seccomp; /* NULL: none */
	struct plan_hooks hooks[PLAN_HOOK_KINDS];
	size_t n_net_devices;
	struct plan_net_device *net_devices;
	size_t n_annotations;
	struct plan_annotation *annotations;
};

#endif
