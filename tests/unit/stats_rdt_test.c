/* SPDX-License-Identifier: Apache-2.0 */
/* Statistics of resctrl as `events` prints them, from a tree that looks like one. */
#include "temp_tree.h"
#include "test.h"

#include "stats.h"
#include "stats_print.h"

#include <stdio.h>
#include <string.h>

static struct err err;

/* The member intel_rdt of the document. */
static const char *print(const char *clos, const char *mon)
{
	const struct rdt_paths paths = { .clos = temp_path(clos),
					 .mon = mon ? temp_path(mon) : NULL };
	AUTO(arena) struct arena *arena = NULL;
	static char text[8192];
	struct ops_stats stats = { 0 };
	FILE *out = fmemopen(text, sizeof(text), "w");
	char *begin, *end;
	int before;

	CHECK_INT(arena_new(STATS_ARENA_BYTES, &arena, &err), 0);
	before = open_fd_count();
	stats_read_rdt(temp_path(""), &paths, arena, &stats.rdt);
	CHECK_INT(open_fd_count(), before);
	stats_print(out, &stats);
	fclose(out);
	begin = strstr(text, "\"intel_rdt\":");
	end = strstr(text, ",\"network_interfaces\"");
	CHECK(begin && end);
	*end = '\0';
	return begin;
}

static void make_counters(const char *group, const char *node, const char *total)
{
	char name[128];

	snprintf(name, sizeof(name), "%s/mon_data/%s", group, node);
	temp_make_dir(name);
	snprintf(name, sizeof(name), "%s/mon_data/%s/mbm_total_bytes", group, node);
	temp_make_file(name, total, 0444);
	snprintf(name, sizeof(name), "%s/mon_data/%s/mbm_local_bytes", group, node);
	temp_make_file(name, "7\n", 0444);
	snprintf(name, sizeof(name), "%s/mon_data/%s/llc_occupancy", group, node);
	temp_make_file(name, "65536\n", 0444);
}

static void make_tree(void)
{
	temp_make_dir("gold");
	temp_make_file("schemata", "    MB:0=100;1=100\n    L3:0=fff;1=fff\n", 0644);
	temp_make_file("gold/schemata", "    MB:0=20;1=100\n    L3:0=f;1=fff\n", 0644);
}

TEST(what_the_host_has_and_the_class_gets)
{
	make_tree();
	temp_make_dir("info");
	temp_make_dir("info/L3");
	temp_make_file("info/L3/cbm_mask", "fff\n", 0444);
	temp_make_file("info/L3/min_cbm_bits", "2\n", 0444);
	temp_make_file("info/L3/num_closids", "16\n", 0444);
	CHECK_STR(print("gold", NULL),
		  "\"intel_rdt\":{\"l3_cache_info\":{\"cbm_mask\":\"fff\",\"min_cbm_bits\":2,"
		  "\"num_closids\":16},\"l3_cache_schema_root\":\"L3:0=fff;1=fff\","
		  "\"l3_cache_schema\":\"L3:0=f;1=fff\","
		  "\"schemata\":[\"MB:0=20;1=100\",\"L3:0=f;1=fff\"]}");

	temp_make_dir("info/MB");
	temp_make_file("info/MB/bandwidth_gran", "10\n", 0444);
	temp_make_file("info/MB/delay_linear", "1\n", 0444);
	temp_make_file("info/MB/min_bandwidth", "10\n", 0444);
	temp_make_file("info/MB/num_closids", "8\n", 0444);
	CHECK_CONTAINS(print("gold", NULL),
		       "\"mem_bw_info\":{\"bandwidth_gran\":10,\"delay_linear\":1,"
		       "\"min_bandwidth\":10,\"num_closids\":8},"
		       "\"mem_bw_schema_root\":\"MB:0=100;1=100\","
		       "\"mem_bw_schema\":\"MB:0=20;1=100\",\"schemata\":");
}

TEST(counters_are_those_of_the_containers_group_node_by_node)
{
	make_tree();
	temp_make_dir("info");
	temp_make_dir("info/L3_MON");
	temp_make_file("info/L3_MON/mon_features",
		       "llc_occupancy\nmbm_total_bytes\nmbm_local_bytes\n", 0444);
	temp_make_dir("gold/mon_data");
	temp_make_dir("gold/mon_groups");
	temp_make_dir("gold/mon_groups/c1");
	temp_make_dir("gold/mon_groups/c1/mon_data");
	make_counters("gold", "mon_L3_00", "1000\n");
	make_counters("gold/mon_groups/c1", "mon_L3_01", "Unavailable\n");
	make_counters("gold/mon_groups/c1", "mon_L3_00", "18446744073709551615\n");
	CHECK_CONTAINS(print("gold", NULL),
		       ",\"mbm_stats\":[{\"mbm_total_bytes\":1000,\"mbm_local_bytes\":7}],"
		       "\"cmt_stats\":[{\"llc_occupancy\":65536}]}");
	CHECK_CONTAINS(print("gold", "gold/mon_groups/c1"),
		       "\"mbm_stats\":[{\"mbm_total_bytes\":18446744073709551615,"
		       "\"mbm_local_bytes\":7},{\"mbm_total_bytes\":0,\"mbm_local_bytes\":7}],"
		       "\"cmt_stats\":[{\"llc_occupancy\":65536},{\"llc_occupancy\":65536}]}");
	temp_make_file("info/L3_MON/mon_features", "llc_occupancy\n", 0444);
	CHECK(!strstr(print("gold", NULL), "mbm_stats"));
}

TEST(a_class_that_others_have_removed_has_nothing)
{
	make_tree();
	CHECK_STR(print("silver", NULL), "\"intel_rdt\":{}");
}

TEST_MAIN()
