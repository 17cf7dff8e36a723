/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCIRUN_BASE_TIMESTAMP_H
#define OCIRUN_BASE_TIMESTAMP_H

#include <stddef.h>
#include <time.h>

#define TIMESTAMP_MAX sizeof("2147483647-01-02T03:04:05")

/*
 * The date and time in UTC as RFC 3339 has them, without the zone. gmtime_r(3) would read the
 * host's time zone first.
 */
void timestamp_format(time_t seconds, char ret_text[TIMESTAMP_MAX]);

#endif
