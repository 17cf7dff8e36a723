/* SPDX-License-Identifier: Apache-2.0 */
/* A plan as text, for `explain` and for tests that compare whole plans. */
#ifndef OCIRUN_PLAN_PLAN_PRINT_H
#define OCIRUN_PLAN_PLAN_PRINT_H

struct plan;

/*
 * Calls @line for each entry, in the order of the plan. The same plan gives the same text: flags by
 * name, texts of the user in quotes with what does not print escaped, and at the end of a line
 * the JSON pointer of what asked for the entry, in brackets. A text is valid during its call only.
 */
void plan_print(const struct plan *plan, void (*line)(void *context, const char *text),
		void *context);

#endif
