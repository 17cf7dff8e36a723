/* SPDX-License-Identifier: Apache-2.0 */
/* `events`: statistics at intervals, and a word each time that the container is out of memory. */
#include "container.h"

#include "deadline.h"
#include "fd.h"
#include "oom_watch.h"
#include "rdt.h"
#include "stats.h"

#include <errno.h>
#include <poll.h>

struct session {
	const struct container *container;
	ops_event_visit *visit;
	void *context;
};

static int tell_stats(const struct session *s, struct err *err)
{
	const struct rdt_paths *rdt = &s->container->record.rdt;
	AUTO(arena) struct arena *arena = NULL;
	struct ops_event event = { .id = s->container->id };
	struct host_rdt *host = NULL;
	struct ops_stats stats;

	TRY(arena_new(STATS_ARENA_BYTES, &arena, err));
	stats_read(&s->container->record.cgroups, arena, &stats);
	if (rdt->clos)
		TRY(rdt_find(arena, &host, err));
	if (host)
		stats_read_rdt(host->mount, rdt, arena, &stats.rdt);
	event.stats = &stats;
	return s->visit(s->context, &event, err);
}

static int tell_oom(const struct session *s, struct oom_watch *watch, struct err *err)
{
	const struct ops_event event = { .id = s->container->id };

	for (uint64_t n = oom_watch_take(watch); n > 0; n--)
		TRY(s->visit(s->context, &event, err));
	return 0;
}

static int loop(const struct session *s, struct oom_watch *watch, int64_t interval_ms,
		struct err *err)
{
	struct deadline next = deadline_in_ms(interval_ms);
	struct pollfd fds[] = {
		{ .fd = s->container->pidfd, .events = POLLIN },
		{ .fd = watch->fd, .events = POLLIN }, /* -1: left out */
	};

	while (!fds[0].revents) {
		if (poll(fds, 2, deadline_left_ms(next)) < 0 && errno != EINTR)
			return err_sys(err, "poll");
		/* First: what ended the container may be this. */
		TRY(tell_oom(s, watch, err));
		if (fds[0].revents || !deadline_has_passed(next))
			continue;
		TRY(tell_stats(s, err));
		next = deadline_in_ms(interval_ms);
	}
	return 0;
}

static int watch_events(const struct session *s, int64_t interval_ms, struct err *err)
{
	AUTO(oom_watch) struct oom_watch watch = OOM_WATCH_NONE;

	TRY(oom_watch_begin(&watch, &s->container->record.cgroups, err));
	return loop(s, &watch, interval_ms, err);
}

int op_events(const struct ops_context *ctx, const char *id, int64_t interval_ms,
	      ops_event_visit *visit, void *context, struct err *err)
{
	struct container container;
	struct session session = { .container = &container, .visit = visit, .context = context };
	int ret = container_open(ctx, id, 0, &container, err);

	if (ret == 0 && container.pidfd < 0)
		ret = err_set(err, ESRCH, "container not running: \"%s\"", id);
	if (ret == 0 && interval_ms == 0)
		ret = tell_stats(&session, err);
	else if (ret == 0)
		ret = watch_events(&session, interval_ms, err);
	container_close(&container);
	return ret;
}
