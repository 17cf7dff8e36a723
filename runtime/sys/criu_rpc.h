/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The messages of CRIU's service, as its rpc.proto numbers their fields: those that a container
 * runtime needs. One message is one datagram.
 */
#ifndef OCIRUN_SYS_CRIU_RPC_H
#define OCIRUN_SYS_CRIU_RPC_H

#include "err.h"
#include "protobuf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum criu_type {
	CRIU_DUMP = 1,
	CRIU_RESTORE = 2,
	CRIU_PRE_DUMP = 4,
	CRIU_NOTIFY = 6,
	CRIU_FEATURE_CHECK = 9,
	CRIU_VERSION = 10,
};

enum criu_cgroup_mode {
	CRIU_CGROUP_IGNORE = 0,
	CRIU_CGROUP_SOFT = 3,
	CRIU_CGROUP_FULL = 4,
	CRIU_CGROUP_STRICT = 5,
	CRIU_CGROUP_DEFAULT = 6,
};

/* Two texts that belong together; what they are called differs from list to list. */
struct criu_pair {
	const char *first, *second;
};
struct criu_pairs {
	size_t n;
	struct criu_pair *v;
};

struct criu_texts {
	size_t n;
	const char **v;
};

struct criu_inherit_fd {
	const char *key;
	int32_t fd; /* in the process of CRIU */
};
struct criu_inherit_fds {
	size_t n;
	struct criu_inherit_fd *v;
};

/* Numbers below 0 and texts that are NULL are left out, and so is what is false. */
struct criu_opts {
	int32_t images_dir_fd; /* of the process at the other end of the socket */
	int32_t work_dir_fd;
	int32_t pid; /* of what is dumped */
	int32_t log_level;
	int32_t cgroup_mode; /* enum criu_cgroup_mode */
	int32_t page_server_port;
	uint32_t empty_ns; /* CLONE_NEWx; 0: none */
	const char *log_file;
	const char *root;
	const char *parent_img;
	const char *freeze_cgroup;
	const char *config_file;
	const char *lsm_profile;
	const char *lsm_mount_context;
	const char *page_server_address;
	bool auto_dedup;
	bool evasive_devices;
	bool ext_unix_sk;
	bool file_locks;
	bool lazy_pages;
	bool leave_running;
	bool link_remap;
	bool manage_cgroups;
	bool notify_scripts;
	bool orphan_pts_master;
	bool rst_sibling;
	bool shell_job;
	bool tcp_established;
	bool tcp_skip_in_flight;
	bool track_mem;
	/*
	 * At a dump: where it is mounted, and a name for it; at a restore: the name, and what is
	 * mounted.
	 */
	struct criu_pairs ext_mounts;
	struct criu_pairs cgroup_roots; /* controller, path */
	struct criu_pairs join_ns;      /* type, file */
	struct criu_texts external;
	struct criu_inherit_fds inherit_fds;
};
#define CRIU_OPTS_NONE                                                                             \
	((struct criu_opts){ .images_dir_fd = -1,                                                  \
			     .work_dir_fd = -1,                                                    \
			     .pid = -1,                                                            \
			     .log_level = -1,                                                      \
			     .cgroup_mode = -1,                                                    \
			     .page_server_port = -1 })

/* What CRIU and the kernel can do; in a request: what is asked for. */
struct criu_features {
	bool mem_track;
	bool lazy_pages;
};

struct criu_request {
	enum criu_type type;
	const struct criu_opts *opts; /* NULL: none */
	bool notify_success;
	struct criu_features features;
};

/* The request as a message: the caller calls protobuf_buffer_done(), also on failure. */
int criu_request_encode(const struct criu_request *request, struct protobuf_buffer *ret_message,
			struct err *err);

#define CRIU_SCRIPT_MAX 64
#define CRIU_ERRMSG_MAX 256

struct criu_response {
	bool has_type, has_success;
	int32_t type; /* enum criu_type */
	bool success;
	int32_t restored_pid;
	char script[CRIU_SCRIPT_MAX]; /* of a CRIU_NOTIFY: what happens: "post-restore" */
	int32_t script_pid;
	int32_t cr_errno;
	char errmsg[CRIU_ERRMSG_MAX];
	struct criu_features features;
	int32_t major, minor, sublevel;
};

/* -EPROTO for what is no response. Texts that are too long are cut. */
int criu_response_decode(const void *message, size_t len, struct criu_response *ret_response,
			 struct err *err);

#endif
