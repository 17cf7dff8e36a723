/* SPDX-License-Identifier: Apache-2.0 */
/* The statistics of a container as JSON. */
#ifndef OCIRUN_CMD_STATS_PRINT_H
#define OCIRUN_CMD_STATS_PRINT_H

#include "ops_stats.h"

#include <stdio.h>

/* Writes one object, without a newline. jansson has no numbers beyond int64; limits are. */
void stats_print(FILE *out, const struct ops_stats *stats);

#endif
