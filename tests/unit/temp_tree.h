/* SPDX-License-Identifier: Apache-2.0 */
/* A directory of a test's own, gone when the test ends, and what a test puts into it. */
#ifndef OCIRUN_TESTS_UNIT_TEMP_TREE_H
#define OCIRUN_TESTS_UNIT_TEMP_TREE_H

#include <stddef.h>
#include <sys/types.h>

/* Its path; made by the first call. */
const char *temp_dir(void);

/* The path of @name in it; "" is the directory itself. The last 16 results are valid. */
const char *temp_path(const char *name);

/* The directory @name as a descriptor, made when it is missing; the caller closes it. */
int temp_open_dir(const char *name);

void temp_make_dir(const char *name);
void temp_make_file(const char *name, const char *text, mode_t mode);
void temp_make_link(const char *target, const char *name);

/* The content of a file, "" when there is none. The last result is valid. */
const char *temp_read(const char *name);

/* How many descriptors this process has open. */
int open_fd_count(void);

/* A text of @len times @c; the last result is valid. */
const char *text_of(char c, size_t len);

#endif
