/* SPDX-License-Identifier: Apache-2.0 */
/* A header and the instructions as the kernel takes them: never read on another machine. */
#include "filter.h"

#include "fd.h"
#include "io.h"
#include "store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILTER_MAGIC 0x3246434fu /* "OCF2" */
#define INSTRUCTION  sizeof(struct sock_filter)

/* Then come the texts, each with its NUL, and the instructions. */
struct filter_header {
	uint32_t magic;
	uint32_t flags;
	uint32_t path_size; /* 0: there is none */
	uint32_t metadata_size;
};

DEFINE_AUTO(text, char *, free)

static uint32_t text_size(const char *text)
{
	return text ? (uint32_t)strlen(text) + 1 : 0;
}

int filter_store(int dir_fd, const struct plan_seccomp *plan, const struct seccomp_program *program,
		 struct err *err)
{
	const struct filter_header header = {
		.magic = FILTER_MAGIC,
		.flags = plan->flags,
		.path_size = text_size(plan->listener_path),
		.metadata_size = text_size(plan->listener_metadata),
	};
	size_t program_size = program->n * sizeof(program->v[0]);
	size_t size = sizeof(header) + header.path_size + header.metadata_size + program_size;
	AUTO(text) char *data = malloc(size);
	char *at = data;

	if (!data)
		return err_set(err, ENOMEM, "no memory for the seccomp filter");
	at = mempcpy(at, &header, sizeof(header));
	if (plan->listener_path)
		at = mempcpy(at, plan->listener_path, header.path_size);
	if (plan->listener_metadata)
		at = mempcpy(at, plan->listener_metadata, header.metadata_size);
	memcpy(at, program->v, program_size);
	return store_write_new(dir_fd, STORE_SECCOMP, data, size, err);
}

void filter_done(struct filter *filter)
{
	seccomp_program_free(filter->program);
	free(filter->memory);
	*filter = (struct filter){ .program = NULL };
}

/* Takes @size bytes of text from *@at, of which @left are left. Whether they are one text. */
static bool take_text(const char **at, size_t *left, size_t size, const char **ret_text)
{
	if (size > *left || (size > 0 && (*at)[size - 1] != '\0'))
		return false;
	*ret_text = size ? *at : NULL;
	*at += size;
	*left -= size;
	return true;
}

/* Whether @size bytes may be one. The kernel is told 16 bits of how many instructions there are. */
static bool is_program(size_t size)
{
	return size > 0 && size % INSTRUCTION == 0 && size / INSTRUCTION <= BPF_MAXINSNS;
}

static int parse_filter(const char *data, size_t size, struct filter *filter, struct err *err)
{
	struct plan_seccomp *plan = &filter->plan;
	struct filter_header header = { .magic = 0 };
	size_t left = size - sizeof(header);
	const char *at = data + sizeof(header);

	if (size > sizeof(header))
		memcpy(&header, data, sizeof(header));
	if (header.magic != FILTER_MAGIC ||
	    !take_text(&at, &left, header.path_size, &plan->listener_path) ||
	    !take_text(&at, &left, header.metadata_size, &plan->listener_metadata) ||
	    !is_program(left))
		return err_set(err, EINVAL, "the container's seccomp filter is damaged");
	filter->program = malloc(sizeof(*filter->program) + left);
	if (!filter->program)
		return err_set(err, ENOMEM, "no memory for the seccomp filter");
	filter->program->n = left / INSTRUCTION;
	memcpy(filter->program->v, at, left);
	plan->flags = header.flags;
	return 0;
}

int filter_load(int dir_fd, struct filter *ret_filter, struct err *err)
{
	struct filter filter = { .program = NULL };
	size_t size;
	int ret = store_read(dir_fd, STORE_SECCOMP, &filter.memory, &size, err);

	if (ret == 0)
		ret = parse_filter(filter.memory, size, &filter, err);
	if (ret == -ENOENT) {
		err_clear(err);
		ret = 0;
	}
	if (ret < 0)
		filter_done(&filter);
	else
		*ret_filter = filter;
	return ret;
}

/* ---- by content ---- */

