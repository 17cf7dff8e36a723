/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The victim of a race: rounds N WORD COMMAND... runs the command N times and counts how it ended, and
 * how often WORD, which it must not know, or a sanitizer's report was in what it printed. One line: "rounds N ran N refused N
 * found N hung N"; behind it what a refused one and one with the word printed. A round lasts 10 s at
 * most. "{}" in an argument becomes the number of the round.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUND_MS 10000

static char output[1 << 16];

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static char *with_number(char *word, long number)
{
	const char *at = strstr(word, "{}");
	char *made;

	if (!at)
		return word;
	if (asprintf(&made, "%.*s%ld%s", (int)(at - word), word, number, at + 2) < 0)
		errx(2, "no memory");
	return made;
}

static pid_t start(char **argv, long number, int *ret_fd)
{
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		err(2, "pipe2");
	pid = fork();
	if (pid < 0)
		err(2, "fork");
	if (pid == 0) {
		int null_fd = open("/dev/null", O_RDONLY);

		for (char **word = argv; *word; word++)
			*word = with_number(*word, number);
		dup2(null_fd, 0);
		dup2(ends[1], 1);
		dup2(ends[1], 2);
		execvp(argv[0], argv);
		err(127, "%s", argv[0]);
	}
	close(ends[1]);
	*ret_fd = ends[0];
	return pid;
}

/* Reads to the end; false when that does not come in time. */
static bool read_all(int fd)
{
	long until = now_ms() + ROUND_MS;
	size_t len = 0;

	for (;;) {
		struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
		long left = until - now_ms();
		ssize_t n;

		if (left <= 0 || poll(&poll_fd, 1, (int)left) == 0)
			return false;
		if (len == sizeof(output) - 1)
			len = 0;
		n = read(fd, output + len, sizeof(output) - 1 - len);
		if (n <= 0)
			break;
		len += (size_t)n;
	}
	output[len] = '\0';
	return true;
}

int main(int argc, char **argv)
{
	long ran = 0, refused = 0, found = 0, hung = 0, rounds = argc > 3 ? atol(argv[1]) : 0;
	char *first_refused = NULL, *first_found = NULL;

	if (rounds < 1)
		errx(2, "usage: rounds N WORD COMMAND...");
	for (long i = 0; i < rounds; i++) {
		int fd, status;
		pid_t pid = start(argv + 3, i, &fd);

		if (!read_all(fd)) {
			hung++;
			kill(pid, SIGKILL);
		}
		close(fd);
		if (waitpid(pid, &status, 0) < 0)
			err(2, "waitpid");
		if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
			ran++;
		else
			refused++;
		if (status && !first_refused)
			first_refused = strdup(output);
		if (strstr(output, argv[2]) || strstr(output, "Sanitizer:")) {
			found++;
			if (!first_found)
				first_found = strdup(output);
		}
	}
	printf("rounds %ld ran %ld refused %ld found %ld hung %ld\n", rounds, ran, refused, found,
	       hung);
	if (first_refused)
		printf("refused: %s\n", first_refused);
	if (first_found)
		printf("found: %s\n", first_found);
	return 0;
}
