/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Datagrams of a container: to the notify socket, and (of a process that is not yet its program) to the
 * runtime. Both get the same bytes.
 */
#include "fuzz.h"

#include "notify.h"
#include "scm.h"
#include "store.h"
#include "sync.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static void check_sync(const uint8_t *data, size_t size)
{
	struct sync_message message;
	struct err err = { 0 };
	int fds[2], ret;

	if (sync_pair(fds, &err) < 0)
		return;
	if (send(fds[1], data, size, MSG_DONTWAIT) >= 0) {
		ret = sync_receive(fds[0], &message, &err);
		FUZZ_CHECK(ret <= 0);
		FUZZ_CHECK(ret == 0 || err.code > 0);
		FUZZ_CHECK(memchr(err.text, '\0', sizeof(err.text)));
		FUZZ_CHECK(memchr(err.hint, '\0', sizeof(err.hint)));
		if (ret == 0)
			FUZZ_CHECK(message.fd == -1 && sync_type_name(message.type)[0]);
	}
	close(fds[0]);
	close(fds[1]);
}

static void emit(void *context, enum log_level level, const char *text)
{
	(void)context;
	(void)level;
	FUZZ_CHECK(text[0]);
}

/* Whatever is passed on to the service manager is READY=... and the pid, and in one message. */
static void check_notify(const uint8_t *data, size_t size)
{
	const struct log log = { .emit = emit };
	const struct ops_context ctx = { .log = &log };
	struct notify *notify = NULL;
	struct err err = { 0 };
	char path[128], got[8192];
	int host_fd, container_fd, dir = fuzz_dir();
	ssize_t n;

	mkdirat(dir, STORE_NOTIFY, 0700);
	snprintf(path, sizeof(path), "%s/host", fuzz_dir_path());
	unlinkat(dir, "host", 0);
	host_fd = scm_bind_for_all(dir, "host");
	if (host_fd < 0 || notify_open(&ctx, dir, path, &notify, &err) < 0 || !notify)
		fuzz_fail(__FILE__, __LINE__, "a notify socket");
	container_fd = scm_connect(SOCK_DGRAM, dir, STORE_NOTIFY_SOCKET);
	if (send(container_fd, data, size, MSG_DONTWAIT) >= 0) {
		op_notify_serve(notify, 4711);
		n = recv(host_fd, got, sizeof(got), MSG_DONTWAIT);
		FUZZ_CHECK(n < 0 || (n > 6 && memcmp(got, "READY=", 6) == 0));
		FUZZ_CHECK((n >= 0) == (op_notify_fd(notify) < 0));
		if (n > 0)
			FUZZ_CHECK(memmem(got, (size_t)n, "\nMAINPID=4711\n", 14) == got + n - 14);
	}
	op_notify_free(notify);
	close(container_fd);
	close(host_fd);
	unlinkat(dir, "host", 0);
	unlinkat(dir, STORE_NOTIFY_SOCKET, 0);
	unlinkat(dir, STORE_NOTIFY, AT_REMOVEDIR);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_sync(data, size);
	check_notify(data, size);
	return 0;
}
