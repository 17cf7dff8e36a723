/* SPDX-License-Identifier: Apache-2.0 */
/*
 * This program's own binary, out of reach for containers. A container's first process is a copy of
 * this program until it executes an image's program, and an image can have itself executed as
 * /proc/self/exe (as "#!/proc/self/exe", or as an ELF interpreter): a link to the binary on the
 * host, which a root without a user namespace could then write to.
 */
#ifndef OCIRUN_CMD_SELF_EXE_H
#define OCIRUN_CMD_SELF_EXE_H

#include "err.h"

#include <stdbool.h>

/*
 * Set by self_exe_entry.c, where that is linked: the binary runs from a read-only mount. Hidden:
 * before anything is relocated, there is no table of addresses to find them by.
 */
#define EARLY_VARIABLE extern __attribute__((visibility("hidden")))
EARLY_VARIABLE bool self_exe_is_readonly;
EARLY_VARIABLE int self_exe_mount; /* made by that; -1: none, or closed again */

/*
 * Executes this program again, with the same arguments, from a place that cannot be written through
 * /proc/self/exe: a read-only mount of the binary that is attached nowhere (Linux 5.12), or for
 * callers without CAP_SYS_ADMIN a sealed copy in memory. A read-only mount of the host's is no such
 * place, since the host may make it writable again, but will do where there is no better one.
 * Returns 0 when it runs from one already; returns -errno when none can be had. To be called before
 * any descriptor is opened or marked.
 */
int self_exe_protect(char **argv, struct err *err);

/*
 * Closes self_exe_mount, which this process runs from until it ends. The kernel then waits for all
 * processors to have noticed (synchronize_rcu_expedited): 50 microseconds of an idle machine, two
 * milliseconds of a busy one. So it is done when there is time, while the container runs; or as
 * soon as the caller's descriptors are counted, since the mount may have the number of one that is
 * missing.
 */
void self_exe_release(void);

#endif
