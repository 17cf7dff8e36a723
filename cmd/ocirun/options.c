/* SPDX-License-Identifier: Apache-2.0 */
/* The option engine. The texts of its errors are those that callers of runc know. */
#include "options.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An option as it was written: "--bundle=DIR" is the name "bundle" and the value "DIR". */
struct written {
	const char *name;
	int name_len;
	const char *value; /* NULL: not in the same argument */
};

static bool is_option(const char *argument)
{
	return argument[0] == '-' && argument[1] != '\0';
}

static struct written split(const char *argument)
{
	struct written w = { .name = argument + 1 };

	if (*w.name == '-')
		w.name++;
	w.name_len = (int)strcspn(w.name, "=");
	if (w.name[w.name_len] == '=')
		w.value = w.name + w.name_len + 1;
	return w;
}

static bool is_named(const struct written *w, const char *name)
{
	return strlen(name) == (size_t)w->name_len &&
	       strncmp(w->name, name, (size_t)w->name_len) == 0;
}

static const struct option *find(const struct option *const *tables, const struct written *w)
{
	for (; *tables; tables++) {
		for (const struct option *o = *tables; o->name; o++) {
			if (is_named(w, o->name) ||
			    (o->letter && w->name_len == 1 && w->name[0] == o->letter))
				return o;
		}
	}
	return NULL;
}

static int bad_value(const struct option *o, const char *value, const char *expected,
		     struct err *err)
{
	return err_set(err, EINVAL, "invalid value \"%s\" for flag -%s: expected %s", value,
		       o->name, expected);
}

/* The spellings that the callers' own flag library produces. */
static int set_bool(const struct option *o, const char *value, bool *member, struct err *err)
{
	static const struct {
		const char *text;
		bool value;
	} words[] = {
		{ "true", true },   { "True", true }, { "TRUE", true },   { "t", true },
		{ "T", true },      { "1", true },    { "false", false }, { "False", false },
		{ "FALSE", false }, { "f", false },   { "F", false },     { "0", false },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(value, words[i].text) == 0) {
			*member = words[i].value;
			return 0;
		}
	}
	return bad_value(o, value, "true or false", err);
}

static int set_int(const struct option *o, const char *value, int *member, struct err *err)
{
	bool is_bounded = o->min != 0 || o->max != 0;
	long min = is_bounded ? o->min : INT_MIN;
	long max = is_bounded ? o->max : INT_MAX;
	char *end;
	long number;

	errno = 0;
	number = strtol(value, &end, 10);
	/* strtol() skips leading space; nothing here may be lenient. */
	if (!strchr("+-0123456789", value[0]) || end == value || *end != '\0')
		return bad_value(o, value, "an integer", err);
	if (errno == ERANGE || number < min || number > max)
		return err_set(err, EINVAL,
			       "invalid value \"%s\" for flag -%s: expected an integer from %ld to "
			       "%ld",
			       value, o->name, min, max);
	*member = (int)number;
	return 0;
}

static int set_choice(const struct option *o, const char *value, unsigned int *member,
		      struct err *err)
{
	char expected[128];
	size_t len = 0;

	for (unsigned int i = 0; o->choices[i]; i++) {
		if (strcmp(value, o->choices[i]) == 0) {
			*member = i;
			return 0;
		}
		if (len < sizeof(expected))
			len += (size_t)snprintf(expected + len, sizeof(expected) - len, "%s%s",
						i ? " or " : "", o->choices[i]);
	}
	return bad_value(o, value, expected, err);
}

static int add_to_list(const char *value, struct option_list *list, struct err *err)
{
	const char **v = realloc(list->v, (list->n + 2) * sizeof(v[0]));

	if (!v)
		return err_set(err, ENOMEM, "no memory for the options");
	v[list->n++] = value;
	v[list->n] = NULL;
	list->v = v;
	return 0;
}

void options_done(const struct option *const *tables, void *values)
{
	for (; *tables; tables++)
		for (const struct option *o = *tables; o->name; o++)
			if (o->kind == OPTION_LIST)
				free(((struct option_list *)((char *)values + o->offset))->v);
}

static int set_value(const struct option *o, const char *value, void *values, struct err *err)
{
	void *member = (char *)values + o->offset;

	switch (o->kind) {
	case OPTION_ACCEPTED:
		return 0;
	case OPTION_BOOL:
		return set_bool(o, value, member, err);
	case OPTION_TEXT:
		*(const char **)member = *value ? value : NULL;
		return 0;
	case OPTION_INT:
		return set_int(o, value, member, err);
	case OPTION_CHOICE:
		return set_choice(o, value, member, err);
	case OPTION_LIST:
		return add_to_list(value, member, err);
	}
	return err_set(err, EINVAL, "flag -%s has no kind", o->name);
}

/* Takes the option at @argv[*i] and, when it has one, its value behind it. */
static int take_option(const struct option *o, const struct written *w, char **argv, int *i,
		       void *values, struct err *err)
{
	const char *value = w->value;

	if (!value && o->kind == OPTION_BOOL)
		value = "true";
	if (!value)
		value = argv[++*i];
	if (!value)
		return err_set(err, EINVAL, "flag needs an argument: -%.*s", w->name_len, w->name);
	return set_value(o, value, values, err);
}

/* Moves what is left from @argv[i] on behind the arguments that were found. */
static void take_rest(char **argv, int i, struct arguments *arguments)
{
	while (argv[i])
		argv[arguments->n++] = argv[i++];
	argv[arguments->n] = NULL;
}

int options_parse(const struct option *const *tables, int stop_after, char **argv, void *values,
		  struct arguments *ret_arguments, struct err *err)
{
	struct arguments arguments = { .v = argv };
	int i;

	for (i = 0; argv[i]; i++) {
		const struct option *o;
		struct written w;

		if (!is_option(argv[i])) {
			argv[arguments.n++] = argv[i];
			if (arguments.n == stop_after) {
				i++;
				break;
			}
			continue;
		}
		if (strcmp(argv[i], "--") == 0) {
			i++;
			break;
		}
		w = split(argv[i]);
		o = find(tables, &w);
		if (!o && !w.value && (is_named(&w, "help") || is_named(&w, "h"))) {
			arguments.wants_help = true;
			break;
		}
		if (!o)
			return err_set(err, EINVAL, "flag provided but not defined: -%.*s",
				       w.name_len, w.name);
		TRY(take_option(o, &w, argv, &i, values, err));
	}
	take_rest(argv, i, &arguments);
	*ret_arguments = arguments;
	return 0;
}
