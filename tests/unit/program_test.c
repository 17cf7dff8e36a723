/* SPDX-License-Identifier: Apache-2.0 */
/* Finding a program, and saying why it cannot be run: in directories of the test's own. */
#include "test.h"

#include "program.h"
#include "temp_tree.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct err err;
static struct program program;

static int find(const char *name, const char *path_env)
{
	char *argv[] = { (char *)name, NULL };
	char *envp[] = { "PATHS=/nowhere", (char *)path_env, "PATH=/second", NULL };
	const struct plan_process process = { .argv = argv, .envp = path_env ? envp : &envp[3] };

	memset(&err, 0, sizeof(err));
	program.path[0] = '\0';
	return program_find(&process, &program, &err);
}

/* bin1 has a directory and a file that cannot be run in front of what bin2 has. */
static void make_bins(void)
{
	CHECK_INT(chdir(temp_dir()), 0);
	temp_make_dir("bin1");
	temp_make_dir("bin2");
	temp_make_dir("bin1/directory");
	temp_make_file("bin1/plain", "", 0644);
	temp_make_file("bin2/plain", "", 0755);
	temp_make_file("bin2/directory", "", 0755);
	temp_make_file("bin2/program", "", 0755);
	temp_make_file("bin2/never", "", 0644);
	temp_make_file("here", "", 0755);
	temp_make_link("no/such", "bin1/program");
}

TEST(a_name_without_a_slash_is_looked_up_in_path)
{
	static const struct {
		const char *name, *env, *found;
		int ret;
	} rows[] = {
		{ "program", "PATH=bin1:bin2", "bin2/program", 0 },
		{ "program", "PATH=bin2/:bin1", "bin2//program", 0 },
		{ "plain", "PATH=bin1:bin2", "bin2/plain", 0 },
		{ "directory", "PATH=bin1:bin2", "bin2/directory", 0 },
		{ "here", "PATH=bin1:", "./here", 0 },
		{ "here", "PATH=:bin1", "./here", 0 },
		{ "here", "PATH=bin1::bin2", "./here", 0 },
		{ "here", "PATH=", "./here", 0 },
		{ "here", "PATH=bin1:bin2", NULL, -ENOENT },
		{ "never", "PATH=bin1:bin2", NULL, -EACCES },
		{ "directory", "PATH=bin1", NULL, -ENOENT },
		{ "", "PATH=bin1:bin2", NULL, -ENOENT },
		{ "sh", NULL, "/bin/sh", 0 },
	};

	make_bins();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CHECK_INT(find(rows[i].name, rows[i].env), rows[i].ret);
		if (rows[i].found)
			CHECK_STR(program.path, rows[i].found);
		else
			CHECK_STR(err.pointer, "/process/args/0");
	}
}

TEST(errors_are_those_that_callers_match)
{
	make_bins();
	CHECK_INT(find("nope", "PATH=bin1"), -ENOENT);
	CHECK_STR(err.text, "exec: \"nope\": executable file not found in $PATH");
	CHECK_INT(find("never", "PATH=bin2"), -EACCES);
	CHECK_STR(err.text, "exec: \"never\": permission denied");
	CHECK_INT(find("/no/such", "PATH=bin1"), -ENOENT);
	CHECK_STR(err.text, "exec /no/such: no such file or directory");
	CHECK_INT(find("./bin2/never", "PATH=bin1"), -EACCES);
	CHECK_STR(err.text, "exec ./bin2/never: permission denied");
	CHECK_INT(find("./bin1", "PATH=bin1"), -EISDIR);
	CHECK_STR(err.text, "exec ./bin1: is a directory");
	CHECK_INT(find("./here/below", "PATH=bin1"), -ENOTDIR);
	CHECK_STR(err.text, "exec ./here/below: not a directory");
}

TEST(names_and_directories_that_are_too_long_are_no_overflow)
{
	static char text[2 * PATH_MAX];

	make_bins();
	snprintf(text, sizeof(text), "/%s", text_of('n', PATH_MAX));
	CHECK_INT(find(text, "PATH=bin1"), -ENAMETOOLONG);
	snprintf(text, sizeof(text), "/%s", text_of('/', PATH_MAX - 2));
	CHECK_INT(find(text, "PATH=bin1"), -EISDIR);
	CHECK_INT(find(text_of('n', PATH_MAX), "PATH=bin1:bin2"), -ENOENT);
	/* The directory behind the long one still counts. */
	snprintf(text, sizeof(text), "PATH=%s:bin2", text_of('d', PATH_MAX));
	CHECK_INT(find("program", text), 0);
	CHECK_STR(program.path, "bin2/program");
}

/* ---- why ---- */

/* The hint for running a file that has this content. */
static const char *hint_for(const char *text, size_t len)
{
	int fd = open("script", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);

	CHECK_INT(write(fd, text, len), len);
	close(fd);
	chmod("script", 0755);
	CHECK_INT(find("./script", "PATH=/bin"), 0);
	CHECK_STR(program.hint, "");
	program_foresee(&program);
	return program.hint;
}

