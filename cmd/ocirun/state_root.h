/* SPDX-License-Identifier: Apache-2.0 */
/* Where the states of containers are kept when --root does not say so. */
#ifndef OCIRUN_CMD_STATE_ROOT_H
#define OCIRUN_CMD_STATE_ROOT_H

#include "err.h"

/*
 * The absolute path of the state root, malloc()ed. @given is the value of --root or NULL. For the
 * host's root it does not depend on the environment: engines call some commands with an empty one
 * and must find the same containers.
 */
int state_root_find(const char *given, char **ret_path, struct err *err);

#endif
