/* SPDX-License-Identifier: Apache-2.0 */
/* From a row of the cgroup tables to writes: what the tables of v1 and v2 have in common. */
#include "cgroup_rows.h"

#include <errno.h>
#include <string.h>

static const char *pointer_escaped(struct arena *arena, const char *prefix, const char *name)
{
	size_t len = strlen(prefix);
	char *out = arena_alloc(arena, len + 2 * strlen(name) + 1);

	memcpy(out, prefix, len);
	for (; *name; name++) {
		if (*name != '~' && *name != '/') {
			out[len++] = *name;
			continue;
		}
		out[len++] = '~';
		out[len++] = *name == '~' ? '0' : '1';
	}
	return out;
}

const char *cgroup_pointer(struct cgroup_build *build, const char *key)
{
	return arena_printf(build->arena, "%s/%s", build->base, key);
}

const char *cgroup_pointer_at(struct cgroup_build *build, const char *key, size_t index)
{
	return arena_printf(build->arena, "%s/%s/%zu", build->base, key, index);
}

const char *cgroup_pointer_member(struct cgroup_build *build, const char *key, const char *name)
{
	return pointer_escaped(build->arena, arena_printf(build->arena, "%s/%s/", build->base, key),
			       name);
}

const char *cgroup_device(struct cgroup_build *build, int64_t major, int64_t minor)
{
	return arena_printf(build->arena, "%lld:%lld", (long long)major, (long long)minor);
}

