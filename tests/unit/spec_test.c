/* SPDX-License-Identifier: Apache-2.0 */
/* Documents that are right: what loading makes of them. */
#include "load.h"
#include "io.h"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define DOC(members) "{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\"}" members "}"

#define REAL_CONFIGS SOURCE_DIR "/tests/real-configs"

/* The folder of samples that do not belong to the source. */
static const char *shared_dir(void)
{
	const char *dir = getenv("OCIRUN_SHARED_DIR");

	return dir ? dir : SHARED_DIR;
}

static struct spec *parse(const char *document)
{
	struct err err = { 0 };
	struct spec *spec = NULL;

	if (spec_parse(document, strlen(document), NULL, &spec, &err) < 0)
		test_fail(__FILE__, __LINE__, "%s", err.text);
	return spec;
}

TEST(minimal_document_leaves_everything_unset)
{
	AUTO(spec) struct spec *spec = parse(DOC(""));

	CHECK_STR(spec->oci_version, "1.3.0");
	CHECK(spec->root.set);
	CHECK_STR(spec->root.path, "r");
	CHECK(!spec->root.readonly);
	CHECK(!spec->process.set);
	CHECK(!spec->linux_.set);
	CHECK(spec->hostname == NULL);
	CHECK_INT(spec->mounts.n, 0);
	CHECK_INT(spec->annotations.n, 0);
}

TEST(null_and_empty_mean_unset)
{
	AUTO(spec)
	struct spec *spec = parse(
		DOC(",\"hostname\":null,\"mounts\":null,\"hooks\":null,\"process\":{\"cwd\":\"/\","
		    "\"apparmorProfile\":\"\",\"selinuxLabel\":\"\",\"capabilities\":null,"
		    "\"oomScoreAdj\":null,\"args\":null},\"linux\":{\"cgroupsPath\":\"\","
		    "\"mountLabel\":\"\",\"rootfsPropagation\":\"\",\"seccomp\":null,"
		    "\"namespaces\":[{\"type\":\"pid\",\"path\":\"\"}],"
		    "\"personality\":{\"domain\":\"LINUX\",\"flags\":[]},"
		    "\"resources\":{\"cpu\":{\"cpus\":\"\",\"mems\":\"\"},\"pids\":{},\"memory\":"
		    "null}}"));

	CHECK(spec->hostname == NULL);
	CHECK_INT(spec->mounts.n, 0);
	CHECK(spec->process.set);
	CHECK(spec->process.apparmor_profile == NULL);
	CHECK(spec->process.selinux_label == NULL);
	CHECK(!spec->process.capabilities.set);
	CHECK(!spec->process.oom_score_adj.set);
	CHECK(spec->linux_.cgroups_path == NULL);
	CHECK(spec->linux_.mount_label == NULL);
	CHECK(spec->linux_.rootfs_propagation == NULL);
	CHECK(!spec->linux_.seccomp.set);
	CHECK(spec->linux_.namespaces.v[0].path == NULL);
	CHECK(spec->linux_.personality.set);
	CHECK(spec->linux_.resources.set);
	CHECK(spec->linux_.resources.cpu.cpus == NULL);
	CHECK(!spec->linux_.resources.pids.limit.set);
}

