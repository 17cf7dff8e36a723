/* SPDX-License-Identifier: Apache-2.0 */
/* linux.seccomp: from its text to the program for the kernel, and what that says to calls. */
#include "fuzz.h"

#include "load.h"
#include "plan_build.h"
#include "plan_subject.h"
#include "seccomp_program.h"
#include "seccomp_watch.h"

#include <linux/audit.h>

static const char before[] = "{\"ociVersion\":\"1.0.0\",\"root\":{\"path\":\"r\"},"
			     "\"process\":{\"cwd\":\"/\",\"args\":[\"a\"]},\"linux\":{\"seccomp\":";

/* A program that the kernel takes ends for every call: judging one runs it. */
static void check_program(const struct seccomp_program *program)
{
	static const uint32_t machines[] = { AUDIT_ARCH_X86_64, AUDIT_ARCH_I386, AUDIT_ARCH_AARCH64,
					     0 };

	FUZZ_CHECK(program->n > 0 && program->n <= 4096);
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		for (int nr = -1; nr < 600; nr += 7) {
			const struct seccomp_data call = { .nr = nr,
							   .arch = machines[i],
							   .args = { 0, 1, UINT64_MAX } };

			(void)seccomp_program_judge(program, &call);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct plan_request request = { .id = "c1", .bundle = "/bundle" };
	size_t len = sizeof(before) - 1 + size + 2;
	char *text = malloc(len);
	AUTO(spec) struct spec *spec = NULL;
	AUTO(plan) struct plan *plan = NULL;
	AUTO(seccomp_program) struct seccomp_program *program = NULL;
	struct err err = { 0 };
	void *key = NULL;
	size_t key_len;
	int ret;

	memcpy(text, before, sizeof(before) - 1);
	if (size)
		memcpy(text + sizeof(before) - 1, data, size);
	memcpy(text + len - 2, "}}", 2);
	ret = spec_parse(text, len, NULL, &spec, &err);
	free(text);
	fuzz_check_error(ret, &err);
	if (ret < 0)
		return 0;
	ret = plan_build(spec, &subject_host_none, &request, &plan, &err);
	fuzz_check_error(ret, &err);
	if (ret < 0 || !plan->seccomp)
		return 0;
	fuzz_check_error(seccomp_program_key(plan->seccomp, &key, &key_len, &err), &err);
	free(key);
	ret = seccomp_program_compile(plan->seccomp, &program, &err);
	fuzz_check_error(ret, &err);
	if (ret == 0)
		check_program(program);
	return 0;
}
