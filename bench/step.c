/* SPDX-License-Identifier: Apache-2.0 */
#include "step.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RUNS_MAX      1000
#define ARGUMENTS_MAX 32
#define ARGUMENT_MAX  256
#define GONE_SECONDS  10

extern char **environ;

void step_parse(char *name, char **argv, struct step *ret_step)
{
	char *mark = strpbrk(name, "*&");

	*ret_step = (struct step){ .name = name, .argv = argv, .n_runs = 1 };
	if (!mark)
		return;
	ret_step->is_at_once = *mark == '&';
	ret_step->n_runs = strtoul(mark + 1, NULL, 10);
	*mark = '\0';
	if (ret_step->n_runs == 0 || ret_step->n_runs > RUNS_MAX) {
		fprintf(stderr, "interleave: '%s' runs 1 to %d times\n", name, RUNS_MAX);
		exit(2);
	}
}

bool step_is_reported(const struct step *step)
{
	return strcmp(step->name, "-") != 0 && strcmp(step->name, "=") != 0;
}

static double now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

/* The arguments of run @n, each "%" being that number. */
static char **arguments(const struct step *step, size_t n)
{
	static char texts[ARGUMENTS_MAX][ARGUMENT_MAX];
	static char *argv[ARGUMENTS_MAX + 1];
	size_t i;

	if (step->n_runs == 1)
		return step->argv;
	for (i = 0; step->argv[i] && i < ARGUMENTS_MAX; i++) {
		const char *text = step->argv[i], *mark = strchr(text, '%');

		if (mark)
			snprintf(texts[i], ARGUMENT_MAX, "%.*s%zu%s", (int)(mark - text), text, n,
				 mark + 1);
		else
			snprintf(texts[i], ARGUMENT_MAX, "%s", text);
		argv[i] = texts[i];
	}
	argv[i] = NULL;
	return argv;
}

static pid_t spawn(char **argv)
{
	posix_spawn_file_actions_t actions;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	if (posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ) != 0) {
		perror(argv[0]);
		exit(1);
	}
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

static double seconds_us(struct timeval tv)
{
	return (double)tv.tv_sec * 1e6 + (double)tv.tv_usec;
}

static void wait_for(pid_t pid, const struct step *step, const char *program,
		     struct step_result *result)
{
	struct rusage usage;
	int status;

	if (wait4(pid, &status, 0, &usage) < 0 || status != 0) {
		fprintf(stderr, "interleave: %s of %s failed with status %#x\n", step->name,
			program, (unsigned int)status);
		exit(1);
	}
	result->cpu_us += seconds_us(usage.ru_utime) + seconds_us(usage.ru_stime);
	if (result->peak_kib < (double)usage.ru_maxrss)
		result->peak_kib = (double)usage.ru_maxrss;
}

static void wait_for_all(const char *program)
{
	double began = now_us();

	while (waitpid(-1, NULL, WNOHANG) >= 0) {
		if (now_us() - began > GONE_SECONDS * 1e6) {
			fprintf(stderr, "interleave: %s left a process running\n", program);
			exit(1);
		}
		usleep(200);
	}
}

struct step_result step_run(const struct step *step, const char *program)
{
	struct step_result result = { 0 };
	pid_t pids[RUNS_MAX];
	double began;

	if (strcmp(step->name, "=") == 0) {
		wait_for_all(program);
		return result;
	}
	began = now_us();
	for (size_t n = 0; n < step->n_runs; n++) {
		pids[n] = spawn(arguments(step, n));
		if (!step->is_at_once)
			wait_for(pids[n], step, program, &result);
	}
	for (size_t n = 0; n < step->n_runs && step->is_at_once; n++)
		wait_for(pids[n], step, program, &result);
	result.wall_us = now_us() - began;
	return result;
}
