/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of the state store and of a checkpoint, which other programs, a full disk and a crash may
 * have had their hands in. The first byte says which file.
 */
#include "fuzz.h"

#include "descriptors.h"
#include "filter.h"
#include "record.h"
#include "store.h"

#include <stdlib.h>
#include <string.h>

/* What is read is what is written again: nothing is lost or made up. */
static void check_record(const char *text, size_t len)
{
	AUTO(arena) struct arena *arena = NULL;
	AUTO(arena) struct arena *again_arena = NULL;
	char *printed = NULL, *again = NULL, *head = NULL, *tail = NULL;
	struct record record, same;
	struct err err = { 0 };
	size_t printed_len, again_len;

	if (arena_new(record_arena_bytes(len), &arena, &err) < 0)
		return;
	if (record_parse(text, len, arena, &record, &err) < 0) {
		FUZZ_CHECK(err.text[0]);
		return;
	}
	FUZZ_CHECK(record_print(&record, &printed, &printed_len, &err) == 0);
	FUZZ_CHECK(arena_new(record_arena_bytes(printed_len), &again_arena, &err) == 0);
	FUZZ_CHECK(record_parse(printed, printed_len, again_arena, &same, &err) == 0);
	FUZZ_CHECK(record_print(&same, &again, &again_len, &err) == 0);
	FUZZ_CHECK(printed_len == again_len && memcmp(printed, again, again_len) == 0);
	FUZZ_CHECK(record_print_hook_state(&record, &head, &tail, &err) == 0);
	free(printed);
	free(again);
	free(head);
	free(tail);
}

static void check_pid(const char *text, size_t len)
{
	struct store_pid pid;

	fuzz_file(STORE_PID, text, len);
	if (store_read_pid(fuzz_dir(), &pid) == 0)
		FUZZ_CHECK(pid.pid > 0);
}

static void check_filter(const char *text, size_t len)
{
	struct filter filter = { .program = NULL };
	struct err err = { 0 };
	int ret;

	fuzz_file(STORE_SECCOMP, text, len);
	ret = filter_load(fuzz_dir(), &filter, &err);
	fuzz_check_error(ret, &err);
	if (ret < 0)
		return;
	FUZZ_CHECK(filter.program && filter.program->n > 0 && filter.program->n <= 4096);
	FUZZ_CHECK(filter.program->n * sizeof(filter.program->v[0]) < len);
	FUZZ_CHECK(!filter.plan.listener_path || strlen(filter.plan.listener_path) < len);
	filter_done(&filter);
}

static void check_descriptors(const char *text, size_t len)
{
	struct descriptors descriptors;
	struct err err = { 0 };

	fuzz_file("descriptors.json", text, len);
	fuzz_check_error(descriptors_read(fuzz_dir(), &descriptors, &err), &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const checks[])(const char *text, size_t len) = {
		check_record,
		check_pid,
		check_filter,
		check_descriptors,
	};

	if (size > 0 && data[0] >= '0' && data[0] < '0' + sizeof(checks) / sizeof(checks[0]))
		checks[data[0] - '0']((const char *)data + 1, size - 1);
	return 0;
}
