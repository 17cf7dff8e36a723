/* SPDX-License-Identifier: Apache-2.0 */
/* Paths as text: pure functions, no system call. */
#ifndef OCIRUN_BASE_PATH_H
#define OCIRUN_BASE_PATH_H

#include "arena.h"

#include <stdbool.h>

/*
 * The lexically shortest absolute form: "/" in front, no "." or ".." or empty component. ".." at
 * the root stays there. Symbolic links are not looked at: for paths that the kernel resolves
 * inside a root anyway, and for comparing what a user wrote.
 */
char *path_clean(struct arena *arena, const char *path);

/* @path itself when it is absolute, else "@base/@path"; cleaned. */
char *path_absolute(struct arena *arena, const char *base, const char *path);

/* Whether cleaned @path is cleaned @dir or lies below it. */
bool path_is_below(const char *path, const char *dir);

#endif
