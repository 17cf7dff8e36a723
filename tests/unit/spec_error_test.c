/* SPDX-License-Identifier: Apache-2.0 */
/* What loading says about documents that are wrong: the pointer and the words. */
#include "load.h"
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A document that is right but for what is put into it. */
#define DOC(members)       "{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\"}" members "}"
#define PROCESS(members)   DOC(",\"process\":{\"cwd\":\"/\"" members "}")
#define LINUX(members)     DOC(",\"linux\":{" members "}")
#define RESOURCES(members) LINUX("\"resources\":{" members "}")
#define SECCOMP(members)   LINUX("\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ALLOW\"" members "}")
#define RULE(members)                                                                              \
	SECCOMP(",\"syscalls\":[{\"names\":[\"a\"],\"action\":\"SCMP_ACT_ALLOW\"" members "}]")

/* @text is what is said after the pointer. */
struct wrong {
	const char *document;
	const char *pointer;
	const char *text;
};

static void check_error(const char *document, size_t len, int code, const char *pointer,
			const char *text)
{
	struct err err = { 0 };
	struct spec *spec = NULL;

	CHECK_INT(spec_parse(document, len, NULL, &spec, &err), -code);
	CHECK(spec == NULL);
	CHECK_INT(err.code, code);
	CHECK_STR(err.pointer, pointer);
	CHECK_STR(err.text, text);
}

static void check_wrong(const struct wrong *wrong, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char text[ERR_TEXT_MAX];

		snprintf(text, sizeof(text), "%s %s",
			 wrong[i].pointer[0] ? wrong[i].pointer : "the document", wrong[i].text);
		check_error(wrong[i].document, strlen(wrong[i].document), EINVAL, wrong[i].pointer,
			    text);
	}
}

#define CHECK_WRONG(table) check_wrong((table), sizeof(table) / sizeof((table)[0]))

TEST(wrong_type_names_the_value_and_what_was_expected)
{
	static const struct wrong wrong[] = {
		{ PROCESS(",\"user\":{\"uid\":\"abc\"}"), "/process/user/uid",
		  "is \"abc\" (a string), expected an unsigned 32-bit integer" },
		{ PROCESS(",\"terminal\":1"), "/process/terminal", "is 1, expected true or false" },
		{ PROCESS(",\"args\":\"sh\""), "/process/args",
		  "is \"sh\" (a string), expected an array of strings" },
		{ PROCESS(",\"args\":[\"sh\",null]"), "/process/args/1",
		  "is null, expected a string" },
		{ PROCESS(",\"user\":[]"), "/process/user", "is an array, expected an object" },
		{ PROCESS(",\"user\":{\"additionalGids\":{}}"), "/process/user/additionalGids",
		  "is an object, expected an array of unsigned 32-bit integers" },
		{ DOC(",\"hostname\":true"), "/hostname",
		  "is true (a boolean), expected a string" },
		{ DOC(",\"mounts\":{}"), "/mounts", "is an object, expected an array of objects" },
		{ DOC(",\"annotations\":{\"a\":1}"), "/annotations/a", "is 1, expected a string" },
		{ DOC(",\"annotations\":[]"), "/annotations",
		  "is an array, expected an object of strings" },
		{ LINUX("\"netDevices\":[]"), "/linux/netDevices",
		  "is an array, expected an object of objects" },
		{ LINUX("\"netDevices\":{\"e\":1}"), "/linux/netDevices/e",
		  "is 1, expected an object" },
		{ PROCESS(",\"oomScoreAdj\":1.0"), "/process/oomScoreAdj",
		  "is 1.0 (a real number), expected an integer from -1000 to 1000" },
		{ RESOURCES("\"cpu\":{\"shares\":1.5e3}"), "/linux/resources/cpu/shares",
		  "is 1500.0 (a real number), expected an unsigned 64-bit integer" },
		{ PROCESS(",\"capabilities\":{\"ambient\":[7]}"), "/process/capabilities/ambient/0",
		  "is 7, expected a string" },
		{ "[1]", "", "is an array, expected an object" },
		{ "true", "", "is true (a boolean), expected an object" },
	};
	CHECK_WRONG(wrong);
}

