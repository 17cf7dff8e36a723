/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A member of the document is a row: its path, and where its value is. Names, their order and which
 * of them are left out when they are zero are those that callers of runc know.
 */
#include "stats_print.h"

#include <inttypes.h>
#include <string.h>

#define DEPTH_MAX 4

typedef void print_value(FILE *out, const void *value);
typedef bool has_value(const void *value);

struct kind {
	print_value *print; /* NULL: an object, whose members are the rows that follow */
	has_value *is_shown;
};

struct stats_member {
	const char *path; /* "cpu/usage/total" */
	const struct kind *kind;
	size_t offset; /* in struct ops_stats */
};

/* ---- kinds of values ---- */

static bool always(const void *value)
{
	(void)value;
	return true;
}

static bool is_nonzero(const void *value)
{
	return *(const uint64_t *)value != 0;
}

static void print_number(FILE *out, const void *value)
{
	fprintf(out, "%" PRIu64, *(const uint64_t *)value);
}

static void print_signed(FILE *out, const void *value)
{
	fprintf(out, "%" PRId64, *(const int64_t *)value);
}

static bool has_numbers(const void *value)
{
	return ((const struct ops_numbers *)value)->n > 0;
}

static void print_numbers(FILE *out, const void *value)
{
	const struct ops_numbers *numbers = value;

	for (size_t i = 0; i < numbers->n; i++)
		fprintf(out, "%c%" PRIu64, i ? ',' : '[', numbers->v[i]);
	fputc(']', out);
}

static bool is_used(const void *value)
{
	const struct ops_memory_usage *m = value;

	return m->limit || m->usage || m->max || m->failcnt;
}

static void print_usage(FILE *out, const void *value)
{
	const struct ops_memory_usage *m = value;

	fprintf(out, "{\"limit\":%" PRIu64, m->limit);
	if (m->usage)
		fprintf(out, ",\"usage\":%" PRIu64, m->usage);
	if (m->max)
		fprintf(out, ",\"max\":%" PRIu64, m->max);
	fprintf(out, ",\"failcnt\":%" PRIu64 "}", m->failcnt);
}

static bool has_pairs(const void *value)
{
	return ((const struct ops_named_numbers *)value)->n > 0;
}

/* The kernel's names need no escaping. */
static void print_pairs(FILE *out, const void *value)
{
	const struct ops_named_numbers *pairs = value;

	for (size_t i = 0; i < pairs->n; i++)
		fprintf(out, "%c\"%s\":%" PRIu64, i ? ',' : '{', pairs->v[i].name,
			pairs->v[i].value);
	fputc('}', out);
}

static bool has_pressure(const void *value)
{
	return ((const struct ops_pressure *)value)->set;
}

static void print_pressure_line(FILE *out, const char *name, const struct ops_pressure_line *line)
{
	fprintf(out, "\"%s\":{\"avg10\":%.2f,\"avg60\":%.2f,\"avg300\":%.2f,\"total\":%" PRIu64 "}",
		name, line->avg10, line->avg60, line->avg300, line->total);
}

static void print_pressure(FILE *out, const void *value)
{
	const struct ops_pressure *pressure = value;

	fputc('{', out);
	print_pressure_line(out, "some", &pressure->some);
	fputc(',', out);
	print_pressure_line(out, "full", &pressure->full);
	fputc('}', out);
}

static bool has_entries(const void *value)
{
	return ((const struct ops_io_entries *)value)->n > 0;
}

static void print_entries(FILE *out, const void *value)
{
	const struct ops_io_entries *entries = value;

	for (size_t i = 0; i < entries->n; i++) {
		const struct ops_io_entry *e = &entries->v[i];
		const char *comma = "";

		fprintf(out, "%c{", i ? ',' : '[');
		if (e->major) {
			fprintf(out, "\"major\":%" PRIu64, e->major);
			comma = ",";
		}
		if (e->minor) {
			fprintf(out, "%s\"minor\":%" PRIu64, comma, e->minor);
			comma = ",";
		}
		if (e->op[0]) {
			fprintf(out, "%s\"op\":\"%s\"", comma, e->op);
			comma = ",";
		}
		if (e->value)
			fprintf(out, "%s\"value\":%" PRIu64, comma, e->value);
		fputc('}', out);
	}
	fputc(']', out);
}

/* The row's value is the whole struct: the list and its length are two members. */
static void print_hugetlb(FILE *out, const void *value)
{
	const struct ops_stats *stats = value;

	fputc('{', out);
	for (size_t i = 0; i < stats->n_hugetlb; i++) {
		const struct ops_hugetlb *page = &stats->hugetlb[i];

		fprintf(out, "%s\"%s\":{", i ? "," : "", page->page_size);
		if (page->usage)
			fprintf(out, "\"usage\":%" PRIu64 ",", page->usage);
		if (page->max)
			fprintf(out, "\"max\":%" PRIu64 ",", page->max);
		fprintf(out, "\"failcnt\":%" PRIu64 "}", page->failcnt);
	}
	fputc('}', out);
}

