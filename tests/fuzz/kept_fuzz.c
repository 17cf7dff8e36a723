/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compiled filters that are kept below the state root. The first byte says whether the file is the
 * input as it is ('0'), or the key that is asked for and the input behind it ('2'); or the same with
 * a digest that is right between the input's number and its instructions ('1').
 */
#include "fuzz.h"

#include "filter.h"
#include "kept_digest.h"
#include "plan_subject.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEPT_DIR ".seccomp"

static const char document[] =
	"{\"ociVersion\":\"1.0.0\",\"root\":{\"path\":\"r\"},"
	"\"process\":{\"cwd\":\"/\",\"args\":[\"a\"]},\"linux\":{\"seccomp\":"
	"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"architectures\":[\"SCMP_ARCH_X86_64\"],"
	"\"syscalls\":[{\"names\":[\"read\",\"write\"],\"action\":\"SCMP_ACT_ALLOW\"}]}}}";

static struct plan *plan;
static struct seccomp_program *compiled;
static char kept[64]; /* the file's name, in the directory of the target */
static void *key;
static size_t key_len;

static void forget(void)
{
	unlinkat(fuzz_dir(), kept, 0);
	unlinkat(fuzz_dir(), KEPT_DIR, AT_REMOVEDIR);
	seccomp_program_free(compiled);
	plan_free(plan);
	free(key);
}

/* What is kept is found by its only name. */
static void find_kept(void)
{
	char path[64];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/" KEPT_DIR, fuzz_dir_path());
	dir = opendir(path);
	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			snprintf(kept, sizeof(kept), KEPT_DIR "/%.32s", entry->d_name);
	if (dir)
		closedir(dir);
	FUZZ_CHECK(kept[0]);
}

static void begin(void)
{
	struct err err = { 0 };

	FUZZ_CHECK(subject_build(document, &subject_host_none, NULL, &plan, &err) == 0);
	FUZZ_CHECK(seccomp_program_key(plan->seccomp, &key, &key_len, &err) == 0);
	FUZZ_CHECK(filter_get(fuzz_dir(), plan->seccomp, NULL, &compiled, &err) == 0);
	find_kept();
	atexit(forget);
}

static struct seccomp_program *get(void)
{
	struct seccomp_program *program = NULL;
	struct err err = { 0 };

	FUZZ_CHECK(filter_get(fuzz_dir(), plan->seccomp, NULL, &program, &err) == 0);
	FUZZ_CHECK(program->n > 0 && program->n <= BPF_MAXINSNS);
	return program;
}

static bool is_equal(const struct seccomp_program *a, const struct seccomp_program *b)
{
	return a->n == b->n && memcmp(a->v, b->v, a->n * sizeof(a->v[0])) == 0;
}

#define INSTRUCTION sizeof(struct sock_filter)

/* A number, and as many instructions as it says. */
static bool is_whole(const uint8_t *data, size_t size)
{
	uint64_t n = 0;

	if (size < sizeof(n))
		return false;
	memcpy(&n, data, sizeof(n));
	return n > 0 && n <= BPF_MAXINSNS && size - sizeof(n) == n * INSTRUCTION;
}

/* The file's name gets the key and @data behind it. */
static void put_behind_key(const void *data, size_t size)
{
	uint8_t *file = malloc(key_len + size);

	if (!file)
		abort();
	memcpy(mempcpy(file, key, key_len), data, size);
	fuzz_file(kept, file, key_len + size);
	free(file);
}

/* With the digest of what follows behind the number. */
static void put_with_digest(const uint8_t *data, size_t size)
{
	const uint8_t *instructions = data + sizeof(uint64_t);
	uint64_t digest = kept_digest(instructions, (size - sizeof(uint64_t)) / INSTRUCTION);
	uint8_t *whole = malloc(size + sizeof(digest));

	if (!whole)
		abort();
	memcpy(whole, data, sizeof(uint64_t));
	memcpy(whole + sizeof(uint64_t), &digest, sizeof(digest));
	memcpy(whole + 2 * sizeof(uint64_t), instructions, size - sizeof(uint64_t));
	put_behind_key(whole, size + sizeof(digest));
	free(whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(seccomp_program) struct seccomp_program *program = NULL;
	AUTO(seccomp_program) struct seccomp_program *again = NULL;
	char form = size > 0 ? (char)data[0] : '\0';

	if (!plan)
		begin();
	if (size == 0)
		return 0;
	data++;
	size--;
	if (form == '1' && size >= sizeof(uint64_t))
		put_with_digest(data, size);
	else if (form == '1' || form == '2')
		put_behind_key(data, size);
	else
		fuzz_file(kept, data, size);
	program = get();
	if (form == '1' && is_whole(data, size))
		FUZZ_CHECK(memcmp(program->v, data + sizeof(uint64_t), size - sizeof(uint64_t)) ==
			   0);
	else
		FUZZ_CHECK(is_equal(program, compiled));
	/* What was damaged is whole again. */
	again = get();
	FUZZ_CHECK(is_equal(program, again));
	return 0;
}
