/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers with units, as people and engines write them on the command line. */
#ifndef OCIRUN_CMD_AMOUNT_H
#define OCIRUN_CMD_AMOUNT_H

#include <stdint.h>

/* "64M", "64mb", "64 MiB", "1.5G", "67108864", "100b"; units are powers of 1024. -EINVAL. */
int amount_bytes(const char *text, int64_t *ret_bytes);

/* "5s", "100ms", "1m30s", "1.5h", "250us"; a number needs a unit, but for 0. -EINVAL. */
int amount_duration(const char *text, int64_t *ret_ns);

#endif
