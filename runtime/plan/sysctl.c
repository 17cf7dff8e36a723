/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kernel parameters. Only those that belong to one of the container's namespaces may be set: any
 * other would change the host.
 */
#include "namespace_names.h"
#include "plan_parts.h"

#include <errno.h>
#include <linux/sched.h>
#include <string.h>

/* Which namespace a parameter belongs to; a path that ends with "/" stands for all below it. */
static const struct sysctl_row {
	const char *path;
	uint64_t clone_flag;
} sysctl_rows[] = {
	{ "net/", CLONE_NEWNET },
	{ "fs/mqueue/", CLONE_NEWIPC },
	{ "kernel/msgmax", CLONE_NEWIPC },
	{ "kernel/msgmnb", CLONE_NEWIPC },
	{ "kernel/msgmni", CLONE_NEWIPC },
	{ "kernel/sem", CLONE_NEWIPC },
	{ "kernel/shmall", CLONE_NEWIPC },
	{ "kernel/shmmax", CLONE_NEWIPC },
	{ "kernel/shmmni", CLONE_NEWIPC },
	{ "kernel/shm_rmid_forced", CLONE_NEWIPC },
	{ "kernel/domainname", CLONE_NEWUTS },
	{ "user/", CLONE_NEWUSER },
};

static const struct sysctl_row *find_row(const char *path)
{
	for (size_t i = 0; i < sizeof(sysctl_rows) / sizeof(sysctl_rows[0]); i++) {
		const char *row = sysctl_rows[i].path;
		size_t len = strlen(row);

		if (row[len - 1] == '/' ? strncmp(path, row, len) == 0 : strcmp(path, row) == 0)
			return &sysctl_rows[i];
	}
	return NULL;
}

/*
 * sysctl.d(5): when the first separator of a key is a dot, dots separate and a slash stands for a
 * dot in a name ("net.ipv4.conf.eno2/100.rp_filter"); else the key is a path as it stands.
 */
static char *key_to_path(struct arena *arena, const char *key)
{
	char *path = arena_strdup(arena, key);

	if (key[strcspn(key, "./")] == '/')
		return path;
	for (char *c = path; *c; c++) {
		if (*c == '.')
			*c = '/';
		else if (*c == '/')
			*c = '.';
	}
	return path;
}

/* A component that is empty, "." or "..": a key that does not name a parameter directly. */
static bool is_crooked(const char *path)
{
	for (;;) {
		size_t len = strcspn(path, "/");

		if (len == 0 || (len == 1 && path[0] == '.') ||
		    (len == 2 && path[0] == '.' && path[1] == '.'))
			return true;
		if (!path[len])
			return false;
		path += len + 1;
	}
}

static int check_sysctl(const struct plan_input *in, const struct spec_pair *pair, const char *path,
			const char *origin, struct err *err)
{
	const char *domainname = in->spec->domainname;
	const struct sysctl_row *row = find_row(path);

	if (is_crooked(path))
		return err_at(err, origin, EINVAL, "\"%s\" is not the name of a sysctl", pair->key);
	if (strcmp(path, "kernel/hostname") == 0) {
		err_at(err, origin, EINVAL, "sysctl \"%s\" is what hostname is for", pair->key);
		return err_hint(err, "set /hostname instead");
	}
	if (!row)
		return err_at(err, origin, EINVAL,
			      "sysctl \"%s\" is not namespaced, it would change the host",
			      pair->key);
	if (!plan_has_ns(in->ns, row->clone_flag)) {
		plan_needs_ns(origin, "sysctl", row->clone_flag, err);
		return err_wrap(err, "\"%s\"", pair->key);
	}
	if (row->clone_flag == CLONE_NEWUTS && domainname && domainname[0] &&
	    strcmp(domainname, pair->value) != 0)
		return err_at(err, origin, EINVAL, "sysctl \"%s\" differs from domainname \"%s\"",
			      pair->key, domainname);
	return 0;
}

int plan_build_sysctls(const struct plan_input *in, struct plan_writes *ret_sysctls,
		       struct err *err)
{
	const struct spec_pairs *pairs = &in->spec->linux_.sysctl;
	struct plan_write *writes = ARENA_ARRAY(in->arena, struct plan_write, pairs->n);

	for (size_t i = 0; i < pairs->n; i++) {
		const struct spec_pair *pair = &pairs->v[i];
		const char *path = key_to_path(in->arena, pair->key);
		const char *origin = plan_pointer(in->arena, "/linux/sysctl", pair->key);

		TRY(check_sysctl(in, pair, path, origin, err));
		writes[i] = (struct plan_write){
			.path = arena_printf(in->arena, "sys/%s", path),
			.value = arena_strdup(in->arena, pair->value),
			.origin = origin,
		};
	}
	*ret_sysctls = (struct plan_writes){ .n = pairs->n, .v = writes };
	return 0;
}
