/* SPDX-License-Identifier: Apache-2.0 */
/* The commands that are swept: what there has to be before, and what is true after. */
#ifndef OCIRUN_TEST_SUBJECT_H
#define OCIRUN_TEST_SUBJECT_H

#include "place.h"
#include "stepper.h"

/* How far a container has got. */
enum stage {
	STAGE_NONE, /* there is none */
	STAGE_CREATED,
	STAGE_RUNNING,
	STAGE_PAUSED,
	STAGE_STOPPED,
};

struct subject {
	const char *name;
	const char *bundle;
	enum stage before, after;
	const char
		*args[12]; /* behind --root ROOT; @ID, @BUNDLE, @ONCE, @RUN stand for a place's */
	bool is_rootless;
	bool follows_init; /* init's calls count too */
	bool makes;        /* the container, with the command's own standard output */
	bool tells;        /* what it prints is always the same, but for numbers */
	bool is_survey;    /* as long as no call fails: that is one more thing to tell */
	bool is_detached;  /* the command is over before its program has told all */
};

extern const struct subject subjects[];

/* Which program is tested, and how. */
struct tested {
	const char *ocirun;  /* the program */
	const char *dynamic; /* the same, whose allocations can fail; NULL: none */
	const char *preload; /* alloc_fail.so */
};

/* What a run without any fault gave, to compare with. */
struct golden {
	char *output; /* of the command */
	char *inside; /* of the container's program */
};

struct attempt {
	const struct tested *tested;
	const struct subject *subject;
	struct place *place;
	struct golden *golden;
	struct fault fault;
	struct stepped stepped;
	char why[1024]; /* what was wrong */
};

/* Brings a container to the subject's stage, runs it with the fault. */
void attempt_run(struct attempt *attempt);

/* Whether all is as it has to be after that; else attempt->why. */
bool attempt_check(struct attempt *attempt);

/* Runs it without a fault and keeps what it gave. */
void golden_make(struct attempt *attempt);

#endif
