/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table engine: a JSON object is a struct field_object, each of its keys one row of type
 * struct field, and reading is one loop over the keys of a document. A row says where the value
 * goes and what it may be; what rows cannot say (one key depends on another) is a check function.
 *
 * Everything wrong in a document goes through field_problem(), which knows the JSON pointer from
 * the frames that the engine pushes while it descends.
 */
#ifndef OCIRUN_SPEC_FIELD_H
#define OCIRUN_SPEC_FIELD_H

#include "catalogue.h"
#include "json_dump.h"
#include "load.h"

/* ---- reading ---- */

/* One step of the JSON pointer: a key, or (with a NULL key) an index. */
struct field_frame {
	const struct field_frame *up;
	const char *key;
	size_t index;
};

struct field_reader {
	const char *text; /* the document, where integers outside int64 are looked up */
	size_t len;
	bool has_marks; /* see document.c */
	struct arena *arena;
	const struct spec_sink *sink;
	struct err *err; /* gets the first problem */
	size_t problems;
	const struct field_frame *frame;
};

/*
 * Reports something wrong with the value at hand. The text continues a sentence that begins with
 * the pointer: "is 8, expected an integer from 0 to 7". Returns -EINVAL when reading stops here
 * (no sink), 0 when it goes on to find more.
 */
