/* SPDX-License-Identifier: Apache-2.0 */
/* Documents that are wrong: what can be read of them all the same, and what of them is unknown. */
#include "rest.h"
#include "test.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define DOC(members) "{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\"}" members "}"

static size_t n_errors;

static void count(void *context, const struct spec_problem *problem)
{
	(void)context;
	n_errors += !problem->is_warning;
}

static struct spec_rest *load(const char *document)
{
	static const struct spec_sink sink = { count, NULL };
	int fd = memfd_create("config", MFD_CLOEXEC);
	struct err err = { 0 };
	struct spec_rest *rest = NULL;
	char path[32];

	n_errors = 0;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (write(fd, document, strlen(document)) < 0 ||
	    spec_rest_load(AT_FDCWD, path, &sink, &rest, &err) < 0)
		test_fail(__FILE__, __LINE__, "%s", err.text);
	close(fd);
	return rest;
}

static const char *origin_of(const struct spec_rest *rest, const char *pointer)
{
	static char origin[256];

	spec_rest_origin(rest, pointer, origin, sizeof(origin));
	return origin;
}

TEST(a_document_without_errors_is_all_there)
{
	AUTO(spec_rest)
	struct spec_rest *rest =
		load(DOC(",\"hostname\":\"h\",\"mounts\":[{\"destination\":\"/a\"}]"));
	const struct spec *spec = spec_rest_spec(rest);

	CHECK_INT(n_errors, 0);
	CHECK_STR(spec->hostname, "h");
	CHECK_STR(spec->root.path, "r");
	CHECK_INT(spec->mounts.n, 1);
	CHECK_STR(origin_of(rest, "/mounts/0/destination"), "/mounts/0/destination");
	CHECK(!spec_rest_is_unknown(rest, "/mounts/0"));
	CHECK(!spec_rest_reread(rest));
}

TEST(an_optional_value_that_is_wrong_is_left_out_alone)
{
	AUTO(spec_rest)
	struct spec_rest *rest = load(DOC(",\"hostname\":5,\"domainname\":\"d\""));
	const struct spec *spec = spec_rest_spec(rest);

	CHECK_INT(n_errors, 1);
	CHECK(!spec->hostname);
	CHECK_STR(spec->domainname, "d");
	CHECK(spec_rest_is_unknown(rest, "/hostname"));
	CHECK(!spec_rest_is_unknown(rest, "/domainname"));
}

TEST(elements_behind_one_that_is_left_out_keep_their_pointers)
{
	AUTO(spec_rest)
	struct spec_rest *rest =
		load(DOC(",\"mounts\":[{\"destination\":5},{\"destination\":\"/a\"},null,"
			 "{\"destination\":\"/b\",\"options\":[\"x\",7,\"y\"]},{\"type\":\"t\"},"
			 "{\"destination\":\"/c\"}]"));
	const struct spec *spec = spec_rest_spec(rest);

	CHECK_INT(n_errors, 4);
	CHECK_INT(spec->mounts.n, 3);
	CHECK_STR(spec->mounts.v[0].destination, "/a");
	CHECK_STR(spec->mounts.v[1].destination, "/b");
	CHECK_STR(spec->mounts.v[1].options.v[1], "y");
	CHECK_STR(spec->mounts.v[2].destination, "/c");
	CHECK_STR(origin_of(rest, "/mounts/0"), "/mounts/1");
	CHECK_STR(origin_of(rest, "/mounts/1/options/1"), "/mounts/3/options/2");
	CHECK_STR(origin_of(rest, "/mounts/2/type"), "/mounts/5/type");
	CHECK(spec_rest_is_unknown(rest, "/mounts/0"));
	CHECK(spec_rest_is_unknown(rest, "/mounts/4/type"));
	CHECK(spec_rest_is_unknown(rest, "/mounts"));
	CHECK(!spec_rest_is_unknown(rest, "/mounts/5"));
}

TEST(more_can_be_left_out_later)
{
	AUTO(spec_rest)
	struct spec_rest *rest =
		load(DOC(",\"mounts\":[{\"destination\":\"/a\"},{\"destination\":5},"
			 "{\"destination\":\"/c\"},{\"destination\":\"/d\"}]"));

	CHECK_INT(spec_rest_spec(rest)->mounts.n, 3);
	/* Of the rest: what were the first and the third. */
	spec_rest_leave_out(rest, "/mounts/1/destination");
	spec_rest_leave_out(rest, "/mounts/0");
	CHECK_INT(spec_rest_spec(rest)->mounts.n, 3);
	CHECK(spec_rest_reread(rest));
	CHECK_INT(spec_rest_spec(rest)->mounts.n, 1);
	CHECK_STR(origin_of(rest, "/mounts/0"), "/mounts/3");
	CHECK(spec_rest_is_unknown(rest, "/mounts/0"));
	CHECK(spec_rest_is_unknown(rest, "/mounts/2/source"));
	CHECK(!spec_rest_reread(rest));
	spec_rest_leave_out(rest, "/nothing/like/this");
	CHECK(!spec_rest_reread(rest));
}