TEST(process_is_read)
{
	AUTO(spec)
	struct spec *spec = parse(
		DOC(",\"process\":{\"terminal\":true,\"consoleSize\":{\"height\":25,\"width\":80},"
		    "\"user\":{\"uid\":4294967295,\"gid\":2,\"umask\":18,\"additionalGids\":[5,6]},"
		    "\"args\":[\"sh\",\"\"],\"env\":[\"A=1\",\"B\"],\"cwd\":\"/w\","
		    "\"capabilities\":{\"bounding\":[\"CAP_CHOWN\",\"CAP_KILL\"],\"ambient\":[]},"
		    "\"rlimits\":[{\"type\":\"RLIMIT_CPU\",\"soft\":1,\"hard\":2},"
		    "{\"type\":\"RLIMIT_NOFILE\",\"soft\":3,\"hard\":18446744073709551615}],"
		    "\"noNewPrivileges\":true,\"oomScoreAdj\":-998,"
		    "\"scheduler\":{\"policy\":\"SCHED_DEADLINE\",\"nice\":-20,\"runtime\":1,"
		    "\"flags\":[\"SCHED_FLAG_RESET_ON_FORK\",\"SCHED_FLAG_DL_OVERRUN\"]},"
		    "\"ioPriority\":{\"class\":\"IOPRIO_CLASS_IDLE\",\"priority\":7},"
		    "\"execCPUAffinity\":{\"initial\":\"0-3,7\",\"final\":\"\"}}"));
	const struct spec_process *p = &spec->process;

	CHECK(p->terminal);
	CHECK(p->console_size.set);
	CHECK_INT(p->console_size.height, 25);
	CHECK_INT(p->user.uid, 4294967295);
	CHECK_INT(p->user.umask.value, 18);
	CHECK_INT(p->user.additional_gids.n, 2);
	CHECK_INT(p->user.additional_gids.v[1], 6);
	CHECK_INT(p->args.n, 2);
	CHECK_STR(p->args.v[1], "");
	CHECK_STR(p->env.v[1], "B");
	CHECK_STR(p->cwd, "/w");
	CHECK_INT(p->capabilities.bounding, 1 << 0 | 1 << 5);
	CHECK_INT(p->capabilities.ambient, 0);
	CHECK_INT(p->rlimits.n, 2);
	CHECK_INT(p->rlimits.v[1].resource, RLIMIT_NOFILE);
	CHECK(p->rlimits.v[1].hard == RLIM_INFINITY);
	CHECK_INT(p->oom_score_adj.value, -998);
	CHECK_INT(p->scheduler.policy, 6);
	CHECK_INT(p->scheduler.nice, -20);
	CHECK_INT(p->scheduler.flags, 1 | 4);
	CHECK_INT(p->io_priority.class, 3);
	CHECK_STR(p->cpu_affinity_initial, "0-3,7");
	CHECK(p->cpu_affinity_final == NULL);
}

TEST(linux_is_read)
{
	AUTO(spec)
	struct spec *spec = parse(DOC(
		",\"linux\":{\"namespaces\":[{\"type\":\"mount\"},{\"type\":\"time\",\"path\":\"/"
		"p\"}],"
		"\"timeOffsets\":{\"monotonic\":{\"secs\":-5,\"nanosecs\":7}},"
		"\"devices\":[{\"path\":\"/f\",\"type\":\"p\"},{\"path\":\"/c\",\"type\":\"u\","
		"\"major\":10,\"minor\":-1,\"fileMode\":8630,\"uid\":0}],"
		"\"netDevices\":{\"eth0\":{\"name\":\"c0\"},\"eth1\":{}},"
		"\"rootfsPropagation\":\"rslave\",\"sysctl\":{\"a.b\":\"1\"},"
		"\"maskedPaths\":[\"/a\"],\"intelRdt\":{\"closID\":\"/"
		"\",\"memBwSchema\":\"MB:0=70\"},"
		"\"memoryPolicy\":{\"mode\":\"MPOL_WEIGHTED_INTERLEAVE\",\"nodes\":\"0\","
		"\"flags\":[\"MPOL_F_STATIC_NODES\"]},\"personality\":{\"domain\":\"LINUX32\"}}"));
	const __typeof__(spec->linux_) *l = &spec->linux_;

	CHECK(l->set);
	CHECK_INT(l->namespaces.v[0].clone_flag, CLONE_NEWNS);
	CHECK_INT(l->namespaces.v[1].clone_flag, 0x80);
	CHECK_STR(l->namespaces.v[1].path, "/p");
	CHECK(!l->boottime.set);
	CHECK(l->monotonic.set);
	CHECK_INT(l->monotonic.secs, -5);
	CHECK_INT(l->monotonic.nanosecs, 7);
	CHECK_INT(l->devices.v[0].type, 'p');
	CHECK_INT(l->devices.v[1].minor, -1);
	CHECK_INT(l->devices.v[1].file_mode.value, 8630);
	CHECK(l->devices.v[1].uid.set);
	CHECK(!l->devices.v[1].gid.set);
	CHECK_INT(l->net_devices.n, 2);
	CHECK_STR(l->net_devices.v[0].host_name, "eth0");
	CHECK_STR(l->net_devices.v[0].name, "c0");
	CHECK(l->net_devices.v[1].name == NULL);
	CHECK_STR(l->rootfs_propagation, "rslave");
	CHECK_STR(l->sysctl.v[0].key, "a.b");
	CHECK_STR(l->sysctl.v[0].value, "1");
	CHECK_STR(l->masked_paths.v[0], "/a");
	CHECK(l->intel_rdt.set);
	CHECK_STR(l->intel_rdt.mem_bw_schema, "MB:0=70");
	CHECK_INT(l->memory_policy.mode, 6);
	CHECK_INT(l->memory_policy.flags, 1 << 15);
	CHECK_INT(l->personality.domain, 8);
}

