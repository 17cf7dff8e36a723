/* SPDX-License-Identifier: Apache-2.0 */
/* What a plan has to know of a host, from files that stand in for /proc/self, and from this host. */
#include "temp_tree.h"
#include "test.h"

#include "host.h"
#include "host_gather.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/magic.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

static struct err err;

static char fake_types[1024]; /* paths that are cgroup mounts: " /a:1 /b:2 " */

static long fake_fs_type(const char *path)
{
	char key[600];
	const char *at;

	snprintf(key, sizeof(key), " %s:", path);
	at = strstr(fake_types, key);
	if (!at)
		return 0;
	if (at[strlen(key)] == '!')
		return -ENOMEM;
	return at[strlen(key)] == '2' ? CGROUP2_SUPER_MAGIC : CGROUP_SUPER_MAGIC;
}

/* Of this one it does not. */
static bool fake_shows_all(const char *mount)
{
	return strcmp(mount, "/cg/part") != 0;
}

static struct host *gather(const char *cgroups, const char *types, const char *mountinfo)
{
	static struct arena *arena;
	struct host_sources from = { "/cg", temp_dir(), fake_fs_type, fake_shows_all };
	struct host *host = NULL;

	if (!arena)
		CHECK_INT(arena_new(1u << 20, &arena, &err), 0);
	temp_make_file("cgroup", cgroups, 0644);
	temp_make_file("uid_map", "         0          0 4294967295\n", 0644);
	snprintf(fake_types, sizeof(fake_types), "%s", types);
	unlink(temp_path("mountinfo"));
	if (mountinfo)
		temp_make_file("mountinfo", mountinfo, 0644);
	CHECK_INT(host_gather_from(&from, arena, &host, &err), 0);
	return host;
}

TEST(a_hierarchy_that_cannot_be_looked_at_is_not_taken_for_missing)
{
	struct host_sources from = { "/cg", temp_dir(), fake_fs_type, fake_shows_all };
	struct host *host = NULL;
	struct arena *arena;

	CHECK_INT(arena_new(1u << 20, &arena, &err), 0);
	temp_make_file("cgroup", "1:memory:/m\n0::/u\n", 0644);
	temp_make_file("uid_map", "         0          0 4294967295\n", 0644);
	snprintf(fake_types, sizeof(fake_types), " /cg/memory:1 /cg/unified:! ");
	CHECK_INT(host_gather_from(&from, arena, &host, &err), -ENOMEM);
	arena_free(arena);
}

TEST(mounts_that_cannot_be_read_are_not_taken_for_none)
{
	struct host_sources from = { "/cg", temp_dir(), fake_fs_type, fake_shows_all };
	AUTO(arena) struct arena *arena = NULL;
	struct host *host = NULL;

	CHECK_INT(arena_new(1u << 20, &arena, &err), 0);
	temp_make_file("cgroup", "1:memory:/m\n", 0644);
	temp_make_dir("mountinfo");
	CHECK_INT(host_gather_from(&from, arena, &host, &err), -EISDIR);
	CHECK_CONTAINS(err.text, "/mountinfo'");
}

TEST(a_v2_host_has_one_hierarchy)
{
	struct host *host;

	host = gather("0::/user.slice\n", " /cg:2 ", NULL);
	CHECK_INT(host->n_hierarchies, 1);
	CHECK(host->hierarchies[0].is_v2);
	CHECK_STR(host->hierarchies[0].mount, "/cg");
	CHECK_STR(host->hierarchies[0].own_path, "/user.slice");
}

TEST(hierarchies_are_found_where_everybody_mounts_them_without_mountinfo)
{
	struct host *host;

	host = gather("4:cpu,cpuacct:/a\n3:net_cls,net_prio:/\n2:name=systemd:/s:x\n1:memory:/m\n"
		      "0::/u\n",
		      " /cg/cpuacct,cpu:1 /cg/net_cls:1 /cg/systemd:1 /cg/memory:1 /cg/unified:2 ",
		      NULL);
	CHECK_INT(host->n_hierarchies, 5);
	CHECK_STR(host->hierarchies[0].mount, "/cg/cpuacct,cpu");
	CHECK_STR(host->hierarchies[0].controllers, "cpu,cpuacct");
	CHECK_STR(host->hierarchies[1].mount, "/cg/net_cls");
	CHECK_STR(host->hierarchies[2].mount, "/cg/systemd");
	CHECK_STR(host->hierarchies[2].own_path, "/s:x");
	CHECK_STR(host->hierarchies[4].mount, "/cg/unified");
}

