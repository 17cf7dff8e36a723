/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For LD_PRELOAD: the allocation number $ALLOC_FAIL_AT of a process fails, from 1, counted from the
 * beginning of main() or near it. $ALLOC_COUNT is a file in which the number of all of them is kept.
 * glibc's own functions (strdup, fopen, qsort ...) get their memory by these as well.
 *
 * Two kinds do not fail, since what is called does not survive it, whatever its caller does:
 * libseccomp 2.5.4 frees twice when seccomp_export_bpf(3) has no memory, and the string buffer of
 * jansson 2.14, which doubles from 32 bytes on, loses a character that it has no room for: when that
 * was a closing quote, its parser reads on behind the text.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t size);

#define SHOWN __attribute__((visibility("default")))

static unsigned long here, fail_at;
static unsigned long *count = NULL;

__attribute__((constructor)) static void begin(void)
{
	const char *at = getenv("ALLOC_FAIL_AT"), *path = getenv("ALLOC_COUNT");
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *page = fd < 0 ? MAP_FAILED
			    : mmap(NULL, sizeof(*count), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (page == MAP_FAILED)
		return;
	close(fd);
	count = page;
	here = 0;
	fail_at = at ? strtoul(at, NULL, 10) : 0;
}

/* For a debugger to stop at. */
__attribute__((noinline)) static void alloc_failed(void)
{
	errno = ENOMEM;
}

static int is_fatal(void *caller, size_t size)
{
	Dl_info info;

	if (!dladdr(caller, &info) || !info.dli_fname)
		return 0;
	if (strstr(info.dli_fname, "libseccomp.so"))
		return 1;
	return strstr(info.dli_fname, "libjansson.so") && size >= 32 && (size & (size - 1)) == 0;
}

static int fails(void *caller, size_t size)
{
	if (!count || is_fatal(caller, size))
		return 0;
	*count = ++here;
	if (here != fail_at)
		return 0;
	alloc_failed();
	return 1;
}

SHOWN void *malloc(size_t size)
{
	return fails(__builtin_return_address(0), size) ? NULL : __libc_malloc(size);
}

SHOWN void *calloc(size_t n, size_t size)
{
	return fails(__builtin_return_address(0), 0) ? NULL : __libc_calloc(n, size);
}

SHOWN void *realloc(void *old, size_t size)
{
	return fails(__builtin_return_address(0), 0) ? NULL : __libc_realloc(old, size);
}
