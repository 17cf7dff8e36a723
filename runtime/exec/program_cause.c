/* SPDX-License-Identifier: Apache-2.0 */
#include "program_cause.h"

#include "fd.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define HEAD_MAX         256 /* of a script, the kernel reads that much: BINPRM_BUF_SIZE */
#define PHDR_MAX         64
#define INTERPRETERS_MAX 4 /* one within the other: as many as the kernel follows */

static void explain_file(const char *path, const char *where, unsigned int left,
			 char hint[ERR_HINT_MAX]);

__attribute__((format(printf, 2, 3))) static void say(char hint[ERR_HINT_MAX], const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(hint, ERR_HINT_MAX, fmt, args);
	va_end(args);
}

/* ---- the path ---- */

static void explain_link(const char *path, int errnum, const char *where, char hint[ERR_HINT_MAX])
{
	char to[PATH_MAX];
	ssize_t len = readlink(path, to, sizeof(to));

	if (errnum == ELOOP)
		say(hint, "'%s' is a link that leads back to itself", path);
	else if (len > 0)
		say(hint, "'%s' is a link to '%.*s', which is not there %s", path, (int)len, to,
		    where);
}

/* What keeps us from entering or finding @path, whose parent @parent was fine. False: nothing. */
static bool explain_component(const char *parent, const char *path, bool is_last, const char *where,
			      char hint[ERR_HINT_MAX])
{
	struct stat st;

	if (lstat(path, &st) < 0) {
		if (errno == EACCES)
			say(hint, "the directory '%s' may not be searched by uid %u", parent,
			    geteuid());
		else if (errno == ENOENT)
			say(hint, "'%s' is not there %s", path, where);
		return true;
	}
	if (S_ISLNK(st.st_mode) && stat(path, &st) < 0) {
		explain_link(path, errno, where, hint);
		return true;
	}
	if (!is_last && !S_ISDIR(st.st_mode)) {
		say(hint, "'%s' is no directory", path);
		return true;
	}
	return false;
}

static void explain_mode(const char *path, char hint[ERR_HINT_MAX])
{
	struct statvfs vfs;
	struct stat st;

	if (stat(path, &st) < 0 || faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0)
		return;
	if (S_ISREG(st.st_mode) && !(st.st_mode & 0111))
		say(hint, "'%s' has no execute bit: chmod +x gives it one", path);
	else if (statvfs(path, &vfs) == 0 && (vfs.f_flag & ST_NOEXEC))
		say(hint, "'%s' lies on a mount with the option noexec", path);
	else
		say(hint, "mode %04o of owner %u:%u does not let uid %u execute it",
		    st.st_mode & 07777, st.st_uid, st.st_gid, geteuid());
}

void program_explain_path(const char *path, const char *where, char hint[ERR_HINT_MAX])
{
	char part[PATH_MAX], parent[PATH_MAX] = "/";
	size_t len = 0;

	for (;;) {
		len += strspn(path + len, "/");
		len += strcspn(path + len, "/");
		if (len >= sizeof(part))
			return;
		memcpy(part, path, len);
		part[len] = '\0';
		if (explain_component(parent, part, !path[len], where, hint))
			return;
		if (!path[len])
			break;
		memcpy(parent, part, len + 1);
	}
	explain_mode(path, hint);
}

void program_explain_search(const char *dirs, const char *name, char hint[ERR_HINT_MAX])
{
	static const char *const usual[] = {
		"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin",
	};
	char path[PATH_MAX];
	struct stat st;

	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", usual[i], name);
		/* A directory, as an empty name makes one of, is no program. */
		if (stat(path, &st) < 0 || !S_ISREG(st.st_mode) ||
		    faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) < 0)
			continue;
		say(hint, "there is '%s', but PATH is '%.200s'", path, dirs);
		return;
	}
	say(hint, "PATH is '%.200s'", dirs);
}

/* ---- the format ---- */

static bool is_there(const char *path)
{
	return faccessat(AT_FDCWD, path, F_OK, AT_EACCESS) == 0 || errno == EACCES;
}

/* An interpreter that is there is executed as a program is: it fails as one too. */
static void explain_interpreter(const char *path, const char *where, unsigned int left,
				char hint[ERR_HINT_MAX])
{
	char cause[ERR_HINT_MAX] = "";

	if (!is_there(path)) {
		say(hint, "the script's interpreter '%s' is not there %s", path, where);
		return;
	}
	program_explain_path(path, where, cause);
	if (!cause[0] && left > 0)
		explain_file(path, where, left - 1, cause);
	if (cause[0])
		say(hint, "the script's interpreter '%.200s' cannot be executed: %s", path, cause);
}

/* @line is what follows "#!", with a NUL where the kernel stops reading. */
static void explain_script(char *line, const char *where, unsigned int left,
			   char hint[ERR_HINT_MAX])
{
	char *end = strchr(line, '\n');

	/* The file may end without a newline; of a longer line the kernel wants the name whole. */
	if (end)
		*end = '\0';
	else if (strlen(line) >= HEAD_MAX - sizeof("#!") && !strpbrk(line, " \t"))
		return;
	if (end && end > line && end[-1] == '\r') {
		say(hint, "the first line of the script ends with CR LF, and no interpreter's name "
			  "does: save it with the line ends of Unix");
		return;
	}
	line += strspn(line, " \t");
	line[strcspn(line, " \t")] = '\0';
	if (line[0])
		explain_interpreter(line, where, left, hint);
	else
		say(hint, "no interpreter's name follows the #! of the script");
}

