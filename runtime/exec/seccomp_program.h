/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan's seccomp rules as the BPF program that the kernel runs for each system call. The parent
 * compiles it before it clones; the child, in its last steps, loads it with one system call.
 */
#ifndef OCIRUN_EXEC_SECCOMP_PROGRAM_H
#define OCIRUN_EXEC_SECCOMP_PROGRAM_H

#include "auto.h"
#include "err.h"
#include "plan_seccomp.h"

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

struct seccomp_program {
	size_t n;
	struct sock_filter v[];
};

/* The caller frees *@ret_program. -E2BIG for what does not fit into the kernel's limit. */
int seccomp_program_compile(const struct plan_seccomp *plan, struct seccomp_program **ret_program,
			    struct err *err);
/*
 * Everything that the program depends on, as bytes: the plan's content, the versions of this code
 * and of libseccomp, the machine. Two plans with equal keys have equal programs. The caller frees
 * *@ret_key.
 */
int seccomp_program_key(const struct plan_seccomp *plan, void **ret_key, size_t *ret_len,
			struct err *err);
void seccomp_program_free(struct seccomp_program *program);
DEFINE_AUTO(seccomp_program, struct seccomp_program *, seccomp_program_free)

/*
 * Puts the calling thread under the program; with CAP_SYS_ADMIN or no_new_privs only. @flags are
 * the plan's. Returns the listener (close-on-exec) when they have SECCOMP_FILTER_FLAG_NEW_LISTENER,
 * else 0. Async-signal-safe unless it fails: nothing is allocated. A listener has to be reported
 * by write(2): any other call may wait for an agent that does not have it yet.
 */
int seccomp_program_load(const struct seccomp_program *program, uint32_t flags, struct err *err);

#endif
