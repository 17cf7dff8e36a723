/* SPDX-License-Identifier: Apache-2.0 */
/* Statistics of resctrl: what the host can divide and count, and what the container's class has. */
#include "stats.h"

#include "fd.h"
#include "io.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX  16384
#define LINES_MAX 64
#define NODES_MAX 64

#define AT(member) offsetof(struct ops_rdt, member)

static const struct {
	const char *file;
	size_t offset;
} info_numbers[] = {
	{ "info/L3/min_cbm_bits", AT(min_cbm_bits) },
	{ "info/L3/num_closids", AT(l3_closids) },
	{ "info/MB/bandwidth_gran", AT(bandwidth_gran) },
	{ "info/MB/delay_linear", AT(delay_linear) },
	{ "info/MB/min_bandwidth", AT(min_bandwidth) },
	{ "info/MB/num_closids", AT(mb_closids) },
};

/* A file of a counter says "Unavailable" when the hardware does. */
static uint64_t read_number(int dir_fd, const char *file)
{
	char text[64];

	return io_read_small(dir_fd, file, text, sizeof(text)) > 0 ? strtoull(text, NULL, 10) : 0;
}

/* The lines of a file without the blanks before them; none when there is no file. */
static struct ops_lines read_lines(int dir_fd, const char *file, struct arena *arena)
{
	struct ops_lines lines = { .v = ARENA_ARRAY(arena, const char *, LINES_MAX) };
	char text[TEXT_MAX], *rest = text, *line;

	if (io_read_small(dir_fd, file, text, sizeof(text)) <= 0)
		return lines;
	while ((line = strsep(&rest, "\n")) && lines.n < LINES_MAX) {
		line += strspn(line, " ");
		if (line[0])
			lines.v[lines.n++] = arena_strdup(arena, line);
	}
	return lines;
}

/* That of a resource, "L3" or "MB", also in its forms "L3CODE" and "L3DATA"; the last one. */
static const char *find_line(const struct ops_lines *lines, const char *resource)
{
	for (size_t i = lines->n; i > 0; i--)
		if (strncmp(lines->v[i - 1], resource, strlen(resource)) == 0)
			return lines->v[i - 1];
	return NULL;
}

static bool has_line(const struct ops_lines *lines, const char *line)
{
	for (size_t i = 0; i < lines->n; i++)
		if (strcmp(lines->v[i], line) == 0)
			return true;
	return false;
}

static void read_info(int mount_fd, struct arena *arena, struct ops_rdt *rdt)
{
	struct ops_lines mask = read_lines(mount_fd, "info/L3/cbm_mask", arena);
	struct ops_lines features = read_lines(mount_fd, "info/L3_MON/mon_features", arena);
	struct ops_lines schemata = read_lines(mount_fd, "schemata", arena);

	rdt->has_l3 = faccessat(mount_fd, "info/L3", F_OK, 0) == 0;
	rdt->has_mb = faccessat(mount_fd, "info/MB", F_OK, 0) == 0;
	rdt->has_mbm =
		has_line(&features, "mbm_total_bytes") || has_line(&features, "mbm_local_bytes");
	rdt->has_cmt = has_line(&features, "llc_occupancy");
	rdt->cbm_mask = mask.n ? mask.v[0] : NULL;
	rdt->l3_root = rdt->has_l3 ? find_line(&schemata, "L3") : NULL;
	rdt->mb_root = rdt->has_mb ? find_line(&schemata, "MB") : NULL;
	for (size_t i = 0; i < sizeof(info_numbers) / sizeof(info_numbers[0]); i++)
		*(uint64_t *)((char *)rdt + info_numbers[i].offset) =
			read_number(mount_fd, info_numbers[i].file);
}

static int is_node(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && entry->d_type == DT_DIR;
}

static void read_nodes(int group_fd, struct arena *arena, struct ops_rdt *rdt)
{
	AUTO_FD data_fd = openat(group_fd, "mon_data", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct dirent **entries = NULL;
	int n = scandirat(data_fd, ".", &entries, is_node, alphasort);

	rdt->nodes = ARENA_ARRAY(arena, struct ops_rdt_node, NODES_MAX);
	for (int i = 0; i < n; i++) {
		AUTO_FD fd = openat(data_fd, entries[i]->d_name, O_PATH | O_DIRECTORY | O_CLOEXEC);

		free(entries[i]);
		if (fd < 0 || rdt->n_nodes == NODES_MAX)
			continue;
		rdt->nodes[rdt->n_nodes++] = (struct ops_rdt_node){
			.mbm_total_bytes = read_number(fd, "mbm_total_bytes"),
			.mbm_local_bytes = read_number(fd, "mbm_local_bytes"),
			.llc_occupancy = read_number(fd, "llc_occupancy"),
		};
	}
	free(entries);
}

void stats_read_rdt(const char *mount, const struct rdt_paths *paths, struct arena *arena,
		    struct ops_rdt *ret_rdt)
{
	AUTO_FD mount_fd = open(mount, O_PATH | O_DIRECTORY | O_CLOEXEC);
	AUTO_FD clos_fd = open(paths->clos, O_PATH | O_DIRECTORY | O_CLOEXEC);
	/* Without a group of its own: of all that are in its class. */
	const char *group = paths->mon ? paths->mon : paths->clos;
	AUTO_FD group_fd = open(group, O_PATH | O_DIRECTORY | O_CLOEXEC);

	*ret_rdt = (struct ops_rdt){ 0 };
	if (mount_fd < 0 || clos_fd < 0)
		return;
	read_info(mount_fd, arena, ret_rdt);
	ret_rdt->schemata = read_lines(clos_fd, "schemata", arena);
	ret_rdt->l3 = ret_rdt->has_l3 ? find_line(&ret_rdt->schemata, "L3") : NULL;
	ret_rdt->mb = ret_rdt->has_mb ? find_line(&ret_rdt->schemata, "MB") : NULL;
	if (group_fd >= 0 && (ret_rdt->has_mbm || ret_rdt->has_cmt))
		read_nodes(group_fd, arena, ret_rdt);
}
