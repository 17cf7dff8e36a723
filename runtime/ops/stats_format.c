/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the forms in which the kernel writes statistics. */
#include "stats_format.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RANGE_MAX 8192u /* CPUs of the largest kernel: a bound for what a range may expand to */

/* "max" is no limit. Whether there was a number. */
static bool scan(const char *text, uint64_t *ret_number)
{
	char *end;
	uint64_t number;

	if (strncmp(text, "max", 3) == 0) {
		*ret_number = UINT64_MAX;
		return true;
	}
	number = strtoull(text, &end, 10);
	if (end == text)
		return false;
	*ret_number = number;
	return true;
}

/* The line behind this one, or NULL behind the last. */
static const char *next_line(const char *line)
{
	line = strchr(line, '\n');
	return line && line[1] ? line + 1 : NULL;
}

static size_t count(const char *text, char c)
{
	size_t n = 1;

	for (; *text; text++)
		n += *text == c;
	return n;
}

void stats_number(const struct stats_source *source, void *to)
{
	uint64_t number;

	if (scan(source->text, &number))
		*(uint64_t *)to = number == UINT64_MAX ? number : number * source->factor;
}

void stats_signed(const struct stats_source *source, void *to)
{
	*(int64_t *)to = strtoll(source->text, NULL, 10);
}

void stats_limit(const struct stats_source *source, void *to)
{
	uint64_t *limit = to;

	stats_number(source, limit);
	if (*limit == UINT64_MAX)
		*limit = 0;
}

void stats_keyed(const struct stats_source *source, void *to)
{
	size_t len = strlen(source->key);
	uint64_t number;

	for (const char *line = source->text; line; line = next_line(line))
		if (strncmp(line, source->key, len) == 0 && line[len] == ' ' &&
		    scan(line + len + 1, &number))
			*(uint64_t *)to = number * source->factor;
}

void stats_words(const struct stats_source *source, void *to)
{
	struct ops_numbers *numbers = to;
	const char *at = source->text;

	numbers->n = 0;
	numbers->v = ARENA_ARRAY(source->arena, uint64_t, count(at, ' '));
	for (at += strspn(at, " "); scan(at, &numbers->v[numbers->n]); at += strspn(at, " ")) {
		numbers->n++;
		at += strcspn(at, " ");
	}
}

void stats_ranges(const struct stats_source *source, void *to)
{
	struct ops_numbers *numbers = to;
	unsigned first, last;

	numbers->n = 0;
	numbers->v = ARENA_ARRAY(source->arena, uint64_t, RANGE_MAX);
	for (const char *at = source->text; sscanf(at, "%u", &first) == 1; at++) {
		last = first;
		sscanf(at, "%*u-%u", &last);
		for (; first <= last && numbers->n < RANGE_MAX; first++)
			numbers->v[numbers->n++] = first;
		at += strcspn(at, ",");
		if (!*at)
			break;
	}
}

/* The word number @column of a line. */
static const char *column_of(const char *line, size_t column)
{
	for (; column > 0; column--) {
		line += strcspn(line, " \n");
		line += *line == ' ';
	}
	return line;
}

void stats_column(const struct stats_source *source, void *to)
{
	struct ops_numbers *numbers = to;
	size_t len = strlen(source->key), column = 0;
	const char *head = source->text;

	while (strncmp(column_of(head, column), source->key, len) != 0) {
		const char *at = column_of(head, column++);

		if (!*at || *at == '\n')
			return;
	}
	numbers->n = 0;
	numbers->v = ARENA_ARRAY(source->arena, uint64_t, count(head, '\n'));
	for (const char *line = next_line(head); line; line = next_line(line))
		if (scan(column_of(line, column), &numbers->v[numbers->n]))
			numbers->n++;
}

void stats_pairs(const struct stats_source *source, void *to)
{
	struct ops_named_numbers *pairs = to;

	pairs->n = 0;
	pairs->v = ARENA_ARRAY(source->arena, struct ops_named_number, count(source->text, '\n'));
	for (const char *line = source->text; line; line = next_line(line)) {
		size_t len = strcspn(line, " \n");

		if (line[len] == ' ' && scan(line + len + 1, &pairs->v[pairs->n].value))
			pairs->v[pairs->n++].name = arena_strndup(source->arena, line, len);
	}
}

static void read_pressure_line(const char *line, struct ops_pressure_line *to)
{
	sscanf(line, "%*s avg10=%lf avg60=%lf avg300=%lf total=%" SCNu64, &to->avg10, &to->avg60,
	       &to->avg300, &to->total);
}

void stats_pressure(const struct stats_source *source, void *to)
{
	struct ops_pressure *pressure = to;

	for (const char *line = source->text; line; line = next_line(line)) {
		if (strncmp(line, "some ", 5) == 0)
			read_pressure_line(line, &pressure->some);
		else if (strncmp(line, "full ", 5) == 0)
			read_pressure_line(line, &pressure->full);
		else
			continue;
		pressure->set = true;
	}
}

void stats_io(const struct stats_source *source, void *to)
{
	struct ops_io_entries *entries = to;
	size_t room = count(source->text, '\n'), n = 0;
	struct ops_io_entry *v = ARENA_ARRAY(source->arena, struct ops_io_entry, room);

	for (const char *line = source->text; line; line = next_line(line)) {
		struct ops_io_entry *e = &v[n];
		char op[32] = "";

		/* "Total 0", the sum of all, has no device. */
		if (sscanf(line, "%" SCNu64 ":%" SCNu64 " %" SCNu64, &e->major, &e->minor,
			   &e->value) != 3 &&
		    sscanf(line, "%" SCNu64 ":%" SCNu64 " %31s %" SCNu64, &e->major, &e->minor, op,
			   &e->value) != 4)
			continue;
		e->op = arena_strdup(source->arena, op);
		n++;
	}
	if (n)
		*entries = (struct ops_io_entries){ n, v };
}

/* The value of "name=42" in a line. */
static bool find_assigned(const char *line, const char *name, size_t len, uint64_t *ret_number)
{
	const char *end = line + strcspn(line, "\n");

	while ((line = memchr(line, ' ', (size_t)(end - line)))) {
		line++;
		if ((size_t)(end - line) > len && strncmp(line, name, len) == 0 && line[len] == '=')
			return scan(line + len + 1, ret_number);
	}
	return false;
}

static void add_io_v2(const struct stats_source *source, const char *line,
		      struct ops_io_entries *entries)
{
	for (const char *name = source->key; *name;) {
		size_t name_len = strcspn(name, " ");
		const char *op = name + name_len + 1;
		size_t op_len = strcspn(op, " ");
		struct ops_io_entry *e = &entries->v[entries->n];

		if (sscanf(line, "%" SCNu64 ":%" SCNu64, &e->major, &e->minor) == 2 &&
		    find_assigned(line, name, name_len, &e->value)) {
			e->op = arena_strndup(source->arena, op, op_len);
			entries->n++;
		}
		name = op + op_len;
		name += *name == ' ';
	}
}

void stats_io_v2(const struct stats_source *source, void *to)
{
	struct ops_io_entries *entries = to;
	size_t room = count(source->text, '\n') * count(source->key, ' ');

	entries->n = 0;
	entries->v = ARENA_ARRAY(source->arena, struct ops_io_entry, room);
	for (const char *line = source->text; line; line = next_line(line))
		add_io_v2(source, line, entries);
}
