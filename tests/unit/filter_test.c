/* SPDX-License-Identifier: Apache-2.0 */
/* Compiled filters that are kept, and files in their place that are no such thing. */
#include "test.h"

#include "fd.h"
#include "filter.h"
#include "kept_digest.h"
#include "plan_subject.h"
#include "store.h"
#include "temp_tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEPT      ".seccomp"
#define TOO_MANY  (UINT16_MAX + 2) /* one, where a number of 16 bits is taken of it */
#define INSTR_MAX 4096

static const char document[] =
	"{\"ociVersion\":\"1.0.0\",\"root\":{\"path\":\"r\"},"
	"\"process\":{\"cwd\":\"/\",\"args\":[\"a\"]},\"linux\":{\"seccomp\":"
	"{\"defaultAction\":\"SCMP_ACT_ERRNO\","
	"\"syscalls\":[{\"names\":[\"read\",\"write\"],\"action\":\"SCMP_ACT_ALLOW\"}]}}}";
static const struct sock_filter allow = { BPF_RET, 0, 0, 0x7fff0000 };

static struct err err;

static struct plan *make_plan(void)
{
	struct plan *plan = NULL;

	CHECK_INT(subject_build(document, &subject_host_none, NULL, &plan, &err), 0);
	return plan;
}

static struct seccomp_program *get(int root_fd, const struct plan *plan)
{
	struct seccomp_program *program = NULL;

	CHECK_INT(filter_get(root_fd, plan->seccomp, NULL, &program, &err), 0);
	return program;
}

static bool is_equal(const struct seccomp_program *a, const struct seccomp_program *b)
{
	return a->n == b->n && memcmp(a->v, b->v, a->n * sizeof(a->v[0])) == 0;
}

/* The name of the only file that is kept, below the directory of the test; "" when there is none. */
static const char *kept_name(void)
{
	static char name[64];
	DIR *dir = opendir(temp_path(KEPT));
	struct dirent *entry;

	name[0] = '\0';
	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			snprintf(name, sizeof(name), KEPT "/%.32s", entry->d_name);
	if (dir)
		closedir(dir);
	return name;
}

/* In its place: the key, a number, the digest, and as many instructions as wanted. */
static void put_kept(const struct plan *plan, uint64_t number, size_t n)
{
	static struct sock_filter allows[TOO_MANY];
	uint64_t digest;
	void *key = NULL;
	size_t len;
	AUTO_FD fd = open(temp_path(kept_name()), O_WRONLY | O_TRUNC | O_CLOEXEC);

	CHECK_INT(seccomp_program_key(plan->seccomp, &key, &len, &err), 0);
	CHECK_INT(write(fd, key, len), (ssize_t)len);
	CHECK_INT(write(fd, &number, sizeof(number)), sizeof(number));
	for (size_t i = 0; i < n; i++)
		allows[i] = allow;
	digest = kept_digest(allows, n);
	CHECK_INT(write(fd, &digest, sizeof(digest)), sizeof(digest));
	CHECK_INT(write(fd, allows, n * sizeof(allow)), (ssize_t)(n * sizeof(allow)));
	free(key);
}

TEST(what_is_kept_is_what_was_compiled)
{
	AUTO_FD root_fd = temp_open_dir("");
	AUTO(plan) struct plan *plan = make_plan();
	AUTO(seccomp_program) struct seccomp_program *compiled = get(root_fd, plan);
	AUTO(seccomp_program) struct seccomp_program *kept = NULL;

	CHECK(kept_name()[0]);
	CHECK(is_equal(compiled, kept = get(root_fd, plan)));
	seccomp_program_free(TAKE(kept));
	/* It is read from there indeed. */
	put_kept(plan, 1, 1);
	kept = get(root_fd, plan);
	CHECK_INT(kept->n, 1);
}

TEST(a_kept_file_that_is_damaged_is_made_anew)
{
	static const struct {
		uint64_t number;
		size_t n;
	} rows[] = { { 0, 0 },
		     { 0, 1 },
		     { 1, 0 },
		     { 2, 1 },
		     { 1, 2 },
		     { (UINT64_C(1) << 61) + 1, 1 },
		     { UINT64_MAX, 1 },
		     { INSTR_MAX + 1, INSTR_MAX + 1 },
		     { TOO_MANY, TOO_MANY } };
	AUTO_FD root_fd = temp_open_dir("");
	AUTO(plan) struct plan *plan = make_plan();
	AUTO(seccomp_program) struct seccomp_program *compiled = get(root_fd, plan);
	int before = open_fd_count();

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct stat st, now;

		put_kept(plan, rows[i].number, rows[i].n);
		CHECK_INT(stat(temp_path(kept_name()), &st), 0);
		for (int k = 0; k < 2; k++) {
			AUTO(seccomp_program) struct seccomp_program *program = get(root_fd, plan);

			CHECK(is_equal(compiled, program));
		}
		CHECK_INT(stat(temp_path(kept_name()), &now), 0);
		CHECK(now.st_ino != st.st_ino);
	}
	CHECK_INT(open_fd_count(), before);
}

