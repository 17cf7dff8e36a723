/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lives of many containers, some at a time, and commands that race for one; and what has grown when
 * they are over. See soak/run for what is built before.
 */
#include "argument.h"
#include "command.h"
#include "place.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARGS_MAX      12
#define STAGE_SECONDS 10.0
/* The kernel's own caches grow a little. */
#define GROWTH_MAX_KB 65536

struct options {
	const char *ocirun, *bundles, *probe, *dir;
	unsigned long lives, jobs, rounds;
};

/* Shared by all workers. */
struct counts {
	unsigned long lives, wrong, rounds;
	unsigned long only_a, only_b, both; /* of the races of a kind */
};

struct worker {
	const struct options *options;
	struct counts *counts;
	struct place place;
};

/* ---- one command ---- */

static const char *expand(const struct place *place, const char *word)
{
	return strcmp(word, "@ID") == 0       ? place->id
	       : strcmp(word, "@BUNDLE") == 0 ? place->bundle
					      : word;
}

static pid_t begin(const struct worker *worker, const char *const *args, const char *out)
{
	const char *argv[ARGS_MAX] = { worker->options->ocirun, "--root", worker->place.root };
	const struct command command = { .argv = argv, .out = out, .err = out };
	size_t n = 3;

	for (; *args; args++)
		argv[n++] = expand(&worker->place, *args);
	return command_spawn(&command);
}

