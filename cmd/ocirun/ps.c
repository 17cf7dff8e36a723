/* SPDX-License-Identifier: Apache-2.0 */
/* ps: the processes of a container, as numbers or as lines of the host's ps(1). */
#include "commands.h"
#include "fd.h"
#include "io.h"
#include "owned.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define BLANKS " \t"

enum ps_format {
	PS_TABLE,
	PS_JSON,
};

struct ps_values {
	enum ps_format format;
};

static const char *const ps_formats[] = {
	[PS_TABLE] = "table",
	[PS_JSON] = "json",
	[PS_JSON + 1] = NULL,
};

static const struct option ps_options[] = {
	{ "format", 'f', OPTION(struct ps_values, format), .choices = ps_formats, .value = "FORMAT",
	  .help = "table (the default) or json" },
	{ 0 },
};

struct pids {
	size_t n;
	pid_t *v;
};

/* ---- running ps ---- */

static int start(char *const *argv, int out_fd, pid_t *ret_pid, struct err *err)
{
	posix_spawn_file_actions_t actions;
	int ret;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, out_fd, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out_fd, STDERR_FILENO);
	ret = posix_spawnp(ret_pid, "ps", &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (ret == 0)
		return 0;
	err_errno(err, ret, "run ps");
	return err_hint(err, "install procps, or use --format json");
}

/* Everything that can be read, malloc()ed with a NUL behind it; NULL after an error. */
static char *read_all(int fd, struct err *err)
{
	AUTO(text) char *text = NULL;
	size_t len = 0;

	for (size_t room = 1u << 16;; room *= 2) {
		char *more = realloc(text, room + 1);
		ssize_t n;

		if (!more) {
			err_set(err, ENOMEM, "no memory for the output of ps");
			return NULL;
		}
		text = more;
		n = io_read_some(fd, text + len, room - len);
		if (n < 0) {
			err_errno(err, (int)n, "read the output of ps");
			return NULL;
		}
		len += (size_t)n;
		text[len] = '\0';
		if (len < room)
			return TAKE(text);
	}
}

static int check_status(pid_t pid, const char *text, struct err *err)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_sys(err, "wait for ps");
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return err_set(err, ECHILD, "ps failed: %.*s", (int)strcspn(text, "\n"), text);
	return 0;
}

/* The output of ps, malloc()ed; NULL after an error. */
static char *run_ps(char *const *argv, struct err *err)
{
	AUTO(text) char *text = NULL;
	AUTO_FD read_fd = -1;
	AUTO_FD write_fd = -1;
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0) {
		err_sys(err, "pipe");
		return NULL;
	}
	read_fd = fds[0];
	write_fd = fds[1];
	if (start(argv, write_fd, &pid, err) < 0)
		return NULL;
	fd_close(&write_fd);
	text = read_all(read_fd, err);
	fd_close(&read_fd);
	if (!text || check_status(pid, text, err) < 0)
		return NULL;
	return TAKE(text);
}

/* ---- its lines ---- */

/* The word number @column of a line; its length, 0 when there is none. */
static size_t word(const char *line, size_t column, const char **ret_word)
{
	size_t len = 0;

	for (size_t i = 0; i <= column; i++) {
		line += len;
		line += strspn(line, BLANKS);
		len = strcspn(line, BLANKS "\n");
	}
	*ret_word = line;
	return len;
}

static int find_pid_column(const char *head, size_t *ret_column, struct err *err)
{
	const char *at;
	size_t len;

	for (size_t column = 0; (len = word(head, column, &at)) > 0; column++) {
		if (len == 3 && strncmp(at, "PID", len) == 0) {
			*ret_column = column;
			return 0;
		}
	}
	err_set(err, EINVAL, "couldn't find PID field in ps output");
	return err_hint(err, "options for ps have to make it print a column PID");
}

static int compare_pids(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return (x > y) - (x < y);
}

static int print_lines(const char *text, const struct pids *pids, struct err *err)
{
	size_t len = strcspn(text, "\n"), column = 0;

	TRY(find_pid_column(text, &column, err));
	printf("%.*s\n", (int)len, text);
	for (text += len; *(text += *text == '\n'); text += len) {
		const char *at;
		size_t n = word(text, column, &at);
		pid_t pid = (pid_t)atoi(at);

		len = strcspn(text, "\n");
		if (len == 0)
			continue;
		if (n == 0 || strspn(at, "0123456789") != n)
			return err_set(err, EINVAL, "unable to parse pid: \"%.*s\"", (int)n, at);
		if (pids->n && bsearch(&pid, pids->v, pids->n, sizeof(pid), compare_pids))
			printf("%.*s\n", (int)len, text);
	}
	return 0;
}

/* @arguments: the container, then those of ps. */
static int print_table(const struct arguments *arguments, const struct pids *pids, struct err *err)
{
	static char ps[] = "ps", all[] = "-ef";
	AUTO(values) void *memory = calloc((size_t)arguments->n + 2, sizeof(char *));
	AUTO(text) char *text = NULL;
	char **argv = memory;

	if (!argv)
		return err_set(err, ENOMEM, "no memory for the arguments of ps");
	argv[0] = ps;
	argv[1] = all;
	for (int i = 1; i < arguments->n; i++)
		argv[i] = arguments->v[i];
	text = run_ps(argv, err);
	if (!text)
		return -err->code;
	return print_lines(text, pids, err);
}

/* ---- ---- */

static void print_json(const struct pids *pids)
{
	if (pids->n == 0)
		printf("null");
	for (size_t i = 0; i < pids->n; i++)
		printf("%c%d", i ? ',' : '[', (int)pids->v[i]);
	printf("%s\n", pids->n ? "]" : "");
}

static int ps_container(struct cli *cli, const void *values, const struct arguments *arguments,
			struct err *err)
{
	const struct ps_values *v = values;
	struct pids pids;
	int ret = 0;

	TRY(op_ps(&cli->ops, arguments->v[0], &pids.v, &pids.n, err));
	if (v->format == PS_JSON)
		print_json(&pids);
	else
		ret = print_table(arguments, &pids, err);
	free(pids.v);
	return ret;
}

const struct command command_ps = {
	.name = "ps",
	.arguments = "CONTAINER [PS-OPTION...]",
	.min_arguments = 1,
	.max_arguments = 1 << 20,
	.summary = "list the processes of a container",
	.description = "A table has the container's lines of 'ps -ef', or of ps with the options "
		       "given; JSON\n"
		       "is an array of process ids. Both are those that the host sees.\n",
	.example = "$0 ps c1\n"
		   "$0 ps c1 -e -o pid,rss,args\n"
		   "$0 ps --format json c1\n",
	.options = (const struct option *const[]){ ps_options, NULL },
	.values_size = sizeof(struct ps_values),
	.stop_after = 1,
	.run = ps_container,
};
