/* SPDX-License-Identifier: Apache-2.0 */
/* Which ids of the host a caller without privileges may map. */
#ifndef OCIRUN_PLAN_OWN_IDS_H
#define OCIRUN_PLAN_OWN_IDS_H

#include "host.h"
#include "plan.h"

/* Whether @map is of the id @own alone, which needs nobody's help. */
bool plan_id_is_own(const struct plan_id_map *map, uint32_t own);

/* Whether @ids has all that @map takes of the host. */
bool plan_ids_cover(const struct host_id_ranges *ids, const struct plan_id_map *map);

#endif
