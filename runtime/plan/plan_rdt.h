/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Intel's Resource Director Technology as a plan: the class of service (a directory of the resctrl
 * file system) that the container's processes are put into, and what is written to its schemata.
 */
#ifndef OCIRUN_PLAN_PLAN_RDT_H
#define OCIRUN_PLAN_PLAN_RDT_H

#include <stdbool.h>
#include <stddef.h>

/* A line for the file "schemata". */
struct plan_rdt_line {
	const char *text; /* "L3:0=ff;1=c0" */
	const char *origin;
	bool must_match; /* what a class that exists already has to have */
};

struct plan_rdt {
	const char *mount;    /* of resctrl */
	const char *clos_dir; /* absolute; the mount itself is the default class */
	const char *mon_dir;  /* the monitoring group, absolute; NULL: none */
	const char *origin;   /* of the class */
	bool is_own;          /* named after the container: made, and removed with it */
	bool must_exist;      /* named, and nothing said of what is in it */
	size_t n_lines;
	struct plan_rdt_line *lines; /* in the order in which they are written */
};

/*
 * Whether each value of @wanted ("L3:0=0ff;1=c0") is what @schemata, the text of that file, says
 * for the same resource and cache. The kernel rounds memory bandwidth up to multiples of
 * @bandwidth_gran.
 */
bool plan_rdt_matches(const char *wanted, const char *schemata, unsigned long bandwidth_gran);

#endif