/* Adds a controller to those that the hierarchy has to have enabled. */
static void need_controller(struct cgroup_build *build)
{
	struct plan_cgroup_hierarchy *h = &build->plan->hierarchies[build->hierarchy];
	size_t len = strlen(build->controller);

	for (const char *at = h->needed; (at = strstr(at, build->controller)); at += len)
		if ((at == h->needed || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
			return;
	h->needed = arena_printf(build->arena, "%s%s%s", h->needed, h->needed[0] ? " " : "",
				 build->controller);
}

static struct plan_cgroup_write *new_write(struct cgroup_build *build)
{
	struct plan_cgroup *plan = build->plan;

	if (plan->n_writes == build->writes_room) {
		size_t room = build->writes_room ? 2 * build->writes_room : 32;
		struct plan_cgroup_write *more =
			ARENA_ARRAY(build->arena, struct plan_cgroup_write, room);

		if (plan->n_writes)
			memcpy(more, plan->writes, plan->n_writes * sizeof(*more));
		plan->writes = more;
		build->writes_room = room;
	}
	return &plan->writes[plan->n_writes++];
}

int cgroup_add(struct cgroup_build *build, const struct plan_cgroup_write *write)
{
	struct plan_cgroup_write *added;

	if (build->hierarchy == CG_NO_HIERARCHY) {
		if (write->flags & PLAN_CGROUP_MAY_MISS)
			return 0;
		err_at(build->err, write->origin, ENOTSUP,
		       "cannot set it: this host has no cgroup controller '%s'", build->controller);
		return err_hint(build->err,
				"remove the key, or mount or delegate the controller '%s'",
				build->controller);
	}
	added = new_write(build);
	*added = *write;
	added->hierarchy = build->hierarchy;
	if (build->controller && !(write->flags & PLAN_CGROUP_MAY_MISS))
		need_controller(build);
	return 0;
}

struct plan_cgroup_write cgroup_row_write(struct cgroup_build *build, const struct cgroup_row *row)
{
	return (struct plan_cgroup_write){
		.phase = row->phase,
		.flags = row->flags,
		.file = row->file,
		.alt_file = row->alt_file,
		.usage_file = row->usage_file,
		.origin = cgroup_pointer(build, row->key),
	};
}

int cgroup_add_row(struct cgroup_build *build, const struct cgroup_row *row, unsigned more_flags,
		   const char *value)
{
	struct plan_cgroup_write write = cgroup_row_write(build, row);

	write.flags |= more_flags;
	write.value = value;
	write.alt_value = write.alt_file ? value : NULL;
	return cgroup_add(build, &write);
}

int cgroup_emit_int(struct cgroup_build *build, const struct cgroup_row *row)
{
	const struct spec_opt_int *v = CG_VALUE(build, row, struct spec_opt_int);

	if (!v->set || v->value == 0)
		return 0;
	return cgroup_add_row(build, row, 0,
			      arena_printf(build->arena, "%lld", (long long)v->value));
}

int cgroup_emit_uint(struct cgroup_build *build, const struct cgroup_row *row)
{
	const struct spec_opt_uint *v = CG_VALUE(build, row, struct spec_opt_uint);

	if (!v->set || v->value == 0)
		return 0;
	return cgroup_add_row(build, row, 0,
			      arena_printf(build->arena, "%llu", (unsigned long long)v->value));
}

int cgroup_emit_int_zero(struct cgroup_build *build, const struct cgroup_row *row)
{
	const struct spec_opt_int *v = CG_VALUE(build, row, struct spec_opt_int);

	if (!v->set)
		return 0;
	return cgroup_add_row(build, row, v->value ? 0 : PLAN_CGROUP_MAY_MISS,
			      arena_printf(build->arena, "%lld", (long long)v->value));
}

int cgroup_emit_uint_zero(struct cgroup_build *build, const struct cgroup_row *row)
{
	const struct spec_opt_uint *v = CG_VALUE(build, row, struct spec_opt_uint);

	if (!v->set)
		return 0;
	return cgroup_add_row(build, row, v->value ? 0 : PLAN_CGROUP_MAY_MISS,
			      arena_printf(build->arena, "%llu", (unsigned long long)v->value));
}

int cgroup_emit_text(struct cgroup_build *build, const struct cgroup_row *row)
{
	const char *text = *CG_VALUE(build, row, const char *);

	if (!text || !text[0])
		return 0;
	return cgroup_add_row(build, row, 0, arena_strdup(build->arena, text));
}

int cgroup_emit_pids(struct cgroup_build *build, const struct cgroup_row *row)
{
	const struct spec_opt_int *v = CG_VALUE(build, row, struct spec_opt_int);

	if (!v->set)
		return 0;
	if (v->value < 0)
		return cgroup_add_row(build, row, PLAN_CGROUP_MAY_MISS, "max");
	/* Since 1.3.0 zero is a limit. Init itself is a task: 0 and 1 both mean "no further one",
	 * and 1 is what systemd can say too. */
	return cgroup_add_row(
		build, row, 0,
		arena_printf(build->arena, "%lld", (long long)(v->value ? v->value : 1)));
}

/* A page size becomes part of a file's name: it must not lead elsewhere. */
static bool page_size_is_sane(const char *size)
{
	size_t digits = strspn(size, "0123456789");

	return digits > 0 && strlen(size) == digits + 2 && strchr("KMGTPE", size[digits]) &&
	       size[digits + 1] == 'B';
}

int cgroup_emit_hugepages(struct cgroup_build *build, const struct cgroup_row *row)
{
	for (size_t i = 0; i < build->resources->hugepage_limits.n; i++) {
		const struct spec_hugepage *page = &build->resources->hugepage_limits.v[i];
		struct plan_cgroup_write write = cgroup_row_write(build, row);

		write.origin = cgroup_pointer_at(build, row->key, i);
		if (!page_size_is_sane(page->page_size))
			return err_at(build->err, write.origin, EINVAL,
				      "page size '%s' is not a number with KB, MB or GB",
				      page->page_size);
		write.value = arena_printf(build->arena, "%llu", (unsigned long long)page->limit);
		write.file = arena_printf(build->arena, "hugetlb.%s%s", page->page_size, row->file);
		TRY(cgroup_add(build, &write));
		/* Linux 5.7: reservations count too, so that a limit is met by mmap(2), not SIGBUS. */
		write.file =
			arena_printf(build->arena, "hugetlb.%s.rsvd%s", page->page_size, row->file);
		write.flags |= PLAN_CGROUP_MAY_MISS;
		TRY(cgroup_add(build, &write));
	}
	return 0;
}

int cgroup_emit_rdma(struct cgroup_build *build, const struct cgroup_row *row)
{
	for (size_t i = 0; i < build->resources->rdma.n; i++) {
		const struct spec_rdma *rdma = &build->resources->rdma.v[i];
		struct plan_cgroup_write write = cgroup_row_write(build, row);
		const char *text = arena_strdup(build->arena, rdma->device);

		if (rdma->hca_handles.set)
			text = arena_printf(build->arena, "%s hca_handle=%llu", text,
					    (unsigned long long)rdma->hca_handles.value);
		if (rdma->hca_objects.set)
			text = arena_printf(build->arena, "%s hca_object=%llu", text,
					    (unsigned long long)rdma->hca_objects.value);
		write.origin = cgroup_pointer_member(build, row->key, rdma->device);
		write.value = text;
		write.undo = arena_printf(build->arena, "%s hca_handle=max hca_object=max",
					  rdma->device);
		TRY(cgroup_add(build, &write));
	}
	return 0;
}

int cgroup_emit_nothing(struct cgroup_build *build, const struct cgroup_row *row)
{
	(void)build;
	(void)row;
	return 0;
}

int cgroup_check_memory(struct cgroup_build *build)
{
	const struct spec_opt_int *limit = &build->resources->memory.limit;
	const struct spec_opt_int *swap = &build->resources->memory.swap;
	const struct {
		const char *key;
		const struct spec_opt_int *value;
	} limits[] = {
		{ "memory/limit", limit },
		{ "memory/swap", swap },
		{ "memory/reservation", &build->resources->memory.reservation },
	};

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		if (limits[i].value->set && limits[i].value->value < -1)
			return err_at(build->err, cgroup_pointer(build, limits[i].key), EINVAL,
				      "is %lld, expected a number of bytes, or -1 for no limit",
				      (long long)limits[i].value->value);
	if (swap->set && swap->value > 0 && limit->set && swap->value < limit->value)
		return err_at(build->err, cgroup_pointer(build, "memory/swap"), EINVAL,
			      "memory+swap limit %lld should be >= memory limit %lld",
			      (long long)swap->value, (long long)limit->value);
	return 0;
}

static bool is_idle(const struct spec_resources *resources)
{
	for (size_t i = 0; i < resources->unified.n; i++)
		if (strcmp(resources->unified.v[i].key, "cpu.idle") == 0)
			return strcmp(resources->unified.v[i].value, "1") == 0;
	return resources->cpu.idle.set && resources->cpu.idle.value == 1;
}

bool cgroup_ignores_weight(const struct cgroup_build *build, const char *origin)
{
	if (!build->plan->unit || !is_idle(build->resources))
		return false;
	log_warning(
		build->log,
		"unable to apply both CPUWeight and cpu.idle to systemd, ignoring the weight (%s)",
		origin);
	return true;
}
