/* SPDX-License-Identifier: Apache-2.0 */
/* One listener, one connection, one state: as config-linux.md has it. */
#include "seccomp_agent.h"

#include "fd.h"
#include "pidfd.h"
#include "scm.h"
#include "seccomp_watch.h"
#include "sync.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

static int hear_number(int sync_fd, struct err *err)
{
	struct sync_message message = { .fd = -1 };

	TRY(sync_receive(sync_fd, &message, err));
	fd_close(&message.fd);
	fd_close(&message.fd);
	if (message.type == SYNC_EOF) {
		err_at(err, "/linux/seccomp", ECHILD,
		       "the container's process died under its seccomp filter");
		return err_hint(err, "a filter with a listener has to allow write(2) and read(2)");
	}
	if (message.type != SYNC_SECCOMP_FD)
		return err_set(err, EPROTO, "got %s while SECCOMP_FD was awaited",
			       sync_type_name(message.type));
	return message.value;
}

/* The process is not dumpable, so that being its user is not enough. */
static int fetch(int pidfd, int number, struct err *err)
{
	int fd = pidfd_getfd(pidfd, number);

	if (fd >= 0)
		return fd;
	err_sys(err, "fetch the seccomp listener from the container's process");
	return err->code == EPERM ? err_hint(err, "this needs CAP_SYS_PTRACE") : -err->code;
}

static int tell_agent(const struct seccomp_agent *agent, int listener_fd, struct err *err)
{
	AUTO_FD fd = scm_connect(SOCK_STREAM, AT_FDCWD, agent->path);
	int ret;

	if (fd < 0)
		return err_errno(err, fd, "failed to connect with seccomp agent '%s'", agent->path);
	ret = scm_send_stream(fd, agent->state, strlen(agent->state), listener_fd);
	return ret < 0 ? err_errno(err, ret, "send the seccomp listener to the agent '%s'",
				   agent->path)
		       : 0;
}

int seccomp_agent_serve(const struct seccomp_agent *agent, int sync_fd, int pidfd, struct err *err)
{
	int number = hear_number(sync_fd, err);
	AUTO_FD listener_fd = -1;

	TRY(number);
	listener_fd = fetch(pidfd, number, err);
	TRY(listener_fd);
	if (agent->watch) {
		seccomp_watch_listen(agent->watch, fd_take(&listener_fd));
	} else if (tell_agent(agent, listener_fd, err) < 0) {
		err_path(err, agent->path);
		return err_pointer(err, "/linux/seccomp/listenerPath");
	}
	return sync_send(sync_fd, SYNC_SECCOMP_TAKEN, 0, -1, err);
}
