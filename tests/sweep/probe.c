/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program of the containers: tells all that a runtime has given it, one fact a line, without
 * what differs from one container to the next. "stay" waits for SIGTERM afterwards, "once" ends,
 * "hook" only reads what a hook is given.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <unistd.h>

/* Lines of a file that begin with one of some words; NULL: all of them. */
static void print_lines(const char *path, const char *const *words)
{
	char line[4096];
	FILE *file = fopen(path, "re");

	if (!file) {
		printf("%s: %s\n", path, strerror(errno));
		return;
	}
	while (fgets(line, sizeof(line), file)) {
		size_t i = 0;

		while (words && words[i] && strncmp(line, words[i], strlen(words[i])) != 0)
			i++;
		if (!words || words[i])
			printf("%s: %s", path, line);
	}
	fclose(file);
}

/* From the fourth field on; numbers of devices and peer groups are each time others. */
static void print_mounts(void)
{
	char line[4096];
	FILE *file = fopen("/proc/self/mountinfo", "re");

	while (file && fgets(line, sizeof(line), file)) {
		char *at = line, *shared;

		for (int field = 0; field < 3; field++)
			at = strchr(at, ' ') + 1;
		while ((shared = strstr(at, " shared:")) || (shared = strstr(at, " master:"))) {
			size_t len = 8 + strspn(shared + 8, "0123456789");

			memset(shared, '*', len);
		}
		printf("mount: %s", at);
	}
	if (file)
		fclose(file);
}

static int compare(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void print_directory(const char *path)
{
	struct dirent **entries;
	int n = scandir(path, &entries, NULL, compare);

	for (int i = 0; i < n; i++) {
		char name[512];
		struct stat st;

		snprintf(name, sizeof(name), "%s/%s", path, entries[i]->d_name);
		if (lstat(name, &st) == 0)
			printf("file: %s %o %u:%u %u:%u\n", name, st.st_mode, st.st_uid, st.st_gid,
			       major(st.st_rdev), minor(st.st_rdev));
	}
}

/* 3 and above: what the caller or the runtime left open. */
static void print_descriptors(void)
{
	for (int fd = 3; fd < 256; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			printf("descriptor: %d\n", fd);
}

static void print_loopback(void)
{
	struct ifreq request = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && ioctl(fd, SIOCGIFFLAGS, &request) == 0)
		printf("loopback: %x\n", (unsigned int)request.ifr_flags);
	close(fd);
}

static void print_keyring(void)
{
	char text[256] = "";

	syscall(SYS_keyctl, KEYCTL_DESCRIBE, KEY_SPEC_SESSION_KEYRING, text, sizeof(text) - 1);
	printf("keyring: %s\n", text);
}

/* A device that the container may not have. */
static void print_device_rule(void)
{
	const char *path = "/dev/probe-device";
	int made = mknod(path, S_IFCHR | 0600, makedev(1, 8)), fd;

	printf("mknod: %s\n", made < 0 ? strerror(errno) : "made");
	if (made < 0)
		return;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	printf("open device: %s\n", fd < 0 ? strerror(errno) : "open");
	close(fd);
	unlink(path);
}

static void print_process(char **argv, char **envp)
{
	struct utsname names;
	char directory[4096];

	for (size_t i = 0; argv[i]; i++)
		printf("argument: %s\n", argv[i]);
	for (size_t i = 0; envp[i]; i++)
		printf("environment: %s\n", envp[i]);
	printf("directory: %s\n", getcwd(directory, sizeof(directory)) ? directory : "?");
	printf("session: %d\n", getsid(0) == getpid());
	if (uname(&names) == 0)
		printf("host: %s %s\n", names.nodename, names.domainname);
}

static void end(int signal)
{
	(void)signal;
	_exit(0);
}

int main(int argc, char **argv, char **envp)
{
	static const char *const facts[] = {
		"Umask",   "Uid",    "Gid",         "Groups",
		"CapInh",  "CapPrm", "CapEff",      "CapBnd",
		"CapAmb",  "SigBlk", "SigIgn",      "NoNewPrivs",
		"Seccomp", "SigCgt", "THP_enabled", "Cpus_allowed_list",
		NULL,
	};
	const char *what = argc > 1 ? argv[1] : "";

	if (strcmp(what, "hook") == 0) {
		char buf[4096];

		while (read(STDIN_FILENO, buf, sizeof(buf)) > 0)
			;
		return 0;
	}
	signal(SIGTERM, end);
	print_process(argv, envp);
	print_descriptors();
	print_lines("/proc/self/status", facts);
	print_lines("/proc/self/limits", NULL);
	print_lines("/proc/self/cgroup", NULL);
	print_lines("/proc/self/oom_score_adj", NULL);
	print_lines("/proc/sys/net/ipv4/ip_forward", NULL);
	print_mounts();
	print_directory("/dev");
	print_directory("/");
	print_loopback();
	print_keyring();
	print_device_rule();
	printf("end\n");
	fflush(stdout);
	while (strcmp(what, "stay") == 0)
		pause();
	return 0;
}
