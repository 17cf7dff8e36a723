/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A kernel that mounts nothing and remembers everything: what it was asked is a text, a line per
 * call. It hands out real descriptors: a memory file for a filesystem context, an empty directory
 * for a new mount, the path itself for a cloned tree. Call N, or the calls of one name, can fail.
 */
#ifndef OCIRUN_TESTS_UNIT_FAKE_KERNEL_H
#define OCIRUN_TESTS_UNIT_FAKE_KERNEL_H

#include "mountapi.h"

extern const struct mount_ops fake_kernel;

/* Forgets all calls, and lets every call succeed. */
void fake_kernel_reset(void);

/* The @n-th call from now (the first is 1), or each call named @name, fails with @errnum. */
void fake_kernel_fail_nth(int n, int errnum);
void fake_kernel_fail_name(const char *name, int errnum);

/* A line per call; paths of the test's own directory are relative to it. */
const char *fake_kernel_calls(void);
int fake_kernel_count(void);

#endif
