/* SPDX-License-Identifier: Apache-2.0 */
#include "mount_legacy.h"

#include "mount_cause.h"
#include "rootpath.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define FSCONFIG_TEXT_MAX 256  /* with its NUL: strndup_user() in fs/fsopen.c of the kernel */
#define MOUNT_DATA_MAX    4096 /* with its NUL: a page, in fs/namespace.c */

static bool is_long(const char *text)
{
	return text && strlen(text) >= FSCONFIG_TEXT_MAX;
}

bool mount_is_too_long(const struct plan_mount *mount)
{
	for (size_t i = 0; i < mount->n_params; i++)
		if (is_long(mount->params[i].value))
			return true;
	return is_long(mount->source);
}

/* With the label, as mount(8) would write it. */
static int make_data(const struct mount_context *ctx, const struct plan_mount *mount,
		     char data[MOUNT_DATA_MAX], struct err *err)
{
	int len = ctx->label ? snprintf(data, MOUNT_DATA_MAX, "%s%s%s=\"%s\"", mount->data,
					mount->data[0] ? "," : "", ctx->label_option, ctx->label)
			     : snprintf(data, MOUNT_DATA_MAX, "%s", mount->data);

	if (len < MOUNT_DATA_MAX)
		return 0;
	return err_set(err, E2BIG, "the options have %d bytes, and mount(2) takes %d", len,
		       MOUNT_DATA_MAX - 1);
}

int mount_legacy(const struct mount_context *ctx, const struct plan_mount *mount, int target_fd,
		 struct err *err)
{
	const char *source = mount->source ? mount->source : mount->type;
	char data[MOUNT_DATA_MAX];
	int mnt_fd;

	TRY(make_data(ctx, mount, data, err));
	if (ctx->ops->mount_on(target_fd, source, mount->type, mount->sb_flags, data) < 0) {
		err_sys(err, "mount '%s'", mount->type);
		for (size_t i = 0; i < mount->n_params; i++)
			mount_explain_param(mount, &mount->params[i], err);
		return mount_explain_new(mount, err);
	}
	mnt_fd = rootpath_open(ctx->root_fd, mount->target, O_PATH);
	return mnt_fd < 0 ? err_sys(err, "open '%s' in the container", mount->target) : mnt_fd;
}
