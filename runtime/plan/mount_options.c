/* SPDX-License-Identifier: Apache-2.0 */
/* The table of mount options, and how a list of them adds up. */
#include "mount_options.h"

#include "spec.h"

#include <linux/mount.h>
#include <stdlib.h>
#include <string.h>

/* Linux 5.14: newer than the headers that this may be built with. */
#ifndef MOUNT_ATTR_NOSYMFOLLOW
#define MOUNT_ATTR_NOSYMFOLLOW 0x00200000
#endif

struct mount_option {
	const char *name;
	uint64_t set, clear;       /* MOUNT_ATTR_x */
	uint64_t sb_set, sb_clear; /* MS_x of the superblock, which all its mounts share */
	uint64_t propagation;
	bool recursive;  /* attributes, propagation, bind and id mapping: with all mounts below */
	bool attributes; /* is about the mount itself, though it sets and clears nothing */
	bool takes_back_atime; /* when the access time is updated as `atime` says, not any more */
	uint64_t atime;
	bool bind, remount, copy_up, idmap;
};

/* Access times are a field of several bits, not one bit each: setting one replaces the others. */
#define ATIME_FIELD     ((uint64_t)MOUNT_ATTR__ATIME)
#define ATIME_IS(value) .set = (value), .clear = ATIME_FIELD

/*
 * mount(8) documents `atime` as not using noatime and `nostrictatime` as the kernel's default: each
 * takes back one value of the field and leaves the others. relatime is the default, so that
 * there is nothing that `norelatime` could take back.
 */
#define ATIME_IS_NOT(value) .attributes = true, .takes_back_atime = true, .atime = (value)

/*
 * Sorted by name. Where mount(8) has an option for both, `ro` and `rw` mean the mount and its
 * superblock; mount.c decides when the superblock is left alone.
 */