TEST(what_is_no_file_in_the_place_of_a_kept_one_is_replaced)
{
	AUTO_FD root_fd = temp_open_dir("");
	AUTO(plan) struct plan *plan = make_plan();
	AUTO(seccomp_program) struct seccomp_program *compiled = get(root_fd, plan);
	const char *path = temp_path(kept_name());

	for (int i = 0; i < 2; i++) {
		AUTO(seccomp_program) struct seccomp_program *program = NULL;
		struct stat st;

		CHECK_INT(unlink(path), 0);
		if (i == 0)
			CHECK_INT(mkfifo(path, 0600), 0);
		else
			CHECK_INT(symlink("/dev/zero", path), 0);
		program = get(root_fd, plan);
		CHECK(is_equal(compiled, program));
		CHECK_INT(lstat(path, &st), 0);
		CHECK(S_ISREG(st.st_mode));
	}
}

TEST(a_directory_that_is_not_ours_alone_keeps_nothing)
{
	AUTO_FD root_fd = temp_open_dir("");
	AUTO(plan) struct plan *plan = make_plan();
	AUTO(seccomp_program) struct seccomp_program *program = NULL;

	temp_make_dir(KEPT);
	CHECK_INT(chmod(temp_path(KEPT), 0750), 0);
	program = get(root_fd, plan);
	CHECK(program && program->n > 1);
	CHECK_STR(kept_name(), "");
}

/* ---- a container's ---- */

struct header {
	uint32_t magic, flags, path_size, metadata_size;
};

TEST(a_containers_filter_makes_the_round_trip)
{
	AUTO_FD dir_fd = temp_open_dir("");
	AUTO(plan) struct plan *plan = make_plan();
	AUTO(seccomp_program) struct seccomp_program *program = NULL;
	struct filter filter = { .program = NULL };
	struct plan_seccomp seccomp = *plan->seccomp;

	CHECK_INT(filter_load(dir_fd, &filter, &err), 0);
	CHECK(!filter.program);
	program = get(dir_fd, plan);
	seccomp.flags = 5;
	seccomp.listener_path = "/agent.sock";
	seccomp.listener_metadata = "";
	CHECK_INT(filter_store(dir_fd, &seccomp, program, &err), 0);
	CHECK_INT(filter_load(dir_fd, &filter, &err), 0);
	CHECK(is_equal(filter.program, program));
	CHECK_INT(filter.plan.flags, 5);
	CHECK_STR(filter.plan.listener_path, "/agent.sock");
	CHECK_STR(filter.plan.listener_metadata, "");
	filter_done(&filter);
}

TEST(a_containers_filter_that_is_damaged_is_an_error)
{
	enum { MAGIC = 0x3246434f };
	static const struct {
		struct header header;
		size_t n, cut;
	} rows[] = { { { 0 }, 1, 0 },
		     { { MAGIC, 0, 0, 0 }, 0, 0 },
		     { { MAGIC, 0, 0, 0 }, 1, 1 },
		     { { MAGIC, 0, 0, 0 }, 0, 1 },
		     { { MAGIC, 0, 8, 0 }, 1, 0 }, /* a text without an end */
		     { { MAGIC, 0, 9, 0 }, 1, 0 }, /* that is longer than the file */
		     { { MAGIC, 0, 0, UINT32_MAX }, 1, 0 },
		     { { MAGIC, 0, 0, 0 }, INSTR_MAX + 1, 0 },
		     { { MAGIC, 0, 0, 0 }, TOO_MANY, 0 } };
	AUTO_FD dir_fd = temp_open_dir("");
	int before = open_fd_count();

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t size = sizeof(struct header) + rows[i].n * sizeof(allow);
		char *data = malloc(size),
		     *at = mempcpy(data, &rows[i].header, sizeof(struct header));
		struct filter filter = { .program = NULL };

		for (size_t k = 0; k < rows[i].n; k++)
			at = mempcpy(at, &(struct sock_filter){ 0xffff, 0xff, 0xff, UINT32_MAX },
				     sizeof(allow));
		unlinkat(dir_fd, STORE_SECCOMP, 0);
		CHECK_INT(store_write_new(dir_fd, STORE_SECCOMP, data, size - rows[i].cut, &err),
			  0);
		free(data);
		err = (struct err){ 0 };
		CHECK_INT(filter_load(dir_fd, &filter, &err), -EINVAL);
		CHECK_CONTAINS(err.text, "seccomp filter is damaged");
		CHECK(!filter.program && !filter.memory);
	}
	CHECK_INT(open_fd_count(), before);
}

TEST_MAIN()