TEST(resources_are_read)
{
	AUTO(spec)
	struct spec *spec = parse(DOC(
		",\"linux\":{\"resources\":{\"devices\":[{\"allow\":true,\"minor\":-1},"
		"{\"allow\":false,\"type\":\"c\",\"major\":1,\"access\":\"rw\"}],"
		"\"memory\":{\"limit\":-1,\"swappiness\":18446744073709551615,"
		"\"disableOOMKiller\":false},\"cpu\":{\"shares\":9223372036854775808,\"quota\":-1,"
		"\"idle\":1,\"mems\":\"0\"},\"pids\":{\"limit\":0},\"blockIO\":{\"weight\":10,"
		"\"weightDevice\":[{\"major\":8,\"minor\":0,\"leafWeight\":3}],"
		"\"throttleWriteIOPSDevice\":[{\"major\":8,\"minor\":1,\"rate\":300}]},"
		"\"hugepageLimits\":[{\"pageSize\":\"2MB\",\"limit\":9}],"
		"\"network\":{\"classID\":5,\"priorities\":[{\"name\":\"e\",\"priority\":1}]},"
		"\"rdma\":{\"mlx\":{\"hcaHandles\":3}},\"unified\":{\"memory.high\":\"max\"}}}"));
	const struct spec_resources *r = &spec->linux_.resources;

	CHECK_INT(r->devices.v[0].type, 'a');
	CHECK(!r->devices.v[0].major.set);
	CHECK_INT(r->devices.v[0].minor.value, -1);
	CHECK(r->devices.v[0].access == NULL);
	CHECK_INT(r->devices.v[1].type, 'c');
	CHECK_STR(r->devices.v[1].access, "rw");
	CHECK_INT(r->memory.limit.value, -1);
	CHECK(r->memory.swappiness.value == UINT64_MAX);
	CHECK(r->memory.disable_oom_killer.set);
	CHECK(!r->memory.disable_oom_killer.value);
	CHECK(!r->memory.use_hierarchy.set);
	CHECK(r->cpu.shares.value == UINT64_C(1) << 63);
	CHECK_INT(r->cpu.quota.value, -1);
	CHECK(r->pids.limit.set);
	CHECK_INT(r->block_io.weight_device.v[0].leaf_weight.value, 3);
	CHECK(!r->block_io.weight_device.v[0].weight.set);
	CHECK_INT(r->block_io.write_iops.v[0].rate, 300);
	CHECK_INT(r->block_io.read_bps.n, 0);
	CHECK_STR(r->hugepage_limits.v[0].page_size, "2MB");
	CHECK_INT(r->network.class_id.value, 5);
	CHECK_INT(r->network.priorities.v[0].priority, 1);
	CHECK_STR(r->rdma.v[0].device, "mlx");
	CHECK(!r->rdma.v[0].hca_objects.set);
	CHECK_STR(r->unified.v[0].key, "memory.high");
}

