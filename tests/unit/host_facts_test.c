/* SPDX-License-Identifier: Apache-2.0 */
#include "host_facts.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct found {
	size_t n;
	struct host_ids v[8];
	size_t stop_after; /* 0: never */
};

static bool take(void *context, const struct host_ids *ids)
{
	struct found *found = context;

	found->v[found->n++] = *ids;
	return found->n == found->stop_after;
}

/* A file in the form of /etc/subuid; @format has "%u" for the caller's id. */
static const char *write_ranges(const char *format)
{
	static char path[] = "/tmp/ocirun-host-facts.XXXXXX";
	int fd;

	snprintf(path, sizeof(path), "/tmp/ocirun-host-facts.XXXXXX");
	fd = mkstemp(path);
	CHECK(fd >= 0);
	dprintf(fd, format, geteuid(), geteuid());
	close(fd);
	return path;
}

TEST(ranges_of_the_callers_id_are_found_and_those_of_others_are_not)
{
	const char *path =
		write_ranges("4294967294:1:2\n%u:100000:65536\n%u:300000:10\nno-such-user:5:6\n");
	struct found found = { .n = 0 };

	CHECK(!host_find_subordinate(path, take, &found));
	CHECK_INT((int)found.n, 2);
	CHECK_INT((int)found.v[0].first, 100000);
	CHECK_INT((int)found.v[0].count, 65536);
	CHECK_INT((int)found.v[1].first, 300000);
	CHECK_INT((int)found.v[1].count, 10);
	unlink(path);
}

TEST(the_search_ends_where_the_visitor_says_so)
{
	const char *path = write_ranges("%u:1:2\n%u:3:4\n");
	struct found found = { .n = 0, .stop_after = 1 };

	CHECK(host_find_subordinate(path, take, &found));
	CHECK_INT((int)found.n, 1);
	unlink(path);
}

TEST(numbers_that_are_none_or_end_above_the_largest_id_give_nothing)
{
	static const char *const lines[] = {
		"%u:1",
		"%u:1:",
		"%u::1",
		"%u:1:0",
		"%u:-1:5",
		"%u:0x1:5",
		"%u: 1:5",
		"%u:1:5 ",
		"0%u:1:5",
		":%u:1:5",
		"%u:4294967295:1",
		"%u:4294967290:6",
		"%u:1:99999999999999999999",
	};
	struct found found = { .n = 0 };

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		const char *path = write_ranges(lines[i]);

		CHECK(!host_find_subordinate(path, take, &found));
		CHECK_INT((int)found.n, 0);
		unlink(path);
	}
}

TEST(what_is_no_file_gives_nothing)
{
	struct found found = { .n = 0 };

	CHECK(!host_find_subordinate("/", take, &found));
	CHECK(!host_find_subordinate("/dev/zero", take, &found));
	CHECK_INT((int)found.n, 0);
}

TEST(lines_that_are_no_range_are_passed_over)
{
	const char *path = write_ranges("\n%u\n:::\n#%u:1:2\n");
	struct found found = { .n = 0 };

	CHECK(!host_find_subordinate(path, take, &found));
	CHECK_INT((int)found.n, 0);
	unlink(path);
	CHECK(!host_find_subordinate("/no/such/file", take, &found));
}

TEST(versions_of_the_kernel_are_compared_part_by_part)
{
	CHECK(host_kernel_is_since(0, 99));
	CHECK(host_kernel_is_since(HOST_KERNEL_MAJOR, HOST_KERNEL_MINOR));
	CHECK(!host_kernel_is_since(999, 0));
}

TEST(a_filesystem_is_found_by_its_whole_name)
{
	CHECK(host_has_filesystem("proc"));
	CHECK(host_has_filesystem("tmpfs"));
	CHECK(!host_has_filesystem("pro"));
	CHECK(!host_has_filesystem("tmpfs2"));
	CHECK(!host_has_filesystem("nodev"));
}

TEST_MAIN()
