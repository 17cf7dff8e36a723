/* SPDX-License-Identifier: Apache-2.0 */
/* The root file system, mounts and devices as facts. */
#include "explainer.h"
#include "mount_options.h"

#include <inttypes.h>
#include <sys/stat.h>

const struct plan_section plan_section_root = { "root",
						"Root file system",
						{ "path", "access", "propagation", "entered" } };
const struct plan_section plan_section_mounts = { "mounts",
						  "Mounts, in this order",
						  { "target", "type", "source", "options" } };
const struct plan_section plan_section_devices = { "devices",
						   "Device nodes",
						   { "path", "type", "number", "mode", "owner" } };
const struct plan_section plan_section_links = { "links", "Links in /dev", { "path", "target" } };
const struct plan_section plan_section_paths = { "paths",
						 "Paths that are closed",
						 { "how", "path" } };

/* "ro,nosuid" after what is there already. */
static void add_word(struct explainer *e, bool *has_words, const char *word)
{
	printer_put(&e->text, "%s%s", *has_words ? "," : "", word);
	*has_words = true;
}

static void add_flags(struct explainer *e, bool *has_words, uint64_t value,
		      const struct mount_flag_name *names, const char *prefix)
{
	for (; names->name; names++) {
		if (!(value & names->mask) || (value & names->mask) != names->value)
			continue;
		add_word(e, has_words, prefix);
		printer_put(&e->text, "%s", names->name);
	}
}

/* All that a mount is told, as mount(8) would take it. */
static const char *mount_options_text(struct explainer *e, const struct plan_mount *mount)
{
	const char *propagation =
		mount_propagation_name(mount->propagation, mount->rec_propagation);
	bool has_words = false;

	add_flags(e, &has_words, mount->rec_attr_set, mount_attr_names, "all:");
	add_flags(e, &has_words, mount->attr_set | mount->late_attr_set, mount_attr_names, "");
	add_flags(e, &has_words, mount->sb_flags, mount_sb_flag_names, "");
	if (propagation)
		add_word(e, &has_words, propagation);
	for (size_t i = 0; i < mount->n_params; i++) {
		add_word(e, &has_words, mount->params[i].key);
		if (mount->params[i].value)
			printer_put(&e->text, "=%s", mount->params[i].value);
	}
	if (mount->copy_up)
		add_word(e, &has_words, "tmpcopyup");
	if (mount->idmap)
		add_word(e, &has_words, mount->rec_idmap ? "ridmap" : "idmap");
	for (size_t i = 0; i < mount->uids.n; i++) {
		const struct plan_id_map *map = &mount->uids.v[i];

		add_word(e, &has_words, "uids=");
		printer_put(&e->text, "%" PRIu32 ":%" PRIu32 ":%" PRIu32, map->inside, map->outside,
			    map->size);
	}
	return explainer_cell(e);
}

static void explain_mount(struct explainer *e, const struct plan_mount *mount)
{
	bool is_bind = mount->kind == PLAN_MOUNT_BIND;
	const char *bind = mount->recursive ? "bind, with mounts below" : "bind";

	explainer_add(e, &(struct plan_fact){
				 .section = &plan_section_mounts,
				 .cells = { mount->target,
					    mount->kind == PLAN_MOUNT_REMOUNT ? "remount"
					    : is_bind                         ? bind
									      : mount->type,
					    is_bind ? mount->source : NULL,
					    mount_options_text(e, mount) },
				 .origin = mount->origin,
				 .sharing = is_bind ? PLAN_SHARING_HOST : PLAN_SHARING_OWN,
			 });
}

static void explain_device(struct explainer *e, const struct plan_device *device)
{
	struct plan_fact fact = {
		.section = &plan_section_devices,
		.cells = { device->path, plan_device_type_name(device->type) },
		.origin = device->origin,
		.sharing = device->origin[0] && device->type != S_IFIFO ? PLAN_SHARING_HOST
									: PLAN_SHARING_OWN,
	};

	if (device->type != S_IFIFO)
		printer_put(&e->text, "%" PRIu32 ":%" PRIu32, device->major, device->minor);
	fact.cells[2] = explainer_cell(e);
	printer_put(&e->text, "%04o", device->mode);
	fact.cells[3] = explainer_cell(e);
	printer_put(&e->text, "%u:%u", device->uid, device->gid);
	fact.cells[4] = explainer_cell(e);
	explainer_add(e, &fact);
}

void plan_explain_rootfs(struct explainer *e, const struct plan_rootfs *rootfs)
{
	const char *entered = rootfs->is_bound        ? "bind mount and chroot"
			      : !rootfs->has_mount_ns ? "chroot"
			      : rootfs->no_pivot      ? "moved mount and chroot"
						      : "pivot_root";

	explainer_add(e,
		      &(struct plan_fact){
			      .section = &plan_section_root,
			      .cells = { rootfs->path, rootfs->readonly ? "read-only" : "writable",
					 mount_propagation_name(rootfs->propagation,
								rootfs->rec_propagation),
					 entered },
			      .origin = "/root/path",
			      .sharing = PLAN_SHARING_OWN,
		      });
	for (size_t i = 0; i < rootfs->n_mounts; i++)
		explain_mount(e, &rootfs->mounts[i]);
	for (size_t i = 0; i < rootfs->n_devices; i++)
		explain_device(e, &rootfs->devices[i]);
	for (size_t i = 0; i < rootfs->n_links; i++)
		explainer_pair(e, &plan_section_links, rootfs->links[i].path,
			       rootfs->links[i].target, NULL);
	for (size_t i = 0; i < rootfs->n_masked; i++)
		explainer_pair(e, &plan_section_paths, "hidden", rootfs->masked[i].path,
			       rootfs->masked[i].origin);
	for (size_t i = 0; i < rootfs->n_readonly_paths; i++)
		explainer_pair(e, &plan_section_paths, "read-only", rootfs->readonly_paths[i].path,
			       rootfs->readonly_paths[i].origin);
}
