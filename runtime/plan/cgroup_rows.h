/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of the cgroup planner: a knob is a row. There are two tables, one for the files of
 * cgroup v1 and one for those of v2, and each names every key of `resources`: a controller's
 * rows are taken from the table of the hierarchy that the controller lives in.
 */
#ifndef OCIRUN_PLAN_CGROUP_ROWS_H
#define OCIRUN_PLAN_CGROUP_ROWS_H

#include "log.h"
#include "plan_cgroup.h"
#include "spec.h"

enum cgroup_controller {
	CG_CPUSET,
	CG_CPU,
	CG_BLKIO,
	CG_HUGETLB,
	CG_RDMA,
	CG_NET_CLS,
	CG_NET_PRIO,
	CG_MEMORY,
	CG_PIDS,
	CG_CONTROLLERS,
};

struct cgroup_build;
struct cgroup_row;

/* Turns the row's value into writes; a value that is unset or zero makes none. */
typedef int cgroup_emit(struct cgroup_build *build, const struct cgroup_row *row);

struct cgroup_row {
	enum cgroup_controller controller;
	const char *key; /* below /linux/resources: "memory/limit" */
	size_t field;    /* offset in struct spec_resources */
	const char *file;
	cgroup_emit *emit;
	enum plan_cgroup_phase phase;
	unsigned flags;
	const char *alt_file;
	const char *usage_file;
	const char *word; /* what a line of the file calls this value: "rbps" */
};

/* The columns of a row that every row has. */
#define CG_ROW(controller_, key_, member_, file_, emit_)                                           \
	.controller = (controller_), .key = (key_),                                                \
	.field = offsetof(struct spec_resources, member_), .file = (file_), .emit = (emit_)

extern const struct cgroup_row cgroup_v1_rows[];
extern const size_t cgroup_v1_n_rows;
extern const struct cgroup_row cgroup_v2_rows[];
extern const size_t cgroup_v2_n_rows;

#define CG_NO_HIERARCHY ((size_t)-1)

struct cgroup_build {
	struct arena *arena;
	const struct spec_resources *resources;
	const char *base; /* JSON pointer of the resources: "/linux/resources"; "" for a document */
	const struct log *log;
	struct plan_cgroup *plan;
	size_t writes_room;
	size_t properties_room; /* of plan->unit */
	struct err *err;
	/* For the rows of one controller: */
	size_t hierarchy;       /* index, or CG_NO_HIERARCHY */
	const char *controller; /* its name there: "blkio", "io"; NULL: a file of the core */
};

/* The value of a row. */
#define CG_VALUE(build, row, type)                                                                 \
	((type const *)(const void *)((const char *)(build)->resources + (row)->field))

/*
 * Appends a write, whose `hierarchy` is filled in. Where no hierarchy has the controller this is
 * the error -ENOTSUP, unless the write may be missed.
 */
int cgroup_add(struct cgroup_build *build, const struct plan_cgroup_write *write);
/* The write that a row describes, but for its value. */
struct plan_cgroup_write cgroup_row_write(struct cgroup_build *build, const struct cgroup_row *row);
/* Appends a row's write of a text that is in the arena or a constant. */
int cgroup_add_row(struct cgroup_build *build, const struct cgroup_row *row, unsigned more_flags,
		   const char *value);

/* "<base>/<key>", with "/<index>" behind it for the elements of a list. */
const char *cgroup_pointer(struct cgroup_build *build, const char *key);
const char *cgroup_pointer_at(struct cgroup_build *build, const char *key, size_t index);
/* The same for a member of an object, escaped as RFC 6901 wants. */
const char *cgroup_pointer_member(struct cgroup_build *build, const char *key, const char *name);

/* "8:0", as files name a block device. */
const char *cgroup_device(struct cgroup_build *build, int64_t major, int64_t minor);

/*
 * systemd has made the group idle before the weight at @origin can be set, and in an idle group none
 * can: it is left out, with a warning.
 */
bool cgroup_ignores_weight(const struct cgroup_build *build, const char *origin);

/* Formats that both tables use: cgroup_value.c. */
cgroup_emit cgroup_emit_int;       /* int64, zero is unset */
cgroup_emit cgroup_emit_uint;      /* uint64, zero is unset */
cgroup_emit cgroup_emit_int_zero;  /* int64, zero is a value, and the kernel's default */
cgroup_emit cgroup_emit_uint_zero; /* uint64, zero is a value, and the kernel's default */
cgroup_emit cgroup_emit_text;      /* empty is unset */
cgroup_emit cgroup_emit_pids;      /* -1 is "max", zero is a limit */
cgroup_emit cgroup_emit_hugepages; /* row->file is what follows "hugetlb.2MB" */
cgroup_emit cgroup_emit_rdma;
cgroup_emit cgroup_emit_nothing; /* for what the kernel does anyway */

/* Whether the limits of the memory section are limits, and limit and limit+swap fit together. */
int cgroup_check_memory(struct cgroup_build *build);

/* The device rules of a spec and the runtime's own, in order: cgroup_device.c. */
int cgroup_device_rules(struct cgroup_build *build, struct plan_cgroup_device **ret_rules,
			size_t *ret_n);
/* What is left of rules when they are played through: one default, and exceptions from it. */
struct cgroup_device_list {
	bool default_allow;
	const char *default_origin;
	size_t n;
	struct plan_cgroup_device *v; /* in no order; one without any access says nothing */
};
/* @who cannot have an exception from a wider exception: that is an error, and names it. */
int cgroup_device_play(struct cgroup_build *build, const struct plan_cgroup_device *rules, size_t n,
		       const char *who, struct cgroup_device_list *ret_list);
/* "rwm" */
const char *cgroup_device_access(struct arena *arena, unsigned access);
/* The same as writes to devices.allow and devices.deny of build->hierarchy. */
int cgroup_add_devices_v1(struct cgroup_build *build, const struct plan_cgroup_device *rules,
			  size_t n);
/* "c 1:3 rwm" */
#define CG_DEVICE_TEXT_MAX 64
void cgroup_device_format(const struct plan_cgroup_device *rule, char *buf, size_t size);

#endif
