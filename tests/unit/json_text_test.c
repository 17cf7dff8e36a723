/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "json_text.h"

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

TEST_MAIN()
