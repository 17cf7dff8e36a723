/* SPDX-License-Identifier: Apache-2.0 */
/* The container's process: its program, identity, rights and limits. */
#include "annotation.h"
#include "plan_parts.h"
#include "process_names.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/ioprio.h>
#include <linux/sched.h>
#include <stdio.h>

/* setuid(2) and its kin take it for "as it is", which is root. */
#define ID_INVALID UINT32_MAX

/* The kernel's range for SCHED_FIFO and SCHED_RR: sched(7). */
#define PRIORITY_MIN 1
#define PRIORITY_MAX 99

static int set_console(const struct spec_process *from, struct plan_process *process,
		       struct err *err)
{
	const struct spec_console_size *size = &from->console_size;

	/* spec: consoleSize must be ignored without a terminal. */
	process->terminal = from->terminal;
	if (!from->terminal || !size->set)
		return 0;
	if (size->height > UINT16_MAX)
		return err_at(err, "/process/consoleSize/height", EINVAL,
			      "a terminal of %" PRIu64 " lines is larger than %u", size->height,
			      UINT16_MAX);
	if (size->width > UINT16_MAX)
		return err_at(err, "/process/consoleSize/width", EINVAL,
			      "a terminal of %" PRIu64 " columns is larger than %u", size->width,
			      UINT16_MAX);
	process->rows = (uint16_t)size->height;
	process->columns = (uint16_t)size->width;
	return 0;
}

static bool is_usable_id(const struct plan_input *in, const struct plan_id_maps *maps, uint32_t id)
{
	return id != ID_INVALID && (!in->ns->has_uid_gid_maps || plan_id_is_mapped(maps, id));
}

static int refuse_id(const char *what, uint32_t id, const char *pointer, struct err *err)
{
	if (id == ID_INVALID)
		return err_at(err, pointer, EINVAL, "%s %" PRIu32 " stands for no %s", what, id,
			      what);
	err_at(err, pointer, EINVAL, "%s %" PRIu32 " is not mapped in the user namespace", what,
	       id);
	return err_hint(err, "add it to /linux/%sMappings", what);
}

static int set_user(const struct plan_input *in, struct plan_process *process, struct err *err)
{
	const struct spec_user *user = &in->spec->process.user;
	const struct spec_uints *gids = &user->additional_gids;

	if (!is_usable_id(in, &in->ns->uids, user->uid))
		return refuse_id("uid", user->uid, "/process/user/uid", err);
	if (!is_usable_id(in, &in->ns->gids, user->gid))
		return refuse_id("gid", user->gid, "/process/user/gid", err);
	process->uid = user->uid;
	process->gid = user->gid;
	process->has_umask = user->umask.set;
	process->umask = (mode_t)user->umask.value & 0777; /* as umask(2) does */
	process->keeps_groups = plan_annotation(in->spec, ANNOTATION_KEEP_GROUPS) != NULL;
	if (process->keeps_groups)
		return 0;
	process->n_gids = gids->n;
	process->gids = ARENA_ARRAY(in->arena, gid_t, gids->n);
	for (size_t i = 0; i < gids->n; i++) {
		if (!is_usable_id(in, &in->ns->gids, gids->v[i]))
			return refuse_id(
				"gid", gids->v[i],
				arena_printf(in->arena, "/process/user/additionalGids/%zu", i),
				err);
		process->gids[i] = gids->v[i];
	}
	return 0;
}

/* In one line: buildah asks for all that it permits, in each container. */
static void warn_ambient(const struct plan_input *in, uint64_t capabilities)
{
	char names[64 * (sizeof(struct plan_capability_name) + 2)];
	size_t len = 0;

	for (uint64_t rest = capabilities; rest; rest &= rest - 1)
		len += (size_t)snprintf(names + len, sizeof(names) - len, "%s%s", len ? ", " : "",
					plan_capability_name((unsigned)__builtin_ctzll(rest)).text);
	log_warning(in->request->log,
		    "can't raise ambient capability %s: not both permitted and inheritable "
		    "(/process/capabilities/ambient)",
		    names);
}

/* The kernel raises what is permitted and inheritable. Engines ask for more, and expect a warning. */
static uint64_t usable_ambient(const struct plan_input *in, const struct spec_capabilities *from)
{
	uint64_t usable = from->ambient & from->permitted & from->inheritable;

	if (from->ambient & ~usable)
		warn_ambient(in, from->ambient & ~usable);
	return usable;
}

static int set_capabilities(const struct plan_input *in, struct plan_process *process,
			    struct err *err)
{
	const struct spec_capabilities *from = &in->spec->process.capabilities;
	uint64_t excess = from->effective & ~from->permitted;

