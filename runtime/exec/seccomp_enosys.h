/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands before libseccomp's program: a call newer than the profile gets ENOSYS. libc tries
 * new calls first and goes back to the old ones on ENOSYS only; a default of EPERM would break
 * programs that ran before their libc was updated.
 */
#ifndef OCIRUN_EXEC_SECCOMP_ENOSYS_H
#define OCIRUN_EXEC_SECCOMP_ENOSYS_H

#include "plan_seccomp.h"

#include <linux/filter.h>
#include <stddef.h>

/* Room for the instructions of @n_archs ABIs. */
#define SECCOMP_ENOSYS_MAX(n_archs) (1 + 7 * (n_archs))

/* Writes the instructions, which leave by falling off their end, and returns their number. */
size_t seccomp_enosys_emit(const struct plan_seccomp_arch *archs, size_t n_archs,
			   struct sock_filter *insns);

#endif
