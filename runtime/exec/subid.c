/* SPDX-License-Identifier: Apache-2.0 */
#include "subid.h"

#include "host_facts.h"
#include "idmap_program.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

/* Below are root, the system's accounts and, by their own ids, people: nothing to lend. */
#define LENDABLE_ID_MIN 65536

/* The most that an id map could take of them. */
struct collection {
	struct host_id_range *v;
	size_t n;
};

static bool collect(void *context, const struct host_ids *ids)
{
	struct collection *collection = context;

	collection->v[collection->n++] = (struct host_id_range){
		.first = (uint32_t)ids->first,
		.count = (uint32_t)ids->count,
	};
	return collection->n == PLAN_ID_MAPS_MAX;
}

static struct host_id_ranges read_ranges(struct arena *arena, const char *path)
{
	struct collection found = { .v = ARENA_ARRAY(arena, struct host_id_range,
						     PLAN_ID_MAPS_MAX) };

	(void)host_find_subordinate(path, collect, &found);
	return (struct host_id_ranges){ .n = found.n, .v = found.v };
}

void subid_gather(struct arena *arena, struct host *host)
{
	char name[64], path[IDMAP_PROGRAM_PATH_MAX];
	struct err err = { 0 };

	host_own_name(name, sizeof(name));
	host->user = name[0] ? arena_strdup(arena, name) : arena_printf(arena, "%u", geteuid());
	host->subuids = read_ranges(arena, "/etc/subuid");
	host->subgids = read_ranges(arena, "/etc/subgid");
	host->can_map_ranges = idmap_program_find("newuidmap", path, &err) == 0 &&
			       idmap_program_find("newgidmap", path, &err) == 0;
}

void subid_advise(const struct host *host, const struct plan_id_map *map, bool is_user, char *hint,
		  size_t size)
{
	const char *path = is_user ? "/etc/subuid" : "/etc/subgid";

	if (map->outside >= LENDABLE_ID_MIN)
		snprintf(hint, size, "as root, add '%s:%" PRIu32 ":%" PRIu32 "' to %s", host->user,
			 map->outside, map->size, path);
	else
		snprintf(hint, size,
			 "ids below %d are of accounts of this host: map %" PRIu32
			 ", your own, with size 1, and ids that root lends you in %s",
			 LENDABLE_ID_MIN, is_user ? host->euid : host->egid, path);
}
