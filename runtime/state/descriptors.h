/* SPDX-License-Identifier: Apache-2.0 */
/*
 * descriptors.json of a checkpoint: what the container's standard streams were, so that at a restore
 * those of the caller take the place of pipes. A JSON array of the links in /proc/PID/fd, as runc
 * writes it too.
 */
#ifndef OCIRUN_STATE_DESCRIPTORS_H
#define OCIRUN_STATE_DESCRIPTORS_H

#include "err.h"

#define DESCRIPTORS_N        3
#define DESCRIPTORS_TEXT_MAX 256

struct descriptors {
	char v[DESCRIPTORS_N][DESCRIPTORS_TEXT_MAX];
};

/* Writes the file in the directory @dir_fd; a link in its place is refused. */
int descriptors_write(int dir_fd, const struct descriptors *descriptors, struct err *err);

/* Reads it. What the image says beyond three texts is of no interest; -EINVAL for other things. */
int descriptors_read(int dir_fd, struct descriptors *ret_descriptors, struct err *err);

#endif
