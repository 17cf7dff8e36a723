/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.json as plain C structs: OCI runtime-spec 1.3.0, the parts that concern Linux.
 *
 * An optional scalar is {set, value}; an absent string is NULL; an absent list has n = 0. All
 * memory belongs to the arena of the document, strings are never modified. Elements of lists that
 * an error can be about are found again by position: the pointer of mounts[3] is "/mounts/3".
 * Where the kernel has a number for a name (CLONE_NEWPID, RLIMIT_NOFILE, SCHED_FIFO), the struct
 * holds that number; unknown names were refused while loading.
 */
#ifndef OCIRUN_SPEC_SPEC_H
#define OCIRUN_SPEC_SPEC_H

#include "arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SPEC_OCI_VERSION     "1.3.0" /* the newest version of the spec that is understood */
#define SPEC_OCI_VERSION_MIN "1.0.0" /* the oldest */
#define SPEC_MAX_BYTES       (4u << 20)
#define SPEC_MAX_DEPTH       64u

struct spec_opt_bool {
	bool set;
	bool value;
};
struct spec_opt_int {
	bool set;
	int64_t value;
};
struct spec_opt_uint {
	bool set;
	uint64_t value;
};

struct spec_strings {
	size_t n;
	const char **v; /* NULL: not given; of an empty list it is not */
};
struct spec_pair {
	const char *key;
	const char *value;
};
struct spec_pairs {
	size_t n;
	struct spec_pair *v;
};
struct spec_uints {
	size_t n;
	uint32_t *v;
};

struct spec_id_map {
	uint32_t container_id;
	uint32_t host_id;
	uint32_t size;
};
struct spec_id_maps {
	size_t n;
	struct spec_id_map *v;
};

/* ---- root, mounts ---- */

struct spec_root {
	bool set;
	const char *path;
	bool readonly;
};

struct spec_mount {
	const char *destination;
	const char *source; /* NULL when absent */
	const char *type;   /* NULL when absent */
	struct spec_strings options;
	struct spec_id_maps uid_mappings;
	struct spec_id_maps gid_mappings;
};

/* ---- process ---- */

struct spec_user {
	uint32_t uid;
	uint32_t gid;
	struct spec_opt_uint umask;
	struct spec_uints additional_gids;
};

struct spec_rlimit {
	int resource; /* RLIMIT_NOFILE ... */
	uint64_t soft;
	uint64_t hard;
};

/* Each set is a mask, bit 1 << CAP_x. */
struct spec_capabilities {
	bool set;
	uint64_t bounding;
	uint64_t effective;
	uint64_t inheritable;
	uint64_t permitted;
	uint64_t ambient;
};

struct spec_scheduler {
	bool set;
	int policy; /* SCHED_x */
	int32_t nice;
	int32_t priority;
	uint64_t flags; /* SCHED_FLAG_x, ORed */
	uint64_t runtime;
	uint64_t deadline;
	uint64_t period;
};

struct spec_io_priority {
	bool set;
	int class; /* IOPRIO_CLASS_x */
	int32_t priority;
};

struct spec_console_size {
	bool set;
	uint64_t height;
	uint64_t width;
};

struct spec_process {
	bool set;
	bool terminal;
	struct spec_console_size console_size;
	const char *cwd;
	struct spec_strings args;
	struct spec_strings env;
	struct spec_user user;
	struct {
		size_t n;
		struct spec_rlimit *v;
	} rlimits;
	struct spec_capabilities capabilities;
	bool no_new_privileges;
	struct spec_opt_int oom_score_adj;
	const char *apparmor_profile;
	const char *selinux_label;
	struct spec_scheduler scheduler;
	struct spec_io_priority io_priority;
	const char *cpu_affinity_initial; /* execCPUAffinity: lists as "0-3,7" */
	const char *cpu_affinity_final;
};

/* ---- linux ---- */

struct spec_namespace {
	uint64_t clone_flag; /* CLONE_NEWx; CLONE_NEWTIME is 0x80 */
	const char *path;    /* NULL: a new one */
};

struct spec_time_offset {
	bool set;
	int64_t secs;
	uint32_t nanosecs;
};

struct spec_device {
	char type; /* 'c', 'b', 'u', 'p' */
	const char *path;
	int64_t major;
	int64_t minor;
	struct spec_opt_uint file_mode;
	struct spec_opt_uint uid;
	struct spec_opt_uint gid;
};

struct spec_net_device {
	const char *host_name;
	const char *name; /* NULL: unchanged */
};

struct spec_intel_rdt {
	bool set;
	const char *clos_id;
	struct spec_strings schemata;
	const char *l3_cache_schema;
	const char *mem_bw_schema;
	bool enable_monitoring;
};

struct spec_memory_policy {
	bool set;
	int mode; /* MPOL_x */
	const char *nodes;
	uint64_t flags; /* MPOL_F_x, ORed */
};

struct spec_personality {
	bool set;
	uint64_t domain; /* PER_LINUX, PER_LINUX32 */
	struct spec_strings flags;
};

/* ---- linux.resources ---- */

struct spec_device_rule {
	bool allow;
	char type;                 /* 'a', 'b', 'c' */
	struct spec_opt_int major; /* unset or negative: all */
	struct spec_opt_int minor;
	const char *access; /* of "rwm"; NULL when absent */
};

