/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of text put together piece by piece, for print.c and its parts. */
#ifndef OCIRUN_PLAN_PRINTER_H
#define OCIRUN_PLAN_PRINTER_H

#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

struct mount_flag_name;
struct plan_mount;
struct plan_process;
struct plan_seccomp;

struct printer {
	FILE *out; /* the line so far, in memory */
	char *text;
	size_t size;
	void (*line)(void *context, const char *text);
	void *context;
};

/* Adds to the line. */
void printer_put(struct printer *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Adds @text as it is, but for what would not print or end a quoted text: that is escaped. */
void printer_word(struct printer *p, const char *text);

/* Adds @before and @text in quotes, escaped; nothing at all when @text is NULL. */
void printer_text(struct printer *p, const char *before, const char *text);

/* Adds the origin unless it is NULL or "", and hands the line out. */
void printer_end(struct printer *p, const char *origin);

/* Adds the names of the bits in @value: "nosuid,nodev". */
void printer_flags(struct printer *p, uint64_t value, const struct mount_flag_name *names);

/* "char", "block", "fifo" */
const char *plan_device_type_name(mode_t type);

/* Adds "SCMP_ACT_ERRNO(1)". */
void printer_action(struct printer *p, uint32_t action);

/* The parts that have files of their own. */
void plan_print_mount(struct printer *p, const struct plan_mount *mount);
void plan_print_process(struct printer *p, const struct plan_process *process);
void plan_print_memory_policy(struct printer *p, const struct plan_process *process);
void plan_print_seccomp(struct printer *p, const struct plan_seccomp *seccomp);

#endif
