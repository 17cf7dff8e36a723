/* SPDX-License-Identifier: Apache-2.0 */
/* A point in monotonic time after which something is given up. */
#ifndef OCIRUN_BASE_DEADLINE_H
#define OCIRUN_BASE_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define DEADLINE_NEVER (-1)

struct deadline {
	int64_t at_ms; /* of CLOCK_MONOTONIC; DEADLINE_NEVER */
};

static inline int64_t deadline_clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* @ms from now; negative for never. */
static inline struct deadline deadline_in_ms(int64_t ms)
{
	return (struct deadline){ .at_ms = ms < 0 ? DEADLINE_NEVER : deadline_clock_ms() + ms };
}

/* What is left, as poll(2) takes it: 0 when it has passed, -1 for never. */
static inline int deadline_left_ms(struct deadline deadline)
{
	int64_t left;

	if (deadline.at_ms == DEADLINE_NEVER)
		return -1;
	left = deadline.at_ms - deadline_clock_ms();
	return left < 0 ? 0 : left > INT32_MAX ? INT32_MAX : (int)left;
}

static inline bool deadline_has_passed(struct deadline deadline)
{
	return deadline_left_ms(deadline) == 0;
}

#endif
