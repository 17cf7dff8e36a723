/* SPDX-License-Identifier: Apache-2.0 */
/* From argv[0] to execve(2). */
#include "program.h"

#include "program_cause.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define EXECVP_PATH  "/bin:/usr/bin" /* which execvp(3) takes without PATH */
#define IN_CONTAINER "in the container"

const char *program_errno_text(int errnum)
{
	return errnum == ENOENT    ? "no such file or directory"
	       : errnum == ENOTDIR ? "not a directory"
	       : errnum == EACCES  ? "permission denied"
	       : errnum == EISDIR  ? "is a directory"
				   : strerror(errnum);
}

/* 0 when @path can be executed by us, or -errno with the reason. */
static int check_executable(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) < 0)
		return -errno;
	return 0;
}

static const char *env_value(char *const *envp, const char *key)
{
	size_t len = strlen(key);

	for (; *envp; envp++)
		if (strncmp(*envp, key, len) == 0 && (*envp)[len] == '=')
			return *envp + len + 1;
	return NULL;
}

/* The next candidate of @dirs, which moves on. False at the end. */
static bool next_candidate(const char **dirs, const char *name, char ret_path[PATH_MAX])
{
	size_t len;

	if (!*dirs)
		return false;
	len = strcspn(*dirs, ":");
	if (snprintf(ret_path, PATH_MAX, "%.*s/%s", len ? (int)len : 1, len ? *dirs : ".", name) >=
	    PATH_MAX)
		ret_path[0] = '\0';
	*dirs = (*dirs)[len] ? *dirs + len + 1 : NULL;
	return true;
}

static int search_path(const char *dirs, const char *name, struct program *program, struct err *err)
{
	const char *left = dirs;
	char denied[PATH_MAX] = "";

	while (next_candidate(&left, name, program->path)) {
		int ret = check_executable(program->path);

		if (ret == 0)
			return 0;
		if (ret == -EACCES)
			memcpy(denied, program->path, sizeof(denied));
	}
	if (denied[0]) {
		err_set(err, EACCES, "exec: \"%s\": permission denied", name);
		program_explain_path(denied, IN_CONTAINER, program->hint);
	} else {
		err_set(err, ENOENT, "exec: \"%s\": executable file not found in $PATH", name);
		program_explain_search(dirs, name, program->hint);
	}
	return -err->code;
}

static int check_path(const char *name, struct program *program, struct err *err)
{
	int ret;

	if (strlen(name) >= PATH_MAX)
		return err_set(err, ENAMETOOLONG, "exec: the path of the program is too long");
	memcpy(program->path, name, strlen(name) + 1);
	ret = check_executable(name);
	if (ret == 0)
		return 0;
	program_explain_path(name, IN_CONTAINER, program->hint);
	return err_set(err, -ret, "exec %s: %s", name, program_errno_text(-ret));
}

/* The cause joins an error that is already set. */
static int err_cause(const char *path, const char *hint, struct err *err)
{
	err_path(err, path);
	if (hint[0])
		err_hint(err, "%s", hint);
	return err_pointer(err, "/process/args/0");
}

int program_find(const struct plan_process *process, struct program *ret_program, struct err *err)
{
	const char *name = process->argv[0];
	int ret;

	ret_program->is_foreseen = false;
	ret_program->hint[0] = '\0';
	if (strchr(name, '/')) {
		ret = check_path(name, ret_program, err);
	} else {
		const char *dirs = env_value(process->envp, "PATH");

		ret = search_path(dirs ? dirs : EXECVP_PATH, name, ret_program, err);
	}
	return ret < 0 ? err_cause(name, ret_program->hint, err) : 0;
}

void program_foresee(struct program *program)
{
	program_explain_format(program->path, IN_CONTAINER, program->hint);
	program->is_foreseen = true;
}

/* What else execve(2) may mean, by its error; what was found in the file is a better hint. */
static const struct {
	int errnum;
	const char *text;
} exec_hints[] = {
	{ E2BIG, "args and env together are larger than the kernel takes: a quarter of "
		 "RLIMIT_STACK, and 128 KiB for each" },
	{ EAGAIN, "the user has more processes than RLIMIT_NPROC allows" },
	{ EPERM, "a seccomp profile without execve, or a security module, forbids it" },
	{ ELOOP, "its interpreter is a script, whose interpreter is one, and so on: Linux follows "
		 "4 of them" },
	{ ENOSYS, "a seccomp profile without execve forbids it" },
	{ EACCES, "a security module, or a file system that is mounted noexec, forbids it" },
	{ ENOEXEC,
	  "it is neither an ELF program of this machine nor a script that begins with #!" },
	{ ETXTBSY, "somebody has the file open for writing" },
};

int program_exec(const struct plan_process *process, struct program *program, struct err *err)
{
	int errnum;

	execve(program->path, process->argv, process->envp);
	errnum = errno;
	err_set(err, errnum, "exec %s: %s", program->path, program_errno_text(errnum));
	if (!program->is_foreseen)
		program_foresee(program);
	for (size_t i = 0; !program->hint[0] && i < sizeof(exec_hints) / sizeof(exec_hints[0]); i++)
		if (exec_hints[i].errnum == errnum)
			err_hint(err, "%s", exec_hints[i].text);
	return err_cause(program->path, program->hint, err);
}