static const struct mount_option mount_options[] = {
	{ "async", .sb_clear = MS_SYNCHRONOUS },
	{ "atime", ATIME_IS_NOT(MOUNT_ATTR_NOATIME) },
	{ "bind", .bind = true },
	{ .name = "defaults" }, /* none of the options that are not the default */
	{ "dev", .clear = MOUNT_ATTR_NODEV },
	{ "diratime", .clear = MOUNT_ATTR_NODIRATIME },
	{ "dirsync", .sb_set = MS_DIRSYNC },
	{ "exec", .clear = MOUNT_ATTR_NOEXEC },
	{ "idmap", .idmap = true },
	{ "iversion", .sb_set = MS_I_VERSION },
	{ "lazytime", .sb_set = MS_LAZYTIME },
	{ "loud", .sb_clear = MS_SILENT },
	{ "mand", .sb_set = MS_MANDLOCK },
	{ "noatime", ATIME_IS(MOUNT_ATTR_NOATIME) },
	{ "nodev", .set = MOUNT_ATTR_NODEV },
	{ "nodiratime", .set = MOUNT_ATTR_NODIRATIME },
	{ "noexec", .set = MOUNT_ATTR_NOEXEC },
	{ "noiversion", .sb_clear = MS_I_VERSION },
	{ "nolazytime", .sb_clear = MS_LAZYTIME },
	{ "nomand", .sb_clear = MS_MANDLOCK },
	{ .name = "norelatime", .attributes = true },
	{ "nostrictatime", ATIME_IS_NOT(MOUNT_ATTR_STRICTATIME) },
	{ "nosuid", .set = MOUNT_ATTR_NOSUID },
	{ "nosymfollow", .set = MOUNT_ATTR_NOSYMFOLLOW },
	{ "private", .propagation = MS_PRIVATE },
	{ "ratime", ATIME_IS_NOT(MOUNT_ATTR_NOATIME), .recursive = true },
	{ "rbind", .bind = true, .recursive = true },
	{ "rdev", .clear = MOUNT_ATTR_NODEV, .recursive = true },
	{ "rdiratime", .clear = MOUNT_ATTR_NODIRATIME, .recursive = true },
	{ "relatime", ATIME_IS(MOUNT_ATTR_RELATIME) },
	{ "remount", .remount = true },
	{ "rexec", .clear = MOUNT_ATTR_NOEXEC, .recursive = true },
	{ "ridmap", .idmap = true, .recursive = true },
	{ "rnoatime", ATIME_IS(MOUNT_ATTR_NOATIME), .recursive = true },
	{ "rnodev", .set = MOUNT_ATTR_NODEV, .recursive = true },
	{ "rnodiratime", .set = MOUNT_ATTR_NODIRATIME, .recursive = true },
	{ "rnoexec", .set = MOUNT_ATTR_NOEXEC, .recursive = true },
	{ "rnorelatime", .recursive = true },
	{ "rnostrictatime", ATIME_IS_NOT(MOUNT_ATTR_STRICTATIME), .recursive = true },
	{ "rnosuid", .set = MOUNT_ATTR_NOSUID, .recursive = true },
	{ "rnosymfollow", .set = MOUNT_ATTR_NOSYMFOLLOW, .recursive = true },
	{ "ro", .set = MOUNT_ATTR_RDONLY, .sb_set = MS_RDONLY },
	{ "rprivate", .propagation = MS_PRIVATE, .recursive = true },
	{ "rrelatime", ATIME_IS(MOUNT_ATTR_RELATIME), .recursive = true },
	{ "rro", .set = MOUNT_ATTR_RDONLY, .recursive = true },
	{ "rrw", .clear = MOUNT_ATTR_RDONLY, .recursive = true },
	{ "rshared", .propagation = MS_SHARED, .recursive = true },
	{ "rslave", .propagation = MS_SLAVE, .recursive = true },
	{ "rstrictatime", ATIME_IS(MOUNT_ATTR_STRICTATIME), .recursive = true },
	{ "rsuid", .clear = MOUNT_ATTR_NOSUID, .recursive = true },
	{ "rsymfollow", .clear = MOUNT_ATTR_NOSYMFOLLOW, .recursive = true },
	{ "runbindable", .propagation = MS_UNBINDABLE, .recursive = true },
	{ "rw", .clear = MOUNT_ATTR_RDONLY, .sb_clear = MS_RDONLY },
	{ "shared", .propagation = MS_SHARED },
	{ "silent", .sb_set = MS_SILENT },
	{ "slave", .propagation = MS_SLAVE },
	{ "strictatime", ATIME_IS(MOUNT_ATTR_STRICTATIME) },
	{ "suid", .clear = MOUNT_ATTR_NOSUID },
	{ "symfollow", .clear = MOUNT_ATTR_NOSYMFOLLOW },
	{ "sync", .sb_set = MS_SYNCHRONOUS },
	{ "tmpcopyup", .copy_up = true },
	{ "unbindable", .propagation = MS_UNBINDABLE },
};
#define N_MOUNT_OPTIONS (sizeof(mount_options) / sizeof(mount_options[0]))

/* What vfs_parse_sb_flag() of the kernel knows. iversion and silent are flags of mount(2) alone. */
static const struct sb_param {
	uint64_t flag;
	const char *on, *off;
} sb_params[] = {
	{ MS_RDONLY, "ro", "rw" },         { MS_SYNCHRONOUS, "sync", "async" },
	{ MS_DIRSYNC, "dirsync", NULL },   { MS_LAZYTIME, "lazytime", "nolazytime" },
	{ MS_MANDLOCK, "mand", "nomand" },
};
#define N_SB_PARAMS (sizeof(sb_params) / sizeof(sb_params[0]))

