/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A statistic is a row: in which file of which controller it is, how that file is written, and
 * where its value goes. The rows of v1 and v2 are two tables; a controller's rows are taken from the
 * table of the hierarchy that has it.
 */
#include "stats.h"

#include "cgroupfs.h"
#include "fd.h"
#include "stats_format.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NS_PER_US   1000u
#define NS_PER_TICK (1000000000u / 100u) /* USER_HZ is 100, but on alpha */

struct stats_row {
	const char *controller; /* NULL: every v2 cgroup has the file */
	const char *file;
	stats_format *format;
	size_t offset; /* in struct ops_stats */
	const char *key;
	uint64_t factor; /* 0: as it is */
};

/* The columns that every row has. */
#define STAT(controller_, file_, format_, member_)                                                 \
	.controller = (controller_), .file = (file_), .format = (format_),                         \
	.offset = offsetof(struct ops_stats, member_)

/* Rows of one file stand together: it is read once. */
static const struct stats_row v1_rows[] = {
	{ STAT("cpuacct", "cpuacct.usage", stats_number, cpu.total) },
	{ STAT("cpuacct", "cpuacct.stat", stats_keyed, cpu.user), .key = "user",
	  .factor = NS_PER_TICK },
	{ STAT("cpuacct", "cpuacct.stat", stats_keyed, cpu.kernel), .key = "system",
	  .factor = NS_PER_TICK },
	{ STAT("cpuacct", "cpuacct.usage_percpu", stats_words, cpu.percpu) },
	{ STAT("cpuacct", "cpuacct.usage_all", stats_column, cpu.percpu_user), .key = "user" },
	{ STAT("cpuacct", "cpuacct.usage_all", stats_column, cpu.percpu_kernel), .key = "system" },
	{ STAT("cpu", "cpu.stat", stats_keyed, cpu.periods), .key = "nr_periods" },
	{ STAT("cpu", "cpu.stat", stats_keyed, cpu.throttled_periods), .key = "nr_throttled" },
	{ STAT("cpu", "cpu.stat", stats_keyed, cpu.throttled_time), .key = "throttled_time" },
	{ STAT("cpuset", "cpuset.cpus", stats_ranges, cpuset.cpus) },
	{ STAT("cpuset", "cpuset.mems", stats_ranges, cpuset.mems) },
	{ STAT("cpuset", "cpuset.cpu_exclusive", stats_number, cpuset.cpu_exclusive) },
	{ STAT("cpuset", "cpuset.mem_hardwall", stats_number, cpuset.mem_hardwall) },
	{ STAT("cpuset", "cpuset.mem_exclusive", stats_number, cpuset.mem_exclusive) },
	{ STAT("cpuset", "cpuset.memory_migrate", stats_number, cpuset.memory_migrate) },
	{ STAT("cpuset", "cpuset.memory_spread_page", stats_number, cpuset.memory_spread_page) },
	{ STAT("cpuset", "cpuset.memory_spread_slab", stats_number, cpuset.memory_spread_slab) },
	{ STAT("cpuset", "cpuset.memory_pressure", stats_number, cpuset.memory_pressure) },
	{ STAT("cpuset", "cpuset.sched_load_balance", stats_number, cpuset.sched_load_balance) },
	{ STAT("cpuset", "cpuset.sched_relax_domain_level", stats_signed,
	       cpuset.sched_relax_domain_level) },
	{ STAT("memory", "memory.stat", stats_keyed, memory.cache), .key = "cache" },
	{ STAT("memory", "memory.stat", stats_pairs, memory.raw) },
	{ STAT("memory", "memory.limit_in_bytes", stats_number, memory.usage.limit) },
	{ STAT("memory", "memory.usage_in_bytes", stats_number, memory.usage.usage) },
	{ STAT("memory", "memory.max_usage_in_bytes", stats_number, memory.usage.max) },
	{ STAT("memory", "memory.failcnt", stats_number, memory.usage.failcnt) },
	{ STAT("memory", "memory.memsw.limit_in_bytes", stats_number, memory.swap.limit) },
	{ STAT("memory", "memory.memsw.usage_in_bytes", stats_number, memory.swap.usage) },
	{ STAT("memory", "memory.memsw.max_usage_in_bytes", stats_number, memory.swap.max) },
	{ STAT("memory", "memory.memsw.failcnt", stats_number, memory.swap.failcnt) },
	{ STAT("memory", "memory.kmem.limit_in_bytes", stats_number, memory.kernel.limit) },
	{ STAT("memory", "memory.kmem.usage_in_bytes", stats_number, memory.kernel.usage) },
	{ STAT("memory", "memory.kmem.max_usage_in_bytes", stats_number, memory.kernel.max) },
	{ STAT("memory", "memory.kmem.failcnt", stats_number, memory.kernel.failcnt) },
	{ STAT("memory", "memory.kmem.tcp.limit_in_bytes", stats_number, memory.kernel_tcp.limit) },
	{ STAT("memory", "memory.kmem.tcp.usage_in_bytes", stats_number, memory.kernel_tcp.usage) },
	{ STAT("memory", "memory.kmem.tcp.max_usage_in_bytes", stats_number,
	       memory.kernel_tcp.max) },
	{ STAT("memory", "memory.kmem.tcp.failcnt", stats_number, memory.kernel_tcp.failcnt) },
	{ STAT("pids", "pids.current", stats_number, pids.current) },
	{ STAT("pids", "pids.max", stats_limit, pids.limit) },
	/* Every request is throttled or not; only those that BFQ schedules are counted by it, and
	 * then in more detail: the later row counts where its file has entries. */
	{ STAT("blkio", "blkio.throttle.io_service_bytes_recursive", stats_io, io.service_bytes) },
	{ STAT("blkio", "blkio.bfq.io_service_bytes_recursive", stats_io, io.service_bytes) },
	{ STAT("blkio", "blkio.throttle.io_serviced_recursive", stats_io, io.serviced) },
	{ STAT("blkio", "blkio.bfq.io_serviced_recursive", stats_io, io.serviced) },
	{ STAT("blkio", "blkio.bfq.io_queued_recursive", stats_io, io.queued) },
	{ STAT("blkio", "blkio.bfq.io_service_time_recursive", stats_io, io.service_time) },
	{ STAT("blkio", "blkio.bfq.io_wait_time_recursive", stats_io, io.wait_time) },
	{ STAT("blkio", "blkio.bfq.io_merged_recursive", stats_io, io.merged) },
	{ STAT("blkio", "blkio.bfq.time_recursive", stats_io, io.time) },
	{ STAT("blkio", "blkio.bfq.sectors_recursive", stats_io, io.sectors) },
};