int field_problem(struct field_reader *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* The same for a value of another type or range than @expected: "an object". */
int field_problem_type(struct field_reader *r, const json_t *json, const char *expected);

/* The same for element @index of the list at hand, and for member @key of the object at hand. */
int field_problem_at(struct field_reader *r, size_t index, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int field_problem_in(struct field_reader *r, const char *key, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The same with a pointer that is text already, and an errno other than EINVAL. */
int field_problem_pointer(struct field_reader *r, const char *pointer, int errnum, const char *fmt,
			  ...) __attribute__((format(printf, 4, 5)));

/* Reports something odd that is accepted. */
void field_warning(struct field_reader *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Longer than any pointer of the spec; only keys that a user chose can get it cut. */
#define FIELD_POINTER_MAX 1024u

/* Appends "/<key>" to the JSON pointer in @pointer, escaped as RFC 6901 says. */
void field_pointer_append(char *pointer, size_t size, const char *key);

/* ---- values as text ---- */

struct field_text {
	char text[160];
};

/* @text in double quotes: control characters escaped, cut when it is long. */
struct field_text field_quote(const char *text);

/* @text without quotes, otherwise as field_quote() does it. */
struct field_text field_printable(const char *text);

/* A value and what it is: "\"abc\" (a string)", "an object". */
struct field_text field_describe(const struct field_reader *r, const json_t *value);

/* The digits of an integer that does not fit int64, or NULL when @value is something else. */
const char *field_big_integer(const struct field_reader *r, const json_t *value);

/* ---- tables ---- */

enum field_kind {
	FIELD_NONE, /* the row of a key that is not read */
	FIELD_BOOL,
	FIELD_OPT_BOOL,
	FIELD_INT32,
	FIELD_INT64,
	FIELD_UINT32,
	FIELD_UINT64,
	FIELD_OPT_INT,
	FIELD_OPT_UINT,
	FIELD_TEXT, /* an optional "" is as good as absent */
	FIELD_TEXT_LIST,
	FIELD_UINT_LIST,
	FIELD_TEXT_MAP,
	FIELD_NAME,      /* a word from a list, stored as its number */
	FIELD_NAME_LIST, /* words from a list, stored as the OR of their numbers */
	FIELD_OBJECT,
	FIELD_OBJECT_LIST,
	FIELD_OBJECT_MAP, /* stored as a list whose elements have the key */
};

/* The words that a value may be. */
struct field_names {
	const char *what; /* "a namespace type" */
	size_t n;
	const struct spec_name *v;
	/* "invalid memory policy mode": what callers look for when it is another word, or none */
	const char *invalid;
	/* Instead of a list: sets *@ret_value and returns true when @name is one. */
	bool (*lookup)(const char *name, uint64_t *ret_value);
};

struct field {
	const char *name;
	enum field_kind kind;
	enum spec_key_status status;
	bool is_required;
	bool has_one; /* a list that is given has at least one element */
	size_t offset;
	size_t size; /* of the member, for FIELD_NAME */
	int64_t min; /* of an integer; both 0: all that the type holds */
	uint64_t max;
	const char *reason; /* why a key is ignored or refused */
	const struct field_names *names;
	const struct field_object *object;
	/* For the string, or each string in the list: is it what it should be? */
	int (*check_text)(struct field_reader *r, const char *text);
	/* Rules about the whole value; runs only when nothing in it was wrong. */
	int (*check)(struct field_reader *r, const void *member);
};

#define FIELD_NO_OFFSET SIZE_MAX

struct field_object {
	const struct field *fields;
	size_t n_fields;
	size_t bytes;      /* of the struct that the offsets of the fields are in */
	size_t set_offset; /* of the bool that says the object was there, or FIELD_NO_OFFSET */
	size_t key_offset; /* of the const char * that gets the key of a FIELD_OBJECT_MAP */
	/* What keys have to be where they are values, as names of clocks are; NULL: names of properties. */
	const char *expected_key;
	/* Rules about several fields; runs only when nothing in the object was wrong. */
	int (*check)(struct field_reader *r, void *object, const json_t *json);
};

/*
 * Arrays of structs decide how much memory a document needs: no element is larger than this, and
 * each takes at least two bytes of JSON (see spec_arena_bytes()).
 */
#define FIELD_ELEMENT_MAX 80u

/* A scalar member: the kind follows from its type, other types do not compile. */
#define FIELD_MEMBER(type, member)                                                                 \
	.kind = _Generic(((type *)0)->member,                                                      \
		 bool: FIELD_BOOL,                                                                 \
		 int32_t: FIELD_INT32,                                                             \
		 int64_t: FIELD_INT64,                                                             \
		 uint32_t: FIELD_UINT32,                                                           \
		 uint64_t: FIELD_UINT64,                                                           \
		 const char *: FIELD_TEXT,                                                         \
		 struct spec_opt_bool: FIELD_OPT_BOOL,                                             \
		 struct spec_opt_int: FIELD_OPT_INT,                                               \
		 struct spec_opt_uint: FIELD_OPT_UINT,                                             \
		 struct spec_strings: FIELD_TEXT_LIST,                                             \
		 struct spec_uints: FIELD_UINT_LIST,                                               \
		 struct spec_pairs: FIELD_TEXT_MAP),                                               \
	.offset = offsetof(type, member)

/* A member that holds the number of a word. */
#define FIELD_NAMED(type, member, words)                                                           \
	.kind = FIELD_NAME, .offset = offsetof(type, member), .size = sizeof(((type *)0)->member), \
	.names = (words)

/* A uint64_t member that holds the numbers of several words, ORed. */
#define FIELD_NAMED_LIST(type, member, words)                                                      \
	.kind = FIELD_NAME_LIST,                                                                   \
	.offset = offsetof(type, member) + 0 * sizeof((uint64_t *)0 == &((type *)0)->member),      \
	.names = (words)

/* A struct inside the struct; a list {n, v} of structs (the offset is that of n). */
#define FIELD_STRUCT(type, member, table)                                                          \
	.kind = FIELD_OBJECT, .offset = offsetof(type, member), .object = (table)
#define FIELD_STRUCT_LIST(type, member, table)                                                     \
	.kind = FIELD_OBJECT_LIST, .offset = offsetof(type, member), .object = (table)
#define FIELD_STRUCT_MAP(type, member, table)                                                      \
	.kind = FIELD_OBJECT_MAP, .offset = offsetof(type, member), .object = (table)

/* An object of JSON that is no struct of its own: its members are in the surrounding struct. */
#define FIELD_GROUP(table) .kind = FIELD_OBJECT, .offset = 0, .object = (table)

/* A key that is known and not read. */
#define FIELD_IGNORED(why) .status = SPEC_KEY_IGNORED, .reason = (why)
#define FIELD_REFUSED(why) .status = SPEC_KEY_REFUSED, .reason = (why)

/* The rows of a struct field_object, and the check that its number and size are in bounds. */
#define FIELD_ROWS(type, rows)                                                                     \
	.fields = (rows), .bytes = sizeof(type), .set_offset = FIELD_NO_OFFSET,                    \
	.n_fields = sizeof(rows) / sizeof((rows)[0])
#define FIELD_ROWS_SET(type, rows, member)                                                         \
	.fields = (rows), .bytes = sizeof(type), .set_offset = offsetof(type, member),             \
	.n_fields = sizeof(rows) / sizeof((rows)[0])
#define FIELD_ASSERT_ROWS(rows)                                                                    \
	_Static_assert(sizeof(rows) / sizeof((rows)[0]) <= 64, "keys are bits of a uint64_t")
#define FIELD_ASSERT_ELEMENT(type)                                                                 \
	_Static_assert(sizeof(type) <= FIELD_ELEMENT_MAX, "see spec_arena_bytes()")

#define FIELD_NAMES(noun, table)                                                                   \
	{                                                                                          \
		.what = (noun), .n = sizeof(table) / sizeof((table)[0]), .v = (table)              \
	}

/* ---- the engine ---- */

/* Reads the object @json into the struct @to, which is zeroed. 0 or -EINVAL. */
int field_read_object(struct field_reader *r, const struct field_object *object, const json_t *json,
		      void *to);

/* Reads one value that is neither object nor list of objects nor null (scalar.c). */
int field_read_scalar(struct field_reader *r, const struct field *field, const json_t *json,
		      void *to);

/* The word of @names that stands for @value; "" when there is none. */
const char *field_name_of(const struct field_names *names, uint64_t value);

/* Whether @json has @key with a value other than null. */
bool field_is_given(const json_t *json, const char *key);

/* Checks for the check_text of rows. */
int field_text_nonempty(struct field_reader *r, const char *text);
int field_text_path(struct field_reader *r, const char *text);
int field_text_absolute(struct field_reader *r, const char *text);
int field_text_one_line(struct field_reader *r, const char *text);
int field_text_env(struct field_reader *r, const char *text);

#endif
