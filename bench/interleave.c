/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Times programs against each other: round by round each of them goes through its steps once, so
 * that what the machine does meanwhile happens to all of them.
 *
 * usage: interleave ROUNDS [-- NAME [++ STEP COMMAND...]...]...
 *
 * STEP is the name under which a command is reported, or "-" for one that only has to be done.
 * "NAME*N" runs the command N times in a row, "NAME&N" N of them at once; in its arguments "%" is
 * then the number of the run. The step "=" has no command: it waits until all that was left running
 * is gone.
 *
 * Prints a line per step and program, with tabs: step, program, rounds; median, 10th and 90th
 * percentile of the wall time in microseconds; median of the ratio to the first program in the same
 * round, of the CPU time in microseconds, and of the largest process in KiB.
 */
#include "step.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#define PROGRAMS_MAX 8
#define STEPS_MAX    16

struct program {
	const char *name;
	struct step steps[STEPS_MAX];
	size_t n_steps;
};

static struct program programs[PROGRAMS_MAX];
static size_t n_programs, n_rounds;

__attribute__((noreturn)) static void usage(void)
{
	fprintf(stderr, "usage: interleave ROUNDS [-- NAME [++ STEP COMMAND...]...]...\n");
	exit(2);
}

static void parse(char **argv)
{
	struct program *program = NULL;

	n_rounds = *argv ? strtoul(*argv++, NULL, 10) : 0;
	while (*argv) {
		bool is_program = strcmp(*argv, "--") == 0, is_step = strcmp(*argv, "++") == 0;

		if (is_program || is_step)
			*argv++ = NULL; /* ends the command before */
		if ((is_program || is_step) && !*argv)
			usage();
		if (is_program) {
			if (n_programs == PROGRAMS_MAX)
				usage();
			program = &programs[n_programs++];
			program->name = *argv;
		} else if (is_step) {
			if (!program || program->n_steps == STEPS_MAX)
				usage();
			step_parse(*argv, argv + 1, &program->steps[program->n_steps++]);
		}
		argv++;
	}
	if (n_rounds == 0 || n_programs == 0)
		usage();
}

static int compare(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return left < right ? -1 : left > right;
}

/* Sorts @values. */
static double percentile(double *values, size_t percent)
{
	qsort(values, n_rounds, sizeof(*values), compare);
	return values[(n_rounds - 1) * percent / 100];
}

static const struct step *find_step(const struct program *program, const char *name)
{
	for (size_t i = 0; i < program->n_steps; i++)
		if (strcmp(program->steps[i].name, name) == 0)
			return &program->steps[i];
	return NULL;
}

static double median_of(const struct step *step, size_t member)
{
	double *values = calloc(n_rounds, sizeof(*values)), median;

	for (size_t r = 0; values && r < n_rounds; r++)
		values[r] = *(const double *)((const char *)&step->results[r] + member);
	median = values ? percentile(values, 50) : 0;
	free(values);
	return median;
}

static void report(const struct program *program, const struct step *step)
{
	const struct step *first = find_step(&programs[0], step->name);
	double *wall = calloc(n_rounds, sizeof(*wall)), *ratio = calloc(n_rounds, sizeof(*ratio));
	double p10, p50, p90;

	if (!wall || !ratio)
		exit(1);
	for (size_t r = 0; r < n_rounds; r++) {
		wall[r] = step->results[r].wall_us;
		ratio[r] = first ? wall[r] / first->results[r].wall_us : 0;
	}
	p10 = percentile(wall, 10), p50 = percentile(wall, 50), p90 = percentile(wall, 90);
	printf("%s\t%s\t%zu\t%.0f\t%.0f\t%.0f\t%.3f\t%.0f\t%.0f\n", step->name, program->name,
	       n_rounds, p50, p10, p90, percentile(ratio, 50),
	       median_of(step, offsetof(struct step_result, cpu_us)),
	       median_of(step, offsetof(struct step_result, peak_kib)));
	free(wall);
	free(ratio);
}

static void run_round(struct program *program, size_t round, bool is_counted)
{
	for (size_t i = 0; i < program->n_steps; i++) {
		struct step_result result = step_run(&program->steps[i], program->name);

		if (is_counted)
			program->steps[i].results[round] = result;
	}
}

int main(int argc, char **argv)
{
	(void)argc;
	parse(argv + 1);
	/* What a program leaves running becomes ours, so that its end can be waited for. */
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	for (size_t p = 0; p < n_programs; p++) {
		for (size_t i = 0; i < programs[p].n_steps; i++) {
			struct step *step = &programs[p].steps[i];

			step->results = calloc(n_rounds, sizeof(*step->results));
			if (!step->results)
				return 1;
		}
		run_round(&programs[p], 0, false); /* fills the caches */
	}
	for (size_t r = 0; r < n_rounds; r++)
		for (size_t p = 0; p < n_programs; p++)
			run_round(&programs[p], r, true);
	for (size_t p = 0; p < n_programs; p++)
		for (size_t i = 0; i < programs[p].n_steps; i++)
			if (step_is_reported(&programs[p].steps[i]))
				report(&programs[p], &programs[p].steps[i]);
	return 0;
}
