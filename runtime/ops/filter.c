/* SPDX-License-Identifier: Apache-2.0 */
/* A header and the instructions as the kernel takes them: never read on another machine. */
#include "filter.h"

#include "fd.h"
#include "store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILTER_MAGIC 0x3146434fu /* "OCF1" */

struct filter_header {
	uint32_t magic;
	uint32_t flags;
};

DEFINE_AUTO(text, char *, free)

int filter_store(int dir_fd, uint32_t flags, const struct seccomp_program *program, struct err *err)
{
	const struct filter_header header = { .magic = FILTER_MAGIC, .flags = flags };
	size_t len = program->n * sizeof(program->v[0]);
	AUTO(text) char *data = malloc(sizeof(header) + len);

	if (!data)
		return err_set(err, ENOMEM, "no memory for the seccomp filter");
	memcpy(data, &header, sizeof(header));
	memcpy(data + sizeof(header), program->v, len);
	return store_write_new(dir_fd, STORE_SECCOMP, data, sizeof(header) + len, err);
}

int filter_load(int dir_fd, uint32_t *ret_flags, struct seccomp_program **ret_program,
		struct err *err)
{
	AUTO(text) char *data = NULL;
	struct seccomp_program *program;
	struct filter_header header;
	size_t len;
	int ret = store_read(dir_fd, STORE_SECCOMP, &data, &len, err);

	*ret_program = NULL;
	if (ret == -ENOENT) {
		err_clear(err);
		return 0;
	}
	TRY(ret);
	if (len <= sizeof(header) || (len - sizeof(header)) % sizeof(program->v[0]) != 0)
		return err_set(err, EINVAL, "the container's seccomp filter is damaged");
	memcpy(&header, data, sizeof(header));
	if (header.magic != FILTER_MAGIC)
		return err_set(err, EINVAL, "the container's seccomp filter is damaged");
	len -= sizeof(header);
	program = malloc(sizeof(*program) + len);
	if (!program)
		return err_set(err, ENOMEM, "no memory for the seccomp filter");
	program->n = len / sizeof(program->v[0]);
	memcpy(program->v, data + sizeof(header), len);
	*ret_flags = header.flags;
	*ret_program = program;
	return 0;
}

/* ---- by content ---- */

/* A name that no container can have: ids do not begin with a dot. */
#define KEPT_DIR      ".seccomp"
#define KEPT_MAX      128 /* profiles are few; a host with more makes room by forgetting all */
#define KEPT_NAME_MAX 32

struct kept {
	int dir_fd; /* -1: nothing can be kept */
	char name[KEPT_NAME_MAX];
	void *key;
	size_t key_len;
};

static void kept_done(struct kept *kept)
{
	fd_close(&kept->dir_fd);
	free(kept->key);
}

/* FNV-1a: only names the file, in which the whole key stands. */
static uint64_t hash(const unsigned char *data, size_t len)
{
	uint64_t value = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < len; i++)
		value = (value ^ data[i]) * UINT64_C(0x100000001b3);
	return value;
}

/* Whether the directory is ours alone: what lies in it becomes a filter. */
static int open_kept_dir(int root_fd)
{
	AUTO_FD fd = -1;
	struct stat st;

	if (mkdirat(root_fd, KEPT_DIR, 0700) < 0 && errno != EEXIST)
		return -1;
	fd = openat(root_fd, KEPT_DIR, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0 || st.st_uid != geteuid() || (st.st_mode & 077))
		return -1;
	return fd_take(&fd);
}

/* The file is the key, the number of instructions, and the instructions. */
static struct seccomp_program *read_kept(const struct kept *kept)
{
	AUTO(text) char *data = NULL;
	struct seccomp_program *program;
	struct err ignored;
	size_t len, at = kept->key_len;
	uint64_t n;

	if (store_read(kept->dir_fd, kept->name, &data, &len, &ignored) < 0 ||
	    len < at + sizeof(n) || memcmp(data, kept->key, at) != 0)
		return NULL;
	memcpy(&n, data + at, sizeof(n));
	at += sizeof(n);
	if (n == 0 || (len - at) / sizeof(program->v[0]) != n ||
	    (len - at) % sizeof(program->v[0]) != 0)
		return NULL;
	program = malloc(sizeof(*program) + len - at);
	if (!program)
		return NULL;
	program->n = (size_t)n;
	memcpy(program->v, data + at, len - at);
	return program;
}

/* Others may do the same: whatever is gone already is fine. */
static void make_room(int dir_fd)
{
	int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	size_t n = 0;

	if (!dir)
		return;
	while (readdir(dir))
		n++;
	if (n > KEPT_MAX) {
		rewinddir(dir);
		while ((entry = readdir(dir)))
			unlinkat(dir_fd, entry->d_name, 0);
	}
	closedir(dir);
}

/* Under a name of our own first: others may be writing the same. */
static int write_kept(const struct kept *kept, const struct seccomp_program *program,
		      struct err *err)
{
	size_t program_len = program->n * sizeof(program->v[0]);
	size_t len = kept->key_len + sizeof(uint64_t) + program_len;
	AUTO(text) char *data = malloc(len);
	uint64_t n = program->n;
	char own[2 * KEPT_NAME_MAX];

	if (!data)
		return err_set(err, ENOMEM, "no memory for a seccomp filter");
	memcpy(data, kept->key, kept->key_len);
	memcpy(data + kept->key_len, &n, sizeof(n));
	memcpy(data + kept->key_len + sizeof(n), program->v, program_len);
	make_room(kept->dir_fd);
	snprintf(own, sizeof(own), "%s.%d", kept->name, gettid());
	TRY(store_write(kept->dir_fd, own, data, len, err));
	if (renameat(kept->dir_fd, own, kept->dir_fd, kept->name) < 0)
		return err_sys(err, "rename a seccomp filter");
	return 0;
}

int filter_get(int root_fd, const struct plan_seccomp *plan, const struct log *log,
	       struct seccomp_program **ret_program, struct err *err)
{
	struct kept kept = { .dir_fd = open_kept_dir(root_fd) };
	struct seccomp_program *program = NULL;
	struct err write_err = { 0 };
	int ret = seccomp_program_key(plan, &kept.key, &kept.key_len, err);

	if (ret == 0) {
		snprintf(kept.name, sizeof(kept.name), "%016llx",
			 (unsigned long long)hash(kept.key, kept.key_len));
		if (kept.dir_fd >= 0)
			program = read_kept(&kept);
	}
	if (ret == 0 && !program) {
		ret = seccomp_program_compile(plan, &program, err);
		if (ret == 0 && kept.dir_fd >= 0 && write_kept(&kept, program, &write_err) < 0)
			log_warning(log, "%s", write_err.text);
	}
	kept_done(&kept);
	if (ret == 0)
		*ret_program = program;
	return ret;
}
