/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Times commands against each other: round by round each is run once, so that what the machine does
 * meanwhile happens to all of them.
 *
 * usage: interleave ROUNDS -- COMMAND... -- COMMAND...
 *
 * Prints for each command the median and the 10th and 90th percentile of its wall time in
 * microseconds, and the median of its ratio to the first one in the same round.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COMMANDS_MAX 16

extern char **environ;

static double now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static double run_once(char **argv)
{
	posix_spawn_file_actions_t actions;
	double began = now_us();
	int status = 0;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	if (posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ) != 0) {
		perror(argv[0]);
		exit(1);
	}
	waitpid(pid, &status, 0);
	posix_spawn_file_actions_destroy(&actions);
	if (status != 0) {
		fprintf(stderr, "interleave: %s failed with status %#x\n", argv[0], status);
		exit(1);
	}
	return now_us() - began;
}

static int compare(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return left < right ? -1 : left > right;
}

static double percentile(double *sorted, size_t n, size_t percent)
{
	return sorted[(n - 1) * percent / 100];
}

int main(int argc, char **argv)
{
	char **commands[COMMANDS_MAX];
	size_t n_commands = 0, rounds;
	double *times;

	rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
	for (int i = 2; i < argc; i++) {
		if (strcmp(argv[i], "--") != 0)
			continue;
		argv[i] = NULL;
		if (n_commands < COMMANDS_MAX && i + 1 < argc)
			commands[n_commands++] = argv + i + 1;
	}
	if (rounds == 0 || n_commands == 0) {
		fprintf(stderr, "usage: interleave ROUNDS -- COMMAND... [-- COMMAND...]\n");
		return 2;
	}
	/* times[c * rounds + r], and behind them room for the ratios of one command */
	times = calloc((n_commands + 1) * rounds, sizeof(*times));
	if (!times)
		return 1;
	for (size_t c = 0; c < n_commands; c++) /* fills the caches */
		run_once(commands[c]);
	for (size_t r = 0; r < rounds; r++)
		for (size_t c = 0; c < n_commands; c++)
			times[c * rounds + r] = run_once(commands[c]);
	printf("%10s %10s %10s %10s\n", "median us", "p10", "p90", "ratio");
	for (size_t c = n_commands; c-- > 0;) {
		double *ratios = times + n_commands * rounds, *own = times + c * rounds;

		for (size_t r = 0; r < rounds; r++)
			ratios[r] = own[r] / times[r];
		qsort(ratios, rounds, sizeof(*ratios), compare);
		qsort(own, rounds, sizeof(*own), compare);
		printf("%10.0f %10.0f %10.0f %10.3f  %s\n", percentile(own, rounds, 50),
		       percentile(own, rounds, 10), percentile(own, rounds, 90),
		       percentile(ratios, rounds, 50), commands[c][0]);
	}
	free(times);
	return 0;
}
