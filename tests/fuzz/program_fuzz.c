/* SPDX-License-Identifier: Apache-2.0 */
/* The first bytes of a program of the image, and of what they name: why it cannot be executed. */
#include "fuzz.h"

#include "program_cause.h"

#include <stdio.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char hint[ERR_HINT_MAX] = "", path[128];

	fuzz_file("program", data, size);
	snprintf(path, sizeof(path), "%s/program", fuzz_dir_path());
	program_explain_format(path, "in the container", hint);
	FUZZ_CHECK(memchr(hint, '\0', sizeof(hint)));
	return 0;
}
