/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a command is, and the list of them. Each has a file of its own, named after it; commands.c
 * puts them into one table, from which they are dispatched and their help is printed.
 */
#ifndef OCIRUN_CMD_COMMANDS_H
#define OCIRUN_CMD_COMMANDS_H

#include "err.h"
#include "ops.h"
#include "options.h"
#include "report.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#define CONFIG_NAME "config.json"

/* The options in front of the command. */
struct global_options {
	const char *root;
	const char *log;
	enum report_format log_format;
	enum cgroup_manager cgroup_manager;
	bool debug;
	bool systemd_cgroup;
	bool wants_version;
};

/* One call of the program. */
struct cli {
	const char *name; /* as it was called: "ocirun", or "runc" through a link of that name */
	struct global_options options;
	struct report report;
	struct ops_context ops;
	int failure_status; /* of the command that runs; 0: EXIT_FAILURE */
};

#define ARGUMENTS_ANY INT_MAX

struct command {
	const char *name;
	const char *arguments; /* as help shows them */
	int min_arguments, max_arguments;
	const char *summary;     /* one line */
	const char *description; /* lines; "$0" stands for the program's name */
	const char *example;
	const struct option *const *options; /* NULL-terminated list of tables; NULL: none */
	size_t values_size;                  /* of the struct that the options fill, zeroed first */
	int stop_after;                      /* see options_parse() */
	bool makes_container;                /* its process is copied into one: see self_exe.h */
	int failure_status;                  /* of the program when run fails; 0: EXIT_FAILURE */
	/* Returns the exit status, or -errno. */
	int (*run)(struct cli *cli, const void *values, const struct arguments *arguments,
		   struct err *err);
};

extern const struct option global_options[];
extern const struct command *const commands[]; /* NULL-terminated */

extern const struct command command_check;
extern const struct command command_checkpoint;
extern const struct command command_create;
extern const struct command command_delete;
extern const struct command command_doctor;
extern const struct command command_events;
extern const struct command command_exec;
extern const struct command command_explain;
extern const struct command command_features;
extern const struct command command_inspect;
extern const struct command command_kill;
extern const struct command command_list;
extern const struct command command_pause;
extern const struct command command_ps;
extern const struct command command_restore;
extern const struct command command_resume;
extern const struct command command_run;
extern const struct command command_spec;
extern const struct command command_start;
extern const struct command command_state;
extern const struct command command_top;
extern const struct command command_trace;
extern const struct command command_update;

/* NULL when there is none of that name. */
const struct command *command_find(const char *name);

#endif