TEST(what_is_required_gets_a_value_that_is_said_to_be_unknown)
{
	AUTO(spec_rest)
	struct spec_rest *rest =
		load("{\"ociVersion\":1,\"process\":{\"cwd\":\"relative\",\"args\":[5],"
		     "\"rlimits\":[{\"type\":\"RLIMIT_CPU\",\"soft\":1,\"hard\":2}]}}");
	const struct spec *spec = spec_rest_spec(rest);

	CHECK_INT(n_errors, 4);
	CHECK(!spec->root.path);
	CHECK_STR(spec->process.cwd, "/");
	CHECK_INT(spec->process.args.n, 1);
	CHECK_INT(spec->process.rlimits.n, 1);
	CHECK(spec_rest_is_unknown(rest, "/root/path"));
	CHECK(spec_rest_is_unknown(rest, "/process/args/3"));
	CHECK(!spec_rest_is_unknown(rest, "/process/rlimits/0"));
}

static uint64_t flags_of(const struct spec *spec)
{
	uint64_t flags = 0;

	for (size_t i = 0; i < spec->linux_.namespaces.n; i++)
		flags |= spec->linux_.namespaces.v[i].clone_flag;
	return flags;
}

TEST(of_namespaces_that_are_unknown_all_are_assumed)
{
	AUTO(spec_rest)
	struct spec_rest *rest = load(DOC(",\"linux\":{\"namespaces\":[{\"type\":\"pid\"},"
					  "{\"type\":\"sheep\"}]}"));
	const uint64_t all =
		CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC;

	CHECK_INT(flags_of(spec_rest_spec(rest)), all);
	spec_rest_free(rest);
	rest = load(DOC(",\"linux\":5"));
	CHECK_INT(flags_of(spec_rest_spec(rest)), all);
	spec_rest_free(rest);
	rest = load(DOC(",\"linux\":{\"namespaces\":\"all\",\"uidMappings\":[{\"containerID\":0,"
			"\"hostID\":1,\"size\":2}]}"));
	CHECK_INT(flags_of(spec_rest_spec(rest)), all | CLONE_NEWUSER);
	spec_rest_free(rest);
	/* Its type is known. */
	rest = load(DOC(",\"linux\":{\"namespaces\":[{\"type\":\"pid\",\"path\":5},"
			"{\"type\":\"pid\"}]}"));
	CHECK_INT(flags_of(spec_rest_spec(rest)), CLONE_NEWPID);
}

TEST(ids_that_are_unknown_are_all_ids)
{
	AUTO(spec_rest)
	struct spec_rest *rest =
		load(DOC(",\"linux\":{\"namespaces\":[{\"type\":\"user\"}],\"uidMappings\":"
			 "[{\"containerID\":0,\"hostID\":\"x\",\"size\":1}]}"));
	const struct spec *spec = spec_rest_spec(rest);

	CHECK_INT(spec->linux_.uid_mappings.n, 1);
	CHECK_INT(spec->linux_.uid_mappings.v[0].size, UINT32_MAX);
	CHECK(spec_rest_is_unknown(rest, "/linux/uidMappings/0"));
	CHECK(!spec_rest_is_unknown(rest, "/linux/gidMappings"));
}

TEST(keys_that_a_pointer_escapes_and_integers_of_64_bits)
{
	AUTO(spec_rest)
	struct spec_rest *rest =
		load(DOC(",\"annotations\":{\"a/b~c\":5,\"d\":\"e\"},\"process\":{\"cwd\":\"/\","
			 "\"rlimits\":[{\"type\":\"RLIMIT_CPU\",\"soft\":18446744073709551615,"
			 "\"hard\":18446744073709551615}]}"));
	const struct spec *spec = spec_rest_spec(rest);

	CHECK_INT(spec->annotations.n, 1);
	CHECK_STR(spec->annotations.v[0].key, "d");
	CHECK(spec_rest_is_unknown(rest, "/annotations/a~1b~0c"));
	CHECK(spec->process.rlimits.v[0].hard == UINT64_MAX);
}

TEST(of_a_key_that_is_there_twice_the_last_is_read)
{
	AUTO(spec_rest)
	struct spec_rest *rest =
		load(DOC(",\"hostname\":\"a\",\"domainname\":\"d\",\"hostname\":\"b\""));

	CHECK_INT(n_errors, 1);
	CHECK_STR(spec_rest_spec(rest)->domainname, "d");
}

TEST(what_is_no_json_or_no_object_has_no_rest)
{
	AUTO(spec_rest) struct spec_rest *rest = load("{\"ociVersion\":");

	CHECK_INT(n_errors, 1);
	CHECK(!spec_rest_spec(rest));
	spec_rest_free(rest);
	rest = load("[]");
	CHECK_INT(n_errors, 1);
	CHECK(!spec_rest_spec(rest));
}

TEST(of_more_errors_than_anybody_reads_there_is_no_rest)
{
	enum { N = 200000 };
	char *document = malloc(N * 2 + 200), *at;
	AUTO(spec_rest) struct spec_rest *rest = NULL;

	at = stpcpy(document, "{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\"},\"linux\":"
			      "{\"maskedPaths\":[5");
	for (int i = 0; i < N; i++)
		at = stpcpy(at, ",5");
	stpcpy(at, "]}}");
	rest = load(document);
	free(document);
	CHECK_INT(n_errors, N + 1);
	CHECK(!spec_rest_spec(rest));
}

TEST_MAIN()
