/* SPDX-License-Identifier: Apache-2.0 */
/* Where the library's remarks go: it never prints, its caller may. */
#ifndef OCIRUN_BASE_LOG_H
#define OCIRUN_BASE_LOG_H

enum log_level {
	LOG_LEVEL_DEBUG,
	LOG_LEVEL_INFO,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_ERROR,
};

struct log {
	void (*emit)(void *context, enum log_level level, const char *text);
	void *context;
	enum log_level level; /* less important remarks are not even put together */
};

/* Formats and emits; @log may be NULL. */
void log_debug(const struct log *log, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void log_warning(const struct log *log, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
