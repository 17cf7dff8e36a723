/* SPDX-License-Identifier: Apache-2.0 */
/* /proc/self/attr: written through a procfs that was checked to be one. */
#include "lsm.h"

#include "procfs.h"

#include <errno.h>
#include <stdio.h>

#define LABEL_MAX 4096

static int set_apparmor(int proc_fd, const char *profile, struct err *err)
{
	char value[LABEL_MAX];
	int ret;

	snprintf(value, sizeof(value), "exec %s", profile);
	ret = procfs_write(proc_fd, "thread-self/attr/apparmor/exec", value);
	if (ret == -ENOENT) /* before Linux 5.8 AppArmor had no folder of its own */
		ret = procfs_write(proc_fd, "thread-self/attr/exec", value);
	if (ret < 0) {
		err_errno(err, ret, "apply AppArmor profile '%s'", profile);
		err_pointer(err, "/process/apparmorProfile");
		return err_hint(err, ret == -ENOENT ? "the profile is not loaded: aa-status lists "
						      "those that are"
						    : "AppArmor is not active on this host");
	}
	return 0;
}

static int set_selinux(int proc_fd, const char *label, struct err *err)
{
	int ret = procfs_write(proc_fd, "thread-self/attr/exec", label);

	if (ret < 0) {
		err_errno(err, ret, "apply SELinux label '%s'", label);
		err_pointer(err, "/process/selinuxLabel");
		return err_hint(err, "SELinux is not active on this host, or has no such label");
	}
	return 0;
}

int lsm_set_labels(int proc_fd, const struct plan_process *process, struct err *err)
{
	if (process->apparmor_profile)
		TRY(set_apparmor(proc_fd, process->apparmor_profile, err));
	if (process->selinux_label)
		TRY(set_selinux(proc_fd, process->selinux_label, err));
	return 0;
}