TEST(out_of_range_names_the_range)
{
	static const struct wrong wrong[] = {
		{ PROCESS(",\"user\":{\"uid\":-1}"), "/process/user/uid",
		  "is -1, expected an unsigned 32-bit integer" },
		{ PROCESS(",\"user\":{\"gid\":4294967296}"), "/process/user/gid",
		  "is 4294967296, expected an unsigned 32-bit integer" },
		{ PROCESS(",\"user\":{\"umask\":4294967296}"), "/process/user/umask",
		  "is 4294967296, expected an unsigned 32-bit integer" },
		{ PROCESS(",\"ioPriority\":{\"class\":\"IOPRIO_CLASS_BE\",\"priority\":8}"),
		  "/process/ioPriority/priority", "is 8, expected an integer from 0 to 7" },
		{ PROCESS(",\"scheduler\":{\"policy\":\"SCHED_OTHER\",\"nice\":-21}"),
		  "/process/scheduler/nice", "is -21, expected an integer from -20 to 19" },
		{ RESOURCES("\"blockIO\":{\"weight\":65536}"), "/linux/resources/blockIO/weight",
		  "is 65536, expected an unsigned 16-bit integer" },
		{ DOC(",\"hooks\":{\"poststop\":[{\"path\":\"/h\",\"timeout\":0}]}"),
		  "/hooks/poststop/0/timeout", "is 0, expected an integer greater than 0" },
		{ RULE(",\"args\":[{\"index\":6,\"value\":0,\"op\":\"SCMP_CMP_EQ\"}]"),
		  "/linux/seccomp/syscalls/0/args/0/index",
		  "is 6, expected an integer from 0 to 5" },
		{ LINUX("\"timeOffsets\":{\"realtime\":{\"secs\":5}}"),
		  "/linux/timeOffsets/realtime",
		  "is not a clock of time namespaces, expected \"boottime\" or \"monotonic\"" },
		{ LINUX("\"timeOffsets\":{\"boottime\":{\"nanosecs\":-5}}"),
		  "/linux/timeOffsets/boottime/nanosecs",
		  "is -5, expected an unsigned 32-bit integer" },
		{ RESOURCES("\"cpu\":{\"shares\":-1}"), "/linux/resources/cpu/shares",
		  "is -1, expected an unsigned 64-bit integer" },
	};
	CHECK_WRONG(wrong);
}

