/* SPDX-License-Identifier: Apache-2.0 */
/* Manual pages, in the man(7) macros. */
#include "pages.h"

#include "help.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* One character so that roff prints it as it is; "$0" was dealt with by then. */
static void put(char c)
{
	switch (c) {
	case '\\':
		fputs("\\e", stdout);
		break;
	case '-':
		fputs("\\-", stdout);
		break;
	case '\'':
		fputs("\\(aq", stdout);
		break;
	case '"':
		fputs("\\(dq", stdout);
		break;
	default:
		putchar(c);
	}
}

/* Lines, of which none may look like a request: those begin with a dot. */
static void put_text(const char *text)
{
	bool is_at_start = true;

	for (; *text; text++) {
		if (is_at_start && *text == '.')
			fputs("\\&", stdout);
		if (text[0] == '$' && text[1] == '0') {
			fputs(PROGRAM, stdout);
			text++;
		} else {
			put(*text);
		}
		is_at_start = *text == '\n';
	}
}

static void put_line(const char *text)
{
	put_text(text);
	putchar('\n');
}

static void put_section(const char *name, const char *text)
{
	printf(".SH %s\n", name);
	put_text(text);
}

static void put_example(const char *text)
{
	printf(".SH EXAMPLES\n.EX\n");
	put_text(text);
	printf(".EE\n");
}

/* ".TP" and "\fB--bundle\fR \fIDIR\fR, \fB-b\fR \fIDIR\fR" */
static void put_option(const char *command, const struct option *option)
{
	(void)command;
	printf(".TP\n\\fB\\-\\-");
	put_text(option->name);
	printf("\\fR");
	if (option->value)
		printf(" \\fI%s\\fR", option->value);
	if (option->letter)
		printf(", \\fB\\-%c\\fR", option->letter);
	if (option->letter && option->value)
		printf(" \\fI%s\\fR", option->value);
	putchar('\n');
	put_line(option->help);
	if (option->choices) {
		printf("(one of:");
		for (const char *const *choice = option->choices; *choice; choice++)
			printf("%s \\fB%s\\fR", choice == option->choices ? "" : ",", *choice);
		printf(")\n");
	}
}

static void put_title(const char *title)
{
	printf(".TH ");
	for (; *title; title++)
		put((char)toupper(*title));
	printf(" 8 %s \"ocirun %s\" \"System Administration\"\n", OCIRUN_DATE, OCIRUN_VERSION);
}

static void put_environment(void)
{
	printf(".SH ENVIRONMENT\n"
	       ".TP\n.B XDG_RUNTIME_DIR\nwhere users other than root have their state root\n"
	       ".TP\n.BR LISTEN_FDS \", \" LISTEN_PID\n"
	       "sockets of a service manager, which create, run and exec pass on: "
	       "sd_listen_fds(3)\n"
	       ".TP\n.B NOTIFY_SOCKET\nwho is told that the program of a container is ready: "
	       "sd_notify(3).\n"
	       "start and run \\-\\-detach return then. The program finds a socket of its own in\n"
	       "its environment.\n");
}

/* An engine that looks for programs by their names has to be told this one. */
static void put_podman(void)
{
	printf(".SH PODMAN\n"
	       "In containers.conf(5):\n.PP\n.EX\n"
	       "[engine]\n"
	       "runtime = \\(dqocirun\\(dq\n"
	       "runtime_supports_json = [\\(dqcrun\\(dq, \\(dqrunc\\(dq, \\(dqocirun\\(dq]\n"
	       "\n"
	       "[engine.runtimes]\n"
	       "ocirun = [\\(dq/usr/local/bin/ocirun\\(dq]\n"
	       ".EE\n.PP\n"
	       "It knows by the name whether a runtime writes its log in JSON, from which errors "
	       "are\n"
	       "taken.\n");
}

static void put_program(void)
{
	static const struct option *const tables[] = { global_options, NULL };

	put_title("OCIRUN");
	printf(".SH NAME\n" PROGRAM " \\- Open Container Initiative runtime\n");
	printf(".SH SYNOPSIS\n.B " PROGRAM "\n"
	       "[\\fIglobal options\\fR] \\fICOMMAND\\fR [\\fIoptions\\fR] [\\fIarguments\\fR]\n");
	put_section("DESCRIPTION", help_description);
	printf(".SH COMMANDS\nEach has a page of its own.\n");
	for (const struct command *const *c = commands; *c; c++) {
		printf(".TP\n.BR " PROGRAM "\\-%s (8)\n", (*c)->name);
		put_line((*c)->summary);
	}
	printf(".SH GLOBAL OPTIONS\nThey stand in front of the command.\n");
	each_option(tables, NULL, put_option);
	put_example(help_example);
	put_section(
		"EXIT STATUS",
		"0, or 1 after an error, which is one line on the standard error. run and exec\n"
		"end with the status of the program that they ran, 128+N when signal N killed "
		"it.\n");
	printf(".SH FILES\n.TP\n.I /run/ocirun\nthe state of the containers of root\n"
	       ".TP\n.I $XDG_RUNTIME_DIR/ocirun\nthat of other users\n"
	       ".TP\n.I config.json\nin a bundle: what the container is to be\n");
	put_environment();
	put_podman();
}

static void put_command(const struct command *command)
{
	char title[64];

	snprintf(title, sizeof(title), "OCIRUN-%s", command->name);
	put_title(title);
	printf(".SH NAME\n" PROGRAM "\\-%s \\- ", command->name);
	put_line(command->summary);
	printf(".SH SYNOPSIS\n.B " PROGRAM " %s\n[\\fIoptions\\fR] ", command->name);
	put_line(command->arguments);
	if (command->description)
		put_section("DESCRIPTION", command->description);
	printf(".SH OPTIONS\n");
	each_option(command->options, command->name, put_option);
	if (command->example)
		put_example(command->example);
	printf(".SH SEE ALSO\n.BR " PROGRAM " (8)\n");
}

void print_man(const struct command *command)
{
	if (command)
		put_command(command);
	else
		put_program();
}
