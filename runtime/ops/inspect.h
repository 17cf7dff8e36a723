/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of op_inspect(), one for each section. Private to this layer. */
#ifndef OCIRUN_OPS_INSPECT_H
#define OCIRUN_OPS_INSPECT_H

#include "container.h"
#include "ops_inspect.h"
#include "plan.h"

#define INSPECT_TEXT_MAX   512
#define INSPECT_UNREADABLE "(cannot be read)" /* what is found then; it does not differ */

struct inspection {
	const struct container *container;
	const struct plan *plan; /* of the configuration that was copied at create */
	int proc_fd;             /* /proc/PID of init */
	ops_fact_visit *visit;
	void *context;
	struct err *err;
};

/* A fact; it differs when both texts are there and not the same, or nothing is where it was asked. */
int inspect_tell(const struct inspection *in, const char *section, const char *name,
		 const char *origin, const char *asked, const char *found);

/* The same, by somebody who knows better what is the same. */
int inspect_tell_checked(const struct inspection *in, const struct ops_fact *fact);

int inspect_namespaces(const struct inspection *in);
int inspect_process(const struct inspection *in);
int inspect_limits(const struct inspection *in);
int inspect_mounts(const struct inspection *in);
int inspect_cgroup(const struct inspection *in);
int inspect_descriptors(const struct inspection *in);

#endif