TEST(integer_beyond_64_bits_is_named_as_it_was_written)
{
	static const struct wrong wrong[] = {
		{ RESOURCES("\"cpu\":{\"shares\":18446744073709551616}"),
		  "/linux/resources/cpu/shares",
		  "is 18446744073709551616, expected an unsigned 64-bit integer" },
		{ RESOURCES("\"memory\":{\"limit\":9223372036854775808}"),
		  "/linux/resources/memory/limit",
		  "is 9223372036854775808, expected a 64-bit integer" },
		{ RESOURCES("\"memory\":{\"limit\":-9223372036854775809}"),
		  "/linux/resources/memory/limit",
		  "is -9223372036854775809, expected a 64-bit integer" },
		{ RESOURCES("\"cpu\":{\"shares\":-9223372036854775809}"),
		  "/linux/resources/cpu/shares",
		  "is -9223372036854775809, expected an unsigned 64-bit integer" },
		{ PROCESS(",\"user\":{\"uid\":99999999999999999999999999}"), "/process/user/uid",
		  "is 99999999999999999999999999, expected an unsigned 32-bit integer" },
		{ DOC(",\"hostname\":18446744073709551615"), "/hostname",
		  "is 18446744073709551615, expected a string" },
		{ PROCESS(",\"args\":[18446744073709551615]"), "/process/args/0",
		  "is 18446744073709551615, expected a string" },
		{ DOC(",\"annotations\":{\"k\":18446744073709551615}"), "/annotations/k",
		  "is 18446744073709551615, expected a string" },
		{ PROCESS(",\"capabilities\":{\"bounding\":[18446744073709551615]}"),
		  "/process/capabilities/bounding/0",
		  "is 18446744073709551615, expected a string" },
		{ LINUX("\"namespaces\":[{\"type\":18446744073709551615}]"),
		  "/linux/namespaces/0/type", "is 18446744073709551615, expected a string" },
		{ DOC(",\"process\":18446744073709551615"), "/process",
		  "is 18446744073709551615, expected an object" },
		{ "18446744073709551615\n", "", "is 18446744073709551615, expected an object" },
		{ "18446744073709551615", "",
		  "is not valid JSON: line 1, column 20: too big integer near "
		  "'18446744073709551615'" },
		{ PROCESS(",\"rlimits\":[18446744073709551615]"), "/process/rlimits/0",
		  "is 18446744073709551615, expected an object" },
		{ DOC(",\"x\":1e999"), "/x", "is a number that is too large (line 1)" },
		{ "{18446744073709551615:1}", "",
		  "is not valid JSON: line 1, column 21: too big integer near "
		  "'18446744073709551615'" },
	};
	CHECK_WRONG(wrong);
}

TEST(unknown_word_lists_the_known_ones_when_they_are_few)
{
	static const struct wrong wrong[] = {
		{ LINUX("\"namespaces\":[{\"type\":\"net\"}]"), "/linux/namespaces/0/type",
		  "is \"net\", expected one of \"mount\", \"pid\", \"network\", \"uts\", \"ipc\", "
		  "\"user\", \"cgroup\" or \"time\"" },
		{ LINUX("\"personality\":{\"domain\":\"BSD\"}"), "/linux/personality/domain",
		  "is \"BSD\", expected \"LINUX\" or \"LINUX32\"" },
		{ LINUX("\"seccomp\":{\"defaultAction\":\"ALLOW\"}"),
		  "/linux/seccomp/defaultAction",
		  "is \"ALLOW\", expected one of \"SCMP_ACT_KILL\", \"SCMP_ACT_KILL_PROCESS\", "
		  "\"SCMP_ACT_KILL_THREAD\", \"SCMP_ACT_TRAP\", \"SCMP_ACT_ERRNO\", "
		  "\"SCMP_ACT_TRACE\", \"SCMP_ACT_ALLOW\", \"SCMP_ACT_LOG\" or "
		  "\"SCMP_ACT_NOTIFY\"" },
		{ SECCOMP(",\"architectures\":[\"SCMP_ARCH_X86\",\"SCMP_ARCH_VAX\"]"),
		  "/linux/seccomp/architectures/1",
		  "is \"SCMP_ARCH_VAX\", which is not a seccomp architecture" },
		{ PROCESS(",\"rlimits\":[{\"type\":\"RLIMIT_FOO\",\"soft\":1,\"hard\":1}]"),
		  "/process/rlimits/0/type",
		  "is \"RLIMIT_FOO\", which is not a resource limit of Linux" },
		{ PROCESS(",\"capabilities\":{\"effective\":[\"CAP_KILL\",\"CAP_FLY\"]}"),
		  "/process/capabilities/effective/1",
		  "is \"CAP_FLY\", which is not a known capability" },
		{ PROCESS(",\"capabilities\":{\"effective\":[\"cap_kill\"]}"),
		  "/process/capabilities/effective/0",
		  "is \"cap_kill\", which is not a known capability" },
		{ PROCESS(",\"capabilities\":{\"effective\":[\"CAP_5\"]}"),
		  "/process/capabilities/effective/0",
		  "is \"CAP_5\", which is not a known capability" },
		{ LINUX("\"rootfsPropagation\":\"loud\""), "/linux/rootfsPropagation",
		  "is \"loud\", expected one of \"private\", \"shared\", \"slave\", "
		  "\"unbindable\", \"rprivate\", \"rshared\", \"rslave\" or \"runbindable\"" },
		{ RESOURCES("\"devices\":[{\"allow\":true,\"type\":\"p\"}]"),
		  "/linux/resources/devices/0/type",
		  "is \"p\", expected one of \"a\", \"b\" or \"c\"" },
	};
	CHECK_WRONG(wrong);
}

