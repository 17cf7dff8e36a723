/* SPDX-License-Identifier: Apache-2.0 */
/* `state` and `list`: what is known of containers, and what the kernel says of them now. */
#include "container.h"

#include "fd.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PASSWD_LINE_MAX 4096

static const char *const status_names[] = {
	[OPS_CREATING] = "creating", [OPS_CREATED] = "created", [OPS_RUNNING] = "running",
	[OPS_PAUSED] = "paused",     [OPS_STOPPED] = "stopped",
};

const char *ops_status_name(enum ops_status status)
{
	return status_names[status];
}

/* By the host's passwd file itself: a static program has no other name service. */
static int find_owner(const struct container *container, const char **ret_name, struct err *err)
{
	struct stat st;
	const char *name = NULL;
	struct passwd entry, *found;
	char buf[PASSWD_LINE_MAX];
	FILE *file;

	if (fstat(container->dir_fd, &st) < 0)
		return err_sys(err, "stat the state of container \"%s\"", container->id);
	if (st.st_uid == 0) {
		*ret_name = "root";
		return 0;
	}
	file = fopen("/etc/passwd", "re");
	while (file && !name && fgetpwent_r(file, &entry, buf, sizeof(buf), &found) == 0)
		if (found->pw_uid == st.st_uid)
			name = arena_strdup(container->arena, found->pw_name);
	if (file)
		fclose(file);
	*ret_name = name ? name : arena_printf(container->arena, "#%u", st.st_uid);
	return 0;
}

/* The text's copy at *@at, which goes on behind it. */
static const char *put_text(char **at, const char *text)
{
	const char *copy = *at;

	*at = stpcpy(*at, text) + 1;
	return copy;
}

/* All that the state points to, in one piece of its own size: a list may hold thousands. */
static int take_copies(struct ops_state *state, struct err *err)
{
	const char **const texts[] = { &state->id, &state->bundle, &state->rootfs, &state->created,
				       &state->owner };
	size_t annotations_size = state->n_annotations * sizeof(state->annotations[0]);
	size_t size = annotations_size;
	char *at;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		size += strlen(*texts[i]) + 1;
	for (size_t i = 0; i < state->n_annotations; i++)
		size += strlen(state->annotations[i].key) + strlen(state->annotations[i].value) + 2;
	state->memory = malloc(size);
	if (!state->memory)
		return err_set(err, ENOMEM, "no memory for the state of container \"%s\"",
			       state->id);
	at = mempcpy(state->memory, state->annotations, annotations_size);
	state->annotations = state->memory;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		*texts[i] = put_text(&at, *texts[i]);
	for (size_t i = 0; i < state->n_annotations; i++) {
		state->annotations[i].key = put_text(&at, state->annotations[i].key);
		state->annotations[i].value = put_text(&at, state->annotations[i].value);
	}
	return 0;
}

static int fill(struct container *container, struct ops_state *state, struct err *err)
{
	const struct record *record = &container->record;
	const char *owner;

	TRY(find_owner(container, &owner, err));

	*state = (struct ops_state){
		.id = container->id,
		.pid = container->pidfd >= 0 ? container->pid.pid : 0,
		.status = container->status,
		.bundle = record->bundle,
		.rootfs = record->rootfs,
		.created = record->created,
		.owner = owner,
		.n_annotations = record->n_annotations,
		.annotations =
			ARENA_ARRAY(container->arena, struct ops_annotation, record->n_annotations),
	};
	for (size_t i = 0; i < record->n_annotations; i++) {
		state->annotations[i].key = record->annotations[i].key;
		state->annotations[i].value = record->annotations[i].value;
	}
	return take_copies(state, err);
}

/* A create that was killed before its record, or one in its first microseconds. */
static int fill_without_record(struct container *container, struct err *err)
{
	if (container->has_record)
		return 0;
	TRY(arena_new(record_arena_bytes(0), &container->arena, err));
	container->record.bundle = container->record.rootfs = container->record.created = "";
	return 0;
}

int op_state(const struct ops_context *ctx, const char *id, struct ops_state *ret_state,
	     struct err *err)
{
	struct container container;
	int ret = container_open(ctx, id, 0, &container, err);

	if (ret == 0)
		ret = fill_without_record(&container, err);
	if (ret == 0)
		ret = fill(&container, ret_state, err);
	container_close(&container);
	return ret;
}

void ops_state_done(struct ops_state *state)
{
	free(state->memory);
	*state = (struct ops_state){ 0 };
}

struct listing {
	const struct ops_context *ctx;
	struct ops_state_list list;
	size_t room;
};

static int list_one(void *context, const char *id, struct err *err)
{
	struct listing *listing = context;
	struct ops_state_list *list = &listing->list;
	int ret;

	if (list->n == listing->room) {
		size_t room = listing->room ? 2 * listing->room : 16;
		struct ops_state *v = realloc(list->v, room * sizeof(*v));

		if (!v)
			return err_set(err, ENOMEM, "no memory for %zu containers", room);
		list->v = v;
		listing->room = room;
	}
	/* One that was deleted meanwhile is left out; the others are shown whatever is wrong here. */
	ret = op_state(listing->ctx, id, &list->v[list->n], err);
	if (ret == 0)
		list->n++;
	else if (ret != -ENOENT)
		log_warning(listing->ctx->log, "container \"%s\": %s", id, err->text);
	return 0;
}

static int compare_ids(const void *a, const void *b)
{
	return strcmp(((const struct ops_state *)a)->id, ((const struct ops_state *)b)->id);
}

int op_list(const struct ops_context *ctx, struct ops_state_list *ret_list, struct err *err)
{
	struct listing listing = { .ctx = ctx };
	AUTO_FD root_fd = store_open(ctx->root, false, err);
	int ret;

	*ret_list = (struct ops_state_list){ 0 };
	if (root_fd == -ENOENT) { /* nothing was ever created here */
		err_clear(err);
		return 0;
	}
	TRY(root_fd);
	ret = store_list(root_fd, list_one, &listing, err);
	if (ret < 0) {
		ops_state_list_done(&listing.list);
		return ret;
	}
	if (listing.list.n)
		qsort(listing.list.v, listing.list.n, sizeof(*listing.list.v), compare_ids);
	*ret_list = listing.list;
	return 0;
}

void ops_state_list_done(struct ops_state_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		ops_state_done(&list->v[i]);
	free(list->v);
	*list = (struct ops_state_list){ 0 };
}
