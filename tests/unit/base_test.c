/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "arena.h"
#include "err.h"
#include "path.h"

#include <errno.h>

TEST(an_error_keeps_its_pointer_when_it_is_wrapped)
{
	struct err err = { 0 };

	CHECK_INT(err_at(&err, "/mounts/3", EINVAL, "no '%s'", "x"), -EINVAL);
	CHECK_INT(err_wrap(&err, "mount %d", 3), -EINVAL);
	CHECK_STR(err.text, "mount 3: no 'x'");
	CHECK_STR(err.pointer, "/mounts/3");
}

TEST(the_first_pointer_and_hint_win)
{
	struct err err = { 0 };

	err_at(&err, "/a", EINVAL, "x");
	err_pointer(&err, "/b");
	err_hint(&err, "first");
	err_hint(&err, "second");
	CHECK_STR(err.pointer, "/a");
	CHECK_STR(err.hint, "first");
}

TEST(paths_are_cleaned_without_leaving_the_root)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "", "/" },
		{ "/", "/" },
		{ "a", "/a" },
		{ "/a/../..", "/" },
		{ "//a//b/./c/", "/a/b/c" },
		{ "/a/../b", "/b" },
		{ "../../etc", "/etc" },
	};
	struct err err = { 0 };
	AUTO(arena) struct arena *arena = NULL;

	CHECK_INT(arena_new(4096, &arena, &err), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		CHECK_STR(path_clean(arena, rows[i].in), rows[i].out);
	CHECK(path_is_below("/a/b", "/a"));
	CHECK(!path_is_below("/ab", "/a"));
	CHECK(path_is_below("/ab", "/"));
	CHECK_STR(path_absolute(arena, "/bundle", "rootfs"), "/bundle/rootfs");
}

TEST_MAIN()