TEST(missing_key_is_named)
{
	static const struct wrong wrong[] = {
		{ "{}", "/ociVersion", "is missing, but it is required" },
		{ "{\"ociVersion\":null}", "/ociVersion", "is missing, but it is required" },
		{ "{\"ociVersion\":\"1.0.0\"}", "/root", "is missing, but it is required" },
		{ DOC(",\"process\":{}"), "/process/cwd", "is missing, but it is required" },
		{ DOC(",\"mounts\":[{\"destination\":\"/\"},{}]"), "/mounts/1/destination",
		  "is missing, but it is required" },
		{ LINUX("\"devices\":[{\"type\":\"c\",\"path\":\"/d\",\"major\":1}]"),
		  "/linux/devices/0/minor", "is missing, but it is required" },
		{ LINUX("\"memoryPolicy\":{}"), "/linux/memoryPolicy/mode",
		  "is missing, but it is required: invalid memory policy mode" },
		{ DOC(",\"mounts\":[{\"destination\":\"/\",\"uidMappings\":[{\"containerID\":0,"
		      "\"hostID\":0,\"size\":1}]}]"),
		  "/mounts/0/gidMappings", "is missing, but required along with uidMappings" },
	};
	CHECK_WRONG(wrong);
}

TEST(rules_of_the_specification_are_checked)
{
	static const struct wrong wrong[] = {
		{ PROCESS(",\"rlimits\":[{\"type\":\"RLIMIT_CPU\",\"soft\":1,\"hard\":1},"
			  "{\"type\":\"RLIMIT_CPU\",\"soft\":1,\"hard\":1}]"),
		  "/process/rlimits/1", "has the type of an earlier limit, \"RLIMIT_CPU\"" },
		{ LINUX("\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"user\"},{\"type\":"
			"\"pid\"}]"),
		  "/linux/namespaces/2", "has the type of an earlier namespace, \"pid\"" },
		{ LINUX("\"namespaces\":[{\"type\":\"pid\",\"path\":\"proc/1/ns\"}]"),
		  "/linux/namespaces/0/path", "is \"proc/1/ns\", expected an absolute path" },
		{ DOC(",\"process\":{\"cwd\":\"tmp\"}"), "/process/cwd",
		  "is \"tmp\", expected an absolute path" },
		{ DOC(",\"process\":{\"cwd\":\"\"}"), "/process/cwd",
		  "is \"\", expected an absolute path" },
		{ PROCESS(",\"args\":[]"), "/process/args",
		  "is empty, expected at least one element" },
		{ PROCESS(",\"args\":[\"\",\"a\"]"), "/process/args/0",
		  "is an empty string, expected a program" },
		{ PROCESS(",\"env\":[\"A=1\",\"\"]"), "/process/env/1", "is an empty string" },
		{ PROCESS(",\"execCPUAffinity\":{\"initial\":\"all\"}"),
		  "/process/execCPUAffinity/initial",
		  "is \"all\", expected a list of CPUs like \"0-3,7\"" },
		{ PROCESS(",\"scheduler\":{\"policy\":\"SCHED_OTHER\",\"priority\":5}"),
		  "/process/scheduler/priority",
		  "is 5, expected 0 unless policy is SCHED_FIFO or SCHED_RR" },
		{ DOC(",\"hooks\":{\"prestart\":[{\"path\":\"h\"}]}"), "/hooks/prestart/0/path",
		  "is \"h\", expected an absolute path" },
		{ DOC(",\"annotations\":{\"\":\"x\"}"), "/annotations/", "has an empty name" },
		{ LINUX("\"maskedPaths\":[\"proc\"]"), "/linux/maskedPaths/0",
		  "is \"proc\", expected an absolute path" },
		{ LINUX("\"intelRdt\":{\"memBwSchema\":\"L3:0\"}"), "/linux/intelRdt/memBwSchema",
		  "is \"L3:0\", expected a line that starts with \"MB:\"" },
		{ LINUX("\"intelRdt\":{\"memBwSchema\":\"MB:0\\nL3\"}"),
		  "/linux/intelRdt/memBwSchema", "is \"MB:0\\u000aL3\", expected a single line" },
		{ LINUX("\"intelRdt\":{\"closID\":\"../x\"}"), "/linux/intelRdt/closID",
		  "is \"../x\", expected \"/\" or the name of a directory" },
		{ LINUX("\"personality\":{\"domain\":\"LINUX\",\"flags\":[\"X\"]}"),
		  "/linux/personality/flags", "is refused: the specification defines no flags" },
		{ RESOURCES("\"hugepageLimits\":[{\"pageSize\":\"02MB\",\"limit\":1}]"),
		  "/linux/resources/hugepageLimits/0/pageSize",
		  "is \"02MB\", expected a size like \"64KB\", \"2MB\" or \"1GB\"" },
		{ RESOURCES("\"devices\":[{\"allow\":true,\"access\":\"ax\"}]"),
		  "/linux/resources/devices/0/access", "is \"ax\", expected letters of \"rwm\"" },
		{ RESOURCES("\"rdma\":{\"mlx\":{}}"), "/linux/resources/rdma/mlx",
		  "has neither hcaHandles nor hcaObjects, expected one of them" },
		{ SECCOMP(",\"syscalls\":[{\"names\":[],\"action\":\"SCMP_ACT_ALLOW\"}]"),
		  "/linux/seccomp/syscalls/0/names", "is empty, expected at least one element" },
		{ RULE(",\"errnoRet\":1"), "/linux/seccomp/syscalls/0/errnoRet",
		  "is given, but only SCMP_ACT_ERRNO and SCMP_ACT_TRACE use it" },
		{ SECCOMP(",\"listenerMetadata\":\"x\""), "/linux/seccomp/listenerMetadata",
		  "is given, but there is no listenerPath" },
	};
	CHECK_WRONG(wrong);
}

