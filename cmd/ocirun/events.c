/* SPDX-License-Identifier: Apache-2.0 */
/* events: what a container uses, and when it runs out of memory, a line of JSON each. */
#include "amount.h"
#include "commands.h"
#include "ops_stats.h"
#include "stats_print.h"

#include <errno.h>
#include <stdio.h>

#define INTERVAL_DEFAULT "5s"
#define NS_PER_MS        1000000

struct events_values {
	const char *interval;
	bool stats;
};

static const struct option events_options[] = {
	{ "interval", OPTION(struct events_values, interval), .value = "TIME",
	  .help = "between two lines of statistics: 100ms, 1m30s (default: " INTERVAL_DEFAULT ")" },
	{ "stats", OPTION(struct events_values, stats),
	  .help = "print one line of statistics at once, and no more" },
	{ 0 },
};

/* The id's letters need no escaping. */
static int print_event(void *context, const struct ops_event *event, struct err *err)
{
	(void)context;
	printf("{\"type\":\"%s\",\"id\":\"%s\"", event->stats ? "stats" : "oom", event->id);
	if (event->stats) {
		printf(",\"data\":");
		stats_print(stdout, event->stats);
	}
	printf("}\n");
	/* Each line counts when it is written; and a reader that went away ends the command. */
	if (fflush(stdout) != 0)
		return err_sys(err, "write to the standard output");
	return 0;
}

static int read_interval(const char *text, int64_t *ret_ms, struct err *err)
{
	int64_t ns;

	if (amount_duration(text, &ns) < 0)
		return err_set(err, EINVAL,
			       "invalid value \"%s\" for flag -interval: expected a time like 5s, "
			       "100ms or 1m30s",
			       text);
	if (ns <= 0)
		return err_set(err, EINVAL, "duration interval must be greater than 0");
	*ret_ms = ns < NS_PER_MS ? 1 : ns / NS_PER_MS;
	return 0;
}

static int events(struct cli *cli, const void *values, const struct arguments *arguments,
		  struct err *err)
{
	const struct events_values *v = values;
	int64_t interval_ms = 0;

	TRY(read_interval(v->interval ? v->interval : INTERVAL_DEFAULT, &interval_ms, err));
	if (v->stats)
		interval_ms = 0;
	return op_events(&cli->ops, arguments->v[0], interval_ms, print_event, NULL, err);
}

const struct command command_events = {
	.name = "events",
	.arguments = "CONTAINER",
	.min_arguments = 1,
	.max_arguments = 1,
	.summary = "print statistics of a container, and when it is out of memory",
	.description = "Prints a line of JSON each time, until the container ends: \"stats\" at\n"
		       "intervals, \"oom\" when the kernel finds no more memory for it.\n",
	.example = "$0 events --stats c1 | jq .data.memory.usage\n"
		   "$0 events --interval 1s c1\n",
	.options = (const struct option *const[]){ events_options, NULL },
	.values_size = sizeof(struct events_values),
	.run = events,
};
