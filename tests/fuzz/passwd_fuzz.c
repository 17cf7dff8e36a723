/* SPDX-License-Identifier: Apache-2.0 */
/* An image's /etc/passwd and /etc/group, and the host's lists of subordinate ids: the same bytes. */
#include "fuzz.h"

#include "host_facts.h"
#include "passwd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GROUPS_MAX 64

static bool check_ids(void *context, const struct host_ids *ids)
{
	(void)context;
	FUZZ_CHECK(ids->count > 0 && ids->first < UINT32_MAX);
	FUZZ_CHECK(ids->first + ids->count <= UINT32_MAX);
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const int root = fuzz_dir();
	gid_t gid = 7, groups[GROUPS_MAX];
	uid_t uid = 7;
	char home[64], path[128];

	fuzz_file("etc/passwd", data, size);
	fuzz_file("etc/group", data, size);
	if (passwd_find_user(root, "alice", &uid, &gid) == 0)
		FUZZ_CHECK(uid != UINT32_MAX && gid != UINT32_MAX);
	if (passwd_find_group(root, "alice", &gid) == 0)
		FUZZ_CHECK(gid != UINT32_MAX);
	FUZZ_CHECK(passwd_find_memberships(root, "alice", groups, GROUPS_MAX) <= GROUPS_MAX);
	passwd_find_home(root, 1000, home, sizeof(home));
	FUZZ_CHECK(home[0] == '/' && memchr(home, '\0', sizeof(home)));
	snprintf(path, sizeof(path), "%s/etc/passwd", fuzz_dir_path());
	host_find_subordinate(path, check_ids, NULL);
	return 0;
}