TEST(version_must_be_one_that_is_supported)
{
	static const struct wrong wrong[] = {
		{ "{\"ociVersion\":\"one\"}", "/ociVersion",
		  "is \"one\", expected a version like \"1.3.0\"" },
		{ "{\"ociVersion\":\"1.0\"}", "/ociVersion",
		  "is \"1.0\", expected a version like \"1.3.0\"" },
		{ "{\"ociVersion\":\"1.01.0\"}", "/ociVersion",
		  "is \"1.01.0\", expected a version like \"1.3.0\"" },
		{ "{\"ociVersion\":\"1.0.0-\"}", "/ociVersion",
		  "is \"1.0.0-\", expected a version like \"1.3.0\"" },
		{ "{\"ociVersion\":\"\"}", "/ociVersion",
		  "is \"\", expected a version like \"1.3.0\"" },
		{ "{\"ociVersion\":\"2.0.0\"}", "/ociVersion",
		  "is \"2.0.0\", which is not supported; expected 1.0.0 or a later 1.x" },
		{ "{\"ociVersion\":\"0.5.0-dev\"}", "/ociVersion",
		  "is \"0.5.0-dev\", which is not supported; expected 1.0.0 or a later 1.x" },
	};
	CHECK_WRONG(wrong);
}

TEST(duplicate_key_has_a_pointer)
{
	static const struct wrong wrong[] = {
		{ "{\"a\":1,\n\"a\":2}", "/a",
		  "is given twice: as 1 in line 1 and as 2 in line 2" },
		{ DOC(",\"process\":{\"user\":{\"uid\":0,\"gid\":1,\"uid\":2}}"),
		  "/process/user/uid", "is given twice: as 0 in line 1 and as 2 in line 1" },
		{ DOC(",\"mounts\":[{\"type\":\"a\"},{\"type\":\"b\",\n\n\"type\":\"c\"}]"),
		  "/mounts/1/type",
		  "is given twice: as \"b\" (a string) in line 1 and as \"c\" (a string) in line "
		  "3" },
		{ DOC(",\"annotations\":{\"a/b~c\":\"}\\\"]\",\"a\\/b~c\":\"\"}"),
		  "/annotations/a~1b~0c",
		  "is given twice: as \"}\\\"]\" (a string) in line 1 and as \"\" (a string) in "
		  "line 1" },
		{ "{\"a\":18446744073709551615,\"b\":[],\"a\":2}", "/a",
		  "is given twice: as 18446744073709551615 in line 1 and as 2 in line 1" },
		{ "{\"a\":{\"b\":1},\"b\":1,\"a\"  :\n [1]}", "/a",
		  "is given twice: as an object in line 1 and as an array in line 1" },
		{ "{\"a\":true,\"a\"", "/a",
		  "is given twice: as true (a boolean) in line 1 and as no value in line 1" },
	};
	CHECK_WRONG(wrong);
}