const struct mount_flag_name mount_attr_names[] = {
	{ MOUNT_ATTR_RDONLY, MOUNT_ATTR_RDONLY, "rdonly" },
	{ MOUNT_ATTR_NOSUID, MOUNT_ATTR_NOSUID, "nosuid" },
	{ MOUNT_ATTR_NODEV, MOUNT_ATTR_NODEV, "nodev" },
	{ MOUNT_ATTR_NOEXEC, MOUNT_ATTR_NOEXEC, "noexec" },
	{ MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME, "noatime" },
	{ MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME, "strictatime" },
	{ MOUNT_ATTR__ATIME, MOUNT_ATTR__ATIME, "_atime" },
	{ MOUNT_ATTR_NODIRATIME, MOUNT_ATTR_NODIRATIME, "nodiratime" },
	{ MOUNT_ATTR_NOSYMFOLLOW, MOUNT_ATTR_NOSYMFOLLOW, "nosymfollow" },
	{ 0, 0, NULL },
};

const struct mount_flag_name mount_sb_flag_names[] = {
	{ MS_RDONLY, MS_RDONLY, "rdonly" },       { MS_SYNCHRONOUS, MS_SYNCHRONOUS, "synchronous" },
	{ MS_DIRSYNC, MS_DIRSYNC, "dirsync" },    { MS_LAZYTIME, MS_LAZYTIME, "lazytime" },
	{ MS_MANDLOCK, MS_MANDLOCK, "mandlock" }, { MS_I_VERSION, MS_I_VERSION, "i_version" },
	{ MS_SILENT, MS_SILENT, "silent" },       { 0, 0, NULL },
};

static int compare_name(const void *name, const void *row)
{
	return strcmp(name, ((const struct mount_option *)row)->name);
}

static const struct mount_option *find_option(const char *name)
{
	return bsearch(name, mount_options, N_MOUNT_OPTIONS, sizeof(mount_options[0]),
		       compare_name);
}

const char *mount_option_name(size_t i)
{
	return i < N_MOUNT_OPTIONS ? mount_options[i].name : NULL;
}

const char *mount_propagation_name(uint64_t propagation, bool recursive)
{
	for (size_t i = 0; propagation && i < N_MOUNT_OPTIONS; i++)
		if (mount_options[i].propagation == propagation &&
		    mount_options[i].recursive == recursive)
			return mount_options[i].name;
	return NULL;
}

uint64_t mount_propagation_find(const char *name, bool *ret_recursive)
{
	const struct mount_option *option = find_option(name);

	if (!option || !option->propagation)
		return 0;
	*ret_recursive = option->recursive;
	return option->propagation;
}

static void apply_bits(uint64_t *set, uint64_t *clear, uint64_t row_set, uint64_t row_clear)
{
	*set = (*set & ~row_clear) | row_set;
	*clear = (*clear & ~row_set) | row_clear;
}

static void apply_attributes(struct mount_options *sum, const struct mount_option *row)
{
	uint64_t *set = row->recursive ? &sum->rec_attr_set : &sum->attr_set;
	uint64_t *clear = row->recursive ? &sum->rec_attr_clear : &sum->attr_clear;
	uint64_t touched = row->set | row->clear;

	if (row->takes_back_atime) {
		touched = ATIME_FIELD;
		if ((*set & ATIME_FIELD) == row->atime) {
			*set &= ~ATIME_FIELD;
			*clear &= ~ATIME_FIELD;
		}
		/* mount(2) keeps what a mount has; mount_setattr(2) takes it back for all below. */
		if (row->recursive)
			*clear |= ATIME_FIELD;
	}
	/* The mount itself comes last: what was said about it earlier must not win. */
	if (row->recursive) {
		sum->attr_set &= ~touched;
		sum->attr_clear &= ~touched;
	}
	apply_bits(set, clear, row->set, row->clear);
}

static void apply_row(struct mount_options *sum, const struct mount_option *row)
{
	apply_attributes(sum, row);
	sum->has_attributes |= !row->recursive && (row->attributes || row->set || row->clear);
	apply_bits(&sum->sb_set, &sum->sb_clear, row->sb_set, row->sb_clear);
	if (row->propagation) {
		sum->propagation = row->propagation;
		sum->rec_propagation = row->recursive;
	}
	if (row->bind) {
		sum->is_bind = true;
		sum->recursive |= row->recursive;
	}
	if (row->idmap) {
		sum->idmap = true;
		sum->rec_idmap = row->recursive;
	}
	sum->is_remount |= row->remount;
	sum->copy_up |= row->copy_up;
}

