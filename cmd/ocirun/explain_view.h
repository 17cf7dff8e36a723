/* SPDX-License-Identifier: Apache-2.0 */
/* The forms in which a plan is shown. Private to the command `explain`. */
#ifndef OCIRUN_CMD_EXPLAIN_VIEW_H
#define OCIRUN_CMD_EXPLAIN_VIEW_H

#include "err.h"
#include "plan_explain.h"

#include <stdio.h>

/* The index behind the last fact of the section that begins at @first. */
static inline size_t explain_section_end(const struct plan_explanation *explanation, size_t first)
{
	size_t end = first;

	while (end < explanation->n && explanation->v[end].section == explanation->v[first].section)
		end++;
	return end;
}

/* Columns of @section. */
static inline size_t explain_columns(const struct plan_section *section)
{
	size_t n = 0;

	while (n < PLAN_FACT_CELLS && section->columns[n])
		n++;
	return n;
}

/* A tree on the standard output. */
void explain_print(const struct plan_explanation *explanation, const char *title);

int explain_json(const struct plan_explanation *explanation, struct err *err);

/* A page with the picture and all facts; the picture alone. Both need nothing else. */
void explain_html(const struct plan_explanation *explanation, const char *title, FILE *out);
void explain_svg(const struct plan_explanation *explanation, const char *title, FILE *out);

#endif
