/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program's first instructions, ahead of the C library's: a process whose copies will be in
 * containers becomes its protected self (self_exe.h) without executing anything. What it has in
 * memory of the binary is replaced, each page by the same, by that of a read-only mount of the
 * binary, and then the kernel lets /proc/self/exe be of that mount too. When this does not succeed,
 * main() executes the binary again, which takes longer, and reports.
 *
 * Nothing is relocated yet and there is no thread-local storage: no table of pointers, no errno, no
 * stack protector, no function of the library. And nothing was written to yet, so that what is in
 * the file is what is in memory. For x86-64: on others it is main() that does it.
 */
#include "self_exe.h"

#include <elf.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/prctl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#define SELF_EXE   "/proc/self/exe"
#define OPEN_FILES "/proc/self/fd/"
#define DIGITS     10 /* of an int */
#define EARLY      __attribute__((no_stack_protector))

void self_exe_first(char **stack);

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

EARLY static long call(long nr, long a, uintptr_t b, long c, uintptr_t d, long e, uintptr_t f)
{
	register uintptr_t r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register uintptr_t r9 __asm__("r9") = f;
	long ret = nr;

	__asm__ volatile("syscall"
			 : "+a"(ret)
			 : "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}

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

/* The binary's headers, as the linker puts them ahead of all. */
extern const Elf64_Ehdr elf_header __asm__("__ehdr_start") __attribute__((visibility("hidden")));

/* What the kernel left on the stack: arguments, environment and auxiliary vector. */
struct start {
	char **stack, **argv, **envp;
	const char *name; /* AT_EXECFN */
	uintptr_t page_size;
};

EARLY static void read_start(char **stack, struct start *start)
{
	const Elf64_auxv_t *auxv;

	start->stack = stack;
	start->argv = stack + 1;
	start->envp = start->argv + *(const long *)stack + 1;
	start->name = NULL;
	start->page_size = 0;
	for (stack = start->envp; *stack; stack++)
		;
	for (auxv = (const void *)(stack + 1); auxv->a_type != AT_NULL; auxv++) {
		if (auxv->a_type == AT_EXECFN)
			start->name = (const char *)auxv->a_un.a_val;
		if (auxv->a_type == AT_PAGESZ)
			start->page_size = auxv->a_un.a_val;
	}
}

/*
 * Reads the binary through a mount of it alone, read-only and attached nowhere. fd, @mount; or -1.
 */
EARLY static int open_through_mount(int *mount)
{
	char path[sizeof(OPEN_FILES) + DIGITS] = OPEN_FILES;
	size_t length = sizeof(OPEN_FILES) - 1;
	struct mount_attr attr;
	int unit = 1;
	int fd = (int)call(SYS_open_tree, AT_FDCWD, (uintptr_t)SELF_EXE,
			   OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC, 0, 0, 0);

	if (fd < 0)
		return -1;
	*mount = fd;
	attr.attr_set = MOUNT_ATTR_RDONLY;
	attr.attr_clr = attr.propagation = attr.userns_fd = 0;
	if (call(SYS_mount_setattr, fd, (uintptr_t) "", AT_EMPTY_PATH, (uintptr_t)&attr,
		 sizeof(attr), 0) != 0)
		return -1;
	while (fd / unit > 9)
		unit *= 10;
	for (; unit > 0; unit /= 10)
		path[length++] = (char)('0' + fd / unit % 10);
	path[length] = '\0';
	return (int)call(SYS_openat, AT_FDCWD, (uintptr_t)path, O_RDONLY | O_CLOEXEC, 0, 0, 0);
}

EARLY static int protection(Elf64_Word flags)
{
	return (flags & PF_R ? PROT_READ : 0) | (flags & PF_W ? PROT_WRITE : 0) |
	       (flags & PF_X ? PROT_EXEC : 0);
}

/*
 * The rest of the last page is zero in memory, but not in the file. volatile: no call of memset().
 */
EARLY static void clear(uintptr_t at, uintptr_t page_end)
{
	for (; at % sizeof(long) != 0; at++)
		*(volatile char *)at = 0;
	for (; at < page_end; at += sizeof(long))
		*(volatile long *)at = 0;
}

/* Has what is in memory of the binary come from @fd; tells @map where it is. */
EARLY static bool map_again(int fd, const struct start *start, struct prctl_mm_map *map)
{
	const uintptr_t base = (uintptr_t)&elf_header, page = start->page_size - 1;
	const Elf64_Phdr *header = (const void *)(base + elf_header.e_phoff);

	for (int i = 0; i < elf_header.e_phnum; i++, header++) {
		uintptr_t at = base + header->p_vaddr, end = at + header->p_filesz;
		uintptr_t first = at & ~page;
		uintptr_t flags = MAP_PRIVATE | MAP_FIXED;

		if (header->p_type != PT_LOAD)
			continue;
		/* Relocation will write to each page: one fault for all. */
		if (header->p_flags & PF_W)
			flags |= MAP_POPULATE;
		if (call(SYS_mmap, (long)first, end - first, protection(header->p_flags), flags, fd,
			 header->p_offset & ~page) != (long)first)
			return false;
		if (header->p_flags & PF_W) {
			clear(end, (end + page) & ~page);
			map->start_data = at;
			map->end_data = end;
		}
		if (header->p_flags & PF_X) {
			map->start_code = at;
			map->end_code = end;
		}
	}
	return true;
}

/*
 * Has /proc/self/exe be @fd, which nothing else in memory may contradict. The kernel wants to be
 * told with it where all is, and is told what is so already. CAP_CHECKPOINT_RESTORE or
 * CAP_SYS_ADMIN in the user namespace; Linux 5.15 for a program whose heap lies below it.
 */
EARLY static bool become(int fd, const struct start *start, struct prctl_mm_map *map)
{
	char *env_end = (char *)start->name;
	char *env = start->envp[0] ? start->envp[0] : env_end;
	char *arguments = start->argv[0] ? start->argv[0] : env;

	map->start_brk = map->brk = (uintptr_t)call(SYS_brk, 0, 0, 0, 0, 0, 0);
	map->start_stack = (uintptr_t)start->stack;
	map->arg_start = (uintptr_t)arguments;
	map->arg_end = map->env_start = (uintptr_t)env;
	map->env_end = (uintptr_t)env_end;
	map->auxv = NULL;
	map->auxv_size = 0;
	map->exe_fd = (unsigned int)fd;
	return call(SYS_prctl, PR_SET_MM, PR_SET_MM_MAP, (long)map, sizeof(*map), 0, 0) == 0;
}

EARLY static void become_readonly(const struct start *start)
{
	struct prctl_mm_map map;
	int mount = -1;
	int fd = open_through_mount(&mount);
	bool is_done = fd >= 0 && map_again(fd, start, &map) && become(fd, start, &map);

	if (fd >= 0)
		call(SYS_close, fd, 0, 0, 0, 0, 0);
	/*
	 * Before any process can be in a container: while the mount is open, whoever has all rights
	 * over a mount namespace, as everybody may get by a user namespace, can make it writable.
	 */
	if (mount >= 0)
		call(SYS_close, mount, 0, 0, 0, 0, 0);
	/* Only now is there anything of ours to write to: the pages that are there to stay. */
	self_exe_is_readonly = is_done;
}

EARLY void self_exe_first(char **stack)
{
	struct start start;

	read_start(stack, &start);
	if (start.name && makes_container(start.argv))
		become_readonly(&start);
}
