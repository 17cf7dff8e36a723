/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of options for CRIU, named as its own. */
#include "criu_options.h"

#include <errno.h>
#include <string.h>

#define DEFAULT_IMAGE_PATH "checkpoint"

static const char *const cgroups_modes[] = {
	[OPS_CGROUPS_DEFAULT] = "default", [OPS_CGROUPS_SOFT] = "soft",
	[OPS_CGROUPS_FULL] = "full",       [OPS_CGROUPS_STRICT] = "strict",
	[OPS_CGROUPS_IGNORE] = "ignore",   [OPS_CGROUPS_IGNORE + 1] = NULL,
};

const struct option criu_options[] = {
	{ "image-path", OPTION(struct criu_values, image_path), .value = "DIR",
	  .help = "the directory with the image (default: checkpoint)" },
	{ "work-path", OPTION(struct criu_values, work_path), .value = "DIR",
	  .help = "the directory with criu's log (default: that of the image)" },
	{ "parent-path", OPTION(struct criu_values, parent_path), .value = "DIR",
	  .help = "checkpoint: an earlier image, relative to this one" },
	{ "leave-running", OPTION(struct criu_values, leave_running),
	  .help = "checkpoint: the container goes on afterwards" },
	{ "tcp-established", OPTION(struct criu_values, tcp_established),
	  .help = "allow open TCP connections" },
	{ "tcp-skip-in-flight", OPTION(struct criu_values, tcp_skip_in_flight),
	  .help = "checkpoint: leave out TCP connections that are being made" },
	{ "link-remap", OPTION(struct criu_values, link_remap),
	  .help = "allow open files that have no name any more" },
	{ "ext-unix-sk", OPTION(struct criu_values, ext_unix_sk),
	  .help = "allow connections to unix sockets outside" },
	{ "shell-job", OPTION(struct criu_values, shell_job),
	  .help = "allow processes whose session or terminal is a shell's outside" },
	{ "lazy-pages", OPTION(struct criu_values, lazy_pages),
	  .help = "memory comes later, when it is used, from a page server" },
	{ "status-fd", OPTION(struct criu_values, status_fd), .value = "FD",
	  .help = "checkpoint: write a zero byte to FD once lazy pages are served" },
	{ "page-server", OPTION(struct criu_values, page_server), .value = "ADDRESS:PORT",
	  .help = "checkpoint: where the page server is" },
	{ "file-locks", OPTION(struct criu_values, file_locks), .help = "allow file locks" },
	{ "pre-dump", OPTION(struct criu_values, pre_dump),
	  .help = "checkpoint: memory alone, and the container goes on" },
	{ "manage-cgroups-mode", OPTION(struct criu_values, manage_cgroups_mode),
	  .choices = cgroups_modes, .value = "MODE",
	  .help = "what criu does about cgroups: soft, full, strict or ignore" },
	{ "empty-ns", OPTION(struct criu_values, empty_ns), .value = "TYPE",
	  .help = "make a namespace anew: network, the only TYPE, always is" },
	{ "auto-dedup", OPTION(struct criu_values, auto_dedup),
	  .help = "keep each memory page in one image only" },
	{ 0 },
};

int criu_options_read(const struct criu_values *values, struct ops_criu_options *ret_options,
		      struct err *err)
{
	for (size_t i = 0; i < values->empty_ns.n; i++)
		if (strcmp(values->empty_ns.v[i], "network") != 0)
			return err_set(err, EINVAL, "namespace \"%s\" is not supported",
				       values->empty_ns.v[i]);
	*ret_options = (struct ops_criu_options){
		.image_path = values->image_path ? values->image_path : DEFAULT_IMAGE_PATH,
		.work_path = values->work_path,
		.cgroups_mode = values->manage_cgroups_mode,
		.auto_dedup = values->auto_dedup,
		.ext_unix_sk = values->ext_unix_sk,
		.file_locks = values->file_locks,
		.lazy_pages = values->lazy_pages,
		.link_remap = values->link_remap,
		.shell_job = values->shell_job,
		.tcp_established = values->tcp_established,
	};
	return 0;
}
