/* SPDX-License-Identifier: Apache-2.0 */
#include "json_dump.h"

char *json_dump(const json_t *json, size_t flags)
{
	size_t len = json_dumpb(json, NULL, 0, flags);
	AUTO(json_dump) char *text = len ? malloc(len + 1) : NULL;

	if (!text || json_dumpb(json, text, len, flags) != len)
		return NULL;
	text[len] = '\0';
	return TAKE(text);
}
