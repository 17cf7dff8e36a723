/* SPDX-License-Identifier: Apache-2.0 */
/* The root file system: where it is, how mounts propagate, what is hidden or read-only in it. */
#include "annotation.h"
#include "mount_options.h"
#include "path.h"
#include "plan_parts.h"

#include <errno.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What of config.json is mounts, or nodes beside them; NULL: none of it is there. */
struct mounting {
	bool is_given;
	const char *pointer;
	const char *what;
};

static bool find_mounting(const struct spec *spec, struct mounting *ret_mounting)
{
	const struct mounting rows[] = {
		{ spec->mounts.n > 0, "/mounts", "a mount" },
		{ spec->root.readonly, "/root/readonly", "a read-only root" },
		{ spec->linux_.masked_paths.n > 0, "/linux/maskedPaths", "a masked path" },
		{ spec->linux_.readonly_paths.n > 0, "/linux/readonlyPaths", "a read-only path" },
		{ spec->linux_.rootfs_propagation, "/linux/rootfsPropagation",
		  "a mount propagation" },
		{ spec->linux_.devices.n > 0, "/linux/devices", "a device node" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!rows[i].is_given)
			continue;
		*ret_mounting = rows[i];
		return true;
	}
	return false;
}

/*
 * Only who has rights in the user namespace that a mount namespace belongs to may mount there: the
 * root of one that is made for the container has none in a mount namespace that was there before.
 */
static int check_owner(const struct plan_input *in, const struct mounting *mounting,
		       struct err *err)
{
	bool is_joined = in->ns->join & CLONE_NEWNS;
	char what[64];

	if (!plan_has_ns(in->ns, CLONE_NEWUSER) || (is_joined && in->ns->join & CLONE_NEWUSER))
		return 0;
	snprintf(what, sizeof(what), "%s in a user namespace", mounting->what);
	if (!is_joined)
		return plan_needs_ns(mounting->pointer, what, CLONE_NEWNS, err);
	return err_at(
		err, mounting->pointer, EINVAL,
		"%s needs a new mount namespace, or one that is joined together with the user "
		"namespace that it belongs to",
		what);
}

/*
 * In a mount namespace that is not the container's own. Whoever enters it has for a root what is
 * mounted on "/", and would be in the container.
 */
static int set_bound(const struct plan_input *in, struct plan_rootfs *rootfs, struct err *err)
{
	struct mounting mounting;

	if (!find_mounting(in->spec, &mounting))
		return 0;
	TRY(check_owner(in, &mounting, err));
	if (strcmp(rootfs->path, "/") == 0) {
		err_at(err, mounting.pointer, EINVAL,
		       "%s needs a mount namespace of the container's own: its root is \"/\", "
		       "which "
		       "everybody has in this one",
		       mounting.what);
		return err_hint(err, "add {\"type\": \"mount\"} to /linux/namespaces, or set "
				     "/root/path");
	}
	rootfs->is_bound = true;
	return 0;
}

static int set_propagation(const struct plan_input *in, struct plan_rootfs *rootfs, struct err *err)
{
	const char *name = in->spec->linux_.rootfs_propagation;

	/* The default of all runtimes: mounts of the host arrive, none leave. */
	rootfs->propagation = MS_SLAVE;
	rootfs->rec_propagation = true;
	if (!name)
		return 0;
	rootfs->propagation = mount_propagation_find(name, &rootfs->rec_propagation);
	if (!rootfs->propagation)
		return err_at(err, "/linux/rootfsPropagation", EINVAL,
			      "rootfsPropagation=%s is not supported", name);
	if (in->request->no_pivot && rootfs->propagation == MS_PRIVATE)
		return err_at(err, "/linux/rootfsPropagation", EINVAL,
			      "rootfsPropagation of [r]private is not safe without pivot_root");
	return 0;
}

/* By path, the first in the document first. */
static int compare_paths(const void *a, const void *b)
{
	const struct plan_path *left = *(const struct plan_path *const *)a;
	const struct plan_path *right = *(const struct plan_path *const *)b;
	int order = strcmp(left->path, right->path);

	return order != 0 ? order : (left > right) - (left < right);
}

