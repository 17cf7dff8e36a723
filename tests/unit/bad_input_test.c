/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Some thousands of wrong documents, made by tests/bad-input: each is refused with the place of what
 * is wrong in it, and what is legal, just about, is not. tests/bats/bad_input.bats has the program
 * itself refuse them, and watches that it does nothing else.
 */
#include "bad_input.h"
#include "catalogue.h"
#include "plan_subject.h"
#include "test.h"

#include <errno.h>
#include <jansson.h>

struct totals {
	enum bad_input_kind kind;
	unsigned int wrong, legal, failed;
};

/* The reader's or, of a rule, the plan's answer. */
static int read_input(enum bad_input_kind kind, const struct bad_input *input,
		      const struct spec_sink *sink, struct err *err)
{
	const struct plan_request request = { .id = "c1", .bundle = "/bundle" };
	AUTO(spec) struct spec *spec = NULL;
	AUTO(arena) struct arena *arena = NULL;
	AUTO(plan) struct plan *plan = NULL;
	struct spec_process process;
	struct spec_resources resources;

	if (kind == BAD_INPUT_CONFIG) {
		TRY(spec_parse(input->text, input->len, sink, &spec, err));
		return input->is_rule ? plan_build(spec, &subject_host_v2, &request, &plan, err)
				      : 0;
	}
	TRY(arena_new(spec_arena_bytes(input->len), &arena, err));
	return kind == BAD_INPUT_PROCESS
		       ? spec_parse_process(input->text, input->len, arena, &process, err)
		       : spec_parse_resources(input->text, input->len, arena, &resources, err);
}

static bool is_refused_there(const struct bad_input *input, int ret, const struct err *err)
{
	return (ret == -EINVAL || ret == -EFBIG || ret == -ENOTSUP) && err->code == -ret &&
	       strcmp(err->pointer, input->pointer) == 0 &&
	       (!input->says || strstr(err->text, input->says)) && !strchr(err->text, '\n');
}

static void tell(struct totals *totals, const struct bad_input *input, int ret,
		 const struct err *err)
{
	/* A few are enough to see what is wrong. */
	if (++totals->failed <= 10)
		test_fail(__FILE__, __LINE__, "%s at %s: got %d, pointer \"%s\", \"%s\" for\n%.*s",
			  input->what, input->pointer ? input->pointer : "-", ret, err->pointer,
			  err->text, (int)(input->len < 2000 ? input->len : 2000), input->text);
}

static void take(void *context, const struct bad_input *input)
{
	struct totals *totals = context;
	struct err err = { 0 };
	int ret = read_input(totals->kind, input, NULL, &err);

	if (input->is_legal) {
		totals->legal++;
		if (ret != 0)
			tell(totals, input, ret, &err);
		return;
	}
	totals->wrong++;
	if (!is_refused_there(input, ret, &err))
		tell(totals, input, ret, &err);
}

/* How many wrong documents there have to be, for the generator not to fall silent. */
static void check_kind(enum bad_input_kind kind, unsigned int wrong, unsigned int legal)
{
	struct totals totals = { .kind = kind };
	const struct bad_input_sink sink = { take, &totals };

	bad_input_make(kind, BAD_INPUT_SEED, BAD_INPUT_ONE_IN, &sink);
	printf("    %u wrong, %u legal\n", totals.wrong, totals.legal);
	CHECK(totals.wrong >= wrong);
	CHECK(totals.legal >= legal);
	CHECK_INT(totals.failed, 0);
}

TEST(wrong_configs_are_refused_where_they_are_wrong)
{
	check_kind(BAD_INPUT_CONFIG, 4000, 200);
}

TEST(wrong_processes_are_refused_where_they_are_wrong)
{
	check_kind(BAD_INPUT_PROCESS, 700, 40);
}

TEST(wrong_resources_are_refused_where_they_are_wrong)
{
	check_kind(BAD_INPUT_RESOURCES, 700, 70);
}

/* ---- all problems, as `check` wants them ---- */

struct problems {
	unsigned int n;
	char first[512];
};

static void add_problem(void *context, const struct spec_problem *problem)
{
	struct problems *problems = context;

	if (!problem->is_warning && problems->n++ == 0)
		snprintf(problems->first, sizeof(problems->first), "%s", problem->pointer);
}

static void take_with_sink(void *context, const struct bad_input *input)
{
	struct totals *totals = context;
	struct problems problems = { 0 };
	const struct spec_sink sink = { add_problem, &problems };
	struct err err = { 0 };
	int ret;

	if (input->is_rule || input->is_legal)
		return;
	ret = read_input(BAD_INPUT_CONFIG, input, &sink, &err);
	totals->wrong++;
	if (problems.n == 0 || strcmp(problems.first, input->pointer) != 0 ||
	    !is_refused_there(input, ret, &err))
		tell(totals, input, ret, &err);
}

TEST(who_wants_all_problems_gets_the_same_one_first)
{
	struct totals totals = { .wrong = 0 };
	const struct bad_input_sink sink = { take_with_sink, &totals };

	bad_input_make(BAD_INPUT_CONFIG, BAD_INPUT_SEED + 1, BAD_INPUT_ONE_IN, &sink);
	CHECK(totals.wrong >= 4000);
	CHECK_INT(totals.failed, 0);
}

/* ---- the generator ---- */

/* The value at a pointer with an N for the first of a list or map. */
static json_t *find(json_t *value, const char *pattern)
{
	char key[64];

	while (*pattern && value) {
		size_t len = strcspn(++pattern, "/");

		snprintf(key, sizeof(key), "%.*s", (int)len, pattern);
		pattern += len;
		if (strcmp(key, "N") != 0)
			value = json_object_get(value, key);
		else if (json_is_array(value))
			value = json_array_get(value, 0);
		else
			value = json_object_iter_value(json_object_iter(value));
	}
	return value;
}

static void check_key(void *context, const struct spec_key *key)
{
	if (key->status == SPEC_KEY_READ && !find(context, key->pointer))
		test_fail(__FILE__, __LINE__, "full.json has no %s", key->pointer);
}

TEST(full_json_has_every_key_that_is_read)
{
	json_t *full = json_load_file(SOURCE_DIR "/tests/bad-input/full.json", 0, NULL);

	CHECK(full != NULL);
	spec_catalogue(check_key, full);
	json_decref(full);
}

struct sum {
	uint64_t hash;
	unsigned int n;
};

static void add_to_sum(void *context, const struct bad_input *input)
{
	struct sum *sum = context;

	for (size_t i = 0; i < input->len; i++)
		sum->hash = sum->hash * 31 + (unsigned char)input->text[i];
	sum->n++;
}

TEST(a_seed_always_makes_the_same_documents)
{
	struct sum sums[3] = { { 0 } };

	for (uint32_t i = 0; i < 3; i++) {
		const struct bad_input_sink sink = { add_to_sum, &sums[i] };

		bad_input_make(BAD_INPUT_PROCESS, 1 + i / 2, BAD_INPUT_ONE_IN, &sink);
	}
	CHECK(sums[0].hash == sums[1].hash && sums[0].n == sums[1].n);
	CHECK(sums[0].hash != sums[2].hash);
}

TEST_MAIN()