TEST(seccomp_hooks_and_mounts_are_read)
{
	AUTO(spec)
	struct spec *spec = parse(DOC(
		",\"linux\":{\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":"
		"38,"
		"\"architectures\":[\"SCMP_ARCH_S390X\"],\"flags\":[\"SECCOMP_FILTER_FLAG_LOG\"],"
		"\"listenerPath\":\"/"
		"l\",\"listenerMetadata\":\"m\",\"syscalls\":[{\"names\":[\"a\","
		"\"b\"],\"action\":\"SCMP_ACT_KILL\",\"args\":[{\"index\":5,"
		"\"value\":18446744073709551615,\"valueTwo\":2,\"op\":\"SCMP_CMP_MASKED_EQ\"}]}]}},"
		"\"hooks\":{\"startContainer\":[{\"path\":\"/"
		"h\",\"args\":[\"h\"],\"env\":[\"K=v\"],"
		"\"timeout\":5}]},\"mounts\":[{\"destination\":\"a\",\"type\":\"\",\"source\":\"\","
		"\"options\":[\"ro\",\"\"],\"uidMappings\":[{\"containerID\":0,\"hostID\":1,"
		"\"size\":"
		"2}],\"gidMappings\":[{\"containerID\":3,\"hostID\":4,\"size\":5}]}]"));
	const struct spec_seccomp *s = &spec->linux_.seccomp;
	const struct spec_mount *m = &spec->mounts.v[0];

	CHECK_INT(s->default_action, SPEC_SECCOMP_ERRNO);
	CHECK_INT(s->default_errno_ret.value, 38);
	CHECK_STR(s->architectures.v[0], "SCMP_ARCH_S390X");
	CHECK_INT(s->flags, 2);
	CHECK_STR(s->listener_metadata, "m");
	CHECK_INT(s->n_rules, 1);
	CHECK_STR(s->rules[0].names.v[1], "b");
	CHECK_INT(s->rules[0].action, SPEC_SECCOMP_KILL_THREAD);
	CHECK_INT(s->rules[0].n_args, 1);
	CHECK(s->rules[0].args[0].value == UINT64_MAX);
	CHECK_INT(s->rules[0].args[0].value_two, 2);
	CHECK_INT(s->rules[0].args[0].op, SPEC_SECCOMP_MASKED_EQ);
	CHECK_INT(spec->hooks.start_container.n, 1);
	CHECK_STR(spec->hooks.start_container.v[0].path, "/h");
	CHECK_INT(spec->hooks.start_container.v[0].timeout.value, 5);
	CHECK_INT(spec->hooks.prestart.n, 0);
	CHECK_STR(m->destination, "a");
	CHECK(m->type == NULL);
	CHECK(m->source == NULL);
	CHECK_INT(m->options.n, 2);
	CHECK_INT(m->gid_mappings.v[0].host_id, 4);
}

TEST(large_integers_are_read_in_any_place)
{
	AUTO(spec)
	struct spec *spec = parse(
		DOC(",\"x\":[18446744073709551615 ,-9223372036854775808,9223372036854775807\n],"
		    "\"annotations\":{\"9223372036854775808\":\"18446744073709551615\"},"
		    "\"linux\":{\"resources\":{\"memory\":{\"limit\":9223372036854775807,"
		    "\"swap\":-9223372036854775808}}}"));

	CHECK_STR(spec->annotations.v[0].key, "9223372036854775808");
	CHECK_STR(spec->annotations.v[0].value, "18446744073709551615");
	CHECK_INT(spec->linux_.resources.memory.limit.value, INT64_MAX);
	CHECK_INT(spec->linux_.resources.memory.swap.value, INT64_MIN);
}

TEST(versions_of_the_first_major_are_accepted)
{
	static const char *const versions[] = { "1.0.0",     "1.0.2-dev",  "1.0.0-rc5",
						"1.2.0+a.1", "1.3.0-rc.1", "1.99.0" };

	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		char document[128];

		snprintf(document, sizeof(document),
			 "{\"ociVersion\":\"%s\",\"root\":{\"path\":\"r\"}}", versions[i]);
		spec_free(parse(document));
	}
}

static void count_problem(void *context, const struct spec_problem *problem)
{
	(void)problem;
	++*(size_t *)context;
}

#define DENSE_BYTES (256u << 10)

/*
 * The densest documents there are for each kind of memory: if the arena were too small, loading
 * would abort.
 */