	/* capset(2) would fail, about no capability in particular. */
	if (excess)
		return err_at(err, "/process/capabilities/effective", EINVAL,
			      "%s is effective, but not permitted",
			      plan_capability_name((unsigned)__builtin_ctzll(excess)).text);
	process->caps = (struct plan_capabilities){
		.bounding = from->bounding,
		.effective = from->effective,
		.inheritable = from->inheritable,
		.permitted = from->permitted,
		.ambient = usable_ambient(in, from),
	};
	return 0;
}

static int set_rlimits(const struct plan_input *in, struct plan_process *process, struct err *err)
{
	size_t n = in->spec->process.rlimits.n;

	process->n_rlimits = n;
	process->rlimits = ARENA_ARRAY(in->arena, struct plan_rlimit, n);
	for (size_t i = 0; i < n; i++) {
		const struct spec_rlimit *from = &in->spec->process.rlimits.v[i];
		const char *name = plan_rlimit_name(from->resource);
		const char *origin = arena_printf(in->arena, "/process/rlimits/%zu", i);

		if (from->soft > from->hard)
			return err_at(err, arena_printf(in->arena, "%s/soft", origin), EINVAL,
				      "%s: the soft limit %" PRIu64
				      " is above the hard limit %" PRIu64,
				      name, from->soft, from->hard);
		process->rlimits[i] = (struct plan_rlimit){
			.resource = from->resource,
			.soft = from->soft,
			.hard = from->hard,
			.name = name,
			.origin = origin,
		};
	}
	return 0;
}

static int set_scheduler(const struct spec_scheduler *from, struct plan_process *process,
			 struct err *err)
{
	bool is_realtime = from->policy == SCHED_FIFO || from->policy == SCHED_RR;
	int32_t min = is_realtime ? PRIORITY_MIN : 0, max = is_realtime ? PRIORITY_MAX : 0;

	if (!from->set)
		return 0;
	if (from->nice < -20 || from->nice > 19)
		return err_at(err, "/process/scheduler/nice", EINVAL,
			      "nice %" PRId32 " is not from -20 to 19", from->nice);
	if (from->priority < min || from->priority > max)
		return err_at(err, "/process/scheduler/priority", EINVAL,
			      "priority %" PRId32 " of %s is not from %" PRId32 " to %" PRId32,
			      from->priority, plan_scheduler_name((uint32_t)from->policy), min,
			      max);
	process->has_scheduler = true;
	process->scheduler.policy = (uint32_t)from->policy;
	process->scheduler.nice = from->nice;
	process->scheduler.priority = (uint32_t)from->priority;
	process->scheduler.flags = from->flags;
	process->scheduler.runtime = from->runtime;
	process->scheduler.deadline = from->deadline;
	process->scheduler.period = from->period;
	return 0;
}

int plan_build_process(const struct plan_input *in, struct plan_process *ret_process,
		       struct err *err)
{
	const struct spec_process *from = &in->spec->process;
	const struct spec_personality *personality = &in->spec->linux_.personality;
	struct plan_process process = {
		.cwd = plan_text(in->arena, from->cwd),
		.argv = plan_texts(in->arena, &from->args),
		.no_new_privs = from->no_new_privileges,
		.has_oom_score_adj = from->oom_score_adj.set,
		.oom_score_adj = (int)from->oom_score_adj.value,
		.apparmor_profile = plan_text(in->arena, from->apparmor_profile),
		.selinux_label = plan_text(in->arena, from->selinux_label),
		.has_cpuset = in->spec->linux_.resources.cpu.cpus,
		.has_personality = personality->set,
		.personality = (unsigned long)personality->domain,
	};

	/* config.md: at least one entry is required but on Windows. */
	if (from->args.n == 0)
		return err_at(err, "/process/args", EINVAL,
			      "args must not be empty: the first is the program to run");
	process.envp = plan_build_env(in->arena, &from->env, &process.env_has_home);
	TRY(set_console(from, &process, err));
	TRY(set_user(in, &process, err));
	TRY(set_capabilities(in, &process, err));
	TRY(set_rlimits(in, &process, err));
	TRY(set_scheduler(&from->scheduler, &process, err));
	TRY(plan_build_memory_policy(in, &process, err));
	TRY(plan_build_cpu_affinity(in, &process, err));
	if (from->io_priority.set) {
		process.has_io_priority = true;
		process.io_priority =
			(int)IOPRIO_PRIO_VALUE(from->io_priority.class, from->io_priority.priority);
	}
	*ret_process = process;
	return 0;
}