TEST(a_script_is_told_what_its_first_line_lacks)
{
	static const struct {
		const char *text, *hint;
	} rows[] = {
		{ "#!/bin/sh\n", "" },
		{ "#! /bin/sh -e\n", "" },
		{ "#!/no/python3 -u\n", "the script's interpreter '/no/python3' is not there" },
		{ "#!\t/no/perl\n", "the script's interpreter '/no/perl' is not there" },
		{ "#!/bin/sh\r\necho\r\n", "ends with CR LF" },
		{ "#!\r\n", "ends with CR LF" },
		{ "#!\n", "no interpreter's name follows the #!" },
		{ "#!", "no interpreter's name follows the #!" },
		{ "#!/no/end/of/line", "the script's interpreter '/no/end/of/line' is not there" },
		{ "", "the file is empty" },
		{ "plain text\n", "" },
		{ "\x7f"
		  "EL",
		  "" },
	};

	CHECK_INT(chdir(temp_dir()), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *hint = hint_for(rows[i].text, strlen(rows[i].text));

		if (rows[i].hint[0])
			CHECK_CONTAINS(hint, rows[i].hint);
		else
			CHECK_STR(hint, "");
	}
	CHECK_STR(hint_for(text_of('#', 1000), 1000), "");
}

/* A program of one segment: the name of its interpreter. */
struct tiny_elf {
	Elf64_Ehdr header;
	Elf64_Phdr segment;
	char interpreter[64];
};

static struct tiny_elf tiny_elf(unsigned int machine, const char *interpreter)
{
	struct tiny_elf elf = {
		.header = {
			.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB },
			.e_machine = (Elf64_Half)machine,
			.e_phoff = offsetof(struct tiny_elf, segment),
			.e_phentsize = sizeof(Elf64_Phdr),
			.e_phnum = 1,
		},
		.segment = {
			.p_type = PT_INTERP,
			.p_offset = offsetof(struct tiny_elf, interpreter),
			.p_filesz = sizeof(elf.interpreter),
		},
	};

	snprintf(elf.interpreter, sizeof(elf.interpreter), "%s", interpreter);
	return elf;
}

#if defined(__x86_64__)
TEST(an_elf_program_is_told_what_its_header_asks_for)
{
	struct tiny_elf elf = tiny_elf(EM_X86_64, "/lib/ld-no-such.so.1");

	CHECK_INT(chdir(temp_dir()), 0);
	CHECK_CONTAINS(hint_for((const char *)&elf, sizeof(elf)), "'/lib/ld-no-such.so.1' is not");
	elf = tiny_elf(EM_X86_64, "/bin/sh");
	CHECK_STR(hint_for((const char *)&elf, sizeof(elf)), "");
	elf = tiny_elf(EM_AARCH64, "/lib/ld-no-such.so.1");
	CHECK_CONTAINS(hint_for((const char *)&elf, sizeof(elf)),
		       "is built for aarch64, and this machine is of type x86_64");
}

/* The file is the image's: its numbers may be anything. */
TEST(an_elf_header_of_lies_is_no_trap)
{
	struct tiny_elf elf;

	CHECK_INT(chdir(temp_dir()), 0);
	for (size_t i = 0; i < sizeof(elf.header) + sizeof(elf.segment); i++) {
		elf = tiny_elf(EM_X86_64, "/bin/sh");
		((unsigned char *)&elf)[i] = 0xff;
		hint_for((const char *)&elf, sizeof(elf));
	}
	elf = tiny_elf(EM_X86_64, text_of('i', 63));
	elf.header.e_phnum = 0xffff;
	elf.segment.p_filesz = UINT64_MAX;
	CHECK_CONTAINS(hint_for((const char *)&elf, sizeof(elf)), "is cut off");
	CHECK_CONTAINS(hint_for((const char *)&elf, sizeof(elf.header)), "is cut off");
}
#endif

TEST(what_is_wrong_on_the_way_is_named)
{
	CHECK_INT(chdir(temp_dir()), 0);
	make_bins();
	temp_make_link("/no/where", "dangling");
	temp_make_link("loop", "loop");

	find("./bin2/nope/x", "PATH=/bin");
	CHECK_STR(err.hint, "'./bin2/nope' is not there in the container");
	find("./dangling", "PATH=/bin");
	CHECK_STR(err.hint, "'./dangling' is a link to '/no/where', which is not there in the "
			    "container");
	find("./dangling/x", "PATH=/bin");
	CHECK_CONTAINS(err.hint, "'./dangling' is a link to '/no/where'");
	find("./loop", "PATH=/bin");
	CHECK_STR(err.hint, "'./loop' is a link that leads back to itself");
	find("./here/below", "PATH=/bin");
	CHECK_STR(err.hint, "'./here' is no directory");
	find("./bin2/never", "PATH=/bin");
	CHECK_CONTAINS(err.hint, "'./bin2/never' has no execute bit");
	find("never", "PATH=bin2");
	CHECK_CONTAINS(err.hint, "'bin2/never' has no execute bit");
}

TEST(a_name_that_lies_elsewhere_is_found_there)
{
	find("env", "PATH=/no/bin");
	CHECK_CONTAINS(err.hint, "/bin/env', but PATH is '/no/bin'");
	find("no-such-program", "PATH=/no/bin");
	CHECK_STR(err.hint, "PATH is '/no/bin'");
}

TEST(a_directory_that_may_not_be_searched_is_named)
{
	if (geteuid() != 0)
		test_skip("it takes another user than the owner");
	CHECK_INT(chdir(temp_dir()), 0);
	temp_make_dir("closed");
	temp_make_file("closed/program", "", 0755);
	temp_make_file("others", "", 0700);
	CHECK_INT(chmod("closed", 0700), 0);
	CHECK_INT(chmod(".", 0755), 0);
	CHECK_INT(seteuid(1000), 0);
	find("./closed/program", "PATH=/bin");
	CHECK_STR(err.hint, "the directory './closed' may not be searched by uid 1000");
	find("./others", "PATH=/bin");
	CHECK_STR(err.hint, "mode 0700 of owner 0:0 does not let uid 1000 execute it");
	CHECK_INT(seteuid(0), 0);
}

TEST_MAIN()
