/* SPDX-License-Identifier: Apache-2.0 */
/* /proc/PID/mountinfo: targets and sources have the names that a container gave them. */
#include "fuzz.h"

#include "mountinfo.h"

#include <string.h>

static bool check_mount(void *context, const struct mountinfo *mount)
{
	size_t *size = context;

	FUZZ_CHECK(strlen(mount->root) + strlen(mount->target) + strlen(mount->options) +
			   strlen(mount->type) + strlen(mount->super_options) <
		   *size);
	FUZZ_CHECK(!strpbrk(mount->options, " \n") && !strpbrk(mount->type, " \n"));
	FUZZ_CHECK(!strchr(mount->super_options, '\n'));
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_file("mountinfo", data, size);
	FUZZ_CHECK(mountinfo_find(fuzz_dir(), "mountinfo", check_mount, &size) == 0);
	return 0;
}
