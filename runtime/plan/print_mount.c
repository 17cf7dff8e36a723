/* SPDX-License-Identifier: Apache-2.0 */
/* A mount as a line of text. */
#include "mount_options.h"
#include "printer.h"

#include <inttypes.h>

static const char *const kind_names[] = {
	[PLAN_MOUNT_NEW] = "new",
	[PLAN_MOUNT_BIND] = "bind",
	[PLAN_MOUNT_REMOUNT] = "remount",
	[PLAN_MOUNT_CGROUP] = "cgroup",
};

void printer_flags(struct printer *p, uint64_t value, const struct mount_flag_name *names)
{
	const char *between = "";

	for (; names->name; names++) {
		if ((value & names->mask) != names->value)
			continue;
		printer_put(p, "%s%s", between, names->name);
		between = ",";
	}
}

/* " word=a,b": names of the bits in @value. */
static void put_flags(struct printer *p, const char *word, uint64_t value,
		      const struct mount_flag_name *names)
{
	if (!value)
		return;
	printer_put(p, " %s=", word);
	printer_flags(p, value, names);
}

static void put_id_maps(struct printer *p, const char *word, const struct plan_id_maps *maps)
{
	for (size_t i = 0; i < maps->n; i++)
		printer_put(p, " %s=%" PRIu32 ":%" PRIu32 ":%" PRIu32, word, maps->v[i].inside,
			    maps->v[i].outside, maps->v[i].size);
}

static void put_filesystem(struct printer *p, const struct plan_mount *mount)
{
	put_flags(p, "sb", mount->sb_flags, mount_sb_flag_names);
	put_flags(p, "sb-clear", mount->sb_clear, mount_sb_flag_names);
	for (size_t i = 0; i < mount->n_params; i++) {
		printer_text(p, " param ", mount->params[i].key);
		printer_text(p, "=", mount->params[i].value);
	}
	if (mount->data[0])
		printer_text(p, " data ", mount->data);
}

void plan_print_mount(struct printer *p, const struct plan_mount *mount)
{
	const char *propagation =
		mount_propagation_name(mount->propagation, mount->rec_propagation);

	printer_text(p, "mount ", mount->target);
	printer_put(p, " %s%s", mount->recursive ? "recursive " : "", kind_names[mount->kind]);
	if (mount->type) {
		printer_put(p, " ");
		printer_word(p, mount->type);
	}
	printer_text(p, " from ", mount->source);
	put_flags(p, "all-set", mount->rec_attr_set, mount_attr_names);
	put_flags(p, "all-clear", mount->rec_attr_clear, mount_attr_names);
	put_flags(p, "set", mount->attr_set, mount_attr_names);
	put_flags(p, "clear", mount->attr_clear, mount_attr_names);
	put_flags(p, "locked", mount->attr_locked, mount_attr_names);
	put_flags(p, "late-set", mount->late_attr_set, mount_attr_names);
	if (propagation)
		printer_put(p, " %s", propagation);
	if (mount->is_cut_off)
		printer_put(p, " cut-off");
	put_filesystem(p, mount);
	if (mount->copy_up)
		printer_put(p, " copy-up");
	if (mount->idmap)
		printer_put(p, " %s", mount->rec_idmap ? "ridmap" : "idmap");
	put_id_maps(p, "uid", &mount->uids);
	put_id_maps(p, "gid", &mount->gids);
	if (mount->must_be_procfs)
		printer_put(p, " must-be-procfs");
	printer_end(p, mount->origin);
}
