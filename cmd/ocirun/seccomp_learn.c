/* SPDX-License-Identifier: Apache-2.0 */
#include "seccomp_learn.h"

#include "fd.h"
#include "io.h"
#include "json_text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct seccomp_seen {
	const char *arch; /* of a table: not owned */
	char *name;
};

/* What the kernel or the runtime does for every process, whether it was seen or not. */
static const char *const always[] = {
	"exit", "exit_group", "read", "restart_syscall", "rt_sigreturn", "write",
};

/* ---- learning ---- */

int seccomp_lesson_begin(struct seccomp_lesson *lesson, const char *path, struct err *err)
{
	lesson->fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0644);
	if (lesson->fd < 0) {
		err_sys(err, "open the file for the seccomp profile '%s'", path);
		return err_path(err, path);
	}
	return 0;
}

void seccomp_lesson_done(struct seccomp_lesson *lesson)
{
	for (size_t i = 0; i < lesson->n; i++)
		free(lesson->v[i].name);
	free(lesson->v);
	fd_close(&lesson->fd);
}

static bool is_known(const struct seccomp_lesson *lesson, const char *arch, const char *name)
{
	for (size_t i = 0; i < lesson->n; i++)
		if (strcmp(lesson->v[i].arch, arch) == 0 && strcmp(lesson->v[i].name, name) == 0)
			return true;
	return false;
}

static int add(struct seccomp_lesson *lesson, const char *arch, const char *name)
{
	if (lesson->n == lesson->room) {
		size_t room = lesson->room ? 2 * lesson->room : 128;
		struct seccomp_seen *v = realloc(lesson->v, room * sizeof(*v));

		if (!v)
			return -ENOMEM;
		lesson->v = v;
		lesson->room = room;
	}
	lesson->v[lesson->n] = (struct seccomp_seen){ .arch = arch, .name = strdup(name) };
	return lesson->v[lesson->n].name ? (int)lesson->n++ : -ENOMEM;
}

void seccomp_lesson_add(void *context, const struct seccomp_call *call)
{
	struct seccomp_lesson *lesson = context;

	if (!call->arch || !call->name)
		lesson->n_unknown++;
	else if (!is_known(lesson, call->arch, call->name) &&
		 add(lesson, call->arch, call->name) < 0)
		lesson->is_out_of_memory = true;
}

/* ---- the profile ---- */

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted, each once: a call of several architectures has one name. */
static json_t *names_json(const struct seccomp_lesson *lesson)
{
	size_t n = 0, n_always = sizeof(always) / sizeof(always[0]);
	const char **names = calloc(lesson->n + n_always, sizeof(*names));
	json_t *array = json_array();

	for (size_t i = 0; names && i < lesson->n; i++)
		names[n++] = lesson->v[i].name;
	for (size_t i = 0; names && i < n_always; i++)
		names[n++] = always[i];
	if (names)
		qsort(names, n, sizeof(*names), by_name);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || strcmp(names[i - 1], names[i]) != 0)
			json_push(array, json_text(names[i]));
	free(names);
	return array;
}

static json_t *archs_json(const struct seccomp_lesson *lesson)
{
	json_t *array = json_array(), *arch;
	size_t index;

	for (size_t i = 0; i < lesson->n; i++) {
		bool is_there = false;

		json_array_foreach(array, index, arch)
			is_there |= strcmp(json_string_value(arch), lesson->v[i].arch) == 0;
		if (!is_there)
			json_push(array, json_text(lesson->v[i].arch));
	}
	return array;
}

static json_t *profile_json(const struct seccomp_lesson *lesson)
{
	return json_pack("{s:s, s:i, s:o*, s:[{s:o*, s:s}]}", "defaultAction", "SCMP_ACT_ERRNO",
			 "defaultErrnoRet", EPERM, "architectures", archs_json(lesson), "syscalls",
			 "names", names_json(lesson), "action", "SCMP_ACT_ALLOW");
}

int seccomp_lesson_write(struct seccomp_lesson *lesson, const struct log *log, struct err *err)
{
	AUTO(json) json_t *profile = profile_json(lesson);
	AUTO(json_dump) char *text = json_dump(profile, JSON_INDENT(2));
	int ret;

	if (!text || json_is_incomplete() || lesson->is_out_of_memory)
		return err_set(err, ENOMEM, "no memory for the seccomp profile");
	if (lesson->n_unknown)
		log_warning(log,
			    "%zu calls are not in the profile: libseccomp has no name for them",
			    lesson->n_unknown);
	/* A pipe cannot be cut to a length, and needs not be. */
	if (ftruncate(lesson->fd, 0) < 0 && errno != EINVAL)
		return err_sys(err, "write the seccomp profile");
	ret = io_write_all(lesson->fd, text, strlen(text));
	if (ret == 0)
		ret = io_write_all(lesson->fd, "\n", 1);
	return ret < 0 ? err_errno(err, ret, "write the seccomp profile") : 0;
}

/* ---- explaining ---- */

void seccomp_explain_call(void *context, const struct seccomp_call *call)
{
	char path[64], program[32] = "?", errno_text[64] = "";

	snprintf(path, sizeof(path), "/proc/%d/comm", call->pid);
	io_read_small(AT_FDCWD, path, program, sizeof(program));
	if (call->errnum)
		snprintf(errno_text, sizeof(errno_text), " with %s", strerrorname_np(call->errnum));
	log_warning(context,
		    "seccomp: %s denies%s process %d (%s) the call %s(%#llx, %#llx, %#llx, %#llx, "
		    "%#llx, %#llx), number %d of %s",
		    call->action, errno_text, call->pid, program, call->name ? call->name : "?",
		    (unsigned long long)call->args[0], (unsigned long long)call->args[1],
		    (unsigned long long)call->args[2], (unsigned long long)call->args[3],
		    (unsigned long long)call->args[4], (unsigned long long)call->args[5], call->nr,
		    call->arch ? call->arch : "an unknown ABI");
}
