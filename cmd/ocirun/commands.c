/* SPDX-License-Identifier: Apache-2.0 */
/* The tables behind the command line, which help, manual pages and completions print too. */
#include "commands.h"

#include <string.h>

static const char *const log_formats[] = {
	[REPORT_TEXT] = "text",
	[REPORT_JSON] = "json",
	[REPORT_JSON + 1] = NULL,
};

static const char *const cgroup_managers[] = {
	[CGROUP_MANAGER_CGROUPFS] = "cgroupfs",
	[CGROUP_MANAGER_SYSTEMD] = "systemd",
	[CGROUP_MANAGER_DISABLED] = "disabled",
	[CGROUP_MANAGER_DISABLED + 1] = NULL,
};

const struct option global_options[] = {
	{ "root", OPTION(struct global_options, root), .value = "DIR",
	  .help = "keep the state of containers in DIR (root: /run/ocirun)" },
	{ "log", OPTION(struct global_options, log), .value = "FILE",
	  .help = "append errors and remarks to FILE instead of writing them to stderr" },
	{ "log-format", OPTION(struct global_options, log_format), .choices = log_formats,
	  .value = "FORMAT", .help = "of the log: text (the default) or json" },
	{ "debug", OPTION(struct global_options, debug), .help = "log what is done" },
	{ "systemd-cgroup", OPTION(struct global_options, systemd_cgroup),
	  .help = "short for --cgroup-manager systemd" },
	{ "cgroup-manager", OPTION(struct global_options, cgroup_manager),
	  .choices = cgroup_managers, .value = "NAME",
	  .help = "who makes cgroups: cgroupfs (the default), systemd, or disabled for nobody" },
	{ "rootless", .kind = OPTION_ACCEPTED, .value = "WORD",
	  .help = "accepted for callers of runc; found out by itself" },
	{ "criu", .kind = OPTION_ACCEPTED, .value = "FILE",
	  .help = "accepted for callers of runc" },
	{ "version", 'v', OPTION(struct global_options, wants_version),
	  .help = "print the version" },
	{ 0 },
};

const struct command *const commands[] = {
	&command_check,
	&command_checkpoint,
	&command_create,
	&command_delete,
	&command_doctor,
	&command_events,
	&command_exec,
	&command_explain,
	&command_features,
	&command_inspect,
	&command_kill,
	&command_list,
	&command_pause,
	&command_ps,
	&command_restore,
	&command_resume,
	&command_run,
	&command_spec,
	&command_start,
	&command_state,
	&command_top,
	&command_trace,
	&command_update,
	NULL,
};

const struct command *command_find(const char *name)
{
	for (const struct command *const *c = commands; *c; c++) {
		if (strcmp((*c)->name, name) == 0)
			return *c;
	}
	return NULL;
}
