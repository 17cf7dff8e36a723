/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A container's compiled seccomp filter in its state directory: compiling takes longer than all the
 * rest of an exec. Private to this layer.
 */
#ifndef OCIRUN_OPS_FILTER_H
#define OCIRUN_OPS_FILTER_H

#include "err.h"
#include "seccomp_program.h"

/* Keeps @program and the flags that it is loaded with. */
int filter_store(int dir_fd, uint32_t flags, const struct seccomp_program *program,
		 struct err *err);

/* *@ret_program is NULL when the container has none. The caller frees it. */
int filter_load(int dir_fd, uint32_t *ret_flags, struct seccomp_program **ret_program,
		struct err *err);

#endif
