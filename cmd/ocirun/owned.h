/* SPDX-License-Identifier: Apache-2.0 */
/* AUTO(text) and AUTO(values): what malloc() and its relatives returned. */
#ifndef OCIRUN_CMD_OWNED_H
#define OCIRUN_CMD_OWNED_H

#include "auto.h"

#include <stdlib.h>

DEFINE_AUTO(text, char *, free)
DEFINE_AUTO(values, void *, free)

#endif
