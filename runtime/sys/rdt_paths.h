/* SPDX-License-Identifier: Apache-2.0 */
/* Where a container is in resctrl: what the state record keeps of it. Strings are borrowed. */
#ifndef OCIRUN_SYS_RDT_PATHS_H
#define OCIRUN_SYS_RDT_PATHS_H

#include <stdbool.h>

struct rdt_paths {
	const char *clos; /* the directory of its class of service, absolute; NULL: in none */
	const char *mon;  /* of its monitoring group, absolute; NULL: it has none */
	bool is_created;  /* the class was made for the container, and goes with it */
};

#endif