/* The exit status; orphans that come to us are reaped on the way. -1: it hangs. */
static int end(pid_t pid)
{
	double deadline = seconds_now() + COMMAND_SECONDS;
	int status;
	pid_t got;

	while ((got = wait_until(deadline, &status)) != pid)
		if (got <= 0)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int run(const struct worker *worker, const char *const *args)
{
	char out[PLACE_PATH];

	snprintf(out, sizeof(out), "%s/out", worker->place.dir);
	return end(begin(worker, args, out));
}

static void tell(const struct worker *worker, const char *what, int status)
{
	char text[300];

	place_read(&worker->place, "out", text, sizeof(text));
	text[strcspn(text, "\n")] = '\0';
	printf("WRONG %s: status %d: %s\n", what, status, text);
	fflush(stdout);
	__atomic_add_fetch(&worker->counts->wrong, 1, __ATOMIC_RELAXED);
}

/* ---- a life ---- */

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static const char *const create[] = { "create", "--bundle", "@BUNDLE", "@ID", NULL };
static const char *const start[] = { "start", "@ID", NULL };
static const char *const state[] = { "state", "@ID", NULL };
static const char *const kill_it[] = { "kill", "@ID", "KILL", NULL };
static const char *const delete[] = { "delete", "@ID", NULL };
static const char *const force[] = { "delete", "--force", "@ID", NULL };
static const char *const exec[] = { "exec", "@ID", "/probe", "hook", NULL };

struct step {
	const char *name;
	const char *const *args;
	unsigned every; /* in one life of so many */
};

static const struct step life[] = {
	{ "create", create, 1 },
	{ "state", state, 5 },
	{ "start", start, 1 },
	{ "exec", exec, 2 },
	{ "exec --detach", WORDS("exec", "--detach", "@ID", "/probe", "stay"), 3 },
	{ "pause", WORDS("pause", "@ID"), 3 },
	{ "resume", WORDS("resume", "@ID"), 3 },
	{ "update", WORDS("update", "--pids-limit", "20", "@ID"), 7 },
};

static bool has_stopped(const struct worker *worker)
{
	double deadline = seconds_now() + STAGE_SECONDS;
	char text[2048];

	while (seconds_now() < deadline) {
		if (run(worker, state) != 0)
			return false;
		place_read(&worker->place, "out", text, sizeof(text));
		if (strstr(text, "\"status\":\"stopped\""))
			return true;
		usleep(1000);
	}
	return false;
}

/* Every other one is killed and deleted, the others are deleted by force. */
static void die_one(struct worker *worker, unsigned long n)
{
	int status;

	if (n % 2) {
		status = run(worker, force);
	} else {
		status = run(worker, kill_it);
		if (status != 0)
			tell(worker, "kill", status);
		if (!has_stopped(worker))
			tell(worker, "a killed container has not stopped", 0);
		status = run(worker, delete);
	}
	if (status != 0)
		tell(worker, "delete", status);
}

static void live(struct worker *worker, unsigned long n)
{
	for (size_t i = 0; i < sizeof(life) / sizeof(life[0]); i++) {
		int status = n % life[i].every == 0 ? run(worker, life[i].args) : 0;

		if (status != 0)
			tell(worker, life[i].name, status);
	}
	die_one(worker, n);
	__atomic_add_fetch(&worker->counts->lives, 1, __ATOMIC_RELAXED);
}

/* ---- races ---- */

/* Two commands at once; where one has to win, the other fails. */
struct race {
	const char *name;
	const char *const *a, *const *b;
	size_t prepared; /* steps of create, start, kill that come before */
	/* Which statuses the two may have: bit 0 success of a alone, 1 of b alone, 2 both, 3 none. */
	unsigned allowed;
};

enum { ONLY_A = 1, ONLY_B = 2, BOTH = 4, NONE = 8 };

static const struct race races[] = {
	{ "create/create", create, create, 0, ONLY_A | ONLY_B },
	/* Whoever comes second finds it gone; a kill before the delete makes it a deletable one. */
	{ "kill/delete", kill_it, delete, 2, ONLY_A | BOTH },
	/* A created container may be deleted; then it cannot be started. A started one may not. */
	{ "start/delete", start, delete, 1, ONLY_A | ONLY_B },
	{ "exec/delete", exec, force, 2, ONLY_B | BOTH },
	{ "start/start", start, start, 1, ONLY_A | ONLY_B },
	{ "delete/delete", delete, delete, 1, ONLY_A | ONLY_B },
};

static unsigned outcome_of(int a, int b)
{
	if (a == 0)
		return b == 0 ? BOTH : ONLY_A;
	return b == 0 ? ONLY_B : NONE;
}

static void count_outcome(struct counts *counts, unsigned outcome)
{
	unsigned long *which = outcome == ONLY_A   ? &counts->only_a
			       : outcome == ONLY_B ? &counts->only_b
						   : &counts->both;

	if (outcome != NONE)
		__atomic_add_fetch(which, 1, __ATOMIC_RELAXED);
	__atomic_add_fetch(&counts->rounds, 1, __ATOMIC_RELAXED);
}

static void race_once(struct worker *worker, const struct race *race, unsigned long n)
{
	static const char *const *const steps[] = { create, start };
	char out[2][PLACE_PATH];
	const char *const *both[] = { race->a, race->b };
	size_t first = n % 2;
	pid_t pids[2];
	int status[2] = { -1, -1 };

	for (size_t i = 0; i < race->prepared; i++)
		if (run(worker, steps[i]) != 0)
			tell(worker, "prepare a race", 1);
	for (size_t i = 0; i < 2; i++) {
		size_t which = i ^ first;

		snprintf(out[which], PLACE_PATH, "%s/race%zu", worker->place.dir, which);
		pids[which] = begin(worker, both[which], out[which]);
		/* The second a little later each time: over all that the first one does. */
		if (i == 0)
			usleep((useconds_t)(n * 37 % 4000));
	}
	for (int left = 2; left > 0;) {
		int got_status;
		pid_t got = wait_until(seconds_now() + COMMAND_SECONDS, &got_status);

		if (got <= 0)
			break;
		for (size_t i = 0; i < 2; i++)
			if (got == pids[i]) {
				status[i] = WIFEXITED(got_status) ? WEXITSTATUS(got_status) : 128;
				left--;
			}
	}
	if (!(outcome_of(status[0], status[1]) & race->allowed) || status[0] < 0 || status[1] < 0 ||
	    status[0] == 128 || status[1] == 128) {
		char text[2][200];

		place_read(&worker->place, "race0", text[0], sizeof(text[0]));
		place_read(&worker->place, "race1", text[1], sizeof(text[1]));
		printf("WRONG %s, round %lu: statuses %d and %d: %s / %s\n", race->name, n,
		       status[0], status[1], text[0], text[1]);
		fflush(stdout);
		__atomic_add_fetch(&worker->counts->wrong, 1, __ATOMIC_RELAXED);
	}
	if (run(worker, force) != 0)
		tell(worker, "delete after a race", 1);
	count_outcome(worker->counts, outcome_of(status[0], status[1]));
}

/* ---- workers ---- */

static void check_clean(struct worker *worker)
{
	char why[512];

	if (!place_is_clean(&worker->place, why, sizeof(why))) {
		printf("WRONG %s\n", why);
		fflush(stdout);
		__atomic_add_fetch(&worker->counts->wrong, 1, __ATOMIC_RELAXED);
		place_clean(&worker->place);
	}
}

__attribute__((noreturn)) static void work(const struct options *options, struct counts *counts,
					   unsigned number, const struct race *race)
{
	struct worker worker = { .options = options, .counts = counts };
	unsigned long n = race ? options->rounds : options->lives;

	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	place_make(&worker.place, options->dir, options->bundles, "full", options->probe, number,
		   0);
	for (unsigned long i = number; i < n && !was_interrupted(); i += options->jobs) {
		if (race)
			race_once(&worker, race, i / options->jobs);
		else
			live(&worker, i);
		/* What stays behind by one life is found by the next hundred. */
		if (i / options->jobs % 100 == 99)
			check_clean(&worker);
	}
	check_clean(&worker);
	place_remove(&worker.place);
	_exit(0);
}

/* ---- what grows ---- */

static unsigned long field_of(const char *path, const char *name)
{
	char line[256];
	unsigned long value = 0;
	FILE *file = fopen(path, "re");

	while (file && fgets(line, sizeof(line), file))
		if (strncmp(line, name, strlen(name)) == 0)
			sscanf(line + strlen(name), "%lu", &value);
	if (file)
		fclose(file);
	return value;
}

/* All of this host: what others do meanwhile is in it, so that only much growth is ours. */
struct usage {
	unsigned long
		memory_kb; /* of the kernel's, that nobody can give back: of mounts, namespaces ... */
	unsigned long files;   /* that are open */
	unsigned long cgroups; /* of all controllers, with those that cannot go yet */
};

static struct usage usage_now(void)
{
	struct usage usage = { .memory_kb = field_of("/proc/meminfo", "SUnreclaim:") };
	FILE *file = fopen("/proc/sys/fs/file-nr", "re");
	unsigned long n;
	char line[256];

	if (file && fscanf(file, "%lu", &n) == 1)
		usage.files = n;
	if (file)
		fclose(file);
	file = fopen("/proc/cgroups", "re");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "%*s %*u %lu", &n) == 1)
			usage.cgroups += n;
	if (file)
		fclose(file);
	return usage;
}