struct spec_block_weight {
	int64_t major;
	int64_t minor;
	struct spec_opt_uint weight;
	struct spec_opt_uint leaf_weight;
};
struct spec_block_weights {
	size_t n;
	struct spec_block_weight *v;
};

struct spec_block_rate {
	int64_t major;
	int64_t minor;
	uint64_t rate;
};
struct spec_block_rates {
	size_t n;
	struct spec_block_rate *v;
};

struct spec_hugepage {
	const char *page_size; /* "2MB" */
	uint64_t limit;
};

struct spec_net_priority {
	const char *name;
	uint32_t priority;
};

struct spec_rdma {
	const char *device;
	struct spec_opt_uint hca_handles;
	struct spec_opt_uint hca_objects;
};

struct spec_resources {
	bool set;
	struct {
		size_t n;
		struct spec_device_rule *v;
	} devices;
	struct {
		struct spec_opt_int limit, reservation, swap, kernel, kernel_tcp;
		struct spec_opt_uint swappiness;
		struct spec_opt_bool disable_oom_killer, use_hierarchy, check_before_update;
	} memory;
	struct {
		struct spec_opt_uint shares, period, burst, realtime_period;
		struct spec_opt_int quota, realtime_runtime, idle;
		const char *cpus, *mems;
	} cpu;
	struct {
		struct spec_opt_int limit;
	} pids;
	struct {
		struct spec_opt_uint weight, leaf_weight;
		struct spec_block_weights weight_device;
		struct spec_block_rates read_bps, write_bps, read_iops, write_iops;
	} block_io;
	struct {
		size_t n;
		struct spec_hugepage *v;
	} hugepage_limits;
	struct {
		struct spec_opt_uint class_id;
		struct {
			size_t n;
			struct spec_net_priority *v;
		} priorities;
	} network;
	struct {
		size_t n;
		struct spec_rdma *v;
	} rdma;
	struct spec_pairs unified;
};

/* ---- linux.seccomp ---- */

enum spec_seccomp_action {
	SPEC_SECCOMP_KILL_THREAD, /* SCMP_ACT_KILL is an older name of it */
	SPEC_SECCOMP_KILL_PROCESS,
	SPEC_SECCOMP_TRAP,
	SPEC_SECCOMP_ERRNO,
	SPEC_SECCOMP_TRACE,
	SPEC_SECCOMP_ALLOW,
	SPEC_SECCOMP_LOG,
	SPEC_SECCOMP_NOTIFY,
};

enum spec_seccomp_operator {
	SPEC_SECCOMP_NE,
	SPEC_SECCOMP_LT,
	SPEC_SECCOMP_LE,
	SPEC_SECCOMP_EQ,
	SPEC_SECCOMP_GE,
	SPEC_SECCOMP_GT,
	SPEC_SECCOMP_MASKED_EQ,
};

struct spec_seccomp_arg {
	uint32_t index;
	uint64_t value;
	uint64_t value_two;
	enum spec_seccomp_operator op;
};

struct spec_seccomp_rule {
	struct spec_strings names;
	enum spec_seccomp_action action;
	struct spec_opt_uint errno_ret;
	size_t n_args;
	struct spec_seccomp_arg *args;
};

struct spec_seccomp {
	bool set;
	enum spec_seccomp_action default_action;
	struct spec_opt_uint default_errno_ret;
	uint64_t flags;                    /* SECCOMP_FILTER_FLAG_x, ORed */
	bool has_no_flags;                 /* an empty list; an absent one leaves the choice */
	struct spec_strings architectures; /* "SCMP_ARCH_X86_64": names that the schema lists */
	const char *listener_path;
	const char *listener_metadata;
	size_t n_rules;
	struct spec_seccomp_rule *rules;
};

/* ---- hooks ---- */

struct spec_hook {
	const char *path;
	struct spec_strings args;
	struct spec_strings env;
	struct spec_opt_int timeout; /* seconds */
};
struct spec_hooks {
	size_t n;
	struct spec_hook *v;
};

/* ---- the whole document ---- */

struct spec {
	struct arena *arena;
	const char *oci_version;
	struct spec_root root;
	const char *hostname;
	const char *domainname;
	struct {
		size_t n;
		struct spec_mount *v;
	} mounts;
	struct spec_process process;
	struct {
		struct spec_hooks prestart, create_runtime, create_container, start_container;
		struct spec_hooks poststart, poststop;
	} hooks;
	struct spec_pairs annotations;
	struct {
		bool set;
		struct {
			size_t n;
			struct spec_namespace *v;
		} namespaces;
		struct spec_id_maps uid_mappings;
		struct spec_id_maps gid_mappings;
		struct spec_time_offset boottime;
		struct spec_time_offset monotonic;
		struct {
			size_t n;
			struct spec_device *v;
		} devices;
		struct {
			size_t n;
			struct spec_net_device *v;
		} net_devices;
		const char *cgroups_path;
		struct spec_resources resources;
		const char *rootfs_propagation; /* with or without a leading "r" */
		struct spec_seccomp seccomp;
		struct spec_pairs sysctl;
		struct spec_strings masked_paths;
		struct spec_strings readonly_paths;
		const char *mount_label;
		struct spec_intel_rdt intel_rdt;
		struct spec_memory_policy memory_policy;
		struct spec_personality personality;
	} linux_;
};

#endif
