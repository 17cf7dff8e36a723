/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compiled seccomp filters that are kept, since compiling one takes longer than all the rest: by
 * the content of the profile for the next container, and in a container's state directory for the
 * next exec. Private to this layer.
 */
#ifndef OCIRUN_OPS_FILTER_H
#define OCIRUN_OPS_FILTER_H

#include "err.h"
#include "log.h"
#include "seccomp_program.h"

/*
 * The program of @plan: a kept one whose key is equal byte by byte, or a new one, which is then
 * kept below the state root @root_fd. That something cannot be kept is no error. The caller frees
 * *@ret_program.
 */
int filter_get(int root_fd, const struct plan_seccomp *plan, const struct log *log,
	       struct seccomp_program **ret_program, struct err *err);

/* A container's filter. */
struct filter {
	struct plan_seccomp plan; /* the flags that it is loaded with, and who listens: no rules */
	struct seccomp_program *program; /* NULL: the container has none */
	char *memory;                    /* of the plan's texts */
};
void filter_done(struct filter *filter);
static inline void filter_auto(struct filter *owned)
{
	filter_done(owned);
}

/* Keeps @program, the flags that it is loaded with, and who listens. */
int filter_store(int dir_fd, const struct plan_seccomp *plan, const struct seccomp_program *program,
		 struct err *err);

/* The caller calls filter_done() once that has succeeded. */
int filter_load(int dir_fd, struct filter *ret_filter, struct err *err);

#endif
