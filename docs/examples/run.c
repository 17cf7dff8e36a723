/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A container without a runtime's command line: runs the bundle of its first argument as the
 * container of its second, waits for its end, and says how it ended.
 *
 *	cc -o run run.c $(pkg-config --cflags --libs ocirun)
 *	./run mybundle mycontainer
 */
#include <ocirun/ocirun.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void remark(void *context, enum log_level level, const char *text)
{
	(void)context;
	(void)level;
	fprintf(stderr, "remark: %s\n", text);
}

static int complain(const struct err *err)
{
	fprintf(stderr, "error: %s\n", err->text);
	if (err->pointer[0])
		fprintf(stderr, "   at: %s of config.json\n", err->pointer);
	if (err->hint[0])
		fprintf(stderr, " hint: %s\n", err->hint);
	return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	const struct log log = { .emit = remark, .level = LOG_LEVEL_WARNING };
	const struct ops_context ctx = { .root = "/run/ocirun", .log = &log };
	struct ops_create_options options = { .bundle = argv[1] };
	struct ops_process process;
	struct err err = { 0 };
	siginfo_t info = { 0 };

	if (argc != 3) {
		fprintf(stderr, "usage: run BUNDLE CONTAINER\n");
		return EXIT_FAILURE;
	}
	options.id = argv[2];
	if (op_run(&ctx, &options, &process, &err) < 0)
		return complain(&err);

	printf("'%s' runs as process %d\n", options.id, process.pid);
	if (waitid(P_PIDFD, (id_t)process.pidfd, &info, WEXITED) < 0)
		perror("waitid");
	printf("'%s' ended with %s %d\n", options.id,
	       info.si_code == CLD_EXITED ? "status" : "signal", info.si_status);
	close(process.pidfd);

	if (op_delete(&ctx, options.id, true, &err) < 0)
		return complain(&err);
	return EXIT_SUCCESS;
}