TEST(bytes_that_are_not_text_are_refused)
{
	static const struct wrong wrong[] = {
		{ PROCESS(",\"args\":[\"a\",\"b\\u0000c\"]"), "/process/args/1",
		  "has a NUL character (line 1)" },
		{ "{\"hostname\":\n\"a\xff\"}", "/hostname", "is not UTF-8 (line 2, column 2)" },
	};
	CHECK_WRONG(wrong);
	check_error("{\"a\":\"b\0c\"}", 11, EINVAL, "",
		    "the document is not valid JSON: line 1: a NUL byte");
	check_error("{\"a\":\n1\0}", 9, EINVAL, "",
		    "the document is not valid JSON: line 2: a NUL byte");
	check_error("{\"a\":1\0,\"\":1,\"\":2}", 19, EINVAL, "",
		    "the document is not valid JSON: line 1: a NUL byte");
}

TEST(syntax_errors_say_line_and_column)
{
	static const struct wrong wrong[] = {
		{ "{]", "",
		  "is not valid JSON: line 1, column 2: string or '}' expected near ']'" },
		{ "{\"a\": 1\n \"b\": 2}", "",
		  "is not valid JSON: line 2, column 4: '}' expected near '\"b\"'" },
		{ "{\"a\": tru}", "",
		  "is not valid JSON: line 1, column 9: invalid token near 'tru'" },
		{ "{\"a\": [1, 2", "",
		  "is not valid JSON: line 1, column 11: ']' expected near end of file" },
		{ DOC("") "x", "",
		  "is not valid JSON: line 1, column 43: end of file expected near 'x'" },
		{ "{\"a\":18446744073709551615,]", "",
		  "is not valid JSON: line 1, column 27: string or '}' expected near ']'" },
		{ "{\"a\" \"b\x7f\"}", "",
		  "is not valid JSON: line 1, column 9: ':' expected near '\"b\\u007f\"'" },
		{ "{\"a\":-}", "", "is not valid JSON: line 1, column 6: invalid token near '-'" },
		{ "", "", "is empty" },
		{ " \n\t", "", "is empty" },
	};
	CHECK_WRONG(wrong);
}

TEST(depth_is_limited)
{
	char document[600] = "{\"a\":", *at = document + strlen(document);
	char want[ERR_POINTER_MAX + 64] = "/a", pointer[ERR_POINTER_MAX];

	memset(at, '[', 64);
	for (int i = 0; i < 63; i++)
		strcat(want, "/0");
	snprintf(pointer, sizeof(pointer), "%s", want);
	strcat(want, " is nested more than 64 levels deep");
	check_error(document, strlen(document), EINVAL, pointer, want);

	/* One level less is a question of syntax. */
	at[63] = '\0';
	check_error(document, strlen(document), EINVAL, "",
		    "the document is not valid JSON: line 1, column 68: ']' expected near end of "
		    "file");
}

