/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes system calls by number, for tests of seccomp filters. Each argument is one call,
 * [ABI:]NUMBER[,ARGUMENT...] with numbers as strtoull(3) reads them, and prints one line: its
 * result, or "errno N". ABI is "x86_64", "x32" (the same instruction, the number with bit 30 set)
 * or "i386" (int $0x80). "thread" instead of a number runs the next call in a thread of its own and
 * prints "thread gone" when that ends without a result. "trap" catches SIGSYS from then on and
 * prints "SIGSYS N" with the number of the call. The last line is "alive".
 */
#define _GNU_SOURCE
#include <err.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ARGUMENTS_MAX 7
#define X32_BIT       0x40000000

static long call_64(unsigned long number, const unsigned long *a)
{
	register unsigned long r10 __asm__("r10") = a[3];
	register unsigned long r8 __asm__("r8") = a[4];
	register unsigned long r9 __asm__("r9") = a[5];
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(number), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}

static long call_i386(unsigned long number, const unsigned long *a)
{
	long ret;

	__asm__ volatile("int $0x80"
			 : "=a"(ret)
			 : "a"(number), "b"(a[0]), "c"(a[1]), "d"(a[2]), "S"(a[3]), "D"(a[4])
			 : "memory", "r8", "r9", "r10", "r11");
	return (int)ret;
}

static void make_call(const char *text)
{
	unsigned long numbers[ARGUMENTS_MAX] = { 0 };
	const char *at = strchr(text, ':');
	long ret;

	at = at ? at + 1 : text;
	for (size_t i = 0; i < ARGUMENTS_MAX; i++) {
		char *end;

		numbers[i] = strtoull(at, &end, 0);
		if (end == at || (*end && *end != ','))
			errx(2, "%s: not understood", text);
		if (!*end)
			break;
		at = end + 1;
	}
	if (strncmp(text, "i386:", 5) == 0)
		ret = call_i386(numbers[0], numbers + 1);
	else
		ret = call_64(numbers[0] | (strncmp(text, "x32:", 4) == 0 ? X32_BIT : 0),
			      numbers + 1);
	if (ret < 0 && ret > -4096)
		printf("errno %ld\n", -ret);
	else
		printf("%ld\n", ret);
}

static atomic_bool has_result;

static void *thread_main(void *text)
{
	make_call(text);
	has_result = true;
	return NULL;
}

/* A thread that the kernel kills is joined as any other. */
static void call_in_thread(char *text)
{
	pthread_t thread;

	has_result = false;
	if (pthread_create(&thread, NULL, thread_main, text) != 0)
		errx(2, "pthread_create");
	pthread_join(thread, NULL);
	if (!has_result)
		puts("thread gone");
}

static void on_sigsys(int signal, siginfo_t *info, void *context)
{
	char line[64];

	(void)signal;
	(void)context;
	(void)!write(1, line,
		     (size_t)snprintf(line, sizeof(line), "SIGSYS %d\n", info->si_syscall));
}

int main(int argc, char **argv)
{
	struct sigaction trap = { .sa_sigaction = on_sigsys, .sa_flags = SA_SIGINFO };

	setvbuf(stdout, NULL, _IONBF, 0);
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "trap") == 0)
			sigaction(SIGSYS, &trap, NULL);
		else if (strcmp(argv[i], "thread") == 0 && i + 1 < argc)
			call_in_thread(argv[++i]);
		else
			make_call(argv[i]);
	}
	puts("alive");
	return 0;
}
