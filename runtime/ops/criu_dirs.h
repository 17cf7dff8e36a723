/* SPDX-License-Identifier: Apache-2.0 */
/* The directories that criu reads and writes. Private to this layer. */
#ifndef OCIRUN_OPS_CRIU_DIRS_H
#define OCIRUN_OPS_CRIU_DIRS_H

#include "ops.h"

struct criu_dirs {
	int image_fd;
	int work_fd;      /* -1: the image's directory has the log too */
	const char *path; /* of the directory with the log; borrowed */
	const char *log;  /* its name */
};
#define CRIU_DIRS_NONE ((struct criu_dirs){ .image_fd = -1, .work_fd = -1 })

/*
 * Opens them; at a dump the image's is made with its parents, the work directory always. -ELOOP when
 * a file that criu will write is a link or anything else but a file: criu would follow it, and the
 * image may come from somewhere else.
 */
int criu_dirs_open(const struct ops_criu_options *options, bool is_dump, struct criu_dirs *ret_dirs,
		   struct err *err);
void criu_dirs_close(struct criu_dirs *dirs);

/* Adds to an error of criu's where its log is. */
int criu_dirs_explain(const struct criu_dirs *dirs, struct err *err);

#endif
