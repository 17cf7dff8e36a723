/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys that an object has more than once. JSON's library stops at the first of them and does
 * not say what the values are. All keys are gathered in one pass and sorted by object and name.
 * Runs on the way to an error only.
 */
#include "document.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NONE SIZE_MAX

/* An object or an array. What is inside names it by its index. */
struct container {
	size_t up;     /* the container that it is in, NONE for the document */
	size_t member; /* of an object: the key whose value it is */
	size_t index;  /* of an array: its place there */
};

struct member {
	size_t container;
	size_t line;
	size_t at, end; /* of the key with its quotes */
	const char *name;
	size_t len;
	json_t *decoded; /* holds the name when it has escapes in the document */
	size_t first;    /* the same key before this one, or NONE */
};

struct level {
	bool is_array;
	bool is_value; /* behind the colon */
	size_t container;
	size_t index;
};

struct gather {
	const char *text;
	size_t len; /* how much of it is looked at */
	size_t n_containers, n_members;
	struct container *containers;
	struct member *members;
	size_t depth;
	struct level levels[SPEC_MAX_DEPTH];
};

static void gather_done(struct gather *g)
{
	for (size_t i = 0; i < g->n_members; i++)
		json_decref(g->members[i].decoded);
	free(g->members);
	free(g->containers);
}

/* ---- gathering ---- */

/* Each takes bytes of its own: counting those bounds the lists. */
static int make_room(struct gather *g)
{
	size_t brackets = 0, quotes = 0;

	for (size_t at = 0; at < g->len; at++) {
		brackets += g->text[at] == '{' || g->text[at] == '[';
		quotes += g->text[at] == '"';
	}
	g->containers = calloc(brackets + 1, sizeof(*g->containers));
	g->members = calloc(quotes / 2 + 1, sizeof(*g->members));
	return g->containers && g->members ? 0 : -ENOMEM;
}

static void add_member(struct gather *g, size_t at, size_t end, size_t line)
{
	struct member *member = &g->members[g->n_members++];

	*member = (struct member){
		.container = g->levels[g->depth - 1].container,
		.line = line,
		.at = at,
		.end = end,
		.name = g->text + at + 1,
		.len = end - at - 2,
		.first = NONE,
	};
	if (!memchr(member->name, '\\', member->len))
		return;
	member->decoded =
		json_loadb(g->text + at, end - at, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	if (!member->decoded)
		return;
	member->name = json_string_value(member->decoded);
	member->len = json_string_length(member->decoded);
}

static void open_container(struct gather *g, bool is_array)
{
	const struct level *top = g->depth > 0 ? &g->levels[g->depth - 1] : NULL;

	g->containers[g->n_containers] = (struct container){
		.up = top ? top->container : NONE,
		.member = top && !top->is_array ? g->n_members - 1 : NONE,
		.index = top ? top->index : 0,
	};
	g->levels[g->depth++] = (struct level){
		.is_array = is_array,
		.container = g->n_containers++,
	};
}

/* The string at @at; returns the byte behind it. */
static size_t gather_string(struct gather *g, size_t at, size_t line)
{
	const struct level *top = g->depth > 0 ? &g->levels[g->depth - 1] : NULL;
	size_t end = document_string_end(g->text, g->len, at);

	if (top && !top->is_array && !top->is_value)
		add_member(g, at, end, line);
	return end;
}

/* What is looked at is the beginning of valid JSON, of at most SPEC_MAX_DEPTH levels. */
static void gather(struct gather *g)
{
	size_t line = 1;

	for (size_t at = 0; at < g->len;) {
		struct level *top = g->depth > 0 ? &g->levels[g->depth - 1] : NULL;

		switch (g->text[at]) {
		case '"':
			at = gather_string(g, at, line);
			continue;
		case '{':
		case '[':
			open_container(g, g->text[at] == '[');
			break;
		case '}':
		case ']':
			g->depth -= g->depth > 0;
			break;
		case ':':
		case ',':
			if (!top)
				return;
			top->is_value = g->text[at] == ':';
			top->index += g->text[at] == ',';
			break;
		case '\n':
			line++;
			break;
		default:
			break;
		}
		at++;
	}
}

/* ---- finding ---- */

/* By object, then by name, then by place. */
static int compare_members(const void *a, const void *b)
{
	const struct member *x = *(const struct member *const *)a;
	const struct member *y = *(const struct member *const *)b;
	int order;

	if (x->container != y->container)
		return x->container < y->container ? -1 : 1;
	if (x->len != y->len)
		return x->len < y->len ? -1 : 1;
	order = memcmp(x->name, y->name, x->len);
	return order ? order : x < y ? -1 : x > y;
}

static bool is_same_key(const struct member *a, const struct member *b)
{
	return a->container == b->container && a->len == b->len &&
	       memcmp(a->name, b->name, a->len) == 0;
}

/* Sets `first` of each key that its object has had before. */
static int mark_duplicates(struct gather *g)
{
	struct member **sorted = calloc(g->n_members + 1, sizeof(struct member *));

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < g->n_members; i++)
		sorted[i] = &g->members[i];
	qsort(sorted, g->n_members, sizeof(struct member *), compare_members);
	for (size_t i = 1, first = 0; i < g->n_members; i++) {
		if (is_same_key(sorted[first], sorted[i]))
			sorted[i]->first = (size_t)(sorted[first] - g->members);
		else
			first = i;
	}
	free(sorted);
	return 0;
}