static const struct stats_row v2_rows[] = {
	{ STAT("cpu", "cpu.stat", stats_keyed, cpu.total), .key = "usage_usec",
	  .factor = NS_PER_US },
	{ STAT("cpu", "cpu.stat", stats_keyed, cpu.user), .key = "user_usec", .factor = NS_PER_US },
	{ STAT("cpu", "cpu.stat", stats_keyed, cpu.kernel), .key = "system_usec",
	  .factor = NS_PER_US },
	{ STAT("cpu", "cpu.stat", stats_keyed, cpu.periods), .key = "nr_periods" },
	{ STAT("cpu", "cpu.stat", stats_keyed, cpu.throttled_periods), .key = "nr_throttled" },
	{ STAT("cpu", "cpu.stat", stats_keyed, cpu.throttled_time), .key = "throttled_usec",
	  .factor = NS_PER_US },
	{ STAT(NULL, "cpu.pressure", stats_pressure, cpu.pressure) },
	{ STAT("cpuset", "cpuset.cpus.effective", stats_ranges, cpuset.cpus) },
	{ STAT("cpuset", "cpuset.mems.effective", stats_ranges, cpuset.mems) },
	{ STAT("memory", "memory.stat", stats_keyed, memory.cache), .key = "file" },
	{ STAT("memory", "memory.stat", stats_pairs, memory.raw) },
	{ STAT("memory", "memory.max", stats_number, memory.usage.limit) },
	{ STAT("memory", "memory.current", stats_number, memory.usage.usage) },
	{ STAT("memory", "memory.peak", stats_number, memory.usage.max) },
	{ STAT("memory", "memory.events", stats_keyed, memory.usage.failcnt), .key = "max" },
	{ STAT("memory", "memory.swap.max", stats_number, memory.swap.limit) },
	{ STAT("memory", "memory.swap.current", stats_number, memory.swap.usage) },
	{ STAT("memory", "memory.swap.events", stats_keyed, memory.swap.failcnt), .key = "max" },
	{ STAT(NULL, "memory.pressure", stats_pressure, memory.pressure) },
	{ STAT("pids", "pids.current", stats_number, pids.current) },
	{ STAT("pids", "pids.max", stats_limit, pids.limit) },
	{ STAT("io", "io.stat", stats_io_v2, io.service_bytes), .key = "rbytes Read wbytes Write" },
	{ STAT("io", "io.stat", stats_io_v2, io.serviced), .key = "rios Read wios Write" },
	{ STAT(NULL, "io.pressure", stats_pressure, io.pressure) },
};

