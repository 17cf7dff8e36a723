/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compiled filters that are kept below the state root. The first byte says whether the file is the
 * input as it is ('0'), or the key that is asked for and the input behind it ('1').
 */
#include "fuzz.h"

#include "filter.h"
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
	FUZZ_CHECK(program->n > 0 && program->n <= 4096);
	return program;
}

static bool is_equal(const struct seccomp_program *a, const struct seccomp_program *b)
{
	return a->n == b->n && memcmp(a->v, b->v, a->n * sizeof(a->v[0])) == 0;
}

/* Behind the key: as many instructions as it says, and nothing else. */
static bool is_whole(const uint8_t *data, size_t size)
{
	uint64_t n = 0;

	if (size < sizeof(n))
		return false;
	memcpy(&n, data, sizeof(n));
	return n > 0 && n <= 4096 && size - sizeof(n) == n * sizeof(compiled->v[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(seccomp_program) struct seccomp_program *program = NULL;
	AUTO(seccomp_program) struct seccomp_program *again = NULL;
	bool has_key = size > 0 && data[0] == '1';
	uint8_t *file;

	if (!plan)
		begin();
	if (size == 0)
		return 0;
	data++;
	size--;
	file = malloc(key_len + size);
	if (!file)
		abort();
	memcpy(file, key, key_len);
	memcpy(file + key_len, data, size);
	if (has_key)
		fuzz_file(kept, file, key_len + size);
	else
		fuzz_file(kept, data, size);
	free(file);
	program = get();
	if (has_key && is_whole(data, size))
		FUZZ_CHECK(memcmp(program->v, data + sizeof(uint64_t), size - sizeof(uint64_t)) ==
			   0);
	else
		FUZZ_CHECK(is_equal(program, compiled));
	/* What was damaged is whole again. */
	again = get();
	FUZZ_CHECK(is_equal(program, again));
	return 0;
}
