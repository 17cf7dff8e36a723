/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operations of the OCI runtime-spec and those that callers of runc expect beside them: what
 * cmd/ocirun, or a long-lived shim, calls. None prints, exits, or changes anything of the calling
 * process (umask, working directory, environment, signal mask, descriptors); each is safe to be
 * called from any thread.
 *
 * What each says of an id: -EINVAL when it cannot be one, -ENOENT "container does not exist", -EBUSY
 * when another command has had the container for 10 s. Other errors are the kernel's, unless they are
 * named below; callers of runc match the quoted texts.
 */
#ifndef OCIRUN_OPS_OPS_H
#define OCIRUN_OPS_OPS_H

#include "auto.h"
#include "err.h"
#include "host.h"
#include "log.h"
#include "problem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#pragma GCC visibility push(default) /* what libocirun.a offers: see cmake/library.cmake */

struct ops_stats;
struct seccomp_watch;
struct seccomp_watch_request;
struct spec_resources;
struct trace;

/* What the global options say; borrowed for the length of a call. */
struct ops_context {
	const char *root; /* the state root, absolute; made when it is missing */
	enum cgroup_manager cgroup_manager;
	const struct log *log; /* may be NULL */
	struct trace *trace;   /* of trace.h: gets what is done, and when; NULL: nobody asks */
	/*
	 * Readable when the caller gives up: `run`, `create` and `restore` then wait for no hook any
	 * more, `exec` for no paused container, and neither for a seccomp agent; undo what was done,
	 * and fail with -EINTR. It is not read. NULL: never.
	 */
	const int *cancel_fd;
};

struct ops_create_options {
	const char *id;
	const char *bundle;         /* NULL: the current folder */
	const char *config;         /* NULL: config.json of the bundle */
	const char *console_socket; /* NULL: none */
	const char *pidfd_socket;
	const char *pid_file;
	bool no_pivot;
	bool no_new_keyring;
	int preserve_fds; /* how many descriptors from 3 on it keeps, but for close-on-exec ones */
	int listen_fds;   /* how many of them, the first ones, it is told of: sd_listen_fds(3) */
	/*
	 * The caller relays the container's terminal, which it gets as ret_process->console_fd.
	 * A terminal that neither this nor console_socket takes is refused with "cannot allocate tty
	 * if runc will detach without setting console socket", and a console_socket without a
	 * terminal with "cannot use console socket if runc will not detach or allocate tty".
	 */
	bool relays_terminal;
	uint16_t rows, columns; /* of the terminal; 0: as config.json says */
	/*
	 * NOTIFY_SOCKET of the caller, whose service manager is told when the program is ready: the
	 * container has a socket of its own, and its NOTIFY_SOCKET names that. NULL: none.
	 */
	const char *notify_socket;
	/* run: the caller wants to know of system calls, see seccomp_call.h; NULL: it does not. */
	const struct seccomp_watch_request *watch;
};

/* A process that was just launched; close the descriptors that are not -1. */
struct ops_process {
	pid_t pid;
	int pidfd;
	int console_fd; /* the terminal's master, when it was not sent to a console socket */
	struct seccomp_watch *watch; /* NULL, or to be served until op_watch_free() */
	struct notify *notify;       /* run: NULL, or to be served until op_notify_free() */
};

/*
 * System calls that are watched wait until the watch is served: the caller polls op_watch_fd() for
 * POLLIN, unless it is -1, and passes on what poll(2) said. 0 or -errno.
 */
int op_watch_fd(const struct seccomp_watch *watch);
int op_watch_serve(struct seccomp_watch *watch, int events, struct err *err);
void op_watch_free(struct seccomp_watch *watch); /* NULL is fine */

/*
 * `create`: the container's environment stands and its init waits for op_start(). @ret_process
 * may be NULL. -EEXIST for an id that is taken; -EINVAL or -ENOTSUP, with the JSON pointer, for what
 * the spec or this host does not allow. On failure nothing is left behind.
 */
int op_create(const struct ops_context *ctx, const struct ops_create_options *options,
	      struct ops_process *ret_process, struct err *err);

/*
 * What the program says of its readiness. The caller polls op_notify_fd() for POLLIN, unless it is -1,
 * and calls op_notify_serve(), upon which the service manager is told of readiness and of @main_pid;
 * or it waits for that, or for the end of the process behind @pidfd. Whatever goes wrong is a warning.
 */
