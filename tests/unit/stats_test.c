/* SPDX-License-Identifier: Apache-2.0 */
/* Statistics and OOM events of a v2 cgroup, from directories of plain files that look like one. */
#include "test.h"

#include "oom_watch.h"
#include "stats.h"
#include "stats_print.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char dir[] = "/tmp/ocirun-stats-XXXXXX";
static struct arena *arena;
static struct err err;

static void put(const char *file, const char *text)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	f = fopen(path, "we");
	CHECK(f != NULL);
	if (f) {
		fputs(text, f);
		fclose(f);
	}
}

static void remove_dir(void)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	CHECK_INT(system(command), 0);
}

static struct cgroup_paths make_dir(bool is_v2, const char *controllers)
{
	static struct cgroup_path path;

	CHECK(mkdtemp(dir) != NULL);
	CHECK_INT(arena_new(STATS_ARENA_BYTES, &arena, &err), 0);
	path = (struct cgroup_path){ is_v2, controllers, dir, 1 };
	return (struct cgroup_paths){ 1, &path };
}

/* The statistics as JSON. */
static const char *print(const struct cgroup_paths *paths)
{
	static char text[65536];
	struct ops_stats stats;
	FILE *out = fmemopen(text, sizeof(text), "w");

	stats_read(paths, arena, &stats);
	stats_print(out, &stats);
	fclose(out);
	return text;
}

TEST(v2_is_told_in_the_units_of_v1)
{
	const struct cgroup_paths paths = make_dir(true, "cpuset cpu io memory hugetlb pids");
	const char *text;

	put("cpu.stat", "usage_usec 5000\nuser_usec 3000\nsystem_usec 2000\nnr_periods 7\n"
			"nr_throttled 2\nthrottled_usec 9\n");
	put("cpu.pressure", "some avg10=1.50 avg60=0.25 avg300=0.00 total=123\n"
			    "full avg10=0.00 avg60=0.00 avg300=0.00 total=4\n");
	put("cpuset.cpus.effective", "0-2,5\n");
	put("cpuset.mems.effective", "0\n");
	put("memory.stat", "anon 100\nfile 4096\n");
	put("memory.max", "1000000\n");
	put("memory.current", "8192\n");
	put("memory.peak", "9000\n");
	put("memory.events", "low 0\nhigh 0\nmax 3\noom 0\noom_kill 0\n");
	put("memory.swap.max", "500\n");
	put("memory.swap.current", "8\n");
	put("pids.current", "2\n");
	put("pids.max", "10\n");
	put("io.stat", "8:0 rbytes=10 wbytes=20 rios=1 wios=2 dbytes=0 dios=0\n8:16 rbytes=30\n");
	put("hugetlb.2MB.current", "0\n");
	put("hugetlb.2MB.rsvd.current", "2097152\n");
	put("hugetlb.2MB.events", "max 5\n");
	text = print(&paths);
	CHECK_CONTAINS(text, "\"usage\":{\"total\":5000000,\"kernel\":2000000,\"user\":3000000}");
	CHECK_CONTAINS(text, "{\"periods\":7,\"throttledPeriods\":2,\"throttledTime\":9000}");
	CHECK_CONTAINS(text, "\"psi\":{\"some\":{\"avg10\":1.50,\"avg60\":0.25,\"avg300\":0.00,"
			     "\"total\":123},\"full\":{");
	CHECK_CONTAINS(text, "\"cpus\":[0,1,2,5]");
	CHECK_CONTAINS(text, "\"cache\":4096,\"usage\":{\"limit\":1000000,\"usage\":8192,"
			     "\"max\":9000,\"failcnt\":3}");
	CHECK_CONTAINS(text, "\"swap\":{\"limit\":1000500,\"usage\":8200,\"failcnt\":0}");
	CHECK_CONTAINS(text, "\"raw\":{\"anon\":100,\"file\":4096}");
	CHECK_CONTAINS(text, "\"pids\":{\"current\":2,\"limit\":10}");
	CHECK_CONTAINS(text, "\"ioServiceBytesRecursive\":["
			     "{\"major\":8,\"op\":\"Read\",\"value\":10},"
			     "{\"major\":8,\"op\":\"Write\",\"value\":20},"
			     "{\"major\":8,\"minor\":16,\"op\":\"Read\",\"value\":30}]");
	CHECK_CONTAINS(text, "\"hugetlb\":{\"2MB\":{\"usage\":2097152,\"failcnt\":5}}");
	remove_dir();
}

