/* SPDX-License-Identifier: Apache-2.0 */
/* A system call of a container that somebody wants to know of. */
#ifndef OCIRUN_PLAN_SECCOMP_CALL_H
#define OCIRUN_PLAN_SECCOMP_CALL_H

#include <stdint.h>
#include <sys/types.h>

enum seccomp_watch_kind {
	SECCOMP_WATCH_ALL,    /* no call is denied, and each is told of */
	SECCOMP_WATCH_DENIED, /* the profile holds, and each call that it denies is told of */
};

struct seccomp_call {
	pid_t pid;        /* of the thread, as the watcher's procfs has it */
	const char *arch; /* as profiles name it: "SCMP_ARCH_X86_64"; NULL: not known */
	const char *name; /* "openat"; NULL: not known */
	int nr;
	uint64_t args[6];
	const char
		*action; /* what the profile says: "SCMP_ACT_ERRNO"; NULL with SECCOMP_WATCH_ALL */
	int errnum;      /* of SCMP_ACT_ERRNO */
};

/* Who is told. The call waits meanwhile; its texts are valid that long. */
struct seccomp_watch_request {
	enum seccomp_watch_kind kind;
	void (*visit)(void *context, const struct seccomp_call *call);
	void *context;
};

#endif
