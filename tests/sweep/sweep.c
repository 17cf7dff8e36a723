/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lets each command of the table go wrong at every point, in every way of some kinds, and looks
 * for what is left. See sweep/run for what is built and made before.
 */
#include "argument.h"
#include "subject.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CALLS_MAX      65536
#define ROOTLESS       4711 /* a user that owns nothing else */
#define FAILURES_SHOWN 40

static const int errors[] = { EINTR, ENOMEM, ENOSPC, EIO, EPERM };

/* What a kernel may not have yet, or a filter around us not allow. */
static const long newer[] = {
	SYS_openat2,    SYS_clone3,      SYS_close_range,       SYS_mount_setattr, SYS_open_tree,
	SYS_fsopen,     SYS_fsconfig,    SYS_fsmount,           SYS_move_mount,    SYS_fspick,
	SYS_pidfd_open, SYS_pidfd_getfd, SYS_pidfd_send_signal, SYS_memfd_create,  SYS_faccessat2,
	SYS_statx,      SYS_execveat,
};

#define N(array) (sizeof(array) / sizeof((array)[0]))

struct options {
	struct tested tested;
	const char *bundles, *probe, *dir;
	const char *kinds;      /* a list, in commas */
	const char *wanted[64]; /* subjects; none: all */
	size_t n_wanted;
	unsigned long jobs, stride, seed, point;
};

/* What the workers of one subject and kind tell. */
struct counts {
	unsigned long cases, failed, missed;
};

/* A subject with what is known of its calls. */
struct batch {
	const struct options *options;
	const struct subject *subject;
	const char *kind;
	struct step_call *calls;
	size_t points;
	struct fault *faults;
	size_t n;
	struct counts *counts; /* shared */
};

/* ---- the faults of a kind ---- */

static void add(struct batch *batch, struct fault fault)
{
	if (batch->n % 1024 == 0) {
		batch->faults = realloc(batch->faults, (batch->n + 1024) * sizeof(fault));
		if (!batch->faults)
			die("no memory");
	}
	batch->faults[batch->n++] = fault;
}

static bool is_newer(long nr)
{
	for (size_t i = 0; i < N(newer); i++)
		if (newer[i] == nr)
			return true;
	return false;
}

static void plan_kill(struct batch *batch)
{
	bool has_child = batch->subject->follows_init;

	for (size_t i = 0; i < batch->points; i++) {
		has_child |= batch->calls[i].is_child;
		add(batch, (struct fault){ .kind = FAULT_KILL_PARENT, .point = i + 1 });
		if (!has_child)
			continue;
		add(batch, (struct fault){ .kind = FAULT_KILL_CHILD, .point = i + 1 });
		add(batch, (struct fault){ .kind = FAULT_KILL_ALL, .point = i + 1 });
	}
}

static void plan_error(struct batch *batch)
{
	for (size_t i = 0; i < batch->points; i++) {
		struct fault fault = { .kind = FAULT_ERROR, .point = i + 1 };

		if (!stepper_can_fail(batch->calls[i].nr))
			continue;
		for (size_t k = 0; k < N(errors); k++) {
			fault.error = errors[k];
			add(batch, fault);
		}
		fault.error = ENOSYS;
		if (is_newer(batch->calls[i].nr))
			add(batch, fault);
	}
}

static bool makes_call(const struct batch *batch, long nr)
{
	for (size_t i = 0; i < batch->points; i++)
		if (batch->calls[i].nr == nr)
			return true;
	return false;
}

static void plan_missing(struct batch *batch)
{
	static const int refusals[] = { ENOSYS, EPERM };

	for (size_t i = 0; i < N(newer); i++)
		for (size_t k = 0; k < N(refusals) && makes_call(batch, newer[i]); k++)
			add(batch, (struct fault){ .kind = FAULT_MISSING,
						   .nr = newer[i],
						   .error = refusals[k] });
}

static void plan_alloc(struct batch *batch)
{
	for (size_t i = 0; i < batch->points; i++)
		add(batch, (struct fault){ .kind = FAULT_ALLOC, .point = i + 1 });
}

