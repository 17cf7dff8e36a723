/* SPDX-License-Identifier: Apache-2.0 */
/* Finding a bundle, and what would be done with it. */
#include "bundle.h"

#include "auto.h"
#include "fd.h"
#include "host_gather.h"
#include "load.h"
#include "ops_plan.h"
#include "rdt.h"
#include "rest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

DEFINE_AUTO(text, char *, free)

#define CONFIG_NAME "config.json"

/* Where the configuration is: *@ret_name, relative to *@ret_dir_fd, which the caller closes. */
static int find_config(const char *bundle, const char *config, char **ret_path,
		       const char **ret_name, int *ret_dir_fd, struct err *err)
{
	const char *dir = bundle ? bundle : ".";
	char *path = realpath(dir, NULL);

	if (!path) {
		err_sys(err, "bundle '%s'", dir);
		err_path(err, dir);
		return err_hint(err, "--bundle names the folder with config.json and the rootfs");
	}
	*ret_path = path;
	*ret_name = config ? config : CONFIG_NAME;
	*ret_dir_fd = config ? -1 : open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (!config && *ret_dir_fd < 0)
		return err_sys(err, "open the bundle '%s'", path);
	return 0;
}

static int explain_config(const char *config, const char *path, struct err *err)
{
	if (config)
		return -err->code;
	if (err->code == ENOENT)
		err_hint(err, "`%s` writes one", "ocirun spec");
	/* What is wrong in it says so itself; where it cannot be read from does not. */
	return err->path[0] ? -err->code : err_wrap(err, "bundle '%s'", path);
}

int bundle_load(const char *bundle, const char *config, char **ret_path, struct spec **ret_spec,
		char **ret_text, struct err *err)
{
	AUTO_FD dir_fd = -1;
	const char *name;

	TRY(find_config(bundle, config, ret_path, &name, &dir_fd, err));
	if (spec_load(dir_fd < 0 ? AT_FDCWD : dir_fd, name, NULL, ret_spec, ret_text, err) == 0)
		return 0;
	return explain_config(config, *ret_path, err);
}

int bundle_load_rest(const char *bundle, const char *config, const struct spec_sink *sink,
		     char **ret_path, struct spec_rest **ret_rest, struct err *err)
{
	AUTO_FD dir_fd = -1;
	const char *name;

	TRY(find_config(bundle, config, ret_path, &name, &dir_fd, err));
	if (spec_rest_load(dir_fd < 0 ? AT_FDCWD : dir_fd, name, sink, ret_rest, err) == 0)
		return 0;
	return explain_config(config, *ret_path, err);
}

int bundle_gather_host(const struct spec *spec, struct arena *arena, struct host **ret_host,
		       struct err *err)
{
	struct host_rdt *rdt = NULL;
	struct host *host;

	TRY(host_gather(arena, &host, err));
	if (spec->linux_.intel_rdt.set)
		TRY(rdt_find(arena, &rdt, err));
	host->rdt = rdt;
	*ret_host = host;
	return 0;
}

int op_plan(const struct ops_context *ctx, const struct ops_bundle_options *options,
	    struct plan **ret_plan, struct err *err)
{
	AUTO(text) char *path = NULL;
	AUTO(spec) struct spec *spec = NULL;
	AUTO(arena) struct arena *arena = NULL;
	struct plan_request request = {
		.id = options->id,
		.cgroup_manager = ctx->cgroup_manager,
		.log = ctx->log,
	};
	struct host *host;

	TRY(bundle_load(options->bundle, options->config, &path, &spec, NULL, err));
	request.bundle = path;
	TRY(arena_new(HOST_ARENA_BYTES, &arena, err));
	TRY(bundle_gather_host(spec, arena, &host, err));
	return plan_build(spec, host, &request, ret_plan, err);
}
