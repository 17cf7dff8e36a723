/* SPDX-License-Identifier: Apache-2.0 */
/*
 * top: what all containers use, again and again on a terminal, once elsewhere. What has to be undone
 * at the end (keys, cursor, screen) is undone on every way out: signals are waited for, not caught.
 */
#include "amount.h"
#include "commands.h"
#include "fd.h"
#include "top_sample.h"
#include "tty.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#define INTERVAL_DEFAULT "1s"
#define NS_PER_MS        1000000
#define ID_MIN           9 /* with it a line fits into 80 columns, its last one free */
#define HEAD             " STATUS    CPU% MEMORY  LIMIT  PIDS READ/s WRITE/s PSIcpu PSImem PSIio"
#define SCREEN_ON        "\033[?1049h\033[?25l\033[?7l" /* one of its own, no cursor, no folding */
#define SCREEN_OFF       "\033[?7h\033[?25h\033[?1049l"
#define TO_TOP           "\033[H"
#define CLEAR_LINE       "\033[K"
#define CLEAR_BELOW      "\033[J"

struct top_values {
	const char *interval;
};

static const struct option top_options[] = {
	{ "interval", OPTION(struct top_values, interval), .value = "TIME",
	  .help = "between two looks: 500ms, 5s (default: " INTERVAL_DEFAULT ")" },
	{ 0 },
};

struct screen {
	bool is_terminal;
	bool has_keys; /* stdin is a terminal whose lines are not waited for */
	struct termios saved;
	int signal_fd;
	uint16_t rows, columns;
};

/* ---- a table ---- */

/* "512B", "1.5M": at most 6 characters. */
static const char *bytes_text(double bytes, char text[16])
{
	static const char units[] = "BKMGTPE";
	size_t unit = 0;

	while (bytes >= 1000 && unit < sizeof(units) - 2) {
		bytes /= 1024;
		unit++;
	}
	snprintf(text, 16, bytes < 10 && unit > 0 ? "%.1f%c" : "%.0f%c", bytes, units[unit]);
	return text;
}

static const char *limit_text(uint64_t limit, char text[16])
{
	/* v1 says "none" with the largest number of pages. */
	return limit >= UINT64_C(1) << 62 ? "-" : bytes_text((double)limit, text);
}

static const char *pressure_text(double percent, char text[16])
{
	if (percent < 0)
		return "-";
	snprintf(text, 16, "%.1f", percent);
	return text;
}

/* On a terminal what is left of its width; elsewhere as much as the longest one needs. */
static int id_width(const struct screen *screen, const struct top_sample *sample)
{
	int longest = ID_MIN, left = screen->columns - (int)strlen(HEAD) - 1;

	for (size_t i = 0; i < sample->n; i++)
		if ((int)strlen(sample->v[i].id) > longest)
			longest = (int)strlen(sample->v[i].id);
	if (!screen->is_terminal || longest < left)
		return longest;
	return left > ID_MIN ? left : ID_MIN;
}

static void end_line(const struct screen *screen)
{
	printf("%s\n", screen->is_terminal ? CLEAR_LINE : "");
}

static void print_usage(const struct screen *screen, const struct top_usage *usage, int width)
{
	char text[7][16];

	printf("%-*.*s %-7s", width, width, usage->id, ops_status_name(usage->status));
	if (usage->is_counted)
		printf(" %6.1f %6s %6s %5llu %6s %7s %6s %6s %5s", usage->cpu_percent,
		       bytes_text((double)usage->memory, text[0]),
		       limit_text(usage->memory_limit, text[1]), (unsigned long long)usage->pids,
		       bytes_text(usage->read_rate, text[2]),
		       bytes_text(usage->write_rate, text[3]),
		       pressure_text(usage->cpu_pressure, text[4]),
		       pressure_text(usage->memory_pressure, text[5]),
		       pressure_text(usage->io_pressure, text[6]));
	end_line(screen);
}

static int print_sample(const struct screen *screen, const struct top_sample *sample,
			struct err *err)
{
	size_t rows = screen->is_terminal && screen->rows > 2 ? screen->rows - 2u : SIZE_MAX;
	int width = id_width(screen, sample);

	if (screen->is_terminal)
		printf(TO_TOP);
	printf("%-*s%s", width, "ID", HEAD);
	end_line(screen);
	for (size_t i = 0; i < sample->n && i < rows; i++)
		print_usage(screen, &sample->v[i], width);
	if (sample->n == 0 && screen->is_terminal) {
		printf("no containers; q ends this");
		end_line(screen);
	}
	if (screen->is_terminal)
		printf(CLEAR_BELOW);
	return fflush(stdout) != 0 ? err_sys(err, "write to the standard output") : 0;
}