static bool has_grown(const char *what, unsigned long from, unsigned long to, unsigned long max)
{
	if (to <= from + max)
		return false;
	printf("WRONG %s: from %lu to %lu\n", what, from, to);
	return true;
}

/* What each life or round left behind would be twice this at least; others make some too. */
static bool check_usage(const struct usage *before, const struct counts *counts)
{
	unsigned long max = 200 + (counts->lives + counts->rounds) / 2;
	struct usage now = usage_now();
	bool is_fine = true;

	is_fine &= !has_grown("KiB of the kernel's memory", before->memory_kb, now.memory_kb,
			      GROWTH_MAX_KB);
	is_fine &= !has_grown("open files", before->files, now.files, max);
	is_fine &= !has_grown("cgroups", before->cgroups, now.cgroups, max);
	printf("grown: kernel memory by %ld KiB, open files by %ld, cgroups by %ld\n",
	       (long)(now.memory_kb - before->memory_kb), (long)(now.files - before->files),
	       (long)(now.cgroups - before->cgroups));
	return is_fine;
}

static void print_result(const struct options *options, const struct counts *counts,
			 const struct race *race, unsigned long wrong, double seconds)
{
	if (race)
		printf("%-14s %6lu rounds, %lu wrong, %.0f s; won by the first %lu, the second "
		       "%lu, "
		       "both %lu\n",
		       race->name, options->rounds, wrong, seconds, counts->only_a, counts->only_b,
		       counts->both);
	else
		printf("%-14s %6lu times, %lu wrong, %.0f s\n", "lives", options->lives, wrong,
		       seconds);
	fflush(stdout);
}

static bool run_all(const struct options *options, struct counts *counts, const struct race *race)
{
	unsigned long before = counts->wrong;
	double begun = seconds_now();
	bool is_fine = true;
	int status;

	counts->only_a = counts->only_b = counts->both = 0;
	fflush(stdout);
	for (unsigned i = 0; i < options->jobs; i++) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork: %s", strerror(errno));
		if (pid == 0)
			work(options, counts, i, race);
	}
	while (wait(&status) > 0)
		is_fine &= status == 0;
	print_result(options, counts, race, counts->wrong - before, seconds_now() - begun);
	return is_fine && counts->wrong == before && !was_interrupted();
}

static void read_options(int argc, char **argv, struct options *options)
{
	const struct argument table[] = {
		{ "ocirun", .word = &options->ocirun },   { "bundles", .word = &options->bundles },
		{ "probe", .word = &options->probe },     { "dir", .word = &options->dir },
		{ "lives", .number = &options->lives },   { "jobs", .number = &options->jobs },
		{ "rounds", .number = &options->rounds }, { 0 },
	};

	arguments_read(argc, argv, table);
	if (options->jobs == 0)
		die("--jobs is above 0");
}

int main(int argc, char **argv)
{
	struct options options = { .lives = 10000, .jobs = 8, .rounds = 1000 };
	struct counts *counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct usage before;
	bool is_fine;

	read_options(argc, argv, &options);
	if (counts == MAP_FAILED)
		die("no memory for the counts");
	place_keep_apart();
	interrupt_catch();
	before = usage_now();
	is_fine = run_all(&options, counts, NULL);
	for (size_t i = 0; i < sizeof(races) / sizeof(races[0]) && !was_interrupted(); i++)
		is_fine &= run_all(&options, counts, &races[i]);
	is_fine &= check_usage(&before, counts);
	printf("total: %lu lives, %lu rounds, %lu wrong\n", counts->lives, counts->rounds,
	       counts->wrong);
	return is_fine ? 0 : 1;
}
