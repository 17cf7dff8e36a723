/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CRIU's messages byte by byte: what `protoc --encode` makes of the same fields with CRIU's own
 * rpc.proto. And what no CRIU sends, which must not lead anywhere.
 */
#include "test.h"

#include "criu_rpc.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BYTES_MAX 1024

static size_t from_hex(const char *hex, uint8_t *bytes)
{
	size_t n = 0;
	unsigned int byte;

	for (; sscanf(hex, "%2x", &byte) == 1; hex += 2)
		bytes[n++] = (uint8_t)byte;
	return n;
}

static void check_request(const struct criu_request *request, const char *hex)
{
	struct protobuf_buffer message;
	char got[2 * BYTES_MAX + 1] = "";
	struct err err;

	CHECK_INT(criu_request_encode(request, &message, &err), 0);
	for (size_t i = 0; i < message.len && i < BYTES_MAX; i++)
		sprintf(got + 2 * i, "%02x", message.data[i]);
	CHECK_STR(got, hex);
	protobuf_buffer_done(&message);
}

/* The bytes lie at the end of a heap block, so that a read behind them is seen by ASan. */
static int decode(const char *hex, struct criu_response *ret_response)
{
	uint8_t bytes[BYTES_MAX];
	size_t len = from_hex(hex, bytes);
	uint8_t *exact = malloc(len ? len : 1);
	struct err err = { 0 };
	int ret;

	memcpy(exact, bytes, len);
	ret = criu_response_decode(exact, len, ret_response, &err);
	if (ret < 0)
		CHECK_CONTAINS(err.text, "no response");
	free(exact);
	return ret;
}

TEST(a_request_has_every_option_under_its_number)
{
	struct criu_pair mounts[] = { { "/a", "b" }, { "", "d" } };
	struct criu_pair cgroups[] = { { "cpu", "/c" }, { "", "/u" } };
	struct criu_pair namespaces[] = { { "ipc", "/i" } };
	struct criu_inherit_fd fds[] = { { "pipe:[5]", 0 } };
	const char *external[] = { "net[1]:extRootNetNS" };
	const struct criu_opts opts = {
		.images_dir_fd = 7,
		.work_dir_fd = 8,
		.pid = 300,
		.log_level = 4,
		.cgroup_mode = CRIU_CGROUP_IGNORE,
		.page_server_port = 27277,
		.empty_ns = CLONE_NEWNET,
		.log_file = "dump.log",
		.root = "/r",
		.parent_img = "../p",
		.freeze_cgroup = "/f",
		.config_file = "/e",
		.lsm_profile = "apparmor:x",
		.lsm_mount_context = "ctx",
		.page_server_address = "::1",
		.auto_dedup = true,
		.evasive_devices = true,
		.ext_unix_sk = true,
		.file_locks = true,
		.lazy_pages = true,
		.leave_running = true,
		.link_remap = true,
		.manage_cgroups = true,
		.notify_scripts = true,
		.orphan_pts_master = true,
		.rst_sibling = true,
		.shell_job = true,
		.tcp_established = true,
		.tcp_skip_in_flight = true,
		.track_mem = true,
		.ext_mounts = { 2, mounts },
		.cgroup_roots = { 2, cgroups },
		.join_ns = { 1, namespaces },
		.external = { 1, external },
		.inherit_fds = { 1, fds },
	};

	check_request(&(struct criu_request){ .type = CRIU_DUMP, .opts = &opts },
		      "080112cd01080710ac021801200128013001380140014804520864756d702e6c6f67"
		      "5a090a033a3a31108dd50160016a022f7272042e2e2f707801800101880108900101"
		      "ba01070a022f61120162ba01050a00120164c00101ca01090a0363707512022f63ca"
		      "01060a0012022f75d00101da010c0a08706970653a5b355d1000900200aa02136e65"
		      "745b315d3a657874526f6f744e65744e53b0028080808004ba02090a036970631202"
		      "2f69e202022f66f002018003019003019a03022f65aa030a61707061726d6f723a78"
		      "fa0303637478");
}

TEST(what_is_not_set_is_not_in_a_request)
{
	const struct criu_opts none = CRIU_OPTS_NONE;

	check_request(&(struct criu_request){ .type = CRIU_RESTORE, .opts = &none }, "0802");
}

TEST(an_answer_and_a_question_about_features_have_no_options)
{
	check_request(&(struct criu_request){ .type = CRIU_NOTIFY, .notify_success = true },
		      "08061801");
	check_request(
		&(struct criu_request){ .type = CRIU_FEATURE_CHECK, .features = { true, true } },
		"08092a0408011001");
}

