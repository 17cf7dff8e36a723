/* SPDX-License-Identifier: Apache-2.0 */
/* The process object that `exec` runs. Private to this layer. */
#ifndef OCIRUN_OPS_EXEC_PROCESS_H
#define OCIRUN_OPS_EXEC_PROCESS_H

#include "container.h"
#include "spec.h"

/*
 * A spec whose process is what @options ask for: read from a file, or the container's own with
 * changes. The lists that options change are in *@ret_arena, since no document bounds them. The
 * caller frees both, *@ret_spec with spec_free().
 */
int exec_process_load(const struct container *container, const struct ops_exec_options *options,
		      struct arena **ret_arena, struct spec **ret_spec, struct err *err);

#endif
