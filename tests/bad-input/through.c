/* SPDX-License-Identifier: Apache-2.0 */
/*
 * through config|process|resources STEP FILE [PATH...] -- COMMAND...
 *
 * Hands every STEPth wrong document to a command, which finds it in FILE, and watches that it is
 * refused and that nothing else is done: no PATH changes (or comes into being), and the process that
 * makes a system call with an effect is killed before it (watched.c).
 *
 * through arguments STEP [PATH...] -- COMMAND: the same with wrong command lines instead.
 */
#include "through.h"

#include "bad_input.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const kinds[] = {
	[BAD_INPUT_CONFIG] = "config",
	[BAD_INPUT_PROCESS] = "process",
	[BAD_INPUT_RESOURCES] = "resources",
};

/* ---- what must not change ---- */

struct path_state {
	const char *path;
	struct stat st; /* zeroes: it is not there */
};

static struct path_state path_state_of(const char *path)
{
	struct path_state state = { .path = path };

	if (lstat(path, &state.st) < 0)
		memset(&state.st, 0, sizeof(state.st));
	return state;
}

static bool is_same(const struct path_state *state)
{
	const struct path_state now = path_state_of(state->path);

	return now.st.st_ino == state->st.st_ino && now.st.st_mode == state->st.st_mode &&
	       now.st.st_size == state->st.st_size &&
	       memcmp(&now.st.st_ctim, &state->st.st_ctim, sizeof(now.st.st_ctim)) == 0;
}

/* ---- one command ---- */

bool through_refuses(struct through *through, char *const *argv, const char *part, const char *what)
{
	struct watched_result result;
	const char *wrong = NULL;

	watched_run(&through->watched, argv, &result);
	through->n++;
	if (result.signal)
		wrong = result.signal == SIGSYS ? "made a system call with an effect" : "died";
	else if (result.status == 0)
		wrong = "succeeded";
	else if (strncmp(result.errors, "ocirun: ", 8) != 0 ||
		 strchr(result.errors, '\n') != result.errors + strlen(result.errors) - 1)
		wrong = "did not say one line";
	else if (!strstr(result.errors, part))
		wrong = "did not say where";
	for (size_t i = 0; i < through->n_paths && !wrong; i++)
		if (!is_same(&through->paths[i]))
			wrong = through->paths[i].path;
	if (!wrong)
		return true;
	through->n_wrong++;
	if (through->n_wrong <= 10)
		printf("%s, '%s' expected: %s: signal %d, status %d\n%s", what, part, wrong,
		       result.signal, result.status, result.errors);
	return false;
}

/* ---- documents ---- */

static void write_file(const char *path, const char *text, size_t len)
{
	/* In place: the directory stays as it is. */
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);

	if (fd < 0 || write(fd, text, len) != (ssize_t)len || close(fd) < 0) {
		perror(path);
		exit(EXIT_FAILURE);
	}
}

static void take(void *context, const struct bad_input *input)
{
	struct through *through = context;
	char part[640];

	if (input->is_legal || through->seen++ % through->step)
		return;
	/* The pointer is a word of the line: behind it is a blank, a colon, or the end. */
	if (input->pointer[0])
		snprintf(part, sizeof(part), "%s", input->pointer);
	else
		snprintf(part, sizeof(part), "%s", input->says);
	write_file(through->file, input->text, input->len);
	if (!through_refuses(through, through->command, part, input->what) &&
	    through->n_wrong <= 10)
		printf("%.*s\n", (int)(input->len < 1000 ? input->len : 1000), input->text);
}

/* ---- */

static int usage(void)
{
	fprintf(stderr,
		"usage: through config|process|resources STEP FILE [PATH...] -- COMMAND...\n"
		"       through arguments STEP [PATH...] -- COMMAND\n");
	return 2;
}

int main(int argc, char **argv)
{
	const struct bad_input_sink sink = { take, &(struct through){ .n = 0 } };
	struct through *through = sink.context;
	bool has_file;
	int i;

	if (argc < 5)
		return usage();
	has_file = strcmp(argv[1], "arguments") != 0;
	through->step = (unsigned int)strtoul(argv[2], NULL, 10);
	through->file = argv[3];
	through->paths = calloc((size_t)argc, sizeof(*through->paths));
	for (i = has_file ? 4 : 3; i < argc && strcmp(argv[i], "--") != 0; i++)
		through->paths[through->n_paths++] = path_state_of(argv[i]);
	if (i + 1 >= argc || through->step == 0)
		return usage();
	through->command = argv + i + 1;
	watched_init(&through->watched);

	if (!has_file)
		through_arguments(through);
	for (unsigned int kind = 0; kind < sizeof(kinds) / sizeof(kinds[0]); kind++)
		if (strcmp(argv[1], kinds[kind]) == 0)
			bad_input_make(kind, BAD_INPUT_SEED, BAD_INPUT_ONE_IN, &sink);
	printf("%u refused, %u not\n", through->n - through->n_wrong, through->n_wrong);
	free(through->paths);
	return through->n > 0 && through->n_wrong == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