static bool is_set(const void *value)
{
	return *(const bool *)value;
}

static bool has_text(const void *value)
{
	return *(const char *const *)value != NULL;
}

/* The kernel's words need no escaping. */
static void print_text(FILE *out, const void *value)
{
	fprintf(out, "\"%s\"", *(const char *const *)value);
}

static bool has_lines(const void *value)
{
	return ((const struct ops_lines *)value)->n > 0;
}

static void print_lines(FILE *out, const void *value)
{
	const struct ops_lines *lines = value;

	for (size_t i = 0; i < lines->n; i++)
		fprintf(out, "%c\"%s\"", i ? ',' : '[', lines->v[i]);
	fputc(']', out);
}

/* Of these two the row's value is the whole struct, as of hugetlb. */
static bool has_mbm(const void *value)
{
	const struct ops_rdt *rdt = value;

	return rdt->has_mbm && rdt->n_nodes > 0;
}

static void print_mbm(FILE *out, const void *value)
{
	const struct ops_rdt *rdt = value;

	for (size_t i = 0; i < rdt->n_nodes; i++)
		fprintf(out, "%c{\"mbm_total_bytes\":%" PRIu64 ",\"mbm_local_bytes\":%" PRIu64 "}",
			i ? ',' : '[', rdt->nodes[i].mbm_total_bytes,
			rdt->nodes[i].mbm_local_bytes);
	fputc(']', out);
}

static bool has_cmt(const void *value)
{
	const struct ops_rdt *rdt = value;

	return rdt->has_cmt && rdt->n_nodes > 0;
}

static void print_cmt(FILE *out, const void *value)
{
	const struct ops_rdt *rdt = value;

	for (size_t i = 0; i < rdt->n_nodes; i++)
		fprintf(out, "%c{\"llc_occupancy\":%" PRIu64 "}", i ? ',' : '[',
			rdt->nodes[i].llc_occupancy);
	fputc(']', out);
}

static void print_null(FILE *out, const void *value)
{
	(void)value;
	fputs("null", out);
}

static const struct kind object = { NULL, always };
static const struct kind number = { print_number, always };
static const struct kind nonzero = { print_number, is_nonzero };
static const struct kind signed_number = { print_signed, always };
static const struct kind numbers = { print_numbers, has_numbers };
static const struct kind usage = { print_usage, is_used };
static const struct kind pairs = { print_pairs, has_pairs };
static const struct kind pressure = { print_pressure, has_pressure };
static const struct kind io_entries = { print_entries, has_entries };
static const struct kind hugetlb = { print_hugetlb, always };
static const struct kind object_if = { NULL, is_set };
static const struct kind text = { print_text, has_text };
static const struct kind lines = { print_lines, has_lines };
static const struct kind mbm = { print_mbm, has_mbm };
static const struct kind cmt = { print_cmt, has_cmt };
static const struct kind null = { print_null, always };

/* ---- members ---- */

#define AT(member) offsetof(struct ops_stats, member)

