/* SPDX-License-Identifier: Apache-2.0 */
#include "idmap_program.h"

#include "hook.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define NUMBER_BYTES  sizeof("4294967295")
#define RUN_TIMEOUT_S 30 /* who asks a directory service may wait for it */

/* The last is where NixOS has what is setuid. */
static const char *const directories[] = { "/usr/bin", "/usr/local/bin", "/run/wrappers/bin" };
#define N_DIRECTORIES (sizeof(directories) / sizeof(directories[0]))

/* Root's, of nobody else to write, and with the rights of root or of file capabilities. */
static int check(const char *path, const struct stat *st, struct err *err)
{
	if (!S_ISREG(st->st_mode) || st->st_uid != 0 || (st->st_mode & 022))
		return err_set(err, EPERM, "'%s' is not root's alone (user %u, mode %04o)", path,
			       st->st_uid, st->st_mode & 07777);
	if (access(path, X_OK) < 0)
		return err_sys(err, "execute '%s'", path);
	if (!(st->st_mode & S_ISUID) && getxattr(path, "security.capability", NULL, 0) <= 0) {
		err_set(err, EPERM, "'%s' has no right to map ids", path);
		return err_hint(err, "as root: chmod u+s '%s', or install its package anew", path);
	}
	return 0;
}

int idmap_program_find(const char *name, char ret_path[IDMAP_PROGRAM_PATH_MAX], struct err *err)
{
	for (size_t i = 0; i < N_DIRECTORIES; i++) {
		struct stat st;

		snprintf(ret_path, IDMAP_PROGRAM_PATH_MAX, "%s/%s", directories[i], name);
		if (stat(ret_path, &st) == 0)
			return check(ret_path, &st, err);
	}
	err_set(err, ENOENT, "mapping other ids than one's own takes %s, which is not there", name);
	return err_hint(err, "install it (Debian has it in uidmap, others in shadow-utils), or map "
			     "your own id alone");
}

int idmap_program_run(const char *name, pid_t pid, const struct plan_id_maps *maps, struct err *err)
{
	char path[IDMAP_PROGRAM_PATH_MAX];
	char numbers[1 + 3 * PLAN_ID_MAPS_MAX][NUMBER_BYTES];
	char *argv[2 + 3 * PLAN_ID_MAPS_MAX + 1] = { path, numbers[0] };
	char *envp[] = { NULL };
	const struct plan_hook program = {
		.path = path, .argv = argv, .envp = envp, .timeout_s = RUN_TIMEOUT_S
	};

	TRY(idmap_program_find(name, path, err));
	snprintf(numbers[0], NUMBER_BYTES, "%d", pid);
	for (size_t i = 0; i < maps->n; i++) {
		const struct plan_id_map *map = &maps->v[i];
		const uint32_t values[3] = { map->inside, map->outside, map->size };

		for (size_t k = 0; k < 3; k++) {
			argv[2 + 3 * i + k] = numbers[1 + 3 * i + k];
			snprintf(numbers[1 + 3 * i + k], NUMBER_BYTES, "%u", values[k]);
		}
	}
	if (hook_run_helper(&program, err) == 0)
		return 0;
	err_wrap(err, "%s", name);
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
		err_hint(err,
			 "ocirun was started with no_new_privs, which takes its rights from %s",
			 name);
	return -err->code;
}