struct mount_options mount_options_read(struct arena *arena, const struct spec_strings *options)
{
	struct mount_options sum = { .data = ARENA_ARRAY(arena, const char *, options->n) };

	for (size_t i = 0; i < options->n; i++) {
		const struct mount_option *row = find_option(options->v[i]);

		if (row)
			apply_row(&sum, row);
		else if (options->v[i][0])
			sum.data[sum.n_data++] = arena_strdup(arena, options->v[i]);
	}
	return sum;
}

/* Contexts of SELinux have commas in them: "s0:c1,c2". The kernel wants such a value in quotes. */
static bool is_context(const char *text)
{
	static const char *const keys[] = { "context=", "fscontext=", "defcontext=",
					    "rootcontext=" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strncmp(text, keys[i], strlen(keys[i])) == 0)
			return true;
	return false;
}

/*
 * spec: what has no row reaches the filesystem as by mount(2), in one comma-separated string, so
 * that one string of config.json can hold several options. An option ends where the kernel's parser
 * of such strings ends it: at a comma, but not in the quotes of a context; and overlayfs takes a
 * comma behind a backslash for part of a path, and the backslash away itself.
 */
static size_t option_len(const char *type, const char *text)
{
	bool has_quotes = is_context(text), is_quoted = false;
	bool has_escapes = type && strcmp(type, "overlay") == 0;
	size_t len = 0;

	for (; text[len] && (text[len] != ',' || is_quoted); len++) {
		if (has_quotes && text[len] == '"')
			is_quoted = !is_quoted;
		if (has_escapes && text[len] == '\\' && text[len + 1])
			len++;
	}
	return len;
}

/* fsconfig(2) takes a context as it is, without the quotes. */
static void unquote(char *text)
{
	char *to = text;

	for (; *text; text++)
		if (*text != '"')
			*to++ = *text;
	*to = '\0';
}

/* The options in @text, which are cut out of it. Without @params they are counted only. */
static size_t split_params(const char *type, char *text, struct plan_fs_param *params)
{
	size_t n = 0;

	while (*text) {
		size_t len = option_len(type, text);
		bool is_last = !text[len];

		if (params && len > 0) {
			char *equals;

			text[len] = '\0';
			if (is_context(text))
				unquote(text);
			equals = strchr(text, '=');
			if (equals)
				*equals++ = '\0';
			params[n] = (struct plan_fs_param){ .key = text, .value = equals };
		}
		n += len > 0;
		text += len + !is_last;
	}
	return n;
}

static const char *join(struct arena *arena, size_t n, const char *const *texts)
{
	size_t len = 0;
	char *joined, *at;

	for (size_t i = 0; i < n; i++)
		len += strlen(texts[i]) + 1;
	at = joined = arena_alloc(arena, len + 1);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			*at++ = ',';
		at = stpcpy(at, texts[i]);
	}
	return joined;
}

void mount_options_params(struct arena *arena, const struct mount_options *options,
			  struct plan_mount *mount)
{
	char **data = ARENA_ARRAY(arena, char *, options->n_data);
	size_t n = 0, n_data = 0;

	for (size_t i = 0; i < options->n_data; i++) {
		data[i] = arena_strdup(arena, options->data[i]);
		n_data += split_params(mount->type, data[i], NULL);
	}
	mount->params = ARENA_ARRAY(arena, struct plan_fs_param, 2 * N_SB_PARAMS + n_data);
	for (size_t i = 0; i < N_SB_PARAMS; i++) {
		const struct sb_param *row = &sb_params[i];

		if (mount->sb_flags & row->flag)
			mount->params[n++].key = row->on;
		if ((mount->sb_clear & row->flag) && row->off)
			mount->params[n++].key = row->off;
	}
	for (size_t i = 0; i < options->n_data; i++)
		n += split_params(mount->type, data[i], mount->params + n);
	mount->n_params = n;
	mount->data = join(arena, options->n_data, options->data);
}
