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
extern __attribute__((visibility("hidden"))) bool self_exe_is_readonly;

/*
 * Executes this program again, with the same arguments, from a place that cannot be written through
 * /proc/self/exe: a read-only mount of the binary that is attached nowhere (Linux 5.12), or for
 * callers without CAP_SYS_ADMIN a sealed copy in memory. A read-only mount of the host's is no such
 * place, since the host may make it writable again, but will do where there is no better one.
 * Returns 0 when it runs from one already; returns -errno when none can be had. To be called before
 * any descriptor is opened or marked.
 */
int self_exe_protect(char **argv, struct err *err);

#endif