TEST(an_unusual_mount_point_comes_from_mountinfo)
{
	struct host *host;

	host = gather("2:cpu,cpuacct:/\n1:memory:/\n0::/\n", " /cg/memory:1 ",
		      "22 1 8:1 / / rw - ext4 /dev/sda rw\n"
		      "30 22 0:26 / /my\\040cg rw shared:9 - cgroup cgroup rw,cpuacct,cpu\n"
		      "31 22 0:27 / /two rw - cgroup2 cgroup2 rw\n");
	CHECK_INT(host->n_hierarchies, 3);
	CHECK_STR(host->hierarchies[0].mount, "/my cg");
	CHECK_STR(host->hierarchies[2].mount, "/two");
	CHECK(host->hierarchies[2].is_v2);
	host = gather("1:memory:/\n0::/\n", "", "22 1 8:1 / / rw - ext4 /dev/sda rw\n");
	CHECK_INT(host->n_hierarchies, 0);
}

TEST(where_we_are_in_a_part_of_a_hierarchy)
{
	static const struct {
		const char *own, *shown, *expected;
	} rows[] = {
		{ "/outer", "/outer", "/" },
		{ "/outer/in/me", "/outer", "/in/me" },
		{ "/outer/in", "/", "/outer/in" }, /* a cgroup namespace */
		{ "/outer", "/elsewhere", "/" },   /* others have moved us */
		{ "/outerspace", "/outer", "/" },
		{ "/a b/in", "/a\\040b", "/in" },
		{ "/", "/..", "/" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char cgroups[64], mountinfo[256];
		struct host *host;

		snprintf(cgroups, sizeof(cgroups), "2:name=part:%s\n1:memory:/m\n", rows[i].own);
		snprintf(mountinfo, sizeof(mountinfo),
			 "30 22 0:26 /below /cg/part rw - cgroup cgroup rw,name=part\n"
			 "31 22 0:26 %s /cg/part rw - cgroup cgroup rw,name=part\n"
			 "32 22 0:27 /m /cg/memory rw - cgroup cgroup rw,memory\n",
			 rows[i].shown);
		host = gather(cgroups, " /cg/part:1 /cg/memory:1 ", mountinfo);
		CHECK_INT(host->n_hierarchies, 2);
		CHECK_STR(host->hierarchies[0].own_path, rows[i].expected);
		CHECK_STR(host->hierarchies[1].own_path, "/m");
	}
}

TEST(where_we_are_is_found_among_thousands_of_mounts)
{
	static const char last[] = "31 22 0:26 /outer /cg/part rw - cgroup cgroup rw,name=part\n";
	static const char line[] = "30 22 0:26 / /a/mount/of/somebody rw - tmpfs tmpfs rw\n";
	size_t n = 100000, len = sizeof(line) - 1;
	char *mountinfo = malloc(n * len + sizeof(last));

	CHECK(mountinfo != NULL);
	for (size_t i = 0; i < n; i++)
		memcpy(mountinfo + i * len, line, len);
	memcpy(mountinfo + n * len, last, sizeof(last));
	CHECK_STR(gather("2:name=part:/outer/in\n", " /cg/part:1 ", mountinfo)
			  ->hierarchies[0]
			  .own_path,
		  "/in");
	free(mountinfo);
}

TEST(this_host_can_be_gathered)
{
	AUTO(arena) struct arena *arena = NULL;
	struct host *host;

	CHECK_INT(arena_new(1u << 20, &arena, &err), 0);
	CHECK_INT(host_gather(arena, &host, &err), 0);
	CHECK_INT(host->euid, geteuid());
	for (size_t i = 0; i < host->n_hierarchies; i++) {
		struct statfs st;

		CHECK_INT(statfs(host->hierarchies[i].mount, &st), 0);
		CHECK_INT(st.f_type,
			  host->hierarchies[i].is_v2 ? CGROUP2_SUPER_MAGIC : CGROUP_SUPER_MAGIC);
	}
}

/* From here on capget(2) fails in this process. */
static bool deny_capget(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_capget, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = sizeof(code) / sizeof(code[0]), .filter = code };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

TEST(capabilities_that_cannot_be_read_are_not_taken_for_none)
{
	AUTO(arena) struct arena *arena = NULL;
	struct host *host = NULL;
	int status;
	pid_t pid;

	CHECK_INT(arena_new(1u << 20, &arena, &err), 0);
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0)
		_exit(!deny_capget() || host_gather(arena, &host, &err) != -ENOSYS || host);
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK_INT(status, 0);
}

TEST_MAIN()