TEST(document_of_more_than_four_mib_is_refused)
{
	size_t len = SPEC_MAX_BYTES + 1;
	char *document = malloc(len);

	memset(document, ' ', len);
	check_error(document, len, EFBIG, "",
		    "the document has 4194305 bytes; at most 4194304 are accepted");
	free(document);
}

TEST(long_and_unprintable_values_stay_one_short_line)
{
	char document[2000], text[300], a[201];
	static const struct wrong wrong[] = {
		{ DOC(",\"process\":{\"cwd\":\"a\\n\\u001b[2J\\\"\\\\\x7f\"}"), "/process/cwd",
		  "is \"a\\u000a\\u001b[2J\\\"\\\\\\u007f\", expected an absolute path" },
		{ DOC(",\"annotations\":{\"a\\nb\":1}"), "/annotations/a\\u000ab",
		  "is 1, expected a string" },
	};

	CHECK_WRONG(wrong);
	memset(a, 'a', 200);
	a[200] = '\0';
	snprintf(
		document, sizeof(document),
		"{\"ociVersion\":\"1.0.0\",\"root\":{\"path\":\"r\"},\"process\":{\"cwd\":\"%s\"}}",
		a);
	snprintf(text, sizeof(text), "/process/cwd is \"%.100s...\", expected an absolute path", a);
	check_error(document, strlen(document), EINVAL, "/process/cwd", text);
}

/* ---- all of them at once ---- */

struct list {
	char text[4096];
};

static void list_problem(void *context, const struct spec_problem *problem)
{
	struct list *list = context;
	size_t len = strlen(list->text);

	snprintf(list->text + len, sizeof(list->text) - len, "%s %s: %s\n",
		 problem->is_warning ? "warning" : "error", problem->pointer, problem->text);
}

TEST(sink_gets_every_problem_and_the_first_is_the_result)
{
	static const char document[] =
		"{\"ociVersion\":\"1.4.0\",\"process\":{\"cwd\":\"x\",\"user\":{\"uid\":\"a\"},"
		"\"env\":[\"A\",1],\"typo\":1,\"args\":null,\"rlimits\":[{\"type\":\"RLIMIT_CPU\"},"
		"{\"type\":\"RLIMIT_CPU\",\"soft\":1,\"hard\":2}]},"
		"\"mounts\":[{\"destination\":\"a\"}],\"windows\":{}}";
	struct list list = { "" };
	const struct spec_sink sink = { .report = list_problem, .context = &list };
	struct err err = { 0 };
	struct spec *spec;

	CHECK_INT(spec_parse(document, strlen(document), &sink, &spec, &err), -EINVAL);
	CHECK_STR(list.text,
		  "warning /ociVersion: is \"1.4.0\", newer than 1.3.0: what that version added is "
		  "ignored\n"
		  "error /process/cwd: is \"x\", expected an absolute path\n"
		  "error /process/user/uid: is \"a\" (a string), expected an unsigned 32-bit "
		  "integer\n"
		  "warning /process/env/0: is \"A\", which has no \"=\" and is passed on as it is\n"
		  "error /process/env/1: is 1, expected a string\n"
		  "warning /process/typo: is unknown and ignored\n"
		  "error /process/rlimits/0/soft: is missing, but it is required\n"
		  "error /process/rlimits/0/hard: is missing, but it is required\n"
		  "warning /windows: is ignored: it is for Windows\n"
		  "error /root: is missing, but it is required\n");
	CHECK_STR(err.pointer, "/process/cwd");
	CHECK_STR(err.text, "/process/cwd is \"x\", expected an absolute path");
}