/* Engines and users add to a list without looking: a path is covered once. */
static size_t drop_duplicates(struct arena *arena, struct plan_path *paths, size_t n)
{
	struct plan_path **sorted = ARENA_ARRAY(arena, struct plan_path *, n);
	size_t left = 0;

	for (size_t i = 0; i < n; i++)
		sorted[i] = &paths[i];
	qsort(sorted, n, sizeof(sorted[0]), compare_paths);
	for (size_t i = n; i > 1; i--)
		if (strcmp(sorted[i - 1]->path, sorted[i - 2]->path) == 0)
			sorted[i - 1]->path = NULL;
	for (size_t i = 0; i < n; i++)
		if (paths[i].path)
			paths[left++] = paths[i];
	return left;
}

static struct plan_path *build_paths(struct arena *arena, const struct spec_strings *paths,
				     const char *pointer, size_t *ret_n)
{
	struct plan_path *out = ARENA_ARRAY(arena, struct plan_path, paths->n);

	for (size_t i = 0; i < paths->n; i++) {
		out[i].path = path_clean(arena, paths->v[i]);
		out[i].origin = arena_printf(arena, "%s/%zu", pointer, i);
	}
	*ret_n = drop_duplicates(arena, out, paths->n);
	return out;
}

static int build_masked(const struct plan_input *in, struct plan_rootfs *rootfs, struct err *err)
{
	const struct spec_strings *paths = &in->spec->linux_.masked_paths;

	rootfs->masked = build_paths(in->arena, paths, "/linux/maskedPaths", &rootfs->n_masked);
	/* A mount on the root is seen by nobody who is rooted there already. */
	for (size_t i = 0; i < rootfs->n_masked; i++)
		if (strcmp(rootfs->masked[i].path, "/") == 0)
			return err_at(err, rootfs->masked[i].origin, EINVAL,
				      "\"/\" cannot be masked: it is the root file system");
	return 0;
}

static void build_readonly_paths(const struct plan_input *in, struct plan_rootfs *rootfs)
{
	const struct spec_strings *paths = &in->spec->linux_.readonly_paths;
	size_t n;
	struct plan_path *all = build_paths(in->arena, paths, "/linux/readonlyPaths", &n);

	rootfs->readonly_paths = all;
	for (size_t i = 0; i < n; i++)
		if (strcmp(all[i].path, "/") == 0)
			rootfs->readonly = true;
		else
			rootfs->readonly_paths[rootfs->n_readonly_paths++] = all[i];
}

static int set_label_option(const struct plan_input *in, struct plan_rootfs *rootfs,
			    struct err *err)
{
	static const char *const options[] = { "context", "fscontext", "defcontext",
					       "rootcontext" };
	const char *asked = plan_annotation(in->spec, ANNOTATION_CONTEXT_TYPE);

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (!asked || strcmp(asked, options[i]) == 0) {
			rootfs->label_option = options[i];
			return 0;
		}
	return err_at(err, "/annotations/" ANNOTATION_CONTEXT_TYPE, EINVAL,
		      "'%s' is none of context, fscontext, defcontext, rootcontext", asked);
}

int plan_build_rootfs(const struct plan_input *in, struct plan_rootfs *ret_rootfs, struct err *err)
{
	const struct spec *spec = in->spec;
	struct plan_rootfs rootfs = {
		.readonly = spec->root.readonly,
		.has_mount_ns = in->ns->create & CLONE_NEWNS,
		.no_pivot = in->request->no_pivot,
		.mount_label = plan_text(in->arena, spec->linux_.mount_label),
	};

	TRY(set_label_option(in, &rootfs, err));

	if (!spec->root.path)
		return err_at(err, "/root", EINVAL, "root.path is missing, but it is required");
	rootfs.path = path_absolute(in->arena, in->request->bundle, spec->root.path);
	if (!rootfs.has_mount_ns) {
		TRY(set_bound(in, &rootfs, err));
		if (!rootfs.is_bound) {
			*ret_rootfs = rootfs;
			return 0;
		}
	}
	TRY(set_propagation(in, &rootfs, err));
	rootfs.at_own_path = rootfs.has_mount_ns &&
			     (spec->hooks.prestart.n > 0 || spec->hooks.create_runtime.n > 0 ||
			      spec->hooks.create_container.n > 0);
	TRY(plan_build_mounts(in, &rootfs, err));
	TRY(plan_build_devices(in, &rootfs, err));
	TRY(build_masked(in, &rootfs, err));
	build_readonly_paths(in, &rootfs);
	*ret_rootfs = rootfs;
	return 0;
}
