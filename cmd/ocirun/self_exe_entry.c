/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program's first instructions, ahead of the C library's. A process that is about to become its
 * protected self (self_exe.c) needs neither the library nor relocated tables: replaced from here it
 * costs a third of what it costs from main(), where both are set up, thrown away and set up again.
 * Nothing depends on it: what does not succeed here, main() does over, and reports.
 *
 * Nothing is relocated yet and there is no thread-local storage: no table of pointers, no errno, no
 * stack protector, no function of the library.
 */
#include "self_exe.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <linux/mount.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#define SELF_EXE      "/proc/self/exe"
#define KERNEL_RDONLY 1 /* ST_RDONLY, as statfs(2) itself tells it */
#define EARLY         __attribute__((no_stack_protector))

void self_exe_first(char **stack);

#if defined(__x86_64__)
/* The kernel leaves the arguments on the stack, and 0 in what _start takes for an exit function. */
__asm__(".pushsection .text\n"
	".globl self_exe_entry\n"
	".type self_exe_entry, @function\n"
	"self_exe_entry:\n"
	"	endbr64\n"
	"	xor %ebp, %ebp\n"
	"	mov %rsp, %rdi\n"
	"	call self_exe_first\n"
	"	xor %edx, %edx\n"
	"	jmp _start\n"
	".popsection\n");

EARLY static long call(long nr, long a, const void *b, long c, const void *d, long e)
{
	register long r10 __asm__("r10") = (long)d;
	register long r8 __asm__("r8") = e;
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
			 : "rcx", "r11", "memory");
	return ret;
}
#elif defined(__aarch64__)
__asm__(".pushsection .text\n"
	".globl self_exe_entry\n"
	".type self_exe_entry, %function\n"
	"self_exe_entry:\n"
	"	bti c\n"
	"	mov x29, #0\n"
	"	mov x30, #0\n"
	"	mov x0, sp\n"
	"	bl self_exe_first\n"
	"	mov x0, #0\n"
	"	b _start\n"
	".popsection\n");

EARLY static long call(long nr, long a, const void *b, long c, const void *d, long e)
{
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0") = a;
	register const void *x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register const void *x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;

	__asm__ volatile("svc 0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4)
			 : "memory");
	return x0;
}
#endif

/* The commands whose process is copied into a container, each with its NUL: see commands.h. */
static const char makers[] = "run\0create\0exec\0";

EARLY static bool is_maker(const char *argument)
{
	for (const char *at = makers; *at; at++) {
		const char *text = argument;

		for (; *at && *at == *text; at++)
			text++;
		if (*at == *text)
			return true;
		while (*at)
			at++;
	}
	return false;
}

EARLY static bool makes_container(char *const *argv)
{
	for (; *argv; argv++)
		if (is_maker(*argv))
			return true;
	return false;
}

/* Returns when it fails. */
EARLY static void become_readonly(char *const *argv, char *const *envp)
{
	struct mount_attr attr;
	long fd = call(SYS_open_tree, AT_FDCWD, SELF_EXE, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC, NULL,
		       0);

	if (fd < 0)
		return;
	attr.attr_set = MOUNT_ATTR_RDONLY;
	attr.attr_clr = attr.propagation = attr.userns_fd = 0;
	if (call(SYS_mount_setattr, fd, "", AT_EMPTY_PATH, &attr, sizeof(attr)) == 0) {
		/* Kept open: see self_exe_release(). What is missing of stdio is not ours to be. */
		if (fd > STDERR_FILENO)
			call(SYS_fcntl, fd, (const void *)F_SETFD, 0, NULL, 0);
		call(SYS_execveat, fd, "", (long)argv, envp, AT_EMPTY_PATH);
	}
	call(SYS_close, fd, NULL, 0, NULL, 0);
}

/*
 * Whether this program was executed by a descriptor, as it does itself: the kernel then names it so. A
 * read-only mount under a path is one of the host's, which its owner may make writable again while
 * containers still have the program open.
 */
EARLY static bool is_by_descriptor(char *const *envp)
{
	const char by[] = { '/', 'd', 'e', 'v', '/', 'f', 'd', '/' };
	const ElfW(auxv_t) * auxv;
	const char *name = NULL;

	while (*envp)
		envp++;
	for (auxv = (const void *)(envp + 1); auxv->a_type != AT_NULL; auxv++)
		if (auxv->a_type == AT_EXECFN)
			name = (const char *)auxv->a_un.a_val;
	for (size_t i = 0; name && i < sizeof(by); i++)
		if (name[i] != by[i])
			return false;
	return name;
}

EARLY void self_exe_first(char **stack)
{
	char **argv = stack + 1;
	char **envp = argv + *(const long *)stack + 1;
	struct statfs fs;

	if (!makes_container(argv))
		return;
	if (call(SYS_statfs, (long)SELF_EXE, &fs, 0, NULL, 0) != 0)
		return;
	self_exe_is_readonly = (fs.f_flags & KERNEL_RDONLY) && is_by_descriptor(envp);
	if (!self_exe_is_readonly)
		become_readonly(argv, envp);
}