/* A name that no container can have: ids do not begin with a dot. */
#define KEPT_DIR      ".seccomp"
#define KEPT_MAX      128 /* profiles are few; a host with more makes room by forgetting all */
#define KEPT_NAME_MAX 32
#define KEPT_FILE_MAX (16u << 20) /* a key has 8 bytes for each call that a profile names */

struct kept {
	int dir_fd;               /* -1: nothing can be kept */
	char name[KEPT_NAME_MAX]; /* of the key's digest; the whole key stands in the file */
	void *key;
	size_t key_len;
};

static void kept_done(struct kept *kept)
{
	fd_close(&kept->dir_fd);
	free(kept->key);
}

/*
 * Eight bytes at a time, since it is made of every kept filter and its key. Each step is one-to-one, so
 * that a change within eight bytes is always seen, and others but by a chance of 1 in 2^64. It is no
 * secret: whoever may write our files needs no filter of ours.
 */
static uint64_t digest(const void *data, size_t len)
{
	const unsigned char *at = data;
	uint64_t value = len, word;

	for (; len > 0; at += sizeof(word)) {
		size_t n = len < sizeof(word) ? len : sizeof(word);

		word = 0;
		memcpy(&word, at, n);
		value = (value ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		value ^= value >> 32;
		len -= n;
	}
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

/* Behind the key; then come the instructions. */
struct kept_header {
	uint64_t n;
	uint64_t digest; /* of the instructions */
};

/* As write_kept() made it: whoever else had a say in it, by a mode or by another name, made it useless. */
static bool is_ours(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
	       !(st.st_mode & 077) && st.st_nlink <= 1; /* 0: removed meanwhile */
}

static struct seccomp_program *read_kept(const struct kept *kept)
{
	AUTO_FD fd = openat(kept->dir_fd, kept->name,
			    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	AUTO(text) char *data = NULL;
	struct seccomp_program *program;
	struct kept_header header;
	struct err ignored;
	size_t len, at = kept->key_len;

	if (fd < 0 || !is_ours(fd) ||
	    io_read_file(fd, NULL, KEPT_FILE_MAX, &data, &len, &ignored) < 0 ||
	    len < at + sizeof(header) || memcmp(data, kept->key, at) != 0)
		return NULL;
	memcpy(&header, data + at, sizeof(header));
	at += sizeof(header);
	if (!is_program(len - at) || (len - at) / INSTRUCTION != header.n ||
	    header.digest != digest(data + at, len - at))
		return NULL;
	program = malloc(sizeof(*program) + len - at);
	if (!program)
		return NULL;
	program->n = (size_t)header.n;
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

/*
 * The file gets its name when it is whole: who is killed before leaves nothing, and others may be
 * writing the same. What has the name by now is as good as ours, unless it is what was unreadable.
 */
static int name_kept(const struct kept *kept, int fd)
{
	char link[32];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	for (int tries = 2; tries > 0; tries--) {
		if (linkat(AT_FDCWD, link, kept->dir_fd, kept->name, AT_SYMLINK_FOLLOW) == 0)
			return 0;
		if (errno != EEXIST)
			return -errno;
		if (tries > 1 && unlinkat(kept->dir_fd, kept->name, 0) < 0 && errno != ENOENT)
			return -errno;
	}
	return 0;
}

static int write_kept(const struct kept *kept, const struct seccomp_program *program,
		      struct err *err)
{
	const size_t size = program->n * sizeof(program->v[0]);
	const struct kept_header header = {
		.n = program->n,
		.digest = digest(program->v, size),
	};
	AUTO_FD fd = openat(kept->dir_fd, ".", O_WRONLY | O_TMPFILE | O_CLOEXEC, 0600);
	int ret = fd < 0 ? -errno : 0;

	if (ret == -EOPNOTSUPP || ret == -EISDIR) /* a file system without such files */
		return 0;
	make_room(kept->dir_fd);
	if (ret == 0)
		ret = io_write_all(fd, kept->key, kept->key_len);
	if (ret == 0)
		ret = io_write_all(fd, &header, sizeof(header));
	if (ret == 0)
		ret = io_write_all(fd, program->v, size);
	if (ret == 0)
		ret = name_kept(kept, fd);
	return ret < 0 ? err_errno(err, ret, "keep a seccomp filter") : 0;
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
			 (unsigned long long)digest(kept.key, kept.key_len));
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