TEST(hostile_documents_fit_their_arena)
{
	static const struct {
		const char *open, *element, *close;
	} dense[] = {
		{ "{\"linux\":{\"devices\":[", "{},", "0]}}" },
		{ "{\"linux\":{\"devices\":[", "0,", "0]}}" },
		{ "{\"mounts\":[", "{\"options\":[\"\"]},", "0]}" },
		{ "{\"mounts\":[", "{\"uidMappings\":[0]},", "0]}" },
		{ "{\"process\":{\"env\":[", "\"\",", "\"\"]}}" },
		{ "{\"process\":{\"args\":[", "\"\",", "\"\"]}}" },
		{ "{\"process\":{\"user\":{\"additionalGids\":[", "1,", "1]}}}" },
		{ "{\"process\":{\"rlimits\":[", "{\"type\":\"RLIMIT_CPU\",\"soft\":1,\"hard\":1},",
		  "0]}}" },
		{ "{\"linux\":{\"seccomp\":{\"syscalls\":[", "{\"args\":[{}]},", "0]}}}" },
		{ "{\"x\":[", "18446744073709551615,", "0]}" },
		{ "{\"linux\":{\"namespaces\":[", "{\"type\":\"pid\"},", "0]}}" },
	};
	const struct spec_sink sink = { .report = count_problem, .context = &(size_t){ 0 } };
	char *document = malloc(DENSE_BYTES);

	for (size_t i = 0; i < sizeof(dense) / sizeof(dense[0]); i++) {
		size_t len = strlen(dense[i].open), step = strlen(dense[i].element);
		struct err err = { 0 };
		struct spec *spec;

		memcpy(document, dense[i].open, len);
		while (len + step + 8 < DENSE_BYTES) {
			memcpy(document + len, dense[i].element, step);
			len += step;
		}
		memcpy(document + len, dense[i].close, strlen(dense[i].close));
		len += strlen(dense[i].close);
		CHECK_INT(spec_parse(document, len, &sink, &spec, &err), -EINVAL);
	}
	free(document);
}

/* A quadratic step would take hours here. */
TEST(four_mib_of_distinct_keys_load)
{
	char *document = malloc(SPEC_MAX_BYTES), *at = document;
	struct err err = { 0 };
	AUTO(spec) struct spec *spec = NULL;

	at += sprintf(at, "{\"ociVersion\":\"1.0.0\",\"root\":{\"path\":\"r\"},\"annotations\":{");
	for (unsigned i = 0; at < document + SPEC_MAX_BYTES / 2; i++)
		at += sprintf(at, "%s\"%x\":\"\"", i ? "," : "", i);
	at += sprintf(at, "}");
	for (unsigned i = 0; at < document + SPEC_MAX_BYTES - 32; i++)
		at += sprintf(at, ",\"%x\":0", i);
	at += sprintf(at, "}");
	CHECK_INT(spec_parse(document, (size_t)(at - document), NULL, &spec, &err), 0);
	CHECK(spec && spec->annotations.n > 100000);
	free(document);
}

/* ---- files ---- */

TEST(file_errors_name_the_file)
{
	char path[] = "/tmp/spec_test.XXXXXX", *text = NULL;
	struct err err = { 0 };
	struct spec *spec = NULL;
	int fd = mkstemp(path);

	CHECK_INT(spec_load(AT_FDCWD, "/nonexistent/config.json", NULL, &spec, NULL, &err),
		  -ENOENT);
	CHECK_STR(err.text, "open '/nonexistent/config.json': No such file or directory");

	CHECK_INT(io_write_all(fd, "{}", 2), 0);
	CHECK_INT(spec_load(AT_FDCWD, path, NULL, &spec, &text, &err), -EINVAL);
	CHECK_CONTAINS(err.text, path);
	CHECK_CONTAINS(err.text, ": /ociVersion is missing, but it is required");
	CHECK_STR(err.path, path);
	CHECK_STR(err.pointer, "/ociVersion");
	CHECK(text == NULL);

	CHECK_INT(pwrite(fd, DOC(""), strlen(DOC("")), 0), (int)strlen(DOC("")));
	CHECK_INT(spec_load(AT_FDCWD, path, NULL, &spec, &text, &err), 0);
	CHECK_STR(text, DOC(""));
	spec_free(spec);
	free(text);

	CHECK_INT(ftruncate(fd, SPEC_MAX_BYTES + 1), 0);
	CHECK_INT(spec_load(AT_FDCWD, path, NULL, &spec, NULL, &err), -EFBIG);
	close(fd);
	unlink(path);
}

