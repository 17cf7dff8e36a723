/* SPDX-License-Identifier: Apache-2.0 */
#include "annotation.h"

#include <string.h>

#define PREFIX "run.oci."

static const char *const ours[] = { ANNOTATION_KEEP_GROUPS, ANNOTATION_CONTEXT_TYPE,
				    ANNOTATION_SECCOMP_RECEIVER };

bool plan_annotation_is_foreign(const char *key)
{
	if (strncmp(key, PREFIX, strlen(PREFIX)) != 0)
		return false;
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (strcmp(ours[i], key) == 0)
			return false;
	return true;
}

const char *plan_annotation(const struct spec *spec, const char *key)
{
	for (size_t i = 0; i < spec->annotations.n; i++)
		if (strcmp(spec->annotations.v[i].key, key) == 0)
			return spec->annotations.v[i].value;
	return NULL;
}
