/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a container's cgroup lies in each hierarchy of the host and what is written there. On a
 * hybrid host each controller is set where it is mounted, so that v1 and v2 hierarchies stand side
 * by side in one plan.
 *
 * Where systemd makes the cgroup, the plan has a unit, whose properties say the same as the writes.
 */
#ifndef OCIRUN_PLAN_PLAN_CGROUP_H
#define OCIRUN_PLAN_PLAN_CGROUP_H

#include "arena.h"
#include "err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct host;
struct log;
struct plan_request;
struct plan_unit;
struct spec;
struct spec_resources;

struct plan_cgroup_hierarchy {
	bool is_v2;
	const char *mount;       /* "/sys/fs/cgroup/memory" */
	const char *controllers; /* v1 "cpu,cpuacct", "name=systemd"; v2 "cpu memory" */
	const char *path;        /* of the container in the hierarchy: "/machine/c1" */
	const char *dir;         /* the same as the host sees it: mount and path */
	const char *needed;      /* controllers that some write belongs to: "memory pids" */
	bool is_optional;        /* without the right to make it the container runs without it */
	const char *own_dir;     /* then it stays in the caller's, here; NULL if not optional */
};

/* When a value is written. Most belong to SETUP, hence it comes first and is the default. */
enum plan_cgroup_phase {
	PLAN_CGROUP_SETUP, /* before hooks run, which may change it: devices, cpu, io */
	PLAN_CGROUP_JOIN,  /* earlier, before a process can join: cpusets, realtime bandwidth */
	PLAN_CGROUP_LAST,  /* when setting up is over, whose memory and tasks shall not count */
};

/* Properties of a write, ORed. */
enum plan_cgroup_flag {
	/* A missing file is fine: the value is what the kernel does without the file. */
	PLAN_CGROUP_MAY_MISS = 1 << 0,
	/* The kernel may refuse it (EINVAL) until a later value of the same phase is in place. */
	PLAN_CGROUP_DEFER = 1 << 1,
	/* Refused when usage_file already says more than value. */
	PLAN_CGROUP_CHECK_USAGE = 1 << 2,
};

struct plan_cgroup_write {
	size_t hierarchy; /* index */
	enum plan_cgroup_phase phase;
	unsigned flags;
	const char *file;
	const char *value;
	const char *alt_file; /* used instead when `file` does not exist; NULL for none */
	const char *alt_value;
	const char *usage_file; /* what the limit is held against, for errors; NULL for none */
	/*
	 * Of a file with a line per device: what takes the write back when the file had no line for
	 * the device before ("8:0 0"). NULL: what the file says can be written to it.
	 */
	const char *undo;
	const char *origin;
};

/* A device rule; of those that match an access the last one decides. Before all: deny. */
struct plan_cgroup_device {
	bool allow;
	char type;            /* 'b' or 'c'; 'a' for both, and then everything of both */
	int64_t major, minor; /* -1: all */
	unsigned access;      /* PLAN_CGROUP_DEVICE_x, ORed */
	const char *origin;
};
#define PLAN_CGROUP_DEVICE_READ  1u
#define PLAN_CGROUP_DEVICE_WRITE 2u
#define PLAN_CGROUP_DEVICE_MKNOD 4u
#define PLAN_CGROUP_DEVICE_ALL   7u

struct plan_cgroup {
	size_t n_hierarchies;
	struct plan_cgroup_hierarchy *hierarchies;
	size_t n_writes;
	struct plan_cgroup_write *writes;
	/* For a BPF program on the v2 hierarchy; none where v1 has `devices`: those are writes. */
	size_t n_devices;
	struct plan_cgroup_device *devices;
	size_t devices_hierarchy; /* index; meaningful with devices only */
	/* To whom the cgroup of v2 is delegated, a user of the host. */
	bool has_owner;
	uint32_t owner;
	struct plan_unit *unit;   /* of systemd, which makes the cgroup; NULL: we do */
};

/*
 * The container's cgroup. *@ret_cgroup is NULL when none is made: the manager is disabled, or the
 * host has no cgroups and none were asked for. -EINVAL for a value that contradicts another one or
 * leads nowhere, -ENOTSUP for one that this host cannot fulfil; both name the key.
 */
int plan_build_cgroup(struct arena *arena, const struct spec *spec, const struct host *host,
		      const struct plan_request *request, struct plan_cgroup **ret_cgroup,
		      struct err *err);

/* The caller's cgroups, to be shown where the container has none; NULL: the host has none either. */
struct plan_cgroup *plan_build_callers_cgroup(struct arena *arena, const struct host *host);

/* Bytes of arena that the writes of @resources take at most. */
size_t plan_cgroup_values_bytes(const struct spec_resources *resources);

/*
 * Other values for the cgroups of a container that exists. `mount` of each hierarchy of @host is the
 * container's own cgroup in it. @arena has to hold plan_cgroup_values_bytes() and the facts of @host
 * twice. Nothing is said of devices: their rules are those of create. Errors
 * name the key from the resources object on ("/memory/limit"). With @has_unit the plan has a unit for
 * its properties; which one, the caller knows.
 */
int plan_build_cgroup_update(struct arena *arena, const struct spec_resources *resources,
			     const struct host *host, bool has_unit, const struct log *log,
			     struct plan_cgroup **ret_cgroup, struct err *err);

/* A line of text per hierarchy, write and device rule. @cgroup may be NULL: no line. */
void plan_print_cgroup(const struct plan_cgroup *cgroup, void (*line)(void *context, const char *),
		       void *context);

#endif
