/* SPDX-License-Identifier: Apache-2.0 */
/* linux.intelRdt: which class of service, and the lines of its schemata. */
#include "plan_rdt.h"

#include "host.h"
#include "plan_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ORIGIN "/linux/intelRdt"

/* What resctrl has of its own in the directory of the default class. */
static bool is_reserved(const char *name)
{
	static const char *const names[] = { "info", "mon_data", "mon_groups" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static int check_host(const struct plan_input *in, const struct spec_intel_rdt *from,
		      struct err *err)
{
	const struct host_rdt *rdt = in->host->rdt;

	if (!rdt) {
		err_at(err, ORIGIN, ENOTSUP,
		       "intelRdt is specified in config, but Intel RDT is not enabled: no resctrl "
		       "file system is mounted on this host");
		return err_hint(err, "`mount -t resctrl resctrl /sys/fs/resctrl` where the "
				     "processor and the kernel have it, or drop intelRdt");
	}
	if (from->l3_cache_schema && !rdt->has_l3)
		return err_at(err, ORIGIN "/l3CacheSchema", ENOTSUP,
			      "intelRdt.l3CacheSchema is specified in config, but Intel RDT/CAT is "
			      "not enabled: '%s/info' has no L3",
			      rdt->mount);
	if (from->mem_bw_schema && !rdt->has_mb)
		return err_at(err, ORIGIN "/memBwSchema", ENOTSUP,
			      "intelRdt.memBwSchema is specified in config, but Intel RDT/MBA is "
			      "not enabled: '%s/info' has no MB",
			      rdt->mount);
	return 0;
}

static int set_class(const struct plan_input *in, const struct spec_intel_rdt *from,
		     struct plan_rdt *rdt, struct err *err)
{
	const char *clos = from->clos_id ? from->clos_id : in->request->id;

	rdt->is_own = !from->clos_id;
	rdt->origin = from->clos_id ? ORIGIN "/closID" : ORIGIN;
	rdt->must_exist = from->clos_id && rdt->n_lines == 0;
	if (is_reserved(clos))
		return err_at(err, rdt->origin, EINVAL,
			      "invalid intelRdt.ClosID \"%s\": resctrl has a directory of that "
			      "name for something else",
			      clos);
	rdt->clos_dir = strcmp(clos, "/") == 0 ? rdt->mount
					       : arena_printf(in->arena, "%s/%s", rdt->mount, clos);
	if (from->enable_monitoring)
		rdt->mon_dir =
			arena_printf(in->arena, "%s/mon_groups/%s", rdt->clos_dir, in->request->id);
	return 0;
}

static void add_line(const struct plan_input *in, struct plan_rdt *rdt, const char *text,
		     const char *origin, bool must_match)
{
	if (!text || !text[0])
		return;
	rdt->lines[rdt->n_lines++] = (struct plan_rdt_line){
		.text = arena_strdup(in->arena, text),
		.origin = origin,
		.must_match = must_match,
	};
}

/* spec: l3CacheSchema comes first, then memBwSchema, and schemata last. */
static void set_lines(const struct plan_input *in, const struct spec_intel_rdt *from,
		      struct plan_rdt *rdt)
{
	rdt->lines = ARENA_ARRAY(in->arena, struct plan_rdt_line, from->schemata.n + 2);
	add_line(in, rdt, from->l3_cache_schema, ORIGIN "/l3CacheSchema", true);
	add_line(in, rdt, from->mem_bw_schema, ORIGIN "/memBwSchema", true);
	for (size_t i = 0; i < from->schemata.n; i++)
		add_line(in, rdt, from->schemata.v[i],
			 arena_printf(in->arena, ORIGIN "/schemata/%zu", i), false);
}

int plan_build_rdt(const struct plan_input *in, struct plan_rdt **ret_rdt, struct err *err)
{
	const struct spec_intel_rdt *from = &in->spec->linux_.intel_rdt;
	struct plan_rdt *rdt;

	if (!from->set)
		return 0;
	TRY(check_host(in, from, err));
	rdt = ARENA_NEW(in->arena, struct plan_rdt);
	rdt->mount = arena_strdup(in->arena, in->host->rdt->mount);
	set_lines(in, from, rdt);
	TRY(set_class(in, from, rdt, err));
	*ret_rdt = rdt;
	return 0;
}

/* ---- comparing ---- */

/* The line of @schemata about the resource of @wanted, behind the colon; NULL when there is none. */
static const char *find_resource(const char *wanted, const char *schemata)
{
	size_t len = strcspn(wanted, ":");

	for (const char *line = schemata; *line; line += *line == '\n') {
		line += strspn(line, " ");
		if (strncmp(line, wanted, len) == 0 && line[len] == ':')
			return line + len + 1;
		line += strcspn(line, "\n");
	}
	return NULL;
}

/* The value of the cache @id in "0=ff;1=c0", as a number; masks are hexadecimal. */
static bool find_value(const char *list, unsigned long id, int base, unsigned long *ret_value)
{
	for (; *list && *list != '\n'; list += *list == ';') {
		char *end;

		if (strtoul(list, &end, 10) == id && *end == '=') {
			*ret_value = strtoul(end + 1, NULL, base);
			return true;
		}
		list += strcspn(list, ";\n");
	}
	return false;
}

static bool line_matches(const char *wanted, const char *schemata, unsigned long gran)
{
	bool is_bandwidth = strncmp(wanted, "MB:", 3) == 0;
	const char *has = find_resource(wanted, schemata), *list = wanted + strcspn(wanted, ":\n");

	if (!has || *list != ':')
		return false;
	for (list++; *list && *list != '\n'; list += *list == ';') {
		unsigned long id, want, is;
		int base = is_bandwidth ? 10 : 16;
		char *end;

		id = strtoul(list, &end, 10);
		if (*end != '=' || !find_value(has, id, base, &is))
			return false;
		want = strtoul(end + 1, NULL, base);
		if (is_bandwidth && gran > 1)
			want = (want + gran - 1) / gran * gran;
		if (want != is)
			return false;
		list += strcspn(list, ";\n");
	}
	return true;
}

bool plan_rdt_matches(const char *wanted, const char *schemata, unsigned long bandwidth_gran)
{
	while (*wanted) {
		if (!line_matches(wanted, schemata, bandwidth_gran))
			return false;
		wanted += strcspn(wanted, "\n");
		wanted += strspn(wanted, "\n");
	}
	return true;
}
