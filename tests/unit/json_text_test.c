/* SPDX-License-Identifier: Apache-2.0 */
#include "json_text.h"
#include "test.h"

#include <errno.h>

TEST(bytes_that_are_no_utf8_are_replaced_in_json)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "plain \" \\ \n", "plain \" \\ \n" },
		{ "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xb3",
		  "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xb3" },
		{ "a\xff"
		  "b",
		  "a\xef\xbf\xbd"
		  "b" },
		{ "cut \xe2\x82", "cut \xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd" },                 /* overlong */
		{ "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" }, /* surrogate */
		{ "\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "", "" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		AUTO(json) json_t *json = json_text(rows[i].in);
		AUTO(json_dump) char *dump = json_dumps(json, JSON_ENCODE_ANY);

		CHECK_STR(json_string_value(json), rows[i].out);
		CHECK(dump != NULL);
	}
}

TEST(a_document_that_lacks_something_is_not_printed)
{
	AUTO(json) json_t *object = json_object();
	struct err err = { 0 };

	json_put(object, "there", json_true());
	CHECK(!json_is_incomplete());
	json_put(object, "missing", NULL);
	CHECK(json_is_incomplete());
	CHECK_INT(json_print(object, JSON_COMPACT, &err), -ENOMEM);
	json_put(object, "later", json_true());
	CHECK(json_is_incomplete());
}

TEST_MAIN()
