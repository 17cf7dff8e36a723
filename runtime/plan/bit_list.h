/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of CPUs and memory nodes, "0-3,7", as bit masks. */
#ifndef OCIRUN_PLAN_BIT_LIST_H
#define OCIRUN_PLAN_BIT_LIST_H

#include <stdbool.h>

/* Sets the bits of @text in @bits, which has room for @max of them. Whether it is such a list. */
bool plan_read_bit_list(const char *text, unsigned long max, unsigned long *bits);

#endif
