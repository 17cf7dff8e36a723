/* SPDX-License-Identifier: Apache-2.0 */
/* Security labels that take effect with the next execve(2). */
#ifndef OCIRUN_EXEC_LSM_H
#define OCIRUN_EXEC_LSM_H

#include "err.h"
#include "plan.h"

/* Writes the AppArmor profile and the SELinux label of @process below @proc_fd, a checked procfs. */
int lsm_set_labels(int proc_fd, const struct plan_process *process, struct err *err);

#endif
