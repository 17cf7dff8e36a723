/* SPDX-License-Identifier: Apache-2.0 */
#include "annotation.h"

#include <string.h>

const char *plan_annotation(const struct spec *spec, const char *key)
{
	for (size_t i = 0; i < spec->annotations.n; i++)
		if (strcmp(spec->annotations.v[i].key, key) == 0)
			return spec->annotations.v[i].value;
	return NULL;
}
