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
 * A program may be named again: its steps then come once more, in that place of the round.
 *
 * Prints a line per round, step and program, with tabs: round, step, program, wall time and CPU time
 * in microseconds, KiB of the largest process. summary.awk makes medians and ratios of them.
 */
#include "step.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#define PROGRAMS_MAX 16
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

static void report(size_t round, const struct program *program, const struct step *step,
		   const struct step_result *result)
{
	printf("%zu\t%s\t%s\t%.0f\t%.0f\t%.0f\n", round, step->name, program->name, result->wall_us,
	       result->cpu_us, result->peak_kib);
}

/* Round 0 fills the caches: what it takes is not reported. */
static void run_round(const struct program *program, size_t round)
{
	for (size_t i = 0; i < program->n_steps; i++) {
		const struct step *step = &program->steps[i];
		struct step_result result = step_run(step, program->name);

		if (round > 0 && step_is_reported(step))
			report(round, program, step, &result);
	}
}

int main(int argc, char **argv)
{
	(void)argc;
	parse(argv + 1);
	/* What a program leaves running becomes ours, so that its end can be waited for. */
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	for (size_t round = 0; round <= n_rounds; round++)
		for (size_t p = 0; p < n_programs; p++)
			run_round(&programs[p], round);
	return 0;
}