static const struct kind {
	const char *name;
	void (*plan)(struct batch *batch);
} kinds[] = {
	{ "kill", plan_kill },
	{ "error", plan_error },
	{ "missing", plan_missing },
	{ "alloc", plan_alloc },
};

/* ---- one worker ---- */

static void describe(const struct fault *fault, char *ret_text, size_t size)
{
	static const char *const names[] = {
		[FAULT_KILL_PARENT] = "kill parent",
		[FAULT_KILL_CHILD] = "kill child",
		[FAULT_KILL_ALL] = "kill all",
	};

	if (fault->kind <= FAULT_KILL_ALL)
		snprintf(ret_text, size, "%s at %zu", names[fault->kind], fault->point);
	else if (fault->kind == FAULT_ALLOC)
		snprintf(ret_text, size, "allocation %zu", fault->point);
	else if (fault->kind == FAULT_MISSING)
		snprintf(ret_text, size, "%s %s", syscall_name(fault->nr),
			 strerrorname_np(fault->error));
	else
		snprintf(ret_text, size, "%s at %zu", strerrorname_np(fault->error), fault->point);
}

static void attempt_one(struct attempt *attempt, struct counts *counts)
{
	char text[128];
	bool is_fine;

	attempt_run(attempt);
	is_fine = attempt_check(attempt);
	if (was_interrupted())
		return;
	__atomic_add_fetch(&counts->cases, 1, __ATOMIC_RELAXED);
	if (!attempt->stepped.was_hit)
		__atomic_add_fetch(&counts->missed, 1, __ATOMIC_RELAXED);
	if (is_fine || __atomic_add_fetch(&counts->failed, 1, __ATOMIC_RELAXED) > FAILURES_SHOWN)
		return;
	describe(&attempt->fault, text, sizeof(text));
	printf("FAIL %s, %s, %s: %s\n", attempt->subject->name, text, attempt->stepped.where,
	       attempt->why);
	fflush(stdout);
}

static void attempt_begin(struct attempt *attempt, const struct batch *batch, unsigned number)
{
	const struct options *options = batch->options;
	const struct subject *subject = batch->subject;

	place_make(attempt->place, options->dir, options->bundles, subject->bundle, options->probe,
		   number, subject->is_rootless ? ROOTLESS : 0);
	*attempt = (struct attempt){
		.tested = &options->tested,
		.subject = subject,
		.place = attempt->place,
		.golden = attempt->golden,
	};
	golden_make(attempt);
}

static void work(const struct batch *batch, unsigned worker)
{
	const struct options *options = batch->options;
	struct place place;
	struct golden golden = { NULL, NULL };
	struct attempt attempt = { .place = &place, .golden = &golden };
	unsigned long n = 0;

	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	/* Some containers mount in the runtime's own: not where another worker looks for what is left. */
	place_keep_apart();
	attempt_begin(&attempt, batch, worker);
	for (size_t i = 0; i < batch->n && !was_interrupted(); i++) {
		if (options->point && batch->faults[i].point != options->point)
			continue;
		if (i % options->stride != options->seed % options->stride)
			continue;
		if (n++ % options->jobs != worker)
			continue;
		attempt.fault = batch->faults[i];
		attempt_one(&attempt, batch->counts);
	}
	place_remove(&place);
	_exit(0);
}

/* ---- all of them ---- */

/* How many points there are, and which calls. In a process of its own: a subreaper's. */
static void count_points(struct batch *batch, const char *kind)
{
	size_t *points = mmap(NULL, sizeof(*points), PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid;

	if (points == MAP_FAILED)
		die("no memory");
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		struct place place;
		struct golden golden = { NULL, NULL };
		struct attempt attempt = { .place = &place, .golden = &golden };

		prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
		attempt_begin(&attempt, batch, 0);
		attempt.stepped.calls = batch->calls;
		attempt.stepped.max_calls = CALLS_MAX;
		if (strcmp(kind, "alloc") == 0)
			attempt.fault.kind = FAULT_ALLOC;
		attempt_run(&attempt);
		*points = attempt.stepped.points;
		place_remove(&place);
		_exit(0);
	}
	int status;
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		die("cannot count the points of '%s'", batch->subject->name);
	batch->points = *points < CALLS_MAX ? *points : CALLS_MAX;
	munmap(points, sizeof(*points));
}

