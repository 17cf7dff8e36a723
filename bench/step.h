/* SPDX-License-Identifier: Apache-2.0 */
/* A step of a program that is measured: a command, run once, many times in a row, or many at once. */
#ifndef BENCH_STEP_H
#define BENCH_STEP_H

#include <stdbool.h>
#include <stddef.h>

struct step_result {
	double wall_us;
	double cpu_us;   /* of the command and of what it waited for */
	double peak_kib; /* of the largest process among them */
};

struct step {
	const char *name;
	char **argv;
	size_t n_runs;
	bool is_at_once;
};

/* "NAME", "NAME*N" or "NAME&N"; cuts what follows the name off. */
void step_parse(char *name, char **argv, struct step *ret_step);
bool step_is_reported(const struct step *step);
/* Ends us when the command fails: what failed is no measurement. */
struct step_result step_run(const struct step *step, const char *program);

#endif
