/* SPDX-License-Identifier: Apache-2.0 */
#include "top_sample.h"

#include "ops_stats.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NS_PER_S 1e9

void top_sample_done(struct top_sample *sample)
{
	for (size_t i = 0; i < sample->n; i++)
		free(sample->v[i].id);
	free(sample->v);
}

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static uint64_t sum_of(const struct ops_io_entries *entries, const char *op)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < entries->n; i++)
		if (strcmp(entries->v[i].op, op) == 0)
			sum += entries->v[i].value;
	return sum;
}

static double pressure_of(const struct ops_pressure *pressure)
{
	return pressure->set ? pressure->some.avg10 : -1;
}

/* The visit of op_events(). */
static int take_stats(void *context, const struct ops_event *event, struct err *err)
{
	const struct ops_stats *stats = event->stats;
	struct top_usage *usage = context;

	(void)err;
	if (!stats)
		return 0;
	usage->is_counted = true;
	usage->cpu_ns = stats->cpu.total;
	usage->memory = stats->memory.usage.usage;
	usage->memory_limit = stats->memory.usage.limit;
	usage->pids = stats->pids.current;
	usage->bytes_read = sum_of(&stats->io.service_bytes, "Read");
	usage->bytes_written = sum_of(&stats->io.service_bytes, "Write");
	usage->cpu_pressure = pressure_of(&stats->cpu.pressure);
	usage->memory_pressure = pressure_of(&stats->memory.pressure);
	usage->io_pressure = pressure_of(&stats->io.pressure);
	return 0;
}

static const struct top_usage *find(const struct top_sample *sample, const char *id)
{
	for (size_t i = 0; i < sample->n; i++)
		if (strcmp(sample->v[i].id, id) == 0)
			return &sample->v[i];
	return NULL;
}

/* A counter that went back is that of another container with the same name. */
static double rate(uint64_t before, uint64_t after, double seconds)
{
	return after > before && seconds > 0 ? (double)(after - before) / seconds : 0;
}

static void compare(struct top_usage *usage, const struct top_usage *before, double seconds)
{
	if (!before || !before->is_counted || !usage->is_counted)
		return;
	usage->cpu_percent = rate(before->cpu_ns, usage->cpu_ns, seconds) / NS_PER_S * 100;
	usage->read_rate = rate(before->bytes_read, usage->bytes_read, seconds);
	usage->write_rate = rate(before->bytes_written, usage->bytes_written, seconds);
}

static int by_use(const void *a, const void *b)
{
	const struct top_usage *left = a, *right = b;

	if (left->cpu_percent != right->cpu_percent)
		return left->cpu_percent > right->cpu_percent ? -1 : 1;
	return strcmp(left->id, right->id);
}

/* One that ends meanwhile has nothing to be counted. */
static int take_one(const struct ops_context *ctx, const struct ops_state *state,
		    struct top_usage *usage, struct err *err)
{
	struct err ignored = { 0 };

	*usage = (struct top_usage){ .id = strdup(state->id), .status = state->status };
	if (!usage->id)
		return err_set(err, ENOMEM, "no memory for a list of containers");
	if (state->status != OPS_STOPPED)
		(void)op_events(ctx, state->id, 0, take_stats, usage, &ignored);
	return 0;
}

static int take_all(const struct ops_context *ctx, const char *id,
		    const struct ops_state_list *list, const struct top_sample *before,
		    struct top_sample *sample, struct err *err)
{
	double seconds = (double)(sample->at_ns - before->at_ns) / NS_PER_S;

	sample->v = calloc(list->n + 1, sizeof(*sample->v));
	if (!sample->v)
		return err_set(err, ENOMEM, "no memory for a list of containers");
	for (size_t i = 0; i < list->n; i++) {
		struct top_usage *usage = &sample->v[sample->n];

		if (id && strcmp(id, list->v[i].id) != 0)
			continue;
		TRY(take_one(ctx, &list->v[i], usage, err));
		compare(usage, find(before, list->v[i].id), seconds);
		sample->n++;
	}
	qsort(sample->v, sample->n, sizeof(*sample->v), by_use);
	if (id && sample->n == 0)
		return err_set(err, ENOENT, "container does not exist: \"%s\"", id);
	return 0;
}

int top_sample_take(const struct ops_context *ctx, const char *id, const struct top_sample *before,
		    struct top_sample *ret_sample, struct err *err)
{
	struct top_sample sample = { .at_ns = now_ns() };
	struct ops_state_list list;
	int ret = op_list(ctx, &list, err);

	TRY(ret);
	ret = take_all(ctx, id, &list, before, &sample, err);
	ops_state_list_done(&list);
	if (ret < 0)
		top_sample_done(&sample);
	else
		*ret_sample = sample;
	return ret;
}
