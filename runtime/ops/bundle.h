/* SPDX-License-Identifier: Apache-2.0 */
/* A bundle as its caller names it: the directory and what its config.json says. */
#ifndef OCIRUN_OPS_BUNDLE_H
#define OCIRUN_OPS_BUNDLE_H

#include "err.h"

struct arena;
struct host;
struct spec;
struct spec_rest;
struct spec_sink;

/*
 * Reads the configuration @config (NULL: config.json of the bundle) for the bundle @bundle (NULL:
 * the current folder). *@ret_path is the absolute path, which the caller frees, and set also when
 * only the configuration is wrong; so are *@ret_spec and *@ret_text, which may be NULL.
 */
int bundle_load(const char *bundle, const char *config, char **ret_path, struct spec **ret_spec,
		char **ret_text, struct err *err);

/* The same for who looks for all that is wrong: as spec_rest_load(). */
int bundle_load_rest(const char *bundle, const char *config, const struct spec_sink *sink,
		     char **ret_path, struct spec_rest **ret_rest, struct err *err);

/* The facts about this host that a plan of @spec depends on; @arena has HOST_ARENA_BYTES left. */
int bundle_gather_host(const struct spec *spec, struct arena *arena, struct host **ret_host,
		       struct err *err);

#endif
