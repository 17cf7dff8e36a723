/* SPDX-License-Identifier: Apache-2.0 */
/* Running the program with what it must refuse. */
#ifndef OCIRUN_TESTS_BAD_INPUT_THROUGH_H
#define OCIRUN_TESTS_BAD_INPUT_THROUGH_H

#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

/* ---- watched.c: a process that dies of its first system call with an effect ---- */

struct watched {
	scmp_filter_ctx filter;
	int errors_fd;
};

struct watched_result {
	int signal; /* SIGSYS: there was such a call; SIGALRM: it took too long */
	int status;
	char errors[8192]; /* what it wrote to stderr */
};

void watched_init(struct watched *watched);
void watched_run(const struct watched *watched, char *const *argv, struct watched_result *result);

/* ---- through.c ---- */

struct path_state;

struct through {
	struct watched watched;
	unsigned int step, seen, n, n_wrong;
	const char *file;
	char **command;
	size_t n_paths;
	struct path_state *paths;
};

/* Whether the command fails, says one line with @part in it, and does nothing else. */
bool through_refuses(struct through *through, char *const *argv, const char *part,
		     const char *what);

/* arguments.c: all commands with wrong options, arguments and ids. */
void through_arguments(struct through *through);

#endif
