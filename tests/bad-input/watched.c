/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The oracle: what changes anything outside of the process is a system call, and one of those ends it
 * here. A mount that nobody sees (of the program's own file, see cmd/ocirun/self_exe.c) is none.
 */
#include "through.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECONDS_MAX 20

/* By name: the headers that this is built with may not have all of them. */
static const char *const effects[] = {
	/* files */
	"mkdir",
	"mkdirat",
	"rmdir",
	"unlink",
	"unlinkat",
	"rename",
	"renameat",
	"renameat2",
	"link",
	"linkat",
	"symlink",
	"symlinkat",
	"mknod",
	"mknodat",
	"creat",
	"truncate",
	"ftruncate",
	"chmod",
	"fchmod",
	"fchmodat",
	"fchmodat2",
	"chown",
	"fchown",
	"lchown",
	"fchownat",
	"utimensat",
	"setxattr",
	"fsetxattr",
	"lsetxattr",
	"openat2",
	/* mounts */
	"mount",
	"umount2",
	"move_mount",
	"fsopen",
	"fsconfig",
	"fsmount",
	"fspick",
	"pivot_root",
	"chroot",
	/* processes and namespaces */
	"fork",
	"vfork",
	"clone",
	"clone3",
	"unshare",
	"setns",
	"kill",
	"tgkill",
	"pidfd_send_signal",
	"ptrace",
	"sethostname",
	"setdomainname",
	"setrlimit",
	"setuid",
	"setgid",
	"setresuid",
	"setresgid",
	"setgroups",
	"capset",
	"seccomp",
	"keyctl",
	"add_key",
	/* others' sockets, the kernel */
	"socket",
	"socketpair",
	"connect",
	"bind",
	"sendto",
	"sendmsg",
	"bpf",
	"init_module",
};

static void forbid(scmp_filter_ctx filter, int call, unsigned int n, struct scmp_arg_cmp cmp)
{
	if (seccomp_rule_add_array(filter, SCMP_ACT_KILL_PROCESS, call, n, &cmp) < 0) {
		fprintf(stderr, "no filter for system call %d\n", call);
		exit(EXIT_FAILURE);
	}
}

void watched_init(struct watched *watched)
{
	watched->filter = seccomp_init(SCMP_ACT_ALLOW);
	watched->errors_fd = memfd_create("errors", MFD_CLOEXEC);
	if (!watched->filter || watched->errors_fd < 0)
		exit(EXIT_FAILURE);
	for (size_t i = 0; i < sizeof(effects) / sizeof(effects[0]); i++) {
		int call = seccomp_syscall_resolve_name(effects[i]);

		if (call != __NR_SCMP_ERROR)
			forbid(watched->filter, call, 0, (struct scmp_arg_cmp){ 0 });
	}
	/* /dev/null is opened for both, for a missing standard descriptor: that alone may be. */
	forbid(watched->filter, SCMP_SYS(openat), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, O_CREAT, O_CREAT));
	forbid(watched->filter, SCMP_SYS(openat), 1,
	       SCMP_A2(SCMP_CMP_MASKED_EQ, O_ACCMODE, O_WRONLY));
	/* Of others: a sanitizer limits the core file of its own. */
	forbid(watched->filter, SCMP_SYS(prlimit64), 1, SCMP_A0(SCMP_CMP_NE, 0, 0));
	forbid(watched->filter, SCMP_SYS(prctl), 1, SCMP_A0(SCMP_CMP_EQ, PR_SET_SECCOMP, 0));
}

static void become(const struct watched *watched, char *const *argv)
{
	int null_fd = open("/dev/null", O_RDWR);

	dup2(null_fd, STDIN_FILENO);
	dup2(null_fd, STDOUT_FILENO);
	dup2(watched->errors_fd, STDERR_FILENO);
	alarm(SECONDS_MAX);
	if (seccomp_load(watched->filter) == 0)
		execv(argv[0], argv);
	_exit(127);
}

void watched_run(const struct watched *watched, char *const *argv, struct watched_result *result)
{
	ssize_t len;
	int status;
	pid_t pid;

	if (ftruncate(watched->errors_fd, 0) < 0 || lseek(watched->errors_fd, 0, SEEK_SET) < 0)
		exit(EXIT_FAILURE);
	pid = fork();
	if (pid == 0)
		become(watched, argv);
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		exit(EXIT_FAILURE);
	len = pread(watched->errors_fd, result->errors, sizeof(result->errors) - 1, 0);
	result->errors[len > 0 ? len : 0] = '\0';
	result->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	result->status = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
}
