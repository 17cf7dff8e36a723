/* SPDX-License-Identifier: Apache-2.0 */
/* bpf(2). The unused rest of its argument has to be zero. */
#include "bpf.h"

#include "fd.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int bpf(enum bpf_cmd command, union bpf_attr *attr)
{
	long ret = syscall(SYS_bpf, command, attr, sizeof(*attr));

	return ret < 0 ? -errno : (int)ret;
}

static uint64_t address(const void *pointer)
{
	return (uint64_t)(uintptr_t)pointer;
}

int bpf_device_load(const char *name, const struct bpf_insn *insns, size_t n)
{
	union bpf_attr attr;
	int ret;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
	attr.insns = address(insns);
	attr.insn_cnt = (uint32_t)n;
	attr.license = address("Apache-2.0");
	snprintf(attr.prog_name, sizeof(attr.prog_name), "%s", name);
	/* EAGAIN: the verifier was interrupted by a signal. */
	do {
		ret = bpf(BPF_PROG_LOAD, &attr);
	} while (ret == -EAGAIN || ret == -EINTR);
	return ret;
}

int bpf_device_attach(int cgroup_fd, int program_fd, int replaced_fd)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.target_fd = (uint32_t)cgroup_fd;
	attr.attach_bpf_fd = (uint32_t)program_fd;
	attr.attach_type = BPF_CGROUP_DEVICE;
	attr.attach_flags = BPF_F_ALLOW_MULTI;
	if (replaced_fd >= 0) {
		attr.attach_flags |= BPF_F_REPLACE;
		attr.replace_bpf_fd = (uint32_t)replaced_fd;
	}
	return bpf(BPF_PROG_ATTACH, &attr);
}

int bpf_device_detach(int cgroup_fd, int program_fd)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.target_fd = (uint32_t)cgroup_fd;
	attr.attach_bpf_fd = (uint32_t)program_fd;
	attr.attach_type = BPF_CGROUP_DEVICE;
	return bpf(BPF_PROG_DETACH, &attr);
}

int bpf_device_query(int cgroup_fd, uint32_t ids[BPF_DEVICE_PROGRAMS_MAX])
{
	union bpf_attr attr;
	int ret;

	memset(&attr, 0, sizeof(attr));
	attr.query.target_fd = (uint32_t)cgroup_fd;
	attr.query.attach_type = BPF_CGROUP_DEVICE;
	attr.query.prog_ids = address(ids);
	attr.query.prog_cnt = BPF_DEVICE_PROGRAMS_MAX;
	ret = bpf(BPF_PROG_QUERY, &attr);
	return ret < 0 ? ret : (int)attr.query.prog_cnt;
}

static int read_info(int fd, struct bpf_prog_info *ret_info)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	memset(ret_info, 0, sizeof(*ret_info));
	attr.info.bpf_fd = (uint32_t)fd;
	attr.info.info_len = sizeof(*ret_info);
	attr.info.info = address(ret_info);
	return bpf(BPF_OBJ_GET_INFO_BY_FD, &attr);
}

int bpf_open_named(uint32_t id, const char *name)
{
	struct bpf_prog_info info;
	union bpf_attr attr;
	int ret;

	memset(&attr, 0, sizeof(attr));
	attr.prog_id = id;
	AUTO_FD fd = bpf(BPF_PROG_GET_FD_BY_ID, &attr);
	if (fd < 0)
		return fd;
	ret = read_info(fd, &info);
	if (ret < 0)
		return ret;
	return strncmp(info.name, name, sizeof(info.name)) == 0 ? fd_take(&fd) : -ENOENT;
}
