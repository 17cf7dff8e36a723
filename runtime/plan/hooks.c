/* SPDX-License-Identifier: Apache-2.0 */
/* Hooks: programs of the host, or of the container for startContainer, at six points of its life. */
#include "plan_parts.h"

const char *const plan_hook_names[PLAN_HOOK_KINDS] = {
	[PLAN_HOOK_PRESTART] = "prestart",
	[PLAN_HOOK_CREATE_RUNTIME] = "createRuntime",
	[PLAN_HOOK_CREATE_CONTAINER] = "createContainer",
	[PLAN_HOOK_START_CONTAINER] = "startContainer",
	[PLAN_HOOK_POSTSTART] = "poststart",
	[PLAN_HOOK_POSTSTOP] = "poststop",
};

/*
 * The environment of a hook is what config.json gives it, and empty without. Only that of
 * startContainer, which runs inside the container, has from of old been the process's own then.
 */
static char **hook_env(const struct plan_input *in, const struct spec_hook *from,
		       enum plan_hook_kind kind, char **process_env)
{
	if (kind == PLAN_HOOK_START_CONTAINER && !from->env.v && process_env)
		return process_env;
	return plan_texts(in->arena, &from->env);
}

static struct plan_hook build_hook(struct arena *arena, const struct spec_hook *from,
				   const char *name, size_t index)
{
	/* execv(3) needs an argv[0]; the spec leaves args optional. */
	const struct spec_strings path_only = { .n = 1, .v = (const char *[]){ from->path } };

	return (struct plan_hook){
		.path = arena_strdup(arena, from->path),
		.argv = plan_texts(arena, from->args.n > 0 ? &from->args : &path_only),
		.timeout_s = from->timeout.set ? from->timeout.value : 0,
		.origin = arena_printf(arena, "/hooks/%s/%zu", name, index),
	};
}

void plan_build_hooks(const struct plan_input *in, char **process_env,
		      struct plan_hooks hooks[PLAN_HOOK_KINDS])
{
	const struct spec_hooks *const lists[PLAN_HOOK_KINDS] = {
		[PLAN_HOOK_PRESTART] = &in->spec->hooks.prestart,
		[PLAN_HOOK_CREATE_RUNTIME] = &in->spec->hooks.create_runtime,
		[PLAN_HOOK_CREATE_CONTAINER] = &in->spec->hooks.create_container,
		[PLAN_HOOK_START_CONTAINER] = &in->spec->hooks.start_container,
		[PLAN_HOOK_POSTSTART] = &in->spec->hooks.poststart,
		[PLAN_HOOK_POSTSTOP] = &in->spec->hooks.poststop,
	};

	for (enum plan_hook_kind kind = 0; kind < PLAN_HOOK_KINDS; kind++) {
		hooks[kind].n = lists[kind]->n;
		hooks[kind].v = ARENA_ARRAY(in->arena, struct plan_hook, lists[kind]->n);
		for (size_t i = 0; i < lists[kind]->n; i++) {
			const struct spec_hook *from = &lists[kind]->v[i];

			hooks[kind].v[i] = build_hook(in->arena, from, plan_hook_names[kind], i);
			hooks[kind].v[i].envp = hook_env(in, from, kind, process_env);
		}
	}
}
