/* SPDX-License-Identifier: Apache-2.0 */
/* Documents that are right: what loading makes of them. */
#include "load.h"
#include "io.h"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define DOC(members) "{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\"}" members "}"

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

TEST_MAIN()
