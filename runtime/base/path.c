/* SPDX-License-Identifier: Apache-2.0 */
/* Lexical path handling. */
#include "path.h"

#include <string.h>

/* Drops the last component of the cleaned path of *@len bytes in @out. */
static void drop_last(const char *out, size_t *len)
{
	while (*len > 0 && out[*len - 1] != '/')
		(*len)--;
	if (*len > 0)
		(*len)--;
}

char *path_clean(struct arena *arena, const char *path)
{
	char *out = arena_alloc(arena, strlen(path) + 2);
	size_t len = 0;

	while (*path) {
		size_t n = strcspn(path, "/");

		if (n == 2 && path[0] == '.' && path[1] == '.') {
			drop_last(out, &len);
		} else if (n > 0 && !(n == 1 && path[0] == '.')) {
			out[len++] = '/';
			memcpy(out + len, path, n);
			len += n;
		}
		path += n;
		path += strspn(path, "/");
	}
	if (len == 0)
		out[len++] = '/';
	out[len] = '\0';
	return out;
}

char *path_absolute(struct arena *arena, const char *base, const char *path)
{
	if (path[0] == '/')
		return path_clean(arena, path);
	return path_clean(arena, arena_printf(arena, "%s/%s", base, path));
}

bool path_is_below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	if (len == 1) /* "/" */
		return true;
	return strncmp(path, dir, len) == 0 && (path[len] == '\0' || path[len] == '/');
}
