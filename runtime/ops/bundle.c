/* SPDX-License-Identifier: Apache-2.0 */
/* Finding a bundle, and what would be done with it. */
#include "bundle.h"

#include "auto.h"
#include "fd.h"
#include "host_gather.h"
#include "load.h"
#include "ops_plan.h"
#include "rdt.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

DEFINE_AUTO(text, char *, free)

int bundle_load(const char *bundle, const char *config, const struct spec_sink *sink,
		char **ret_path, struct spec **ret_spec, char **ret_text, struct err *err)
{
	const char *dir = bundle ? bundle : ".";
	char *path = realpath(dir, NULL);
	AUTO_FD bundle_fd = -1;

	if (!path) {
		err_sys(err, "bundle '%s'", dir);
		err_path(err, dir);
		return err_hint(err, "--bundle names the folder with config.json and the rootfs");
	}
	*ret_path = path;
	if (config)
		return spec_load(AT_FDCWD, config, sink, ret_spec, ret_text, err);
	bundle_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (bundle_fd < 0)
		return err_sys(err, "open the bundle '%s'", path);
	if (spec_load(bundle_fd, "config.json", sink, ret_spec, ret_text, err) == 0)
		return 0;
	if (err->code == ENOENT)
		err_hint(err, "`%s` writes one", "ocirun spec");
	/* What is wrong in it says so itself; where it cannot be read from does not. */
	return err->path[0] ? -err->code : err_wrap(err, "bundle '%s'", path);
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

	TRY(bundle_load(options->bundle, options->config, NULL, &path, &spec, NULL, err));
	request.bundle = path;
	TRY(arena_new(HOST_ARENA_BYTES, &arena, err));
	TRY(bundle_gather_host(spec, arena, &host, err));
	return plan_build(spec, host, &request, ret_plan, err);
}
