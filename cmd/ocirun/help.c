/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Help texts. The first two lines of each ("NAME:" and the name), and those of --version, are
 * what callers of runc look for.
 */
#include "help.h"

#include "commands.h"
#include "spec.h"
#include "term.h"
#include "wrap.h"

#include <seccomp.h>
#include <stdio.h>
#include <string.h>

#define SPELLING_MAX   64
#define INDENT         3
#define COMMAND_WIDTH  10
#define TEXT_WIDTH_MIN 24 /* a narrower column than that is not read */

const char help_description[] =
	"Runs containers as the Open Container Initiative specifies them. A container is\n"
	"described by a bundle: a directory with a file config.json and the directory of\n"
	"its root filesystem.\n";

const char help_example[] = "mkdir -p hello/rootfs\n"
			    "cp -r /path/to/a/root/filesystem/. hello/rootfs\n"
			    "$0 spec --bundle hello      # writes hello/config.json: a shell\n"
			    "$0 run --bundle hello c1    # runs it as the container \"c1\"\n";

/* Commands stay as they are: each line of @text, indented; "$0" becomes @name. */
static void print_lines(const char *text, const char *name)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		if (len > 0)
			term_space(INDENT);
		for (; len > 0; len--, text++) {
			if (len > 1 && text[0] == '$' && text[1] == '0') {
				printf("%s", name);
				len--;
				text++;
			} else {
				putchar(*text);
			}
		}
		putchar('\n');
		text += *text == '\n';
	}
}

static void print_example(const char *text, const char *name)
{
	printf("\nEXAMPLE:\n");
	print_lines(text, name);
}

static void print_description(const char *text, const char *name, size_t width)
{
	printf("\nDESCRIPTION:\n");
	term_space(INDENT);
	wrap_print(text, name, INDENT, INDENT, width);
}

/* "--bundle DIR, -b DIR" */
static void spell(const struct option *o, char text[SPELLING_MAX])
{
	const char *space = o->value ? " " : "";
	const char *value = o->value ? o->value : "";
	int len = snprintf(text, SPELLING_MAX, "--%s%s%s", o->name, space, value);

	if (o->letter)
		snprintf(text + len, SPELLING_MAX - (size_t)len, ", -%c%s%s", o->letter, space,
			 value);
}

static size_t widest(const struct option *const *tables, size_t width)
{
	char spelling[SPELLING_MAX];

	for (; tables && *tables; tables++) {
		for (const struct option *o = *tables; o->name; o++) {
			spell(o, spelling);
			if (strlen(spelling) > width)
				width = strlen(spelling);
		}
	}
	return width;
}

/* "@label  text", the texts below each other; where that leaves them no room, below the label. */
static void print_row(const char *label, size_t label_width, const char *text, size_t width)
{
	size_t column = INDENT + label_width + 2;

	term_space(INDENT);
	if (column + TEXT_WIDTH_MIN <= width) {
		printf("%-*s  ", (int)label_width, label);
	} else {
		printf("%s\n", label);
		column = INDENT + INDENT;
		term_space(column);
	}
	wrap_print(text, "", column, column, width);
}

static void print_rows(const struct option *const *tables, size_t label_width, size_t width)
{
	char spelling[SPELLING_MAX];

	for (; tables && *tables; tables++) {
		for (const struct option *o = *tables; o->name; o++) {
			spell(o, spelling);
			print_row(spelling, label_width, o->help, width);
		}
	}
}

/* The rows of @tables (which may be NULL), and the option that needs no row. */
static void print_options(const char *title, const struct option *const *tables, size_t width)
{
	static const struct option help[] = { { "help", 'h', .help = "print this help" }, { 0 } };
	const struct option *const help_tables[] = { help, NULL };
	size_t label_width = widest(tables, widest(help_tables, 0));

	printf("\n%s:\n", title);
	print_rows(tables, label_width, width);
	print_rows(help_tables, label_width, width);
}

void help_print_program(const char *name)
{
	const struct option *const tables[] = { global_options, NULL };
	const struct term term = term_of_stdout();

	printf("NAME:\n   %s - Open Container Initiative runtime\n", name);
	printf("\nUSAGE:\n   %s [global options] COMMAND [options] [arguments]\n", name);
	print_description(help_description, name, term.width);
	print_example(help_example, name);
	printf("\nVERSION:\n   %s\n", OCIRUN_VERSION);
	printf("\nCOMMANDS:\n");
	for (const struct command *const *c = commands; *c; c++)
		print_row((*c)->name, COMMAND_WIDTH, (*c)->summary, term.width);
	print_row("help", COMMAND_WIDTH, "print the help of a command", term.width);
	print_options("GLOBAL OPTIONS", tables, term.width);
}

void help_print_command(const char *name, const struct command *command)
{
	const struct term term = term_of_stdout();

	printf("NAME:\n   %s %s - %s\n", name, command->name, command->summary);
	printf("\nUSAGE:\n   %s %s [options]%s%s\n", name, command->name,
	       command->arguments[0] ? " " : "", command->arguments);
	if (command->description)
		print_description(command->description, name, term.width);
	print_example(command->example, name);
	print_options("OPTIONS", command->options, term.width);
}

void help_print_version(const char *name)
{
	const struct scmp_version *seccomp = seccomp_version();

	printf("%s version %s\n", name, OCIRUN_VERSION);
	printf("commit: %s\n", OCIRUN_COMMIT);
	printf("spec: %s\n", SPEC_OCI_VERSION);
	if (seccomp)
		printf("libseccomp: %u.%u.%u\n", seccomp->major, seccomp->minor, seccomp->micro);
}