/* ---- hierarchies ---- */

static bool has_word(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (; *list; list += strspn(list, ", ")) {
		size_t n = strcspn(list, ", ");

		if (n == len && strncmp(list, word, len) == 0)
			return true;
		list += n;
	}
	return false;
}

static const struct cgroup_path *find_v1(const struct cgroup_paths *paths, const char *controller)
{
	for (size_t i = 0; i < paths->n; i++)
		if (!paths->v[i].is_v2 && has_word(paths->v[i].controllers, controller))
			return &paths->v[i];
	return NULL;
}

static const struct cgroup_path *find_v2(const struct cgroup_paths *paths)
{
	for (size_t i = 0; i < paths->n; i++)
		if (paths->v[i].is_v2)
			return &paths->v[i];
	return NULL;
}

/* ---- rows ---- */

static void read_row(const char *text, const struct stats_row *row, struct arena *arena,
		     struct ops_stats *stats)
{
	const struct stats_source source = {
		.text = text,
		.key = row->key,
		.factor = row->factor ? row->factor : 1,
		.arena = arena,
	};

	row->format(&source, (char *)stats + row->offset);
}

/* All rows of a table that are about one cgroup: @controller, or with NULL those of none. */
static void read_rows(const struct cgroup_path *path, const struct stats_row *rows, size_t n,
		      const char *controller, struct arena *arena, struct ops_stats *stats)
{
	AUTO_FD fd = cgroupfs_open(AT_FDCWD, path->dir);
	const char *last = "";
	char text[STATS_FILE_MAX];
	bool is_read = false;

	for (size_t i = 0; fd >= 0 && i < n; i++) {
		if (controller ? !rows[i].controller || strcmp(rows[i].controller, controller) != 0
			       : rows[i].controller != NULL)
			continue;
		if (strcmp(last, rows[i].file) != 0)
			is_read = cgroupfs_read(fd, rows[i].file, text, sizeof(text)) >= 0;
		last = rows[i].file;
		if (is_read)
			read_row(text, &rows[i], arena, stats);
	}
}

#define N_ROWS(rows) (sizeof(rows) / sizeof((rows)[0]))

static const struct {
	const char *v1, *v2; /* NULL: not there */
} controllers[] = {
	{ "cpuacct", NULL },    { "cpu", "cpu" },   { "cpuset", "cpuset" },
	{ "memory", "memory" }, { "pids", "pids" }, { "blkio", "io" },
};

/* ---- huge pages, whose files are named after the sizes that the host has ---- */

static uint64_t read_number(int fd, const char *page_size, const char *rsvd, const char *suffix,
			    const char *key)
{
	char file[128], text[512];
	struct stats_source source = { .text = text, .key = key, .factor = 1 };
	uint64_t number = 0;

	snprintf(file, sizeof(file), "hugetlb.%s%s%s", page_size, rsvd, suffix);
	if (cgroupfs_read(fd, file, text, sizeof(text)) < 0)
		return 0;
	if (key)
		stats_keyed(&source, &number);
	else
		stats_number(&source, &number);
	return number;
}

