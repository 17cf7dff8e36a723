/* SPDX-License-Identifier: Apache-2.0 */
/* `inspect`: the plan is made again from the copy of config.json, and held against /proc. */
#include "inspect.h"

#include "fd.h"
#include "host_gather.h"
#include "load.h"
#include "plan_build.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

int inspect_tell_checked(const struct inspection *in, const struct ops_fact *fact)
{
	return in->visit(in->context, fact, in->err);
}

int inspect_tell(const struct inspection *in, const char *section, const char *name,
		 const char *origin, const char *asked, const char *found)
{
	const struct ops_fact fact = {
		.section = section,
		.name = name,
		.asked = asked,
		.found = found,
		.origin = origin,
		.differs = asked[0] && strcmp(asked, found) != 0,
	};

	return inspect_tell_checked(in, &fact);
}

static int make_plan(const struct container *container, struct plan **ret_plan, struct err *err)
{
	const struct plan_request request = {
		.id = container->id,
		.bundle = container->record.bundle,
		.cgroup_manager = container->ctx->cgroup_manager,
	};
	AUTO(arena) struct arena *arena = NULL;
	AUTO(spec) struct spec *spec = NULL;
	struct host *host;

	TRY(container_load_spec(container, &spec, err));
	TRY(arena_new(HOST_ARENA_BYTES, &arena, err));
	TRY(host_gather(arena, &host, err));
	return plan_build(spec, host, &request, ret_plan, err);
}

static int (*const sections[])(const struct inspection *in) = {
	inspect_namespaces, inspect_process, inspect_limits,
	inspect_mounts,     inspect_cgroup,  inspect_descriptors,
};

static int inspect_all(struct inspection *in)
{
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		TRY(sections[i](in));
	return 0;
}

static int inspect_container(const struct container *container, ops_fact_visit *visit,
			     void *context, struct err *err)
{
	AUTO(plan) struct plan *plan = NULL;
	AUTO_FD proc_fd = -1;
	struct inspection in = {
		.container = container,
		.visit = visit,
		.context = context,
		.err = err,
	};
	char path[32];

	if (container->pidfd < 0)
		return err_set(err, ESRCH, "container not running: \"%s\"", container->id);
	TRY(make_plan(container, &plan, err));
	snprintf(path, sizeof(path), "/proc/%d", container->pid.pid);
	proc_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (proc_fd < 0)
		return err_sys(err, "open '%s'", path);
	in.plan = plan;
	in.proc_fd = proc_fd;
	return inspect_all(&in);
}

int op_inspect(const struct ops_context *ctx, const char *id, ops_fact_visit *visit, void *context,
	       struct err *err)
{
	struct container container;
	int ret = container_open(ctx, id, 0, &container, err);

	if (ret == 0)
		ret = inspect_container(&container, visit, context, err);
	container_close(&container);
	return ret;
}
