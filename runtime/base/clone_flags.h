/* SPDX-License-Identifier: Apache-2.0 */
/* CLONE_NEWx of all namespaces: the headers that this is built with may be older than Linux 5.6. */
#ifndef OCIRUN_BASE_CLONE_FLAGS_H
#define OCIRUN_BASE_CLONE_FLAGS_H

#include <linux/sched.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

#endif