int op_notify_fd(const struct notify *notify);
void op_notify_serve(struct notify *notify, pid_t main_pid);
void op_notify_wait(struct notify *notify, pid_t main_pid, int pidfd);
void op_notify_free(struct notify *notify); /* NULL is fine */

/*
 * `start`: runs the program of a created container. -EBUSY for one that runs already, -ESRCH for one
 * that has stopped. With @notify_socket, unless it is NULL, and a container that was made with one, it
 * returns when the program is ready or has ended.
 */
int op_start(const struct ops_context *ctx, const char *id, const char *notify_socket,
	     struct err *err);

/*
 * `run`: create and start in one, without a wait between them. The container is a child of the
 * caller, who waits for it and calls op_delete(). On failure nothing is left behind.
 */
int op_run(const struct ops_context *ctx, const struct ops_create_options *options,
	   struct ops_process *ret_process, struct err *err);

/* A bundle that is only looked at. */
struct ops_bundle_options {
	const char *id;     /* of the container that there would be: cgroups are named after it */
	const char *bundle; /* NULL: the current folder */
	const char *config; /* NULL: config.json of the bundle */
};

/*
 * `check`: all that is wrong with a bundle, against the spec and against this host, and warnings for
 * what may not be what its author expects. Nothing is made or changed. Problems go to @sink; a
 * failure is what kept the document from being read.
 */
int op_check(const struct ops_context *ctx, const struct ops_bundle_options *options,
	     const struct problem_sink *sink, struct err *err);

struct ops_exec_options {
	const char *id;
	/*
	 * The process: a file with the spec's process object (--process), or a program and changes to
	 * the container's own process. Lists end with NULL; what is NULL or unset stays as it is.
	 */
	const char *process_file;
	char *const *argv;
	const char *cwd;
	const char *const *env;     /* added: "KEY=value" */
	const char *user;           /* "USER" or "USER:GROUP": ids, or the container's names */
	const char *const *groups;  /* additional ones, likewise */
	const char *const *caps;    /* added to bounding, effective and permitted: "CAP_CHOWN" */
	const char *const *cgroups; /* "PATH", or "CONTROLLER[,CONTROLLER...]:PATH" below its own */
	const char *apparmor_profile;
	const char *selinux_label;
	bool has_terminal; /* --tty */
	bool no_new_privileges;

	const char *console_socket;
	const char *pidfd_socket;
	const char *pid_file;
	int preserve_fds, listen_fds; /* as in ops_create_options */
	bool relays_terminal;         /* as in ops_create_options */
	uint16_t rows, columns;
	bool ignores_paused; /* waits in a paused container instead of failing */
};

/*
 * `exec`: runs one more process in a created or running container; it is a child of the caller.
 * -EAGAIN for a container that is paused, -ESRCH for one that has stopped.
 */
int op_exec(const struct ops_context *ctx, const struct ops_exec_options *options,
	    struct ops_process *ret_process, struct err *err);

/*
 * `kill`: sends @signal to init, or with @all to every process of the container. -ESRCH "container not
 * running" for one that has stopped, but with @all.
 */
int op_kill(const struct ops_context *ctx, const char *id, int signal, bool all, struct err *err);

/*
 * `delete`: what the container has is taken back, in whatever state it was left. With @force one that
 * runs is killed first and an unknown id is no error; without, -EBUSY "cannot delete container ID that
 * is not stopped". -ETIMEDOUT when a process outlives SIGKILL: the record stays, for another try.
 */
int op_delete(const struct ops_context *ctx, const char *id, bool force, struct err *err);

/*
 * `pause`: stops every process of a created or running container, those in nested cgroups too, and
 * waits until the last one has stopped, at most 10 s. -ESRCH "container not running" for others.
 */
int op_pause(const struct ops_context *ctx, const char *id, struct err *err);

/* `resume`: continues them. -EINVAL "container not paused" when it is not. */
int op_resume(const struct ops_context *ctx, const char *id, struct err *err);

/*
 * `ps`: the processes of the container, nested cgroups included, sorted; of one without a cgroup its
 * init alone; none when it has stopped. The caller frees *@ret_pids.
 */
int op_ps(const struct ops_context *ctx, const char *id, pid_t **ret_pids, size_t *ret_n,
	  struct err *err);

struct ops_update {
	const struct spec_resources *resources;
	/* Lines for the schemata of linux.intelRdt; NULL: they stay. */
	const char *l3_cache_schema, *mem_bw_schema;
};