TEST(warnings_alone_do_not_fail)
{
	static const char document[] = DOC(",\"x\":1,\"vm\":{\"kernel\":{\"path\":\"/k\"}}");
	struct list list = { "" };
	const struct spec_sink sink = { .report = list_problem, .context = &list };
	struct err err = { 0 };
	AUTO(spec) struct spec *spec = NULL;

	CHECK_INT(spec_parse(document, strlen(document), &sink, &spec, &err), 0);
	CHECK_STR(list.text, "warning /x: is unknown and ignored\n"
			     "warning /vm: is ignored: it is for containers that are virtual "
			     "machines\n");
	CHECK_INT(err.code, 0);
}

TEST(sink_gets_what_else_is_wrong_beside_a_key_that_is_there_twice)
{
	static const char document[] =
		"{\"ociVersion\":\"1.0.0\",\"root\":{\"path\":\"a\"},\"root\":{\"path\":\"b\"},"
		"\"hostname\":1}";
	struct list list = { "" };
	const struct spec_sink sink = { .report = list_problem, .context = &list };
	struct err err = { 0 };
	struct spec *spec;

	CHECK_INT(spec_parse(document, strlen(document), &sink, &spec, &err), -EINVAL);
	CHECK_STR(list.text, "error /root: is given twice: as an object in line 1 and as an object "
			     "in line 1\n"
			     "error /hostname: is 1, expected a string\n");
	CHECK_STR(err.pointer, "/root");

	list.text[0] = '\0';
	CHECK_INT(spec_parse("{\"a\":1,\"a\":2", 12, &sink, &spec, &err), -EINVAL);
	CHECK_STR(list.text, "error /a: is given twice: as 1 in line 1 and as 2 in line 1\n"
			     "error : the document is not valid JSON: line 1, column 12: '}' "
			     "expected near end of file\n");
}

TEST(sink_gets_every_key_that_is_there_twice)
{
	static const char document[] =
		"{\"ociVersion\":\"1.0.0\",\"root\":{\"path\":\"a\",\"path\":\"b\"},\n"
		"\"mounts\":[{\"destination\":\"/a\"},{\"destination\":\"/b\",\n"
		"\"destination\":\"/c\",\"type\":\"t\",\"destination\":\"/d\"}],\"root\":null,"
		"\"annotations\":{\"path\":\"1\",\"type\":\"2\",\"p\\u0061th\":\"3\"}}";
	struct list list = { "" };
	const struct spec_sink sink = { .report = list_problem, .context = &list };
	struct err err = { 0 };
	struct spec *spec;

	CHECK_INT(spec_parse(document, sizeof(document) - 1, &sink, &spec, &err), -EINVAL);
	CHECK_STR(list.text,
		  "error /root/path: is given twice: as \"a\" (a string) in line 1 and as \"b\" "
		  "(a string) in line 1\n"
		  "error /mounts/1/destination: is given twice: as \"/b\" (a string) in line 2 and "
		  "as \"/c\" (a string) in line 3\n"
		  "error /mounts/1/destination: is given twice: as \"/b\" (a string) in line 2 and "
		  "as \"/d\" (a string) in line 3\n"
		  "error /root: is given twice: as an object in line 1 and as null in line 3\n"
		  "error /annotations/path: is given twice: as \"1\" (a string) in line 3 and as "
		  "\"3\" (a string) in line 3\n"
		  "error /root: is missing, but it is required\n");
	CHECK_STR(err.pointer, "/root/path");
}

TEST(sink_gets_syntax_errors_too)
{
	struct list list = { "" };
	const struct spec_sink sink = { .report = list_problem, .context = &list };
	struct err err = { 0 };
	struct spec *spec;

	CHECK_INT(spec_parse("{", 1, &sink, &spec, &err), -EINVAL);
	CHECK_STR(list.text, "error : the document is not valid JSON: line 1, column 1: string or "
			     "'}' expected near end of file\n");
}

TEST_MAIN()