static bool run_batch(struct batch *batch)
{
	const struct options *options = batch->options;
	double begun = seconds_now();
	bool is_fine = true;
	int status;

	fflush(stdout);
	for (unsigned worker = 0; worker < options->jobs; worker++) {
		pid_t pid = fork();

		if (pid == 0)
			work(batch, worker);
		if (pid < 0)
			die("fork: %s", strerror(errno));
	}
	while (wait(&status) > 0)
		is_fine &= status == 0;
	printf("%-8s %-16s %5zu points %6lu cases %4lu failed %4lu not reached %6.1f s%s\n",
	       batch->kind, batch->subject->name, batch->points, batch->counts->cases,
	       batch->counts->failed, batch->counts->missed, seconds_now() - begun,
	       is_fine ? "" : "  A WORKER FAILED");
	return is_fine && batch->counts->failed == 0 && !was_interrupted();
}

static bool is_wanted(const struct options *options, const char *name)
{
	for (size_t i = 0; i < options->n_wanted; i++)
		if (strcmp(options->wanted[i], name) == 0)
			return true;
	return options->n_wanted == 0;
}

static bool has_kind(const struct options *options, const char *name)
{
	const char *found = strstr(options->kinds, name);

	return found && (found[strlen(name)] == ',' || !found[strlen(name)]);
}

static void *share(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		die("no memory");
	return memory;
}

static bool sweep_one(const struct options *options, const struct subject *subject,
		      const struct kind *kind, struct counts *total)
{
	struct batch batch = {
		.options = options,
		.subject = subject,
		.kind = kind->name,
		.calls = share(CALLS_MAX * sizeof(struct step_call)),
		.counts = share(sizeof(struct counts)),
	};
	bool is_fine;

	count_points(&batch, kind->name);
	kind->plan(&batch);
	is_fine = run_batch(&batch);
	total->cases += batch.counts->cases;
	total->failed += batch.counts->failed;
	total->missed += batch.counts->missed;
	free(batch.faults);
	munmap(batch.calls, CALLS_MAX * sizeof(struct step_call));
	munmap(batch.counts, sizeof(struct counts));
	return is_fine;
}

static bool sweep(const struct options *options)
{
	struct counts total = { 0 };
	double begun = seconds_now();
	bool is_fine = true;

	printf("seed %lu, stride %lu\n", options->seed, options->stride);
	for (size_t k = 0; k < N(kinds) && !was_interrupted(); k++) {
		if (!has_kind(options, kinds[k].name))
			continue;
		for (const struct subject *s = subjects; s->name && !was_interrupted(); s++)
			if (is_wanted(options, s->name))
				is_fine &= sweep_one(options, s, &kinds[k], &total);
	}
	printf("total: %lu cases, %lu failed, %lu not reached, %.0f s\n", total.cases, total.failed,
	       total.missed, seconds_now() - begun);
	return is_fine && total.cases > 0;
}

static void read_options(int argc, char **argv, struct options *options)
{
	const struct argument table[] = {
		{ "ocirun", .word = &options->tested.ocirun },
		{ "dynamic", .word = &options->tested.dynamic },
		{ "preload", .word = &options->tested.preload },
		{ "bundles", .word = &options->bundles },
		{ "probe", .word = &options->probe },
		{ "dir", .word = &options->dir },
		{ "kinds", .word = &options->kinds },
		{ "jobs", .number = &options->jobs },
		{ "stride", .number = &options->stride },
		{ "seed", .number = &options->seed },
		{ "point", .number = &options->point },
		{ 0 },
	};

	arguments_read(argc, argv, table);
	if (options->jobs == 0 || options->stride == 0)
		die("--jobs and --stride are above 0");
	for (; optind < argc && options->n_wanted < N(options->wanted); optind++)
		options->wanted[options->n_wanted++] = argv[optind];
}

int main(int argc, char **argv)
{
	struct options options = { .kinds = "kill,error,missing", .jobs = 1, .stride = 1 };

	read_options(argc, argv, &options);
	place_keep_apart();
	umask(022);
	interrupt_catch();
	return sweep(&options) ? 0 : 1;
}