/*
 * `update`: gives the container's cgroups other values. What is unset or zero stays as it is, and so
 * do the rules of devices. After a failure all old values are in place. Errors name the key
 * from the resources object on ("/memory/limit").
 */
int op_update(const struct ops_context *ctx, const char *id, const struct ops_update *update,
	      struct err *err);

/* How criu deals with cgroups; what the names mean is CRIU's. */
enum ops_cgroups_mode {
	OPS_CGROUPS_DEFAULT,
	OPS_CGROUPS_SOFT,
	OPS_CGROUPS_FULL,
	OPS_CGROUPS_STRICT,
	OPS_CGROUPS_IGNORE,
};

/* What checkpoint and restore have in common: criu(8) knows options of the same names. */
struct ops_criu_options {
	const char *image_path; /* the directory with the image */
	const char *work_path;  /* the one with criu's log; NULL: the same */
	enum ops_cgroups_mode cgroups_mode;
	bool auto_dedup, ext_unix_sk, file_locks, lazy_pages, link_remap, shell_job;
	bool tcp_established;
};

struct ops_checkpoint_options {
	const char *id;
	struct ops_criu_options criu;
	const char *parent_path;         /* an earlier image, relative to this one; NULL: none */
	const char *page_server_address; /* NULL: none */
	int page_server_port;
	int status_fd; /* gets a zero byte once lazy pages are served, and is closed; -1: none */
	bool leave_running;
	bool pre_dump; /* memory alone; the container goes on */
	bool tcp_skip_in_flight;
};

/*
 * `checkpoint`: writes the processes of a running or paused container to files, by the program criu,
 * and deletes the container unless it is to run on. -ENOENT without that program. On failure the
 * container is as it was.
 */
int op_checkpoint(const struct ops_context *ctx, const struct ops_checkpoint_options *options,
		  struct err *err);

struct ops_restore_options {
	struct ops_create_options create; /* preserve_fds, listen_fds and pidfd_socket: no */
	struct ops_criu_options criu;
	const char *lsm_profile;       /* "TYPE:NAME"; NULL: as it was */
	const char *lsm_mount_context; /* SELinux context of mounts; NULL: as it was */
};

/*
 * `restore`: as op_run(), but the processes are those of an image. The configuration is the
 * bundle's; nothing in the image is taken for one.
 */
int op_restore(const struct ops_context *ctx, const struct ops_restore_options *options,
	       struct ops_process *ret_process, struct err *err);

/* What op_events() tells. */
struct ops_event {
	const char *id;
	const struct ops_stats *stats; /* ops_stats.h; NULL: the kernel killed for want of memory */
};
typedef int ops_event_visit(void *context, const struct ops_event *event, struct err *err);

/*
 * `events`: calls @visit with statistics each @interval_ms, and once for each time that the
 * container runs out of memory. Returns when the container has ended, or what @visit returned when
 * that is negative. With an interval of 0 there is one call, with statistics.
 */
int op_events(const struct ops_context *ctx, const char *id, int64_t interval_ms,
	      ops_event_visit *visit, void *context, struct err *err);

enum ops_status {
	OPS_CREATING,
	OPS_CREATED,
	OPS_RUNNING,
	OPS_PAUSED,
	OPS_STOPPED,
};

/* The status as `state` has it: "running". */
const char *ops_status_name(enum ops_status status);

struct ops_annotation {
	const char *key, *value;
};

/* What `state` and `list` show of one container. */
struct ops_state {
	const char *id;
	pid_t pid; /* 0 when stopped */
	enum ops_status status;
	const char *bundle;
	const char *rootfs;
	const char *created; /* RFC 3339 with nanoseconds, UTC */
	const char *owner;   /* name of the user that made it */
	size_t n_annotations;
	struct ops_annotation *annotations;
	void *memory; /* owns all of the above */
};

/* The state of one container; the caller calls ops_state_done(). */
int op_state(const struct ops_context *ctx, const char *id, struct ops_state *ret_state,
	     struct err *err);

/* Frees what a state owns, not the struct itself; its texts are gone then. */
void ops_state_done(struct ops_state *state);

struct ops_state_list {
	size_t n;
	struct ops_state *v;
};

/* All containers of the state root, sorted by id. Those that vanish meanwhile are left out. */
int op_list(const struct ops_context *ctx, struct ops_state_list *ret_list, struct err *err);

/* Frees a list with all its states. */
void ops_state_list_done(struct ops_state_list *list);

#pragma GCC visibility pop

#endif