static const struct stats_member members[] = {
	{ "cpu", &object, 0 },
	{ "cpu/usage", &object, 0 },
	{ "cpu/usage/total", &nonzero, AT(cpu.total) },
	{ "cpu/usage/percpu", &numbers, AT(cpu.percpu) },
	{ "cpu/usage/percpu_kernel", &numbers, AT(cpu.percpu_kernel) },
	{ "cpu/usage/percpu_user", &numbers, AT(cpu.percpu_user) },
	{ "cpu/usage/kernel", &number, AT(cpu.kernel) },
	{ "cpu/usage/user", &number, AT(cpu.user) },
	{ "cpu/throttling", &object, 0 },
	{ "cpu/throttling/periods", &nonzero, AT(cpu.periods) },
	{ "cpu/throttling/throttledPeriods", &nonzero, AT(cpu.throttled_periods) },
	{ "cpu/throttling/throttledTime", &nonzero, AT(cpu.throttled_time) },
	{ "cpu/psi", &pressure, AT(cpu.pressure) },
	{ "cpuset", &object, 0 },
	{ "cpuset/cpus", &numbers, AT(cpuset.cpus) },
	{ "cpuset/cpu_exclusive", &number, AT(cpuset.cpu_exclusive) },
	{ "cpuset/mems", &numbers, AT(cpuset.mems) },
	{ "cpuset/mem_hardwall", &number, AT(cpuset.mem_hardwall) },
	{ "cpuset/mem_exclusive", &number, AT(cpuset.mem_exclusive) },
	{ "cpuset/memory_migrate", &number, AT(cpuset.memory_migrate) },
	{ "cpuset/memory_spread_page", &number, AT(cpuset.memory_spread_page) },
	{ "cpuset/memory_spread_slab", &number, AT(cpuset.memory_spread_slab) },
	{ "cpuset/memory_pressure", &number, AT(cpuset.memory_pressure) },
	{ "cpuset/sched_load_balance", &number, AT(cpuset.sched_load_balance) },
	{ "cpuset/sched_relax_domain_level", &signed_number, AT(cpuset.sched_relax_domain_level) },
	{ "memory", &object, 0 },
	{ "memory/cache", &nonzero, AT(memory.cache) },
	{ "memory/usage", &usage, AT(memory.usage) },
	{ "memory/swap", &usage, AT(memory.swap) },
	{ "memory/kernel", &usage, AT(memory.kernel) },
	{ "memory/kernelTCP", &usage, AT(memory.kernel_tcp) },
	{ "memory/raw", &pairs, AT(memory.raw) },
	{ "memory/psi", &pressure, AT(memory.pressure) },
	{ "pids", &object, 0 },
	{ "pids/current", &nonzero, AT(pids.current) },
	{ "pids/limit", &nonzero, AT(pids.limit) },
	{ "blkio", &object, 0 },
	{ "blkio/ioServiceBytesRecursive", &io_entries, AT(io.service_bytes) },
	{ "blkio/ioServicedRecursive", &io_entries, AT(io.serviced) },
	{ "blkio/ioQueueRecursive", &io_entries, AT(io.queued) },
	{ "blkio/ioServiceTimeRecursive", &io_entries, AT(io.service_time) },
	{ "blkio/ioWaitTimeRecursive", &io_entries, AT(io.wait_time) },
	{ "blkio/ioMergedRecursive", &io_entries, AT(io.merged) },
	{ "blkio/ioTimeRecursive", &io_entries, AT(io.time) },
	{ "blkio/sectorsRecursive", &io_entries, AT(io.sectors) },
	{ "blkio/psi", &pressure, AT(io.pressure) },
	{ "hugetlb", &hugetlb, 0 },
	{ "intel_rdt", &object, 0 },
	{ "intel_rdt/l3_cache_info", &object_if, AT(rdt.has_l3) },
	{ "intel_rdt/l3_cache_info/cbm_mask", &text, AT(rdt.cbm_mask) },
	{ "intel_rdt/l3_cache_info/min_cbm_bits", &nonzero, AT(rdt.min_cbm_bits) },
	{ "intel_rdt/l3_cache_info/num_closids", &nonzero, AT(rdt.l3_closids) },
	{ "intel_rdt/l3_cache_schema_root", &text, AT(rdt.l3_root) },
	{ "intel_rdt/l3_cache_schema", &text, AT(rdt.l3) },
	{ "intel_rdt/mem_bw_info", &object_if, AT(rdt.has_mb) },
	{ "intel_rdt/mem_bw_info/bandwidth_gran", &nonzero, AT(rdt.bandwidth_gran) },
	{ "intel_rdt/mem_bw_info/delay_linear", &nonzero, AT(rdt.delay_linear) },
	{ "intel_rdt/mem_bw_info/min_bandwidth", &nonzero, AT(rdt.min_bandwidth) },
	{ "intel_rdt/mem_bw_info/num_closids", &nonzero, AT(rdt.mb_closids) },
	{ "intel_rdt/mem_bw_schema_root", &text, AT(rdt.mb_root) },
	{ "intel_rdt/mem_bw_schema", &text, AT(rdt.mb) },
	{ "intel_rdt/schemata", &lines, AT(rdt.schemata) },
	{ "intel_rdt/mbm_stats", &mbm, AT(rdt) },
	{ "intel_rdt/cmt_stats", &cmt, AT(rdt) },
	/* Of hooks and network plugins, not of the runtime. */
	{ "network_interfaces", &null, 0 },
};

static size_t depth_of(const char *path)
{
	size_t depth = 1;

	for (; *path; path++)
		depth += *path == '/';
	return depth;
}

void stats_print(FILE *out, const struct ops_stats *stats)
{
	bool is_first[DEPTH_MAX] = { true }; /* of the object that is open at a depth */
	size_t open = 1;

	fputc('{', out);
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		const struct stats_member *m = &members[i];
		const void *value = (const char *)stats + m->offset;
		const char *name = strrchr(m->path, '/');
		size_t depth = depth_of(m->path);

		if (!m->kind->is_shown(value))
			continue;
		for (; open > depth; open--)
			fputc('}', out);
		fprintf(out, "%s\"%s\":", is_first[depth - 1] ? "" : ",",
			name ? name + 1 : m->path);
		is_first[depth - 1] = false;
		if (m->kind->print) {
			m->kind->print(out, value);
		} else {
			fputc('{', out);
			is_first[open++] = true;
		}
	}
	for (; open > 0; open--)
		fputc('}', out);
}
