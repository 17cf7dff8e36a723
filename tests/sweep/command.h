/* SPDX-License-Identifier: Apache-2.0 */
/* A command that is run by a test, and how it ended. */
#ifndef OCIRUN_TEST_COMMAND_H
#define OCIRUN_TEST_COMMAND_H

#include <stdbool.h>
#include <sys/types.h>

/* The bar: whatever went wrong, a command has ended by then. */
#define COMMAND_SECONDS 10

struct command {
	const char *const *argv; /* argv[0] is a path */
	const char *const *env;  /* more of it: NAME=VALUE, or NULL */
	const char *out, *err;   /* files that are made; NULL: /dev/null */
	uid_t uid;               /* and gid; 0: nothing is changed */
};

struct outcome {
	int status; /* of wait(2) */
	bool has_hung;
};

/* In a child: never returns. */
__attribute__((noreturn)) void command_exec(const struct command *command);

/* Makes the process; who waits for it is the caller. */
pid_t command_spawn(const struct command *command);

/* Runs it to its end; after COMMAND_SECONDS it is killed. */
struct outcome command_run(const struct command *command);

/* waitpid(2) for any child, with __WALL, that gives up at a time: 0 when it is over. */
pid_t wait_until(double time, int *ret_status);

/*
 * Takes note of all children that have ended. One that stops was made in the last moment of a process
 * that was traced, and is unknown to its tracer: it goes on. false when there is no child left.
 */
bool reap_children(void);

/*
 * From now on SIGINT and SIGTERM are only remembered: what is under way is ended and cleaned up.
 * Commands, in process groups of their own, do not get those of a terminal or of timeout(1).
 */
void interrupt_catch(void);
bool was_interrupted(void);

double seconds_now(void);
/* The time in so many seconds; in SLOWNESS times as many where the environment says so. */
double seconds_until(double seconds);

/* What a test cannot go on without. */
__attribute__((noreturn, format(printf, 1, 2))) void die(const char *fmt, ...);

#endif