/* ---- telling ---- */

static void append_container(const struct gather *g, size_t i, char *pointer, size_t size)
{
	const struct container *container = &g->containers[i];
	char index[24];

	if (container->up == NONE)
		return;
	append_container(g, container->up, pointer, size);
	if (container->member != NONE) {
		const struct member *member = &g->members[container->member];

		document_key_append(g->text + member->at, member->end - member->at, pointer, size);
	} else {
		snprintf(index, sizeof(index), "%zu", container->index);
		field_pointer_append(pointer, size, index);
	}
}

/* The value behind a key, which nobody has parsed yet. */
static struct field_text describe_value(const struct field_reader *r, const struct member *member)
{
	size_t at = document_skip(r->text, r->len, member->end, ":" DOCUMENT_BLANKS), end;
	struct field_text text = { "no value" };

	if (at == r->len)
		return text;
	if (r->text[at] == '{')
		return (struct field_text){ "an object" };
	if (r->text[at] == '[')
		return (struct field_text){ "an array" };
	end = r->text[at] == '"' ? document_string_end(r->text, r->len, at)
				 : document_skip(r->text, r->len, at, "-+.0123456789aeflnrstuE");
	AUTO(json)
	json_t *value = json_loadb(r->text + at, end - at, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	if (value)
		return field_describe(r, value);
	/* Integers can be too large for JSON's library. */
	snprintf(text.text, sizeof(text.text), "%.*s%s", (int)(end - at < 40 ? end - at : 40),
		 r->text + at, end - at < 40 ? "" : "...");
	return text;
}

static int tell(struct field_reader *r, const struct gather *g, const struct member *again)
{
	const struct member *first = &g->members[again->first];
	char pointer[ERR_POINTER_MAX] = "";

	append_container(g, again->container, pointer, sizeof(pointer));
	document_key_append(g->text + again->at, again->end - again->at, pointer, sizeof(pointer));
	return field_problem_pointer(r, pointer, EINVAL,
				     "is given twice: as %s in line %zu and as %s in line %zu",
				     describe_value(r, first).text, first->line,
				     describe_value(r, again).text, again->line);
}

int document_find_duplicates(struct field_reader *r, size_t len)
{
	struct gather g = { .text = r->text, .len = len };
	int ret = make_room(&g);

	if (ret == 0) {
		gather(&g);
		ret = mark_duplicates(&g);
	}
	if (ret < 0)
		err_errno(r->err, ret, "look for the keys of the document");
	for (size_t i = 0; ret == 0 && i < g.n_members; i++)
		if (g.members[i].first != NONE)
			ret = tell(r, &g, &g.members[i]);
	gather_done(&g);
	return ret;
}
