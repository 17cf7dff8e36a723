/* SPDX-License-Identifier: Apache-2.0 */
/* A bump allocator over one reserved mapping; the header of the arena is its first bytes. */
#include "arena.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define ARENA_ALIGN 16u
#define ARENA_PAGE  4096u

struct arena {
	size_t size; /* of the whole mapping */
	size_t used; /* bytes from its start */
};

static size_t round_up(size_t value, size_t to)
{
	return (value + to - 1) / to * to;
}

int arena_new(size_t bytes, struct arena **ret_arena, struct err *err)
{
	size_t size = round_up(bytes + sizeof(struct arena), ARENA_PAGE);
	struct arena *arena = mmap(NULL, size, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (arena == MAP_FAILED)
		return err_sys(err, "reserve %zu bytes of memory", size);
	arena->size = size;
	arena->used = round_up(sizeof(struct arena), ARENA_ALIGN);
	*ret_arena = arena;
	return 0;
}

void arena_free(struct arena *arena)
{
	if (arena)
		munmap(arena, arena->size);
}

size_t arena_used(const struct arena *arena)
{
	return arena->used - round_up(sizeof(struct arena), ARENA_ALIGN);
}

void *arena_alloc(struct arena *arena, size_t bytes)
{
	size_t rounded = round_up(bytes ? bytes : 1, ARENA_ALIGN);
	char *at = (char *)arena + arena->used;

	/* The reservation is sized from the input's bound: see the callers of arena_new(). */
	if (rounded < bytes || rounded > arena->size - arena->used)
		abort();
	arena->used += rounded;
	return at;
}

void *arena_array(struct arena *arena, size_t n, size_t element_bytes)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, element_bytes, &bytes))
		abort();
	return arena_alloc(arena, bytes);
}

char *arena_strndup(struct arena *arena, const char *text, size_t len)
{
	char *copy = arena_alloc(arena, len + 1);

	memcpy(copy, text, len);
	return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
	return arena_strndup(arena, text, strlen(text));
}

char *arena_printf(struct arena *arena, const char *fmt, ...)
{
	/* Formatted where it is going to stand, once; what does not fit is arena_alloc()'s to refuse. */
	char *text = (char *)arena + arena->used;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(text, arena->size - arena->used, fmt, ap);
	va_end(ap);
	if (len < 0)
		text[len = 0] = '\0';
	return arena_alloc(arena, (size_t)len + 1);
}
