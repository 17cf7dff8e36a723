/* SPDX-License-Identifier: Apache-2.0 */
/* Namespaces and id maps. */
#include "inspect.h"

#include "io.h"
#include "namespace_names.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The inode that stands for a namespace, 0 when there is none or it cannot be seen. */
static ino_t inode_of(int dir_fd, const char *path)
{
	struct stat st;

	return fstatat(dir_fd, path, &st, 0) == 0 ? st.st_ino : 0;
}

static const struct plan_ns *planned(const struct plan *plan, uint64_t clone_flag)
{
	for (size_t i = 0; i < plan->ns.n; i++)
		if (plan->ns.v[i].clone_flag == clone_flag)
			return &plan->ns.v[i];
	return NULL;
}

static int tell_namespace(const struct inspection *in, const struct plan_ns_name *name)
{
	const struct plan_ns *ns = planned(in->plan, name->clone_flag);
	char path[64], asked[INSPECT_TEXT_MAX], found[INSPECT_TEXT_MAX];
	ino_t own, here, there;
	bool is_same;
	struct ops_fact fact = {
		.section = "namespaces",
		.name = name->spec_name,
		.asked = asked,
		.found = found,
		.origin = ns ? ns->origin : "",
	};

	snprintf(path, sizeof(path), "ns/%s", name->proc_name);
	own = inode_of(in->proc_fd, path);
	snprintf(path, sizeof(path), "/proc/self/ns/%s", name->proc_name);
	here = inode_of(AT_FDCWD, path);
	is_same = own == here;
	snprintf(found, sizeof(found), "%s [%lu]", is_same ? "that of this process" : "another one",
		 (unsigned long)own);
	if (ns && ns->path) {
		snprintf(asked, sizeof(asked), "joined: %s", ns->path);
		/* What stood at the path may be gone by now. */
		there = inode_of(AT_FDCWD, ns->path);
		fact.differs = there != 0 && there != own;
	} else {
		snprintf(asked, sizeof(asked), "%s", ns ? "a new one" : "that of the runtime");
		fact.differs = is_same == (ns != NULL);
	}
	if (own == 0 || here == 0) {
		fact.found = INSPECT_UNREADABLE;
		fact.differs = false;
	}
	return inspect_tell_checked(in, &fact);
}

/* "0 100000 65536", lines joined by "; " and blanks squeezed. */
static void squeeze(const char *text, char *to, size_t size)
{
	size_t len = 0;

	for (; *text && len + 3 < size; text++) {
		bool is_first = len == 0 || to[len - 1] == ' ';

		if (*text == '\n') {
			to[len++] = ';';
			to[len++] = ' ';
		} else if (*text != ' ' || !is_first) {
			to[len++] = *text;
		}
	}
	to[len] = '\0';
}

static void maps_text(const struct plan_id_maps *maps, char *text, size_t size)
{
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < maps->n && len < size; i++)
		len += (size_t)snprintf(text + len, size - len, "%s%u %u %u", i ? "; " : "",
					maps->v[i].inside, maps->v[i].outside, maps->v[i].size);
}

static int tell_map(const struct inspection *in, const char *file, const char *origin,
		    const struct plan_id_maps *maps)
{
	char raw[INSPECT_TEXT_MAX] = "", found[INSPECT_TEXT_MAX], asked[INSPECT_TEXT_MAX];

	io_read_small(in->proc_fd, file, raw, sizeof(raw));
	squeeze(raw, found, sizeof(found));
	maps_text(maps, asked, sizeof(asked));
	return inspect_tell(in, "namespaces", file, maps->n ? origin : "", asked, found);
}

int inspect_namespaces(const struct inspection *in)
{
	for (size_t i = 0; i < PLAN_NS_MAX; i++)
		TRY(tell_namespace(in, &plan_ns_names[i]));
	TRY(tell_map(in, "uid_map", "/linux/uidMappings", &in->plan->ns.uids));
	return tell_map(in, "gid_map", "/linux/gidMappings", &in->plan->ns.gids);
}
