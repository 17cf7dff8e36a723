/* SPDX-License-Identifier: Apache-2.0 */
/* Whose ids they are, and the id maps that a caller without privileges gets. */
#include "own_ids.h"
#include "plan_subject.h"
#include "test.h"

TEST(ranges_cover_what_they_have_together)
{
	static const struct host_id_range ranges[] = { { 110, 10 }, { 100, 10 }, { 200, 5 } };
	const struct host_id_ranges ids = { 3, ranges };
	static const struct {
		uint32_t first, size;
		bool is_covered;
	} rows[] = {
		{ 100, 20, true }, { 105, 10, true }, { 100, 21, false },
		{ 99, 2, false },  { 200, 5, true },  { 200, 6, false },
		{ 50, 1, false },  { 204, 1, true },  { 119, 82, false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct plan_id_map map = { 0, rows[i].first, rows[i].size };

		CHECK_INT(plan_ids_cover(&ids, &map), rows[i].is_covered);
	}
}

/* ---- the maps of a user's container ---- */

static const struct host_id_range uids[] = { { 100000, 65536 }, { 990, 20 }, { 300000, 10 } };
static const struct host_id_range gids[] = { { 200000, 50 } };
static const struct host alone = { .euid = 1000, .egid = 1001, .lacks_admin = true };
static const struct host ranged = {
	.euid = 1000,
	.egid = 1001,
	.lacks_admin = true,
	.can_map_ranges = true,
	.subuids = { 3, uids },
	.subgids = { 1, gids },
};

/* Whether the plan of a document with @more has @part in it. */
static void check_plan(const struct host *host, const char *more, const char *part)
{
	char *json, *text;

	if (asprintf(&json, "{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\"}%s}", more) < 0)
		abort();
	text = subject_plan_text(json, host);
	CHECK_CONTAINS(text, part);
	free(text);
	free(json);
}

#define AS_7 ",\"process\":{\"cwd\":\"/\",\"args\":[\"a\"],\"user\":{\"uid\":7,\"gid\":8}}"

TEST(a_user_without_ranges_is_who_the_process_is)
{
	check_plan(&alone, "",
		   "namespace user create  [/linux/namespaces]\n"
		   "uid_map 0 1000 1\ngid_map 0 1001 1\n");
	check_plan(&alone, AS_7, "uid_map 7 1000 1\ngid_map 8 1001 1\n");
}

TEST(a_user_with_ranges_is_root_inside_and_has_the_others_from_1_on)
{
	/* The range that has the own id in it cannot be mapped as well. */
	check_plan(&ranged, AS_7,
		   "uid_map 0 1000 1\nuid_map 1 100000 65536\nuid_map 65537 300000 10\n"
		   "gid_map 0 1001 1\ngid_map 1 200000 50\n");
}

TEST(ranges_without_the_programs_or_of_one_kind_are_none)
{
	struct host host = ranged;

	host.can_map_ranges = false;
	check_plan(&host, "", "uid_map 0 1000 1\ngid_map 0 1001 1\n");
	host = ranged;
	host.subgids.n = 0;
	check_plan(&host, "", "uid_map 0 1000 1\ngid_map 0 1001 1\n");
}

TEST(what_config_json_has_is_taken_as_it_is)
{
	check_plan(&ranged,
		   ",\"linux\":{\"namespaces\":[{\"type\":\"user\"}],\"uidMappings\":"
		   "[{\"containerID\":3,\"hostID\":1000,\"size\":1}]}",
		   "uid_map 3 1000 1\ngid_map 0 1001 1\ngid_map 1 200000 50\n");
	check_plan(&ranged, ",\"linux\":{\"namespaces\":[{\"type\":\"network\",\"path\":\"/n\"}]}",
		   "namespace net join \"/n\"  [/linux/namespaces/0]\n");
}

TEST(root_says_itself_whom_it_maps)
{
	check_plan(&subject_host_none, ",\"linux\":{\"namespaces\":[{\"type\":\"user\"}]}",
		   "error: a new user namespace needs mappings of user and group ids");
}

TEST(terminals_have_no_group_that_nobody_is_in)
{
	static const char document[] =
		",\"linux\":{\"namespaces\":[{\"type\":\"mount\"}]},\"mounts\":[{\"destination\":"
		"\"/p\",\"type\":\"devpts\",\"source\":\"devpts\",\"options\":[\"gid=5\","
		"\"mode=620\"]}]";
	char *json, *text;

	if (asprintf(&json, "{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\"}%s}", document) < 0)
		abort();
	text = subject_plan_text(json, &alone);
	CHECK_CONTAINS(text, "mode=620");
	CHECK(!strstr(text, "gid=5"));
	free(text);
	text = subject_plan_text(json, &ranged);
	CHECK_CONTAINS(text, "gid=5");
	free(text);
	free(json);
}

TEST_MAIN()
