/* SPDX-License-Identifier: Apache-2.0 */
/* Signals as people and engines write them. */
#ifndef OCIRUN_CMD_SIGNALS_H
#define OCIRUN_CMD_SIGNALS_H

#include "err.h"

/*
 * "TERM", "SIGTERM", "sigterm", "15", "RTMIN", "RTMIN+3", "RTMAX-1": *@ret_signal, or -EINVAL.
 * 0 is accepted: it asks whether there is a process.
 */
int signal_parse(const char *text, int *ret_signal, struct err *err);

#endif
