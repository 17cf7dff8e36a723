/* SPDX-License-Identifier: Apache-2.0 */
/* From options, or a file, to a process object. */
#include "exec_process.h"

#include "exec_inherit.h"
#include "exec_user.h"
#include "io.h"
#include "load.h"
#include "store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

DEFINE_AUTO(text, char *, free)

static size_t count(const char *const *list)
{
	size_t n = 0;

	while (list && list[n])
		n++;
	return n;
}

/* Strings of the caller's live longer than the spec: they are not copied. */
static void append(struct arena *arena, struct spec_strings *strings, const char *const *more)
{
	size_t n = count(more);
	const char **v;

	if (!more)
		return;
	v = ARENA_ARRAY(arena, const char *, strings->n + n);
	if (strings->n)
		memcpy(v, strings->v, strings->n * sizeof(v[0]));
	for (size_t i = 0; i < n; i++)
		v[strings->n + i] = more[i];
	strings->v = v;
	strings->n += n;
}

static int add_capabilities(const char *const *names, struct spec_capabilities *caps,
			    struct err *err)
{
	for (; names && *names; names++) {
		uint64_t bit;

		if (!spec_parse_capability(*names, &bit))
			return err_set(err, EINVAL, "--cap '%s': unknown capability", *names);
		caps->set = true;
		caps->bounding |= bit;
		caps->effective |= bit;
		caps->permitted |= bit;
		/*
		 * Not inheritable: what runs further programs must not get it, unless config.json
		 * has it so already. Raised only then, so that no capability draws a warning.
		 */
		caps->ambient |= bit & caps->inheritable;
	}
	return 0;
}

/* Every list of the document may be copied, to get more elements. */
static size_t change_bytes(const struct ops_exec_options *options)
{
	size_t n = count((const char *const *)options->argv) + count(options->env) +
		   count(options->groups);

	return EXEC_USER_BYTES + 4 * SPEC_MAX_BYTES + (n + 64) * sizeof(char *);
}

static int add_env(struct arena *arena, const char *const *env, struct spec_process *process,
		   struct err *err)
{
	for (size_t i = 0; env && env[i]; i++)
		if (env[i][0] == '=' || !strchr(env[i], '='))
			return err_set(err, EINVAL,
				       "invalid environment variable '%s', expected KEY=VALUE",
				       env[i]);
	append(arena, &process->env, env);
	return 0;
}

static int change(const struct container *container, const struct ops_exec_options *options,
		  struct arena *arena, struct spec *spec, struct err *err)
{
	struct spec_process *process = &spec->process;

	if (!process->set)
		return err_at(err, "/process", EINVAL,
			      "the container has no process whose settings could be taken");
	process->args.n = 0;
	append(arena, &process->args, (const char *const *)options->argv);
	if (process->args.n == 0)
		return err_set(err, EINVAL, "process args cannot be empty");
	TRY(add_env(arena, options->env, process, err));
	process->terminal = options->has_terminal;
	process->console_size.set = false;
	if (options->cwd)
		process->cwd = options->cwd;
	if (process->cwd[0] != '/')
		return err_set(err, EINVAL, "Cwd must be an absolute path, not '%s'", process->cwd);
	if (options->apparmor_profile)
		process->apparmor_profile = options->apparmor_profile;
	if (options->selinux_label)
		process->selinux_label = options->selinux_label;
	if (options->no_new_privileges)
		process->no_new_privileges = true;
	TRY(exec_user_set(container, options, arena, &process->user, err));
	return add_capabilities(options->caps, &process->capabilities, err);
}

/* What the file leaves open is as config.json has it, which is only read when that matters. */
static int inherit(const struct container *container, struct exec_process *process, struct err *err)
{
	uint32_t open = container->record.exec_settings & ~exec_settings(process->spec);

	if (open == 0)
		return 0;
	TRY(container_load_spec(container, &process->config, err));
	exec_inherit(open, process->config, process->spec);
	return 0;
}

/* A spec with nothing but the process that @text is; @path is where that stands. */
static int parse(const char *text, size_t len, const char *path, struct spec **ret_spec,
		 struct err *err)
{
	AUTO(arena) struct arena *arena = NULL;
	struct spec *spec;

	TRY(arena_new(sizeof(*spec) + spec_arena_bytes(len), &arena, err));
	spec = ARENA_NEW(arena, struct spec);
	if (spec_parse_process(text, len, arena, &spec->process, err) < 0) {
		err_path(err, path);
		return err_wrap(err, "%s", path);
	}
	spec->arena = TAKE(arena);
	spec->process.set = true;
	*ret_spec = spec;
	return 0;
}

static int load_file(const char *path, struct spec **ret_spec, struct err *err)
{
	AUTO(text) char *text = NULL;
	size_t len;

	TRY(io_read_stream(path, SPEC_MAX_BYTES, &text, &len, err));
	TRY(parse(text, len, path, ret_spec, err));
	if ((*ret_spec)->process.args.n == 0)
		return err_set(err, EINVAL, "%s: process args cannot be empty", path);
	return 0;
}

/* Of the container's configuration what counts for further processes: most often, its process alone. */
static int load_own(const struct container *container, struct spec **ret_spec, struct err *err)
{
	AUTO(text) char *text = NULL;
	struct err ignored = { 0 };
	const char *process;
	size_t len;

	if (exec_needs_config(container->record.exec_settings))
		return container_load_spec(container, ret_spec, err);
	TRY(io_read_file(container->dir_fd, STORE_CONFIG, SPEC_MAX_BYTES, &text, &len, err));
	if (spec_find_process(text, len, &process, &len) &&
	    parse(process, len, STORE_CONFIG, ret_spec, &ignored) == 0)
		return 0;
	/* What is wrong is told with its place in the whole document. */
	return container_load_spec(container, ret_spec, err);
}

int exec_process_load(const struct container *container, const struct ops_exec_options *options,
		      struct exec_process *process, struct err *err)
{
	if (options->process_file) {
		TRY(load_file(options->process_file, &process->spec, err));
		return inherit(container, process, err);
	}
	TRY(load_own(container, &process->spec, err));
	TRY(arena_new(change_bytes(options), &process->changes, err));
	return change(container, options, process->changes, process->spec, err);
}

void exec_process_done(struct exec_process *process)
{
	spec_free(process->spec);
	spec_free(process->config);
	arena_free(process->changes);
}
