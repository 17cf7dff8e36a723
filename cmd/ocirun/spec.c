/* SPDX-License-Identifier: Apache-2.0 */
/* spec: a config.json to begin with. */
#include "commands.h"
#include "fd.h"
#include "io.h"
#include "load.h"
#include "owned.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/vfs.h>

struct spec_values {
	const char *bundle;
	bool rootless;
};

static const struct option spec_options[] = {
	{ "bundle", 'b', OPTION(struct spec_values, bundle), .value = "DIR",
	  .help = "write it into DIR (default: the current directory)" },
	{ "rootless", OPTION(struct spec_values, rootless),
	  .help = "for a caller without privileges: you" },
	{ 0 },
};

static int write_config(int dir_fd, const char *text, struct err *err)
{
	AUTO_FD fd = openat(dir_fd, CONFIG_NAME, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	int ret;

	if (fd < 0 && errno == EEXIST)
		return err_set(err, EEXIST, "File %s exists. Remove it first", CONFIG_NAME);
	if (fd < 0)
		return err_sys(err, "create %s", CONFIG_NAME);
	ret = io_write_all(fd, text, strlen(text));
	if (ret < 0) {
		unlinkat(dir_fd, CONFIG_NAME, 0); /* half a file is worse than none */
		return err_errno(err, ret, "write %s", CONFIG_NAME);
	}
	return 0;
}

static bool has_cgroup_v2(void)
{
	struct statfs fs;

	return statfs("/sys/fs/cgroup", &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC;
}

static int spec(struct cli *cli, const void *values, const struct arguments *arguments,
		struct err *err)
{
	const struct spec_values *v = values;
	const char *bundle = v->bundle ? v->bundle : ".";
	AUTO_FD dir_fd = open(bundle, O_PATH | O_DIRECTORY | O_CLOEXEC);
	AUTO(text) char *text = NULL;

	(void)cli;
	(void)arguments;
	if (dir_fd < 0)
		return err_sys(err, "open bundle '%s'", bundle);
	text = spec_default_text(v->rootless, has_cgroup_v2(), geteuid(), getegid());
	if (!text)
		return err_set(err, ENOMEM, "no memory for %s", CONFIG_NAME);
	return write_config(dir_fd, text, err);
}

const struct command command_spec = {
	.name = "spec",
	.arguments = "",
	.summary = "write a config.json to begin with",
	.description =
		"It runs a shell in the directory 'rootfs' beside it. Nothing is overwritten.\n",
	.example = "$0 spec --bundle hello\n"
		   "$0 run --bundle hello c1\n",
	.options = (const struct option *const[]){ spec_options, NULL },
	.values_size = sizeof(struct spec_values),
	.run = spec,
};
