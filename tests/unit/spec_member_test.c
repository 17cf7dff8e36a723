/* SPDX-License-Identifier: Apache-2.0 */
/* The process of a config.json is found without reading the rest, or not at all. */
#include "load.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

/* What is found in @document as its process; "" for nothing. The bytes behind the end are another's. */
static const char *find(const char *document)
{
	static char found[256];
	size_t len = strlen(document), n = 0;
	char *exact = malloc(len ? len : 1);
	const char *process;

	CHECK(exact != NULL);
	memcpy(exact, document, len);
	found[0] = '\0';
	if (spec_find_process(exact, len, &process, &n)) {
		CHECK(n < sizeof(found));
		memcpy(found, process, n);
		found[n] = '\0';
	}
	free(exact);
	return found;
}

TEST(the_process_is_found_wherever_it_stands)
{
	CHECK_STR(find("{\"process\":{}}"), "{}");
	CHECK_STR(find(" {\n\t\"process\" : {\"a\": [1, {\"b\": \"}\"}]}\r\n}\n"),
		  "{\"a\": [1, {\"b\": \"}\"}]}\r\n");
	CHECK_STR(find("{\"a\":[{\"process\":1},{}],\"b\":{\"process\":{\"x\":2}},\"process\":{"
		       "\"y\":3},"
		       "\"c\":4}"),
		  "{\"y\":3}");
	CHECK_STR(find("{\"a\":-1.5e3,\"b\":null,\"c\":\"\\\"process\\\":{\",\"process\":{\"z\":"
		       "\"\\\\\"}}"),
		  "{\"z\":\"\\\\\"}");
	CHECK_STR(find("{\"process\":12 ,\"a\":1}"), "12 ");
}

TEST(a_document_without_one_that_can_be_seen_has_none)
{
	static const char *const documents[] = {
		"",
		" ",
		"{",
		"{}",
		"[]",
		"\"process\"",
		"[\"process\",{}]",
		"{\"processes\":{}}",
		"{\"proces\":{}}",
		"{\"a\":\"process\"}",
		"{\"a\":{\"process\":{}}}",
		"{\"a\":[\"process\",{}]}",
		"{\"pro\\u0063ess\":{}}",
	};

	for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++)
		CHECK_STR(find(documents[i]), "");
}

TEST(a_document_that_was_cut_off_is_not_read_behind_its_end)
{
	static const char whole[] =
		"{\"a\":[1,{\"b\":\"\\\"\"}],\"process\":{\"args\":[\"x\"]},\"c\":0}";
	char cut[sizeof(whole)];

	for (size_t len = 0; len < strlen(whole); len++) {
		memcpy(cut, whole, len);
		cut[len] = '\0';
		find(cut);
	}
}

TEST_MAIN()