static const struct {
	unsigned int machine;
	const char *name;
} machines[] = {
	{ EM_X86_64, "x86_64" },   { EM_386, "i386" },    { EM_AARCH64, "aarch64" },
	{ EM_ARM, "arm" },         { EM_RISCV, "riscv" }, { EM_PPC64, "ppc64" },
	{ EM_PPC, "ppc" },         { EM_S390, "s390x" },  { EM_MIPS, "mips" },
	{ EM_SPARCV9, "sparc64" }, { EM_68K, "m68k" },    { EM_LOONGARCH, "loongarch" },
};

static const char *machine_name(unsigned int machine)
{
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++)
		if (machines[i].machine == machine)
			return machines[i].name;
	return "another machine";
}

#if defined(__x86_64__)
#define OWN_MACHINE EM_X86_64
#elif defined(__aarch64__)
#define OWN_MACHINE EM_AARCH64
#else
#define OWN_MACHINE EM_NONE /* not known: no program is said to be for another */
#endif

static bool runs_here(unsigned int machine)
{
	return OWN_MACHINE == EM_NONE || machine == OWN_MACHINE ||
	       (OWN_MACHINE == EM_X86_64 && machine == EM_386) ||
	       (OWN_MACHINE == EM_AARCH64 && machine == EM_ARM);
}

/* The program headers of the file: how many could be read. */
static size_t read_program_headers(int fd, const Elf64_Ehdr *header, Elf64_Phdr phdrs[PHDR_MAX])
{
	size_t n = header->e_phnum < PHDR_MAX ? header->e_phnum : PHDR_MAX;
	ssize_t len = pread(fd, phdrs, n * sizeof(phdrs[0]), (off_t)header->e_phoff);

	return len > 0 ? (size_t)len / sizeof(phdrs[0]) : 0;
}

/* What its headers tell of, at least. */
static uint64_t size_wanted(const Elf64_Ehdr *header, const Elf64_Phdr *phdrs, size_t n)
{
	uint64_t size = header->e_phoff + (uint64_t)header->e_phnum * header->e_phentsize;

	for (size_t i = 0; i < n; i++)
		if ((phdrs[i].p_type == PT_LOAD || phdrs[i].p_type == PT_INTERP) &&
		    phdrs[i].p_offset + phdrs[i].p_filesz > size)
			size = phdrs[i].p_offset + phdrs[i].p_filesz;
	return size;
}

static void explain_elf_interpreter(int fd, const Elf64_Phdr *phdr, const char *where,
				    char hint[ERR_HINT_MAX])
{
	char interpreter[PATH_MAX] = "";

	if (phdr->p_filesz >= sizeof(interpreter) ||
	    pread(fd, interpreter, phdr->p_filesz, (off_t)phdr->p_offset) !=
		    (ssize_t)phdr->p_filesz)
		return;
	if (interpreter[0] && !is_there(interpreter))
		say(hint,
		    "the program's ELF interpreter '%s' is not there %s: it "
		    "comes with the C library that the program was linked with",
		    interpreter, where);
}

static void explain_elf(int fd, const Elf64_Ehdr *header, const char *where,
			char hint[ERR_HINT_MAX])
{
	Elf64_Phdr phdrs[PHDR_MAX];
	struct stat st;
	uint64_t wanted;
	size_t n;

	if (!runs_here(header->e_machine)) {
		say(hint, "the program is built for %s, and this machine is of type %s",
		    machine_name(header->e_machine), machine_name(OWN_MACHINE));
		return;
	}
	if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_phentsize != sizeof(Elf64_Phdr))
		return;
	n = read_program_headers(fd, header, phdrs);
	wanted = size_wanted(header, phdrs, n);
	if (fstat(fd, &st) == 0 && (uint64_t)st.st_size < wanted) {
		say(hint,
		    "the file is cut off: of the ELF program's %llu bytes at least it has %llu",
		    (unsigned long long)wanted, (unsigned long long)st.st_size);
		return;
	}
	for (size_t i = 0; i < n; i++)
		if (phdrs[i].p_type == PT_INTERP)
			explain_elf_interpreter(fd, &phdrs[i], where, hint);
}

static void explain_file(const char *path, const char *where, unsigned int left,
			 char hint[ERR_HINT_MAX])
{
	AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	union {
		Elf64_Ehdr elf;
		char text[HEAD_MAX];
	} head = { .text = "" };
	ssize_t n;

	/* What may be executed only is none of our business. */
	if (fd < 0)
		return;
	n = pread(fd, &head, sizeof(head) - 1, 0);
	if (n == 0)
		say(hint, "the file is empty");
	else if (n >= 2 && memcmp(head.text, "#!", 2) == 0)
		explain_script(head.text + 2, where, left, hint);
	else if (n < SELFMAG || memcmp(head.text, ELFMAG, SELFMAG) != 0)
		return;
	else if (n < (ssize_t)sizeof(Elf32_Ehdr))
		say(hint,
		    "the file is cut off: an ELF program begins with a header of %zu bytes, "
		    "and it has %zd",
		    sizeof(head.elf), n);
	else if (n >= (ssize_t)sizeof(head.elf))
		explain_elf(fd, &head.elf, where, hint);
}

void program_explain_format(const char *path, const char *where, char hint[ERR_HINT_MAX])
{
	explain_file(path, where, INTERPRETERS_MAX, hint);
}
