/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two filters. For SECCOMP_WATCH_ALL a few instructions: read(2) and write(2), by which the listener
 * comes to us, go on, and everything else is handed over. For SECCOMP_WATCH_DENIED the container's
 * own, in which each answer that denies is replaced; which one it was is found out again by
 * evaluating the original.
 */
#include "seccomp_watch.h"

#include "fd.h"
#include "plan_seccomp.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel's structs may be larger than those that we were built with. */
#define NOTIFICATION_BYTES 512

struct seccomp_watch {
	struct seccomp_watch_request request;
	struct seccomp_program *own; /* a copy; NULL: all calls are told of, and go on */
	struct seccomp_program *loaded;
	int listener_fd;
};

/* ---- the filter ---- */

/* Filled in: the native ABI, of which the numbers of the two calls are. */
#define ALL_ARCH 1
static const struct sock_filter all[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
	[ALL_ARCH] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 3),
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_read, 2, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_write, 1, 0),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

static bool denies(uint32_t answer)
{
	uint32_t action = answer & SECCOMP_RET_ACTION_FULL;

	return action != SECCOMP_RET_ALLOW && action != SECCOMP_RET_LOG;
}

static void hand_over_denied(struct seccomp_program *program)
{
	for (size_t i = 0; i < program->n; i++) {
		struct sock_filter *insn = &program->v[i];

		if (insn->code == (BPF_RET | BPF_K) && denies(insn->k))
			insn->k = SECCOMP_RET_USER_NOTIF;
	}
}

static struct seccomp_program *copy_program(const struct sock_filter *v, size_t n)
{
	struct seccomp_program *program = malloc(sizeof(*program) + n * sizeof(v[0]));

	if (!program)
		return NULL;
	program->n = n;
	memcpy(program->v, v, n * sizeof(v[0]));
	return program;
}

int seccomp_watch_new(const struct seccomp_watch_request *request,
		      const struct seccomp_program *own, struct seccomp_watch **ret_watch,
		      struct err *err)
{
	AUTO(seccomp_watch) struct seccomp_watch *watch = calloc(1, sizeof(*watch));
	bool is_all = request->kind == SECCOMP_WATCH_ALL;

	if (!watch)
		return err_set(err, ENOMEM, "no memory for watching system calls");
	watch->request = *request;
	watch->listener_fd = -1;
	watch->own = is_all ? NULL : copy_program(own->v, own->n);
	watch->loaded = is_all ? copy_program(all, sizeof(all) / sizeof(all[0]))
			       : copy_program(own->v, own->n);
	if (!watch->loaded || (!is_all && !watch->own))
		return err_set(err, ENOMEM, "no memory for watching system calls");
	if (is_all)
		watch->loaded->v[ALL_ARCH].k = seccomp_arch_native();
	else
		hand_over_denied(watch->loaded);
	*ret_watch = TAKE(watch);
	return 0;
}

void seccomp_watch_free(struct seccomp_watch *watch)
{
	if (!watch)
		return;
	fd_close(&watch->listener_fd);
	seccomp_program_free(watch->own);
	seccomp_program_free(watch->loaded);
	free(watch);
}

const struct seccomp_program *seccomp_watch_program(const struct seccomp_watch *watch)
{
	return watch->loaded;
}

void seccomp_watch_listen(struct seccomp_watch *watch, int take_listener_fd)
{
	watch->listener_fd = take_listener_fd;
}

int seccomp_watch_fd(const struct seccomp_watch *watch)
{
	return watch->listener_fd;
}

/* ---- a call ---- */

static const char *action_name(uint32_t answer)
{
	for (size_t i = 0; i < PLAN_SECCOMP_N_ACTIONS; i++)
		if (plan_seccomp_actions[i].value == (answer & SECCOMP_RET_ACTION_FULL))
			return plan_seccomp_actions[i].name;
	return "SCMP_ACT_KILL_PROCESS"; /* as the kernel takes what it does not know */
}

