/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables against the text of the specification: spec_keys.txt lists its keys, the tables have
 * a row for each and no other, and what differs on purpose is listed here with the reason. The
 * published schema, which says more, is compared in spec_schema_test.c where there is one.
 */
#include "key_subject.h"
#include "test.h"

#include <stdio.h>
#include <string.h>

/* ---- where the tables differ on purpose ---- */

static const struct exception required_here[] = {
	{ "/root", "optional for Windows and virtual machines only" },
};

static const struct exception optional_here[] = {
	{ "/process/user/uid", "0 is what encoders leave out" },
	{ "/process/user/gid", "0 is what encoders leave out" },
	{ "/process/ioPriority/priority", "0 is what encoders leave out" },
	{ "/linux/devices/N/major",
	  "required unless the type is p, which a check of the row says" },
	{ "/linux/devices/N/minor",
	  "required unless the type is p, which a check of the row says" },
};

static const struct exception more_words_here[] = {
	{ "/process/rlimits/N/type", "what getrlimit(2) has, which the text refers to" },
	{ "/linux/rootfsPropagation", "the recursive forms are what engines write" },
};

/* ---- the list ---- */

/* "/pointer", "/pointer required" or "/pointer unused" */
static struct row *check_key(char *line)
{
	char *word = strchr(line, ' ');
	bool is_required = word && strcmp(word, " required") == 0;
	bool is_unused = word && strcmp(word, " unused") == 0;
	struct row *row;

	if (word)
		*word = '\0';
	row = find_row(line);
	if (!row) {
		test_fail(__FILE__, __LINE__, "%s has no row", line);
		return NULL;
	}
	if (row->is_listed)
		test_fail(__FILE__, __LINE__, "%s is listed twice", line);
	row->is_listed = true;
	if (is_unused != (row->key.status != SPEC_KEY_READ))
		test_fail(__FILE__, __LINE__, "%s is %s here", line,
			  is_unused ? "read" : "not read");
	if (is_required && !row->key.is_required && !IS_EXCEPTION(line, optional_here))
		test_fail(__FILE__, __LINE__, "%s is not required here", line);
	if (!is_required && row->key.is_required && !IS_EXCEPTION(line, required_here))
		test_fail(__FILE__, __LINE__, "%s is required only here", line);
	return row;
}

static void check_word(struct row *row, const char *word)
{
	for (size_t i = 0; i < row->key.n_names; i++)
		if (strcmp(row->key.names[i].name, word) == 0) {
			row->unlisted_names &= ~(UINT64_C(1) << i);
			return;
		}
	test_fail(__FILE__, __LINE__, "%s does not allow \"%s\"", row->pointer, word);
}

static void check_rest(void)
{
	for (size_t i = 0; i < n_rows; i++) {
		const struct row *row = &rows[i];

		if (!row->is_listed)
			test_fail(__FILE__, __LINE__, "%s is not in the specification",
				  row->pointer);
		if (IS_EXCEPTION(row->pointer, more_words_here))
			continue;
		for (size_t k = 0; k < row->key.n_names; k++)
			if (row->unlisted_names & (UINT64_C(1) << k))
				test_fail(__FILE__, __LINE__, "%s allows \"%s\" only here",
					  row->pointer, row->key.names[k].name);
	}
}

TEST(tables_have_a_row_for_each_key_of_the_specification)
{
	FILE *list = fopen(SOURCE_DIR "/tests/unit/spec_keys.txt", "re");
	struct row *row = NULL;
	char line[256];

	if (!list) {
		test_fail(__FILE__, __LINE__, "cannot open spec_keys.txt");
		return;
	}
	spec_catalogue(add_row, NULL);
	while (fgets(line, sizeof(line), list)) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '/')
			row = check_key(line);
		else if (line[0] == '\t' && row)
			check_word(row, line + 1);
	}
	fclose(list);
	check_rest();
}

TEST(keys_that_are_not_read_say_why)
{
	size_t read = 0;

	spec_catalogue(add_row, NULL);
	for (size_t i = 0; i < n_rows; i++) {
		if (rows[i].key.status == SPEC_KEY_READ)
			read++;
		CHECK_INT(rows[i].key.status == SPEC_KEY_READ, rows[i].key.reason == NULL);
	}
	CHECK(read > 180);
}

TEST_MAIN()