/* ---- the terminal ---- */

static void take_keys(struct screen *screen)
{
	struct termios keys;

	if (tcgetattr(STDIN_FILENO, &screen->saved) < 0)
		return;
	keys = screen->saved;
	keys.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	screen->has_keys = tcsetattr(STDIN_FILENO, TCSANOW, &keys) == 0;
}

static int screen_begin(struct screen *screen, struct err *err)
{
	sigset_t set;

	*screen = (struct screen){ .is_terminal = isatty(STDOUT_FILENO), .signal_fd = -1 };
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGWINCH);
	screen->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (screen->signal_fd < 0)
		return err_sys(err, "signalfd");
	sigprocmask(SIG_BLOCK, &set, NULL);
	if (!screen->is_terminal)
		return 0;
	take_keys(screen);
	printf(SCREEN_ON);
	return 0;
}

static void screen_end(struct screen *screen)
{
	if (screen->is_terminal) {
		printf(SCREEN_OFF);
		fflush(stdout);
	}
	if (screen->has_keys)
		tcsetattr(STDIN_FILENO, TCSANOW, &screen->saved);
	fd_close(&screen->signal_fd);
}

static bool wants_end(const struct screen *screen, const struct pollfd fds[2])
{
	struct signalfd_siginfo info;
	char key;

	while (fds[0].revents && read(screen->signal_fd, &info, sizeof(info)) == sizeof(info))
		if (info.ssi_signo != SIGWINCH)
			return true;
	if (!(fds[1].revents & (POLLIN | POLLHUP)))
		return false;
	return read(STDIN_FILENO, &key, 1) != 1 || key == 'q' || key == 'Q';
}

/* Waits for the next look. Whether the user wants no more of them. */
static bool wait_for_next(const struct screen *screen, int64_t interval_ms)
{
	struct pollfd fds[2] = {
		{ .fd = screen->signal_fd, .events = POLLIN },
		{ .fd = screen->has_keys ? STDIN_FILENO : -1, .events = POLLIN },
	};

	return poll(fds, 2, (int)interval_ms) > 0 && wants_end(screen, fds);
}

/* ---- the command ---- */

static int watch(struct cli *cli, const char *id, struct screen *screen, int64_t interval_ms,
		 struct err *err)
{
	AUTO(top_sample) struct top_sample before = TOP_SAMPLE_NONE;
	int ret = top_sample_take(&cli->ops, id, &before, &before, err);

	while (ret == 0) {
		struct top_sample now;

		/* Rates are of an interval: without a terminal, the first one is all there is. */
		tty_find_size(&screen->rows, &screen->columns);
		if (screen->is_terminal)
			TRY(print_sample(screen, &before, err));
		if (wait_for_next(screen, interval_ms))
			return 0;
		ret = top_sample_take(&cli->ops, id, &before, &now, err);
		if (ret < 0)
			return ret;
		top_sample_done(&before);
		before = now;
		if (!screen->is_terminal)
			return print_sample(screen, &before, err);
	}
	return ret;
}

static int top(struct cli *cli, const void *values, const struct arguments *arguments,
	       struct err *err)
{
	const struct top_values *v = values;
	const char *interval = v->interval ? v->interval : INTERVAL_DEFAULT;
	struct screen screen;
	int64_t ns;
	int ret;

	if (amount_duration(interval, &ns) < 0 || ns < NS_PER_MS || ns / NS_PER_MS > INT32_MAX)
		return err_set(err, EINVAL,
			       "invalid value \"%s\" for flag -interval: expected a time like 5s, "
			       "500ms or 1m30s",
			       interval);
	ret = screen_begin(&screen, err);
	if (ret == 0)
		ret = watch(cli, arguments->n > 0 ? arguments->v[0] : NULL, &screen, ns / NS_PER_MS,
			    err);
	screen_end(&screen);
	return ret;
}

const struct command command_top = {
	.name = "top",
	.arguments = "[CONTAINER]",
	.max_arguments = 1,
	.summary = "show what the containers use, live",
	.description =
		"A line for each container, the busiest first: processor time in percent of one\n"
		"processor, memory and its limit, tasks, block I/O, and pressure: the share of "
		"the\n"
		"last 10 seconds in which some task waited for processors, memory or I/O. On a\n"
		"terminal the table is renewed until q is pressed; elsewhere it is printed once.\n",
	.example = "$0 top\n"
		   "$0 top --interval 5s c1\n",
	.options = (const struct option *const[]){ top_options, NULL },
	.values_size = sizeof(struct top_values),
	.run = top,
};
