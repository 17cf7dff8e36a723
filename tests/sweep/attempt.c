/* SPDX-License-Identifier: Apache-2.0 */
/* One run of a command with a fault, and the judgement of what came of it. */
#include "subject.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARGS_MAX     20
#define ARG_MAX_LEN  600
#define OUTPUT_MAX   32768
#define STATE_MAX    4096
#define WAIT_SECONDS 3.0

/* A whole command line, and where its output goes. */
struct line {
	char args[ARGS_MAX][ARG_MAX_LEN];
	const char *argv[ARGS_MAX + 1];
	char out[PLACE_PATH + 16], err[PLACE_PATH + 16];
	struct command command;
};

static bool wrong(struct attempt *attempt, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static bool wrong(struct attempt *attempt, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(attempt->why, sizeof(attempt->why), fmt, ap);
	va_end(ap);
	return false;
}

/* ---- command lines ---- */

static void expand(const struct place *place, const char *word, char *ret_arg)
{
	const struct {
		const char *name, *value;
	} rows[] = {
		{ "@ID", place->id },
		{ "@BUNDLE", place->bundle },
		{ "@RUN", place->run },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t len = strlen(rows[i].name);

		if (strncmp(word, rows[i].name, len) == 0) {
			snprintf(ret_arg, ARG_MAX_LEN, "%s%s", rows[i].value, word + len);
			return;
		}
	}
	snprintf(ret_arg, ARG_MAX_LEN, "%s", word);
}

static void line_make(struct line *line, const struct place *place, const char *program,
		      const char *const *args, const char *name)
{
	size_t n = 0;

	snprintf(line->args[n++], ARG_MAX_LEN, "%s", program);
	snprintf(line->args[n++], ARG_MAX_LEN, "--root");
	snprintf(line->args[n++], ARG_MAX_LEN, "%s", place->root);
	for (; *args; args++)
		expand(place, *args, line->args[n++]);
	for (size_t i = 0; i < n; i++)
		line->argv[i] = line->args[i];
	line->argv[n] = NULL;
	snprintf(line->out, sizeof(line->out), "%s/%s.out", place->dir, name);
	snprintf(line->err, sizeof(line->err), "%s/%s.err", place->dir, name);
	line->command = (struct command){
		.argv = line->argv,
		.out = line->out,
		.err = line->err,
		.uid = place->uid,
	};
}

/* Runs a command that is not the swept one; its exit status. */
static int run(const struct attempt *attempt, const char *const *args, const char *name)
{
	struct outcome outcome;
	struct line line;

	line_make(&line, attempt->place, attempt->tested->ocirun, args, name);
	outcome = command_run(&line.command);
	if (outcome.has_hung)
		return -1;
	return WIFEXITED(outcome.status) ? WEXITSTATUS(outcome.status)
					 : 128 + WTERMSIG(outcome.status);
}

static const char *const create_args[] = { "create",   "--bundle", "@BUNDLE", "--pid-file",
					   "@RUN/pid", "@ID",      NULL };
static const char *const start_args[] = { "start", "@ID", NULL };
static const char *const pause_args[] = { "pause", "@ID", NULL };
static const char *const kill_args[] = { "kill", "@ID", "KILL", NULL };
static const char *const state_args[] = { "state", "@ID", NULL };
static const char *const delete_args[] = { "delete", "--force", "@ID", NULL };

/* ---- the state of the container ---- */

/* "status" and "pid" of `state`; STAGE_NONE when there is no container. */
static enum stage stage_now(const struct attempt *attempt, pid_t *ret_pid)
{
	static const char *const names[] = {
		[STAGE_CREATED] = "\"status\":\"created\"",
		[STAGE_RUNNING] = "\"status\":\"running\"",
		[STAGE_PAUSED] = "\"status\":\"paused\"",
		[STAGE_STOPPED] = "\"status\":\"stopped\"",
	};
	char text[STATE_MAX], *pid;

	if (run(attempt, state_args, "state") != 0)
		return STAGE_NONE;
	place_read(attempt->place, "state.out", text, sizeof(text));
	pid = strstr(text, "\"pid\":");
	if (ret_pid)
		*ret_pid = pid ? atoi(pid + strlen("\"pid\":")) : 0;
	for (size_t i = STAGE_CREATED; i <= STAGE_STOPPED; i++)
		if (strstr(text, names[i]))
			return (enum stage)i;
	return STAGE_NONE;
}

static bool await_stage(const struct attempt *attempt, enum stage stage)
{
	double deadline = seconds_until(WAIT_SECONDS);

	while (stage_now(attempt, NULL) != stage) {
		if (seconds_now() > deadline)
			return false;
		usleep(2000);
	}
	return true;
}

/* What a program told, once it has come to the end. */
static bool await_end(const struct place *place, const char *name, char *ret_text)
{
	double deadline = seconds_until(WAIT_SECONDS);

	for (;;) {
		size_t len;

		place_read(place, name, ret_text, OUTPUT_MAX);
		len = strlen(ret_text);
		if (len >= 4 && strcmp(ret_text + len - 4, "end\n") == 0)
			return true;
		if (seconds_now() > deadline)
			return false;
		usleep(1000);
	}
}

/* Of the container's first program. */
static bool await_inside(const struct attempt *attempt, char *ret_text)
{
	return await_end(attempt->place, attempt->subject->makes ? "swept.out" : "create.out",
			 ret_text);
}

/* Of the command. */
static void read_output(const struct attempt *attempt, char *ret_text)
{
	if (attempt->subject->is_detached)
		await_end(attempt->place, "swept.out", ret_text);
	else
		place_read(attempt->place, "swept.out", ret_text, OUTPUT_MAX);
}

/* ---- running ---- */

static void prepare(const struct attempt *attempt)
{
	enum stage stage = attempt->subject->before;
	char inside[OUTPUT_MAX];
	bool worked = true;

	if (stage >= STAGE_CREATED)
		worked = run(attempt, create_args, "create") == 0;
	if (worked && stage >= STAGE_RUNNING)
		worked = run(attempt, start_args, "start") == 0 && await_inside(attempt, inside);
	if (worked && stage == STAGE_PAUSED)
		worked = run(attempt, pause_args, "pause") == 0;
	if (worked && stage == STAGE_STOPPED)
		worked =
			run(attempt, kill_args, "kill") == 0 && await_stage(attempt, STAGE_STOPPED);
	if (!worked) {
		place_read(attempt->place, "create.err", inside, 512);
		die("cannot prepare for '%s': %s", attempt->subject->name, inside);
	}
}

static pid_t read_pid_file(const struct place *place, const char *name)
{
	char text[32];

	place_read(place, name, text, sizeof(text));
	return atoi(text);
}

/* Without ptrace: the preloaded library lets the allocation fail. */
static void run_with_alloc(struct attempt *attempt, struct line *line)
{
	char count[PLACE_PATH + 32], at[64], preload[PLACE_PATH + 32];
	const char *const env[] = { count, at, preload, NULL };
	unsigned long *page;
	int fd;

	snprintf(count, sizeof(count), "ALLOC_COUNT=%s/count", attempt->place->dir);
	snprintf(at, sizeof(at), "ALLOC_FAIL_AT=%zu", attempt->fault.point);
	snprintf(preload, sizeof(preload), "LD_PRELOAD=%s", attempt->tested->preload);
	fd = open(strchr(count, '=') + 1, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0 || fchmod(fd, 0666) < 0 || ftruncate(fd, sizeof(*page)) < 0)
		die("make the counter: %s", strerror(errno));
	page = mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (page == MAP_FAILED)
		die("map the counter: %s", strerror(errno));
	close(fd);
	*page = 0;
	line->command.env = env;
	attempt->stepped.outcome = command_run(&line->command);
	attempt->stepped.points = *page;
	attempt->stepped.was_hit = attempt->fault.point && *page >= attempt->fault.point;
	munmap(page, sizeof(*page));
}

void attempt_run(struct attempt *attempt)
{
	const struct subject *subject = attempt->subject;
	bool is_alloc = attempt->fault.kind == FAULT_ALLOC;
	struct line line;

	attempt->why[0] = '\0';
	prepare(attempt);
	line_make(&line, attempt->place,
		  is_alloc ? attempt->tested->dynamic : attempt->tested->ocirun, subject->args,
		  "swept");
	if (is_alloc)
		run_with_alloc(attempt, &line);
	else
		stepper_run(&line.command, &attempt->fault,
			    subject->follows_init ? read_pid_file(attempt->place, "run/pid") : 0,
			    &attempt->stepped);
}

/* ---- judging ---- */

/* Numbers are those of this container. */
static void blur_numbers(char *text)
{
	char *to = text;

	for (const char *at = text; *at; at++) {
		if (*at < '0' || *at > '9')
			*to++ = *at;
		else if (to == text || to[-1] != '#')
			*to++ = '#';
	}
	*to = '\0';
}

/* The first line in which two texts differ. */
static bool differs(struct attempt *attempt, const char *what, const char *want, const char *got)
{
	size_t at = 0;

	while (want[at] && want[at] == got[at])
		at++;
	if (!want[at] && !got[at])
		return false;
	while (at > 0 && want[at - 1] != '\n')
		at--;
	wrong(attempt, "%s is '%.*s', not '%.*s'", what, (int)strcspn(got + at, "\n"), got + at,
	      (int)strcspn(want + at, "\n"), want + at);
	return true;
}

/*
 * Who may not make a device gets the host's; where keyrings are forbidden, as in a container of
 * docker's, there is none.
 */
static bool has_fallback(const struct attempt *attempt)
{
	return attempt->fault.error == EPERM &&
	       (strstr(attempt->stepped.where, "child: mknodat(") ||
		strstr(attempt->stepped.where, "child: keyctl("));
}

static bool check_inside(struct attempt *attempt)
{
	static char text[OUTPUT_MAX];

	if (!await_inside(attempt, text))
		return wrong(attempt, "the program does not run");
	if (has_fallback(attempt))
		return true;
	return !differs(attempt, "what the program has", attempt->golden->inside, text);
}

/* What is not as it should be is told on stderr: that is no success in silence. */
static bool has_warned(const struct attempt *attempt)
{
	char text[64];

	place_read(attempt->place, "swept.err", text, sizeof(text));
	return strstr(text, "level=warning");
}

/* `features` shows what the kernel answers, whatever that is. */
static bool asks_what_is_there(const struct attempt *attempt)
{
	return strcmp(attempt->subject->name, "features") == 0 &&
	       (strstr(attempt->stepped.where, "parent: seccomp(") ||
		strstr(attempt->stepped.where, "parent: prctl("));
}

static bool check_output(struct attempt *attempt)
{
	static char text[OUTPUT_MAX];

	if (!attempt->subject->tells ||
	    (attempt->subject->is_survey && attempt->fault.kind != FAULT_ALLOC))
		return true;
	read_output(attempt, text);
	blur_numbers(text);
	if (strcmp(text, attempt->golden->output) != 0 &&
	    (has_warned(attempt) || has_fallback(attempt) || asks_what_is_there(attempt)))
		return true;
	return !differs(attempt, "the output", attempt->golden->output, text);
}

static bool check_pid_file(struct attempt *attempt, pid_t pid)
{
	if (read_pid_file(attempt->place, "run/pid") != pid)
		return wrong(attempt, "the pid file is not that of process %d", pid);
	return true;
}

static bool check_worked(struct attempt *attempt)
{
	const struct subject *subject = attempt->subject;
	enum stage now;
	pid_t pid = 0;

	if (!check_output(attempt))
		return false;
	if (subject->after == STAGE_NONE && has_warned(attempt)) /* it is left to `delete` */
		return true;
	if (subject->after == STAGE_NONE)
		return place_is_clean(attempt->place, attempt->why, sizeof(attempt->why));
	if (subject->after == STAGE_STOPPED)
		await_stage(attempt, STAGE_STOPPED);
	now = stage_now(attempt, &pid);
	/* The command was over when what it had made met with the fault. */
	if (now == STAGE_STOPPED && strstr(attempt->stepped.where, "child: accept4("))
		return true;
	if (now != subject->after)
		return wrong(attempt, "success, but the container is at stage %d", now);
	if (subject->makes && !check_pid_file(attempt, pid))
		return false;
	if (now == STAGE_CREATED && run(attempt, start_args, "start") != 0)
		return wrong(attempt, "success, but it does not start");
	return now == STAGE_STOPPED || now == STAGE_PAUSED || check_inside(attempt);
}

/* Where the fault is what keeps the message from being written, there is none. */
static bool may_be_silent(const struct attempt *attempt)
{
	return strstr(attempt->stepped.where, "parent: write(2,") != NULL;
}

static bool check_message(struct attempt *attempt)
{
	char text[2048], *end;

	place_read(attempt->place, "swept.err", text, sizeof(text));
	end = strchr(text, '\n');
	if (!end)
		return may_be_silent(attempt) || wrong(attempt, "no line on stderr: '%s'", text);
	if (end[1])
		return wrong(attempt, "more than one line on stderr: '%.200s'", text);
	return true;
}

static bool check_failed(struct attempt *attempt)
{
	const struct subject *subject = attempt->subject;
	double deadline = seconds_until(WAIT_SECONDS);
	enum stage now;

	if (!check_message(attempt))
		return false;
	if (subject->before == STAGE_NONE)
		return place_is_clean(attempt->place, attempt->why, sizeof(attempt->why));
	if (strncmp(subject->name, "exec", 4) != 0)
		return true;
	now = stage_now(attempt, NULL);
	if (now != subject->before)
		return wrong(attempt, "exec failed, and the container is at stage %d", now);
	while (place_processes(attempt->place) > 1) {
		if (seconds_now() > deadline)
			return wrong(attempt, "exec failed, and left a process");
		reap_children();
		usleep(1000);
	}
	return true;
}

static bool check_deletion(struct attempt *attempt)
{
	char text[600];
	int status = run(attempt, delete_args, "delete");

	if (status != 0) {
		place_read(attempt->place, "delete.err", text, sizeof(text));
		return wrong(attempt, "delete --force ends with %d: %s", status, text);
	}
	return place_is_clean(attempt->place, attempt->why, sizeof(attempt->why));
}

static bool was_killed(const struct attempt *attempt)
{
	return attempt->fault.kind == FAULT_KILL_PARENT || attempt->fault.kind == FAULT_KILL_ALL;
}

static bool check_end(struct attempt *attempt)
{
	int status = attempt->stepped.outcome.status;

	if (attempt->stepped.outcome.has_hung)
		return wrong(attempt, "hangs");
	if (was_killed(attempt) && attempt->stepped.was_hit)
		return true;
	if (WIFSIGNALED(status))
		return wrong(attempt, "died of signal %d", WTERMSIG(status));
	if (attempt->fault.kind == FAULT_KILL_CHILD) /* any status, but it ends */
		return true;
	return WEXITSTATUS(status) == 0 ? check_worked(attempt) : check_failed(attempt);
}

bool attempt_check(struct attempt *attempt)
{
	char text[400];
	bool is_fine = check_end(attempt);

	if (!is_fine) {
		size_t len = strlen(attempt->why);

		place_read(attempt->place, "swept.err", text, sizeof(text));
		text[strcspn(text, "\n")] = '\0';
		snprintf(attempt->why + len, sizeof(attempt->why) - len, " [status %x, stderr: %s]",
			 (unsigned int)attempt->stepped.outcome.status, text);
	}
	if (is_fine)
		is_fine = check_deletion(attempt);
	/* The next one begins anew. */
	place_clean(attempt->place);
	return is_fine;
}

void golden_make(struct attempt *attempt)
{
	struct golden *golden = attempt->golden;
	const struct subject *subject = attempt->subject;

	attempt->fault = (struct fault){ .kind = FAULT_NONE };
	attempt->place->content = 0;
	/* Twice: the first makes mount points, and keeps what is kept for the next. */
	for (int i = 0; i < 2; i++) {
		attempt_run(attempt);
		if (attempt->stepped.outcome.status != 0)
			die("'%s' fails without a fault", subject->name);
		golden->output = realloc(golden->output, OUTPUT_MAX);
		golden->inside = realloc(golden->inside, OUTPUT_MAX);
		if (!golden->output || !golden->inside)
			die("no memory");
		read_output(attempt, golden->output);
		blur_numbers(golden->output);
		golden->inside[0] = '\0';
		if (subject->after == STAGE_CREATED && run(attempt, start_args, "start") != 0)
			die("'%s' makes what cannot be started", subject->name);
		if (subject->after == STAGE_CREATED || subject->after == STAGE_RUNNING)
			await_inside(attempt, golden->inside);
		if (run(attempt, delete_args, "delete") != 0)
			die("delete fails without a fault");
		if (!place_is_clean(attempt->place, attempt->why, sizeof(attempt->why)))
			die("'%s' without a fault: %s", subject->name, attempt->why);
		place_clean(attempt->place);
	}
}
