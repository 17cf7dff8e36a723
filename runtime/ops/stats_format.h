/* SPDX-License-Identifier: Apache-2.0 */
/* How the kernel writes numbers into the files of cgroups: one function per form. */
#ifndef OCIRUN_OPS_STATS_FORMAT_H
#define OCIRUN_OPS_STATS_FORMAT_H

#include "arena.h"
#include "ops_stats.h"

/* The largest file, memory.stat, has some 2 KiB; those with a line per device vary. */
#define STATS_FILE_MAX 65536

struct stats_source {
	const char *text;
	const char *key;     /* which of several values */
	uint64_t factor;     /* of the unit */
	struct arena *arena; /* for lists */
};

/* Sets the value at @to, whose type each form has; what is not there is left as it is. */
typedef void stats_format(const struct stats_source *source, void *to);

stats_format stats_number;   /* uint64_t: "42", "max" */
stats_format stats_signed;   /* int64_t: "-1" */
stats_format stats_limit;    /* uint64_t: "42"; "max" is 0 */
stats_format stats_keyed;    /* uint64_t: lines "key 42" */
stats_format stats_words;    /* struct ops_numbers: "1 2 3" */
stats_format stats_ranges;   /* struct ops_numbers: "0-2,7" */
stats_format stats_column;   /* struct ops_numbers: a head that names columns, and lines */
stats_format stats_pairs;    /* struct ops_named_numbers: lines "key 42" */
stats_format stats_pressure; /* struct ops_pressure: "some avg10=0.00 ... total=0" */
stats_format stats_io;       /* struct ops_io_entries: "8:0 Read 42"; nothing when empty */
stats_format stats_io_v2;    /* the same: "8:0 rbytes=42"; key "rbytes Read ...": name, op, ... */

#endif