/* libseccomp's token of an ABI; x32 shares its number with x86_64, and marks the call's. */
static uint32_t token_of(const struct seccomp_data *data)
{
	if (data->arch == SCMP_ARCH_X86_64 && data->nr & 0x40000000)
		return SCMP_ARCH_X32;
	return data->arch;
}

static const char *arch_name(uint32_t token)
{
	for (size_t i = 0; i < PLAN_SECCOMP_N_ARCHS; i++)
		if (plan_seccomp_arch_token(plan_seccomp_archs[i].name) == token)
			return plan_seccomp_archs[i].name;
	return NULL;
}

static void tell(const struct seccomp_watch *watch, const struct seccomp_notif *notification,
		 uint32_t answer)
{
	const struct seccomp_data *data = &notification->data;
	uint32_t token = token_of(data);
	char *name = seccomp_syscall_resolve_num_arch(token, data->nr);
	struct seccomp_call call = {
		.pid = (pid_t)notification->pid,
		.arch = arch_name(token),
		.name = name,
		.nr = data->nr,
		.action = watch->own ? action_name(answer) : NULL,
	};

	if ((answer & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO)
		call.errnum = (int)(answer & SECCOMP_RET_DATA);
	for (size_t i = 0; i < sizeof(call.args) / sizeof(call.args[0]); i++)
		call.args[i] = data->args[i];
	watch->request.visit(watch->request.context, &call);
	free(name);
}

/*
 * What the container's own filter would have done, as far as it can be done from outside: a process
 * that it kills ends by SIGKILL instead of SIGSYS.
 */
static void carry_out(uint32_t answer, const struct seccomp_notif *notification,
		      struct seccomp_notif_resp *response)
{
	switch (answer & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ALLOW:
	case SECCOMP_RET_LOG:
		response->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
		break;
	case SECCOMP_RET_ERRNO:
		response->error = -(int32_t)(answer & SECCOMP_RET_DATA);
		break;
	case SECCOMP_RET_TRACE: /* without a tracer */
		response->error = -ENOSYS;
		break;
	case SECCOMP_RET_TRAP:
		syscall(SYS_tkill, notification->pid, SIGSYS);
		response->error = -ENOSYS;
		break;
	default:
		syscall(SYS_tkill, notification->pid, SIGKILL);
		response->error = -EPERM;
	}
}

static int serve_one(struct seccomp_watch *watch, struct err *err)
{
	union {
		struct seccomp_notif notification;
		char bytes[NOTIFICATION_BYTES];
	} in = { .bytes = { 0 } };
	union {
		struct seccomp_notif_resp response;
		char bytes[NOTIFICATION_BYTES];
	} out = { .bytes = { 0 } };
	uint32_t answer;

	if (ioctl(watch->listener_fd, SECCOMP_IOCTL_NOTIF_RECV, &in) < 0) {
		/* A signal ended the call; or nobody is under the filter any more. */
		if (errno == ENOENT || errno == EINTR)
			return 0;
		return err_sys(err, "receive a system call of the container");
	}
	answer = watch->own ? seccomp_program_judge(watch->own, &in.notification.data)
			    : SECCOMP_RET_ALLOW;
	tell(watch, &in.notification, answer);
	out.response.id = in.notification.id;
	carry_out(answer, &in.notification, &out.response);
	if (ioctl(watch->listener_fd, SECCOMP_IOCTL_NOTIF_SEND, &out) < 0 && errno != ENOENT)
		return err_sys(err, "answer a system call of the container");
	return 0;
}

int seccomp_watch_serve(struct seccomp_watch *watch, int events, struct err *err)
{
	if (events & POLLIN)
		return serve_one(watch, err);
	if (events & (POLLHUP | POLLERR)) /* nobody is under the filter any more */
		fd_close(&watch->listener_fd);
	return 0;
}
