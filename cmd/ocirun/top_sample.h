/* SPDX-License-Identifier: Apache-2.0 */
/* What all containers use at one moment, and between two. */
#ifndef OCIRUN_CMD_TOP_SAMPLE_H
#define OCIRUN_CMD_TOP_SAMPLE_H

#include "auto.h"
#include "err.h"
#include "ops.h"

#include <stddef.h>
#include <stdint.h>

struct top_usage {
	char *id;
	enum ops_status status;
	bool is_counted; /* it has a cgroup, and was there long enough to be looked at */
	uint64_t cpu_ns;
	uint64_t memory, memory_limit; /* bytes; limit UINT64_MAX: none */
	uint64_t pids;
	uint64_t bytes_read, bytes_written;
	double cpu_pressure, memory_pressure,
		io_pressure; /* "some avg10" in percent; < 0: unknown */

	/* Since the sample before; 0 in the first. */
	double cpu_percent;           /* of one processor */
	double read_rate, write_rate; /* bytes per second */
};

struct top_sample {
	int64_t at_ns; /* of the monotonic clock */
	size_t n;
	struct top_usage *v;
};
#define TOP_SAMPLE_NONE                                                                            \
	{                                                                                          \
		.n = 0                                                                             \
	}

/*
 * All containers, or only @id unless that is NULL; the busiest first. @before, which may be empty, is
 * what rates are computed from. The caller calls top_sample_done().
 */
int top_sample_take(const struct ops_context *ctx, const char *id, const struct top_sample *before,
		    struct top_sample *ret_sample, struct err *err);
void top_sample_done(struct top_sample *sample);

static inline void top_sample_auto(struct top_sample *owned)
{
	top_sample_done(owned);
}

#endif
