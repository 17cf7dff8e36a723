/* SPDX-License-Identifier: Apache-2.0 */
/* Maps of user and group ids, of the user namespace and of mounts: checked and copied. */
#include "own_ids.h"
#include "plan_parts.h"

#include <errno.h>

static bool ranges_overlap(uint32_t a, uint32_t b, uint32_t size_a, uint32_t size_b)
{
	return a < (uint64_t)b + size_b && b < (uint64_t)a + size_a;
}

/* The kernel says "Invalid argument" to all of these, about the whole file. */
static int check_map(struct arena *arena, const struct spec_id_maps *maps, size_t i,
		     const char *pointer, struct err *err)
{
	const struct spec_id_map *map = &maps->v[i];
	const char *at = arena_printf(arena, "%s/%zu", pointer, i);

	if (map->size == 0)
		return err_at(err, at, EINVAL, "an id mapping of size 0 maps nothing");
	if ((uint64_t)map->container_id + map->size > UINT32_MAX ||
	    (uint64_t)map->host_id + map->size > UINT32_MAX)
		return err_at(err, at, EINVAL,
			      "an id mapping ends above the largest id, 4294967294");
	for (size_t k = 0; k < i; k++) {
		const struct spec_id_map *other = &maps->v[k];

		if (ranges_overlap(map->container_id, other->container_id, map->size,
				   other->size) ||
		    ranges_overlap(map->host_id, other->host_id, map->size, other->size))
			return err_at(err, at, EINVAL, "an id mapping overlaps that of %s/%zu",
				      pointer, k);
	}
	return 0;
}

int plan_build_id_maps(struct arena *arena, const struct spec_id_maps *maps, const char *pointer,
		       struct plan_id_maps *ret_maps, struct err *err)
{
	struct plan_id_maps out = { .n = maps->n };

	if (maps->n > PLAN_ID_MAPS_MAX)
		return err_at(err, pointer, EINVAL, "%zu id mappings, but Linux takes %d at most",
			      maps->n, PLAN_ID_MAPS_MAX);
	out.v = ARENA_ARRAY(arena, struct plan_id_map, maps->n);
	for (size_t i = 0; i < maps->n; i++) {
		const struct spec_id_map *map = &maps->v[i];

		TRY(check_map(arena, maps, i, pointer, err));
		out.v[i] = (struct plan_id_map){
			.inside = map->container_id,
			.outside = map->host_id,
			.size = map->size,
		};
	}
	*ret_maps = out;
	return 0;
}

bool plan_id_is_mapped(const struct plan_id_maps *maps, uint32_t id)
{
	for (size_t i = 0; i < maps->n; i++)
		if (id >= maps->v[i].inside && id - maps->v[i].inside < maps->v[i].size)
			return true;
	return false;
}

bool plan_id_is_own(const struct plan_id_map *map, uint32_t own)
{
	return map->size == 1 && map->outside == own;
}

/* Ranges that follow one another are as good as one: shadow-utils reads them so too. */
bool plan_ids_cover(const struct host_id_ranges *ids, const struct plan_id_map *map)
{
	uint64_t at = map->outside, end = at + map->size;

	for (size_t i = 0; i < ids->n && at < end;) {
		const struct host_id_range *range = &ids->v[i];
		bool has_it = at >= range->first && at - range->first < range->count;

		at = has_it ? (uint64_t)range->first + range->count : at;
		i = has_it ? 0 : i + 1;
	}
	return at >= end;
}

static bool is_taken(const struct plan_id_maps *maps, const struct host_id_range *range)
{
	for (size_t i = 0; i < maps->n; i++)
		if (ranges_overlap(maps->v[i].outside, range->first, maps->v[i].size, range->count))
			return true;
	return false;
}

void plan_default_id_maps(struct arena *arena, uint32_t own, uint32_t wanted,
			  const struct host_id_ranges *more, struct plan_id_maps *ret_maps)
{
	struct plan_id_map *v = ARENA_ARRAY(arena, struct plan_id_map, 1 + more->n);
	struct plan_id_maps maps = { .n = 1, .v = v };
	uint32_t next = 1;

	v[0] = (struct plan_id_map){ more->n > 0 ? 0 : wanted, own, 1 };
	for (size_t i = 0; i < more->n && maps.n < PLAN_ID_MAPS_MAX; i++) {
		const struct host_id_range *range = &more->v[i];

		if (is_taken(&maps, range) || (uint64_t)next + range->count > UINT32_MAX)
			continue;
		v[maps.n++] = (struct plan_id_map){ next, range->first, range->count };
		next += range->count;
	}
	*ret_maps = maps;
}
