/* SPDX-License-Identifier: Apache-2.0 */
/* What --help and --version print, from the tables of commands and options. */
#ifndef OCIRUN_CMD_HELP_H
#define OCIRUN_CMD_HELP_H

struct command;

/* Of the program as a whole: lines in which "$0" stands for the program's name. */
extern const char help_description[];
extern const char help_example[];

void help_print_program(const char *name);
void help_print_command(const char *name, const struct command *command);
void help_print_version(const char *name);

#endif
