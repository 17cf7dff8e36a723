/* SPDX-License-Identifier: Apache-2.0 */
/* The options that checkpoint and restore share. */
#ifndef OCIRUN_CMD_CRIU_OPTIONS_H
#define OCIRUN_CMD_CRIU_OPTIONS_H

#include "ops.h"
#include "options.h"

struct criu_values {
	const char *image_path;
	const char *work_path;
	enum ops_cgroups_mode manage_cgroups_mode;
	struct option_list empty_ns;
	bool tcp_established;
	bool link_remap;
	bool ext_unix_sk;
	bool shell_job;
	bool lazy_pages;
	bool file_locks;
	bool auto_dedup;
	/* Of a checkpoint; at a restore they are taken from callers that pass the same options. */
	const char *parent_path;
	const char *status_fd; /* text: 0 is a descriptor too */
	const char *page_server;
	bool leave_running;
	bool pre_dump;
	bool tcp_skip_in_flight;
};

extern const struct option criu_options[];

/* As the library takes them; strings are borrowed. */
int criu_options_read(const struct criu_values *values, struct ops_criu_options *ret_options,
		      struct err *err);

#endif