TEST(a_long_list_fits)
{
	static struct criu_pair mounts[5000];
	struct criu_opts opts = CRIU_OPTS_NONE;
	struct protobuf_buffer message;
	struct err err;

	for (size_t i = 0; i < 5000; i++)
		mounts[i] = (struct criu_pair){ "/mount/point", "name" };
	opts.ext_mounts.n = 5000;
	opts.ext_mounts.v = mounts;
	CHECK_INT(criu_request_encode(&(struct criu_request){ CRIU_DUMP, .opts = &opts }, &message,
				      &err),
		  0);
	/* A key of two bytes and a length for each, twelve and four letters, with key and length. */
	CHECK_INT(message.len, 2 + 4 + 5000 * (3 + 14 + 6));
	protobuf_buffer_done(&message);
}

TEST(responses_are_read)
{
	struct criu_response r;

	CHECK_INT(decode("080610012a110a0c706f73742d726573746f7265109221", &r), 0);
	CHECK_INT(r.type, CRIU_NOTIFY);
	CHECK(r.success);
	CHECK_STR(r.script, "post-restore");
	CHECK_INT(r.script_pid, 4242);

	CHECK_INT(decode("08021001220408e9f401", &r), 0);
	CHECK_INT(r.type, CRIU_RESTORE);
	CHECK_INT(r.restored_pid, 31337);

	CHECK_INT(decode("080a10015214080410021a0676342e322e312001320443524955", &r), 0);
	CHECK_INT(r.major, 4);
	CHECK_INT(r.minor, 2);
	CHECK_INT(r.sublevel, 1);

	CHECK_INT(decode("08091001420408001001", &r), 0);
	CHECK(!r.features.mem_track);
	CHECK(r.features.lazy_pages);
}

TEST(a_failure_is_read_with_its_reason)
{
	struct criu_response r;

	CHECK_INT(decode("0801100038344a076e6f2073756368", &r), 0);
	CHECK_INT(r.type, CRIU_DUMP);
	CHECK(!r.success);
	CHECK_INT(r.cr_errno, 52);
	CHECK_STR(r.errmsg, "no such");
	/* Negative numbers have ten bytes. */
	CHECK_INT(decode("0801100038fbffffffffffffffff01", &r), 0);
	CHECK_INT(r.cr_errno, -5);
}

TEST(unknown_fields_of_every_type_are_passed_over)
{
	struct criu_response r;

	/* Number 100 as a number, a text, eight bytes and four bytes; then type and success. */
	CHECK_INT(decode("a00601a2060178a1060102030405060708a5060102030408021001", &r), 0);
	CHECK_INT(r.type, CRIU_RESTORE);
}

TEST(a_text_that_is_too_long_is_cut)
{
	char hex[2 * BYTES_MAX] = "080610012a6f0a6d";
	struct criu_response r;

	for (int i = 0; i < 109; i++)
		strcat(hex, "61");
	CHECK_INT(decode(hex, &r), 0);
	CHECK_INT(strlen(r.script), CRIU_SCRIPT_MAX - 1);
}

TEST(every_truncation_of_a_response_is_refused)
{
	/* Each of its prefixes ends inside of a field, or lacks what is required. */
	const char *whole = "2a110a0c706f73742d726573746f726510922108061001";
	struct criu_response r;
	char part[64];

	CHECK_INT(decode(whole, &r), 0);
	for (size_t len = 0; len < strlen(whole); len += 2) {
		snprintf(part, sizeof(part), "%.*s", (int)len, whole);
		CHECK_INT(decode(part, &r), -EPROTO);
	}
}

TEST(what_is_no_message_is_refused)
{
	static const char *const hostile[] = {
		"",
		"0806",                           /* without success */
		"1001",                           /* without a type */
		"080610018080808080808080808001", /* a key of eleven bytes */
		"08ffffffffffffffffff021001",     /* a number of more than 64 bits */
		"08ffffffffffffffffffff011001",   /* one of eleven bytes */
		"080610010001",                   /* field 0 */
		"08061001808080801001",           /* a field number of more than 29 bits */
		"080610012b",                     /* a group */
		"080610012c",                     /* the end of one */
		"080610012e",                     /* types that are none */
		"080610012f",
		"080610012aff01",                 /* a length behind the end */
		"080610012affffffffffffffffff01", /* one that overflows a pointer */
		"080610012a030aff01",             /* the same in a message inside */
		"080610012a020a056162636465",     /* a text that leaves its message */
		"0a01061001",                     /* a text for a number */
		"080610012801",                   /* a number for a message */
		"080610012a020801",               /* a number for a text */
		"080610012d01000000",             /* a fixed-size value for a message */
	};
	struct criu_response r;

	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++)
		if (decode(hostile[i], &r) != -EPROTO)
			test_fail(__FILE__, __LINE__, "accepted: %s", hostile[i]);
}

TEST_MAIN()