/* ---- the template ---- */

static void check_silent(void *context, const struct spec_problem *problem)
{
	test_fail(__FILE__, __LINE__, "%s: %s %s", (const char *)context, problem->pointer,
		  problem->text);
}

static struct spec *parse_default(bool rootless, bool has_cgroup_v2)
{
	const struct spec_sink sink = { .report = check_silent, .context = (void *)"template" };
	char *text = spec_default_text(rootless, has_cgroup_v2, 1000, 2000);
	struct err err = { 0 };
	struct spec *spec = NULL;

	CHECK_INT(spec_parse(text, strlen(text), &sink, &spec, &err), 0);
	free(text);
	return spec;
}

static uint64_t namespaces_of(const struct spec *spec)
{
	uint64_t flags = 0;

	for (size_t i = 0; i < spec->linux_.namespaces.n; i++)
		flags |= spec->linux_.namespaces.v[i].clone_flag;
	return flags;
}

TEST(template_is_a_shell_with_all_namespaces_but_user)
{
	AUTO(spec) struct spec *spec = parse_default(false, true);

	CHECK_STR(spec->oci_version, SPEC_OCI_VERSION);
	CHECK_STR(spec->hostname, "ocirun");
	CHECK_STR(spec->process.args.v[0], "sh");
	CHECK(spec->process.terminal);
	CHECK(spec->process.no_new_privileges);
	CHECK_INT(spec->process.capabilities.bounding, 1 << 5 | 1 << 10 | 1 << 29);
	CHECK(spec->root.readonly);
	CHECK_INT(spec->mounts.n, 7);
	CHECK_STR(spec->mounts.v[5].type, "sysfs");
	CHECK_INT(spec->mounts.v[2].options.n, 6);
	CHECK_INT(namespaces_of(spec), CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS |
					       CLONE_NEWNS | CLONE_NEWCGROUP);
	CHECK_INT(spec->linux_.resources.devices.n, 1);
	CHECK_INT(spec->linux_.uid_mappings.n, 0);
	CHECK_INT(spec->linux_.masked_paths.n, 10);
	CHECK_INT(spec->linux_.readonly_paths.n, 5);
}

TEST(template_for_cgroup_v1_shows_the_cgroups_of_the_host)
{
	AUTO(spec) struct spec *spec = parse_default(false, false);

	CHECK_INT(namespaces_of(spec),
		  CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNS);
}

TEST(rootless_template_maps_the_caller_and_keeps_the_network)
{
	AUTO(spec) struct spec *spec = parse_default(true, true);

	CHECK_INT(namespaces_of(spec), CLONE_NEWPID | CLONE_NEWUSER | CLONE_NEWIPC | CLONE_NEWUTS |
					       CLONE_NEWNS | CLONE_NEWCGROUP);
	CHECK_INT(spec->linux_.uid_mappings.v[0].host_id, 1000);
	CHECK_INT(spec->linux_.gid_mappings.v[0].host_id, 2000);
	CHECK_INT(spec->linux_.gid_mappings.v[0].size, 1);
	CHECK(!spec->linux_.resources.set);
	CHECK_STR(spec->mounts.v[5].type, "none");
	CHECK_STR(spec->mounts.v[5].source, "/sys");
	CHECK_STR(spec->mounts.v[5].options.v[0], "rbind");
	CHECK_INT(spec->mounts.v[2].options.n, 5);
}

/* ---- documents that others wrote ---- */

