/* SPDX-License-Identifier: Apache-2.0 */
/* The file lies in an image, which may come from anywhere. */
#include "descriptors.h"

#include "fd.h"
#include "io.h"
#include "json_dump.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_NAME "descriptors.json"
#define FILE_MAX  65536

int descriptors_write(int dir_fd, const struct descriptors *descriptors, struct err *err)
{
	const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
	const char(*v)[DESCRIPTORS_TEXT_MAX] = descriptors->v;
	AUTO(json) json_t *array = json_pack("[s, s, s]", v[0], v[1], v[2]);
	AUTO(json_dump) char *text = json_dump(array, JSON_COMPACT);
	AUTO_FD fd = -1;
	int ret;

	if (!text)
		return err_set(err, ENOMEM, "no memory for " FILE_NAME);
	fd = openat(dir_fd, FILE_NAME, flags, 0600);
	ret = fd < 0 ? -errno : io_write_all(fd, text, strlen(text));
	return ret < 0 ? err_errno(err, ret, "write " FILE_NAME " of the image") : 0;
}

static int parse(json_t *array, struct descriptors *descriptors)
{
	if (!json_is_array(array))
		return -EINVAL;
	for (size_t i = 0; i < DESCRIPTORS_N && i < json_array_size(array); i++) {
		const char *text = json_string_value(json_array_get(array, i));

		if (!text)
			return -EINVAL;
		snprintf(descriptors->v[i], DESCRIPTORS_TEXT_MAX, "%s", text);
	}
	return 0;
}

int descriptors_read(int dir_fd, struct descriptors *ret_descriptors, struct err *err)
{
	AUTO_FD fd = openat(dir_fd, FILE_NAME, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct descriptors descriptors = { 0 };
	AUTO(json) json_t *array = NULL;
	AUTO(json_dump) char *text = NULL;
	size_t len;

	if (fd < 0) {
		err_sys(err, "open " FILE_NAME " of the image");
		return err_hint(err, "an image is what the command checkpoint wrote");
	}
	if (io_read_file(fd, NULL, FILE_MAX, &text, &len, err) < 0)
		return err_wrap(err, FILE_NAME " of the image");
	array = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	if (parse(array, &descriptors) < 0)
		return err_set(err, EINVAL, FILE_NAME " of the image is no array of texts");
	*ret_descriptors = descriptors;
	return 0;
}
