/* SPDX-License-Identifier: Apache-2.0 */
/* The environment of the container's process. */
#include "plan_parts.h"

#include <stdlib.h>
#include <string.h>

struct env_key {
	const char *text;
	size_t len;
	size_t index;
};

static int compare_key(const void *a, const void *b)
{
	const struct env_key *left = a, *right = b;
	size_t shorter = left->len < right->len ? left->len : right->len;
	int order = memcmp(left->text, right->text, shorter);

	if (order == 0 && left->len != right->len)
		order = left->len < right->len ? -1 : 1;
	if (order == 0)
		order = left->index < right->index ? -1 : 1;
	return order;
}

static bool is_same_key(const struct env_key *a, const struct env_key *b)
{
	return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

/* Of entries with one key all but the last are dropped. Sorted: a config may have thousands. */
static bool *find_duplicates(struct arena *arena, const struct spec_strings *env)
{
	struct env_key *keys = ARENA_ARRAY(arena, struct env_key, env->n);
	bool *is_dropped = ARENA_ARRAY(arena, bool, env->n);

	for (size_t i = 0; i < env->n; i++)
		keys[i] = (struct env_key){ env->v[i], strcspn(env->v[i], "="), i };
	qsort(keys, env->n, sizeof(keys[0]), compare_key);
	for (size_t i = 1; i < env->n; i++)
		if (is_same_key(&keys[i - 1], &keys[i]))
			is_dropped[keys[i - 1].index] = true;
	return is_dropped;
}

char **plan_build_env(struct arena *arena, const struct spec_strings *env, bool *ret_has_home)
{
	const bool *is_dropped = find_duplicates(arena, env);
	/* Two NULLs behind the last entry: init puts HOME into the first when there is none. */
	char **envp = ARENA_ARRAY(arena, char *, env->n + 2);
	size_t n = 0;

	*ret_has_home = false;
	for (size_t i = 0; i < env->n; i++) {
		if (is_dropped[i])
			continue;
		/* An empty HOME is as good as none, which is taken from the container's passwd. */
		if (strcmp(env->v[i], "HOME=") == 0)
			continue;
		if (strncmp(env->v[i], "HOME=", strlen("HOME=")) == 0)
			*ret_has_home = true;
		envp[n++] = arena_strdup(arena, env->v[i]);
	}
	return envp;
}
