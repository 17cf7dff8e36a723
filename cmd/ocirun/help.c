/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Help texts. The first two lines of each ("NAME:" and the name), and those of --version, are
 * what callers of runc look for.
 */
#include "help.h"

#include "commands.h"
#include "spec.h"

#include <seccomp.h>
#include <stdio.h>
#include <string.h>

#define SPELLING_MAX 64

const char help_description[] =
	"Runs containers as the Open Container Initiative specifies them. A container is\n"
	"described by a bundle: a directory with a file config.json and the directory of\n"
	"its root filesystem.\n";

const char help_example[] =
	"mkdir -p hello/rootfs\n"
	"cp -r /path/to/a/root/filesystem/. hello/rootfs\n"
	"$0 spec --bundle hello      # writes hello/config.json: a shell\n"
	"$0 run --bundle hello c1    # runs it as the container \"c1\"\n";

/* Each line of @text, indented; "$0" becomes @name. */
static void print_lines(const char *text, const char *name)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		if (len > 0)
			printf("   ");
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

static void print_section(const char *title, const char *text, const char *name)
{
	if (!text)
		return;
	printf("\n%s:\n", title);
	print_lines(text, name);
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

static void print_rows(const struct option *const *tables, size_t width)
{
	char spelling[SPELLING_MAX];

	for (; tables && *tables; tables++) {
		for (const struct option *o = *tables; o->name; o++) {
			spell(o, spelling);
			printf("   %-*s  %s\n", (int)width, spelling, o->help);
		}
	}
}

/* The rows of @tables (which may be NULL), and the option that needs no row. */
static void print_options(const char *title, const struct option *const *tables)
{
	static const struct option help[] = { { "help", 'h', .help = "print this help" }, { 0 } };
	const struct option *const help_tables[] = { help, NULL };
	size_t width = widest(tables, widest(help_tables, 0));

	printf("\n%s:\n", title);
	print_rows(tables, width);
	print_rows(help_tables, width);
}

void help_print_program(const char *name)
{
	const struct option *const tables[] = { global_options, NULL };

	printf("NAME:\n   %s - Open Container Initiative runtime\n", name);
	printf("\nUSAGE:\n   %s [global options] COMMAND [options] [arguments]\n", name);
	print_section("DESCRIPTION", help_description, name);
	print_section("EXAMPLE", help_example, name);
	print_section("VERSION", OCIRUN_VERSION, name);
	printf("\nCOMMANDS:\n");
	for (const struct command *const *c = commands; *c; c++)
		printf("   %-10s  %s\n", (*c)->name, (*c)->summary);
	printf("   %-10s  %s\n", "help", "print the help of a command");
	print_options("GLOBAL OPTIONS", tables);
}

void help_print_command(const char *name, const struct command *command)
{
	printf("NAME:\n   %s %s - %s\n", name, command->name, command->summary);
	printf("\nUSAGE:\n   %s %s [options]%s%s\n", name, command->name,
	       command->arguments[0] ? " " : "", command->arguments);
	print_section("DESCRIPTION", command->description, name);
	print_section("EXAMPLE", command->example, name);
	print_options("OPTIONS", command->options);
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
