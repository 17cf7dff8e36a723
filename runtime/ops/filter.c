/* SPDX-License-Identifier: Apache-2.0 */
/* A header and the instructions as the kernel takes them: never read on another machine. */
#include "filter.h"

#include "store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FILTER_MAGIC 0x3146434fu /* "OCF1" */

struct filter_header {
	uint32_t magic;
	uint32_t flags;
};

DEFINE_AUTO(text, char *, free)

int filter_store(int dir_fd, uint32_t flags, const struct seccomp_program *program, struct err *err)
{
	const struct filter_header header = { .magic = FILTER_MAGIC, .flags = flags };
	size_t len = program->n * sizeof(program->v[0]);
	AUTO(text) char *data = malloc(sizeof(header) + len);

	if (!data)
		return err_set(err, ENOMEM, "no memory for the seccomp filter");
	memcpy(data, &header, sizeof(header));
	memcpy(data + sizeof(header), program->v, len);
	return store_write(dir_fd, STORE_SECCOMP, data, sizeof(header) + len, err);
}

int filter_load(int dir_fd, uint32_t *ret_flags, struct seccomp_program **ret_program,
		struct err *err)
{
	AUTO(text) char *data = NULL;
	struct seccomp_program *program;
	struct filter_header header;
	size_t len;
	int ret = store_read(dir_fd, STORE_SECCOMP, &data, &len, err);

	*ret_program = NULL;
	if (ret == -ENOENT) {
		err_clear(err);
		return 0;
	}
	TRY(ret);
	if (len <= sizeof(header) || (len - sizeof(header)) % sizeof(program->v[0]) != 0)
		return err_set(err, EINVAL, "the container's seccomp filter is damaged");
	memcpy(&header, data, sizeof(header));
	if (header.magic != FILTER_MAGIC)
		return err_set(err, EINVAL, "the container's seccomp filter is damaged");
	len -= sizeof(header);
	program = malloc(sizeof(*program) + len);
	if (!program)
		return err_set(err, ENOMEM, "no memory for the seccomp filter");
	program->n = len / sizeof(program->v[0]);
	memcpy(program->v, data + sizeof(header), len);
	*ret_flags = header.flags;
	*ret_program = program;
	return 0;
}