static void add_page_size(int fd, bool is_v2, const char *page_size, struct arena *arena,
			  struct ops_stats *stats)
{
	struct ops_hugetlb *page = &stats->hugetlb[stats->n_hugetlb++];
	char file[128];
	const char *rsvd;

	/* Linux 5.7: what is reserved counts, as it does for the limit. */
	snprintf(file, sizeof(file), "hugetlb.%s.rsvd.%s", page_size,
		 is_v2 ? "current" : "usage_in_bytes");
	rsvd = faccessat(fd, file, F_OK, 0) == 0 ? ".rsvd" : "";
	page->page_size = arena_strdup(arena, page_size);
	if (is_v2) {
		page->usage = read_number(fd, page_size, rsvd, ".current", NULL);
		page->failcnt = read_number(fd, page_size, "", ".events", "max");
		return;
	}
	page->usage = read_number(fd, page_size, rsvd, ".usage_in_bytes", NULL);
	page->max = read_number(fd, page_size, rsvd, ".max_usage_in_bytes", NULL);
	page->failcnt = read_number(fd, page_size, rsvd, ".failcnt", NULL);
}

#define PAGE_SIZES_MAX 16

static void read_hugetlb(const struct cgroup_path *path, struct arena *arena,
			 struct ops_stats *stats)
{
	DIR *dir = opendir(path->dir);
	struct dirent *entry;

	stats->hugetlb = ARENA_ARRAY(arena, struct ops_hugetlb, PAGE_SIZES_MAX);
	while (dir && stats->n_hugetlb < PAGE_SIZES_MAX && (entry = readdir(dir))) {
		char page_size[32];
		int len = 0;

		/* "hugetlb.2MB.events" but not "hugetlb.2MB.rsvd.current": one file a size */
		if (sscanf(entry->d_name, "hugetlb.%31[0-9A-Z]%n", page_size, &len) == 1 &&
		    strcmp(entry->d_name + len, path->is_v2 ? ".current" : ".usage_in_bytes") == 0)
			add_page_size(dirfd(dir), path->is_v2, page_size, arena, stats);
	}
	if (dir)
		closedir(dir);
}

/* ---- ---- */

/* v1 counts memory and swap together, and so do those who read this. */
static void add_memory_to_swap(struct ops_stats *stats)
{
	struct ops_memory_usage *swap = &stats->memory.swap;
	const struct ops_memory_usage *memory = &stats->memory.usage;

	if (swap->limit == UINT64_MAX || memory->limit == UINT64_MAX)
		swap->limit = UINT64_MAX;
	else
		swap->limit += memory->limit;
	swap->usage += memory->usage;
}

void stats_read(const struct cgroup_paths *paths, struct arena *arena, struct ops_stats *ret_stats)
{
	const struct cgroup_path *v2 = find_v2(paths);
	const struct cgroup_path *hugetlb = find_v1(paths, "hugetlb");

	*ret_stats = (struct ops_stats){ 0 };
	for (size_t i = 0; i < N_ROWS(controllers); i++) {
		const struct cgroup_path *v1 = find_v1(paths, controllers[i].v1);

		if (v1)
			read_rows(v1, v1_rows, N_ROWS(v1_rows), controllers[i].v1, arena,
				  ret_stats);
		else if (v2 && controllers[i].v2)
			read_rows(v2, v2_rows, N_ROWS(v2_rows), controllers[i].v2, arena,
				  ret_stats);
	}
	if (v2) {
		read_rows(v2, v2_rows, N_ROWS(v2_rows), NULL, arena, ret_stats);
		if (!find_v1(paths, "memory"))
			add_memory_to_swap(ret_stats);
	}
	if (hugetlb || v2)
		read_hugetlb(hugetlb ? hugetlb : v2, arena, ret_stats);
}
