/* SPDX-License-Identifier: Apache-2.0 */
/* Trace files, which other programs write too: as a waterfall and as a picture. */
#include "fuzz.h"

#include "json_text.h"
#include "trace_view.h"

#include <stdio.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(json)
	json_t *json = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
	AUTO(trace_view) struct trace_view view = { .n = 0 };
	struct err err = { 0 };
	char *text = NULL;
	size_t len = 0;
	FILE *out;
	int ret;

	if (!json)
		return 0;
	ret = trace_view_make(json, &view, &err);
	fuzz_check_error(ret, &err);
	if (ret < 0)
		return 0;
	for (size_t i = 0; i < view.n; i++)
		FUZZ_CHECK(view.spans[i].track < view.n_tracks && view.spans[i].depth < view.n);
	out = open_memstream(&text, &len);
	trace_view_svg(&view, out);
	fclose(out);
	FUZZ_CHECK(strstr(text, "</svg>"));
	free(text);
	return 0;
}
