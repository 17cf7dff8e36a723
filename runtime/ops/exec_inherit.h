/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a process object may leave open, to be as in the container's configuration: settings of the
 * container's own process, and those beside it that count for every process. Private to this layer.
 */
#ifndef OCIRUN_OPS_EXEC_INHERIT_H
#define OCIRUN_OPS_EXEC_INHERIT_H

#include "spec.h"

/* Those that @spec has, a bit each. */
uint32_t exec_settings(const struct spec *spec);

/* Whether @settings, or what goes with them, stand beside the process object. */
bool exec_needs_config(uint32_t settings);

/* Takes @settings from @config, which has to live as long as @spec. */
void exec_inherit(uint32_t settings, const struct spec *config, struct spec *spec);

#endif
