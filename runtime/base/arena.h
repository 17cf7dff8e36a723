/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that is freed at once. An arena reserves address space with one mmap(2), which is the
 * only place where it can fail; pages are taken from the kernel when they are first touched.
 * Sizes are bounded by the input that an arena is made for (a document is at most 4 MiB), so
 * running over the reservation is a programming error, not a condition that callers handle.
 */
#ifndef OCIRUN_BASE_ARENA_H
#define OCIRUN_BASE_ARENA_H

#include "auto.h"
#include "err.h"

#include <stddef.h>

#pragma GCC visibility push(default) /* what libocirun.a offers: see cmake/library.cmake */

struct arena;

/* Reserves @bytes of address space (rounded up to pages). 0 or -ENOMEM. */
int arena_new(size_t bytes, struct arena **ret_arena, struct err *err);

/* Frees all that came from the arena, and itself. */
void arena_free(struct arena *arena);
DEFINE_AUTO(arena, struct arena *, arena_free)

/* @bytes of zeroed memory, aligned for any type; never NULL. */
void *arena_alloc(struct arena *arena, size_t bytes)
	__attribute__((malloc, returns_nonnull, alloc_size(2)));

/* An array of @n zeroed elements; never NULL, also for @n = 0. */
void *arena_array(struct arena *arena, size_t n, size_t element_bytes)
	__attribute__((malloc, returns_nonnull, alloc_size(2, 3)));

/* Bytes that were handed out so far: what a second arena made from this one's contents scales with. */
size_t arena_used(const struct arena *arena);

#define ARENA_NEW(arena, type)      ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_ARRAY(arena, type, n) ((type *)arena_array((arena), (n), sizeof(type)))

/* Copies of text: whole, of @len bytes, formatted. Never NULL. */
char *arena_strdup(struct arena *arena, const char *text) __attribute__((returns_nonnull));
char *arena_strndup(struct arena *arena, const char *text, size_t len)
	__attribute__((returns_nonnull));
char *arena_printf(struct arena *arena, const char *fmt, ...)
	__attribute__((returns_nonnull, format(printf, 2, 3)));

#pragma GCC visibility pop

#endif
