/* SPDX-License-Identifier: Apache-2.0 */
/* Names are looked up in init's root, by ourselves, from outside: no process enters it for that. */
#include "exec_user.h"

#include "fd.h"
#include "passwd.h"

#include <errno.h>
#include <string.h>

#define MEMBERSHIPS_MAX 1024u
#define NAME_MAX_BYTES  256u

/* What a lookup needs; the root is opened for the first name. */
struct lookup {
	const struct container *container;
	struct arena *arena;
	int root_fd;
};

static int open_root(struct lookup *lookup, struct err *err)
{
	if (lookup->root_fd < 0)
		lookup->root_fd = container_open_root(lookup->container, err);
	return lookup->root_fd < 0 ? lookup->root_fd : 0;
}

/* In the words that callers know from runc. */
static int explain(int ret, const char *what, const char *file, const char *name, struct err *err)
{
	if (ret == -ESRCH || ret == -ENOENT)
		return err_set(err, EINVAL, "unable to find %s %s: no matching entries in %s file",
			       what, name, file);
	return err_errno(err, ret, "unable to find %s %s: read the container's /etc/%s", what, name,
			 file);
}

static void add_gid(struct spec_user *user, uint32_t gid)
{
	struct spec_uints *gids = &user->additional_gids;

	for (size_t i = 0; i < gids->n; i++)
		if (gids->v[i] == gid)
			return;
	gids->v[gids->n++] = gid;
}

/* Makes room for @n more ids. */
static void reserve_gids(struct arena *arena, struct spec_user *user, size_t n)
{
	struct spec_uints *gids = &user->additional_gids;
	uint32_t *v = ARENA_ARRAY(arena, uint32_t, gids->n + n);

	if (gids->n)
		memcpy(v, gids->v, gids->n * sizeof(v[0]));
	gids->v = v;
}

static int find_group(struct lookup *lookup, const char *text, uint32_t *ret_gid, struct err *err)
{
	int ret = passwd_parse_id(text, text + strlen(text), ret_gid);

	if (ret == -ERANGE)
		return err_set(err, EINVAL, "group %s is not below 2^32 - 1", text);
	if (ret == 0)
		return 0;
	if (!*text)
		return err_set(err, EINVAL, "the name of a group is empty");
	TRY(open_root(lookup, err));
	ret = passwd_find_group(lookup->root_fd, text, ret_gid);
	return ret < 0 ? explain(ret, "group", "group", text, err) : 0;
}

static int set_named_user(struct lookup *lookup, const char *name, bool has_group,
			  struct spec_user *user, struct err *err)
{
	gid_t gids[MEMBERSHIPS_MAX];
	ssize_t n;
	int ret;

	TRY(open_root(lookup, err));
	ret = passwd_find_user(lookup->root_fd, name, &user->uid, &user->gid);
	if (ret < 0)
		return explain(ret, "user", "passwd", name, err);
	if (has_group)
		return 0;
	n = passwd_find_memberships(lookup->root_fd, name, gids, MEMBERSHIPS_MAX);
	if (n == -ENOENT) /* an image without groups */
		return 0;
	if (n < 0)
		return explain((int)n, "the groups of user", "group", name, err);
	reserve_gids(lookup->arena, user, (size_t)n);
	for (ssize_t i = 0; i < n; i++)
		add_gid(user, gids[i]);
	return 0;
}

/* "USER" or "USER:GROUP" */
static int set_user(struct lookup *lookup, const char *text, struct spec_user *user,
		    struct err *err)
{
	const char *colon = strchrnul(text, ':');
	int ret = passwd_parse_id(text, colon, &user->uid);

	if (ret == -ERANGE)
		return err_set(err, EINVAL, "--user '%s': the user is not below 2^32 - 1", text);
	if (ret < 0) {
		char name[NAME_MAX_BYTES];
		size_t len = (size_t)(colon - text);

		if (len == 0 || len >= sizeof(name))
			return err_set(err, EINVAL, "--user '%s': no name of a user", text);
		memcpy(name, text, len);
		name[len] = '\0';
		TRY(set_named_user(lookup, name, *colon, user, err));
	}
	return *colon ? find_group(lookup, colon + 1, &user->gid, err) : 0;
}

static int add_groups(struct lookup *lookup, const char *const *groups, struct spec_user *user,
		      struct err *err)
{
	size_t n = 0;

	while (groups && groups[n])
		n++;
	if (n == 0)
		return 0;
	reserve_gids(lookup->arena, user, n);
	for (size_t i = 0; i < n; i++) {
		uint32_t gid;

		if (find_group(lookup, groups[i], &gid, err) < 0)
			return err_wrap(err, "--additional-gids '%s'", groups[i]);
		add_gid(user, gid);
	}
	return 0;
}

int exec_user_set(const struct container *container, const struct ops_exec_options *options,
		  struct arena *arena, struct spec_user *user, struct err *err)
{
	struct lookup lookup = { .container = container, .arena = arena, .root_fd = -1 };
	int ret = 0;

	if (options->user)
		ret = set_user(&lookup, options->user, user, err);
	if (ret == 0)
		ret = add_groups(&lookup, options->groups, user, err);
	fd_close(&lookup.root_fd);
	return ret;
}
