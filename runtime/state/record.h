/* SPDX-License-Identifier: Apache-2.0 */
/* The intent record of a container, as state.json keeps it. */
#ifndef OCIRUN_STATE_RECORD_H
#define OCIRUN_STATE_RECORD_H

#include "arena.h"
#include "cgroup_paths.h"
#include "rdt_paths.h"
#include "root_mount.h"
#include "unit_ref.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct record_annotation {
	const char *key, *value;
};

struct record {
	const char *oci_version; /* the version of the spec that this runtime follows */
	const char *id;
	const char *bundle;  /* absolute */
	const char *rootfs;  /* absolute */
	const char *created; /* RFC 3339, UTC, nanoseconds */
	size_t n_annotations;
	struct record_annotation *annotations;
	struct cgroup_paths cgroups;
	struct rdt_paths rdt;
	struct root_mount root_mount;
	struct unit_ref unit;   /* of systemd, which makes the cgroup; no name: we do */
	uint64_t namespaces;    /* CLONE_NEWx of those that are not the runtime's own */
	bool has_own_pid_ns;    /* the end of init ends every process */
	bool has_chroot;        /* its root is no mount namespace's root */
	uint32_t exec_settings; /* what processes of exec have by default: ops/exec_inherit.h */
	bool has_keyring;       /* a session keyring of its own */
	bool has_late_hooks;    /* poststart or poststop: the copy of config.json has them */
};

/* The record as text, malloc()ed, of *@ret_len bytes. 0 or -ENOMEM. */
int record_print(const struct record *record, char **ret_text, size_t *ret_len, struct err *err);

/*
 * The reverse; all memory of *@ret_record is in @arena, which needs record_arena_bytes(). -EINVAL
 * for what is no record.
 */
int record_parse(const char *text, size_t len, struct arena *arena, struct record *ret_record,
		 struct err *err);
size_t record_arena_bytes(size_t len);

/*
 * The state for hooks in the two parts that exec/hook.h describes, each malloc()ed. 0 or -ENOMEM.
 */
int record_print_hook_state(const struct record *record, char **ret_head, char **ret_tail,
			    struct err *err);

/* The process under a seccomp filter with a listener, as its agent is told of it. */
struct record_process {
	pid_t pid;
	pid_t init_pid;
	const char *status;   /* of the container */
	const char *metadata; /* NULL: none */
};

/* The containerProcessState of config-linux.md as text, malloc()ed. 0 or -ENOMEM. */
int record_print_process_state(const struct record *record, const struct record_process *process,
			       char **ret_text, struct err *err);

/* The current time in the form of `created`. */
char *record_timestamp(struct arena *arena);

#endif