/* The files that match; each is read as text. Returns their number. */
static size_t each_file(const char *dir, const char *pattern,
			void (*check)(const char *path, char *text, size_t len))
{
	char path[512];
	glob_t found;
	size_t n;

	snprintf(path, sizeof(path), "%s/%s", dir, pattern);
	if (glob(path, 0, NULL, &found) != 0)
		return 0;
	n = found.gl_pathc;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct err err = { 0 };
		char *text;
		size_t len;

		if (io_read_file(AT_FDCWD, found.gl_pathv[i], SPEC_MAX_BYTES, &text, &len, &err)) {
			test_fail(__FILE__, __LINE__, "%s", err.text);
			continue;
		}
		check(found.gl_pathv[i], text, len);
		free(text);
	}
	globfree(&found);
	return n;
}

/* In recorded documents, @NAME@ stands for an absolute path: "/NAME@" is one too. */
static void fill_placeholders(char *text)
{
	for (char *at = text; (at = strstr(at, "\"@")); at++)
		at[1] = '/';
}

static void check_config(const char *path, char *text, size_t len)
{
	const struct spec_sink sink = { .report = check_silent, .context = (void *)path };
	struct err err = { 0 };
	struct spec *spec = NULL;

	fill_placeholders(text);
	CHECK_INT(spec_parse(text, len, &sink, &spec, &err), 0);
	spec_free(spec);
}

TEST(configs_of_engines_load_without_a_problem)
{
	CHECK(each_file(REAL_CONFIGS, "*/config.json", check_config) > 0);
}

static void check_process(const char *path, char *text, size_t len)
{
	struct spec_process process;
	struct err err = { 0 };
	AUTO(arena) struct arena *arena = NULL;

	CHECK_INT(arena_new(spec_arena_bytes(len), &arena, &err), 0);
	if (spec_parse_process(text, len, arena, &process, &err) < 0)
		test_fail(__FILE__, __LINE__, "%s: %s", path, err.text);
	CHECK(process.set);
	CHECK(process.args.n > 0);
}

TEST(process_files_of_engines_load)
{
	CHECK(each_file(REAL_CONFIGS, "*/process*.json", check_process) > 0);
}

static void check_resources(const char *path, char *text, size_t len)
{
	struct spec_resources resources;
	struct err err = { 0 };
	AUTO(arena) struct arena *arena = NULL;

	CHECK_INT(arena_new(spec_arena_bytes(len), &arena, &err), 0);
	if (spec_parse_resources(text, len, arena, &resources, &err) < 0)
		test_fail(__FILE__, __LINE__, "%s: %s", path, err.text);
	CHECK(resources.set);
}

TEST(resources_files_of_engines_load)
{
	CHECK(each_file(REAL_CONFIGS, "*/resources.json", check_resources) > 0);
}

/* Two of the good samples are of a version before 1.0: nothing else in them may be wrong. */
static void ignore_version(void *context, const struct spec_problem *problem)
{
	if (!problem->is_warning && strcmp(problem->pointer, "/ociVersion") != 0)
		check_silent(context, problem);
}

static void check_good(const char *path, char *text, size_t len)
{
	const struct spec_sink sink = { .report = ignore_version, .context = (void *)path };
	struct err err = { 0 };
	struct spec *spec = NULL;

	if (spec_parse(text, len, &sink, &spec, &err) == 0)
		spec_free(spec);
	else
		CHECK_STR(err.pointer, "/ociVersion");
}

TEST(good_samples_of_the_specification_load)
{
	if (each_file(shared_dir(), "runtime-spec/test/config/good/*.json", check_good) == 0)
		test_skip("no samples of the specification here (OCIRUN_SHARED_DIR)");
}

static void check_bad(const char *path, char *text, size_t len)
{
	struct err err = { 0 };
	struct spec *spec = NULL;
	int ret = spec_parse(text, len, NULL, &spec, &err);

	/* What is wrong for FreeBSD is nothing that is looked at here. */
	if (strstr(path, "/freebsd-"))
		spec_free(spec);
	else if (ret != -EINVAL)
		test_fail(__FILE__, __LINE__, "%s: %d", path, ret);
}

TEST(bad_samples_of_the_specification_are_refused)
{
	if (each_file(shared_dir(), "runtime-spec/test/config/bad/*.json", check_bad) == 0)
		test_skip("no samples of the specification here (OCIRUN_SHARED_DIR)");
}

TEST_MAIN()