TEST(no_limit_of_v2_is_the_largest_number)
{
	const struct cgroup_paths paths = make_dir(true, "memory pids");
	const char *text;

	put("memory.max", "max\n");
	put("memory.current", "8192\n");
	put("memory.swap.max", "500\n");
	put("pids.max", "max\n");
	text = print(&paths);
	CHECK_CONTAINS(text, "\"usage\":{\"limit\":18446744073709551615,\"usage\":8192");
	CHECK_CONTAINS(text, "\"swap\":{\"limit\":18446744073709551615,\"usage\":8192");
	CHECK_CONTAINS(text, "\"pids\":{}");
	remove_dir();
}

TEST(nothing_to_read_is_a_document_of_empty_objects)
{
	const struct cgroup_paths paths = make_dir(true, "");
	const char *text = print(&paths);

	CHECK_CONTAINS(text, "{\"cpu\":{\"usage\":{\"kernel\":0,\"user\":0},\"throttling\":{}}");
	CHECK_CONTAINS(text, "\"pids\":{},\"blkio\":{},\"hugetlb\":{},\"intel_rdt\":{},"
			     "\"network_interfaces\":null}");
	remove_dir();
}

TEST(broken_files_do_no_harm)
{
	const struct cgroup_paths paths = make_dir(true, "cpuset cpu io memory pids");
	static const char *const files[] = {
		"cpu.stat", "cpu.pressure",         "io.stat", "memory.stat", "memory.current",
		"pids.max", "cpuset.cpus.effective"
	};
	static const char *const texts[] = { "",           "\n",           " ",
					     "x",          "some avg10=",  "8:0 rbytes=",
					     "5-",         "4294967295-1", "0-99999999",
					     "usage_usec", "8:",           "a b\nc" };

	for (size_t t = 0; t < sizeof(texts) / sizeof(texts[0]); t++) {
		for (size_t f = 0; f < sizeof(files) / sizeof(files[0]); f++)
			put(files[f], texts[t]);
		CHECK_CONTAINS(print(&paths), "\"network_interfaces\":null}");
	}
	remove_dir();
}

TEST(entries_of_bfq_count_when_there_are_some)
{
	const struct cgroup_paths paths = make_dir(false, "blkio");

	put("blkio.throttle.io_serviced_recursive", "8:0 Read 5\n8:0 Total 5\nTotal 5\n");
	put("blkio.bfq.io_serviced_recursive", "Total 0\n");
	CHECK_CONTAINS(print(&paths), "\"ioServicedRecursive\":[{\"major\":8,\"op\":\"Read\","
				      "\"value\":5},{\"major\":8,\"op\":\"Total\",\"value\":5}]");
	put("blkio.bfq.io_serviced_recursive", "8:0 Read 6\nTotal 6\n");
	CHECK_CONTAINS(print(&paths), "[{\"major\":8,\"op\":\"Read\",\"value\":6}]");
	put("blkio.bfq.sectors_recursive", "8:0 77\n");
	CHECK_CONTAINS(print(&paths), "\"sectorsRecursive\":[{\"major\":8,\"value\":77}]");
	remove_dir();
}

TEST(kills_of_v2_are_counted_from_the_beginning_of_the_watch)
{
	struct oom_watch watch = OOM_WATCH_NONE;
	const struct cgroup_paths paths = make_dir(true, "memory");

	put("memory.events", "oom 4\noom_kill 4\n");
	CHECK_INT(oom_watch_begin(&watch, &paths, &err), 0);
	CHECK(watch.fd >= 0);
	CHECK_INT(oom_watch_take(&watch), 0);
	put("memory.events", "oom 6\noom_kill 6\n");
	CHECK_INT(oom_watch_take(&watch), 2);
	CHECK_INT(oom_watch_take(&watch), 0);
	remove_dir(); /* what is gone was not killed */
	CHECK_INT(oom_watch_take(&watch), 0);
	oom_watch_end(&watch);
}

TEST(without_a_count_of_memory_nobody_is_told)
{
	struct oom_watch watch = OOM_WATCH_NONE;
	const struct cgroup_paths none = { 0, NULL };
	const struct cgroup_paths paths = make_dir(true, "");

	CHECK_INT(oom_watch_begin(&watch, &paths, &err), 0);
	CHECK_INT(watch.fd, -1);
	oom_watch_end(&watch);
	CHECK_INT(oom_watch_begin(&watch, &none, &err), 0);
	CHECK_INT(oom_watch_take(&watch), 0);
	remove_dir();
}

TEST_MAIN()
