/* SPDX-License-Identifier: Apache-2.0 */
/* Lines are put together in memory and written with one write(2): a log has several writers. */
#include "report.h"

#include "fd.h"
#include "io.h"
#include "json_text.h"
#include "timestamp.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LINE_MAX_BYTES 8192

static const char *const level_names[] = {
	[LOG_LEVEL_DEBUG] = "debug",
	[LOG_LEVEL_INFO] = "info",
	[LOG_LEVEL_WARNING] = "warning",
	[LOG_LEVEL_ERROR] = "error",
};

/*
 * Copies @text so that it stays one line and cannot steer a terminal: control characters become
 * escapes, and with @quotes the characters that would end a quoted word too. Cut when too long.
 */
static void escape(const char *text, bool quotes, char *to, size_t size)
{
	size_t len = 0;

	for (; *text && len + sizeof("\\u0000") < size; text++) {
		unsigned char c = (unsigned char)*text, next = (unsigned char)text[1];

		if (c == '\n')
			len += (size_t)sprintf(to + len, "\\n");
		else if (c == 0xc2 &&
			 (next & 0xe0) == 0x80) /* U+0080 to U+009F, ESC [ among them */
			len += (size_t)sprintf(to + len, "\\u%04x", (unsigned char)*++text);
		else if (c < 0x20 || c == 0x7f)
			len += (size_t)sprintf(to + len, "\\x%02x", c);
		else if (quotes && (c == '"' || c == '\\'))
			len += (size_t)sprintf(to + len, "\\%c", c);
		else
			to[len++] = (char)c;
	}
	to[len] = '\0';
}

/* Whether the text names the pointer itself: "config.json: /process/cwd is ..." */
static bool says_where(const struct err *err)
{
	const char *at = strstr(err->text, err->pointer);

	return at && at - err->text >= 2 && at[-2] == ':' && at[-1] == ' ';
}

/* What failed and why, where in config.json unless that says it, and what to do: one line. */
static void full_text(const struct err *err, char *to, size_t size)
{
	bool has_pointer = err->pointer[0] && !says_where(err);

	snprintf(to, size, "%s%s%s%s%s%s", err->text, has_pointer ? " (config.json: " : "",
		 has_pointer ? err->pointer : "", has_pointer ? ")" : "",
		 err->hint[0] ? "; hint: " : "", err->hint);
}

static void write_text(int fd, enum log_level level, const char *message)
{
	char escaped[LINE_MAX_BYTES - 128], line[LINE_MAX_BYTES], time_text[TIMESTAMP_MAX];
	int len;

	timestamp_format(time(NULL), time_text);
	escape(message, true, escaped, sizeof(escaped));
	len = snprintf(line, sizeof(line), "time=\"%sZ\" level=%s msg=\"%s\"\n", time_text,
		       level_names[level], escaped);
	io_write_all(fd, line, (size_t)len);
}

/* The facts of an error beside its text, for programs. Keys are left out when there is no fact. */
static void add_facts(json_t *object, const struct err *err)
{
	const struct {
		const char *key, *value;
	} texts[] = {
		{ "code", strerrorname_np(err->code) },
		{ "pointer", err->pointer },
		{ "path", err->path },
		{ "hint", err->hint },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (texts[i].value && texts[i].value[0])
			json_put(object, texts[i].key, json_text(texts[i].value));
	}
	json_put(object, "errno", json_integer(err->code));
}

static json_t *new_object(enum log_level level, const char *message)
{
	json_t *object = json_object();
	char time_text[TIMESTAMP_MAX];

	timestamp_format(time(NULL), time_text);
	json_put(object, "level", json_string(level_names[level]));
	json_put(object, "msg", json_text(message));
	json_put(object, "time", json_sprintf("%sZ", time_text));
	return object;
}

static void write_json(int fd, const json_t *object)
{
	AUTO(json_dump) char *line = json_dump(object, JSON_COMPACT);
	size_t len;

	if (!line)
		return;
	len = strlen(line);
	line[len] = '\n'; /* in the place of the NUL: written at once, as O_APPEND asks for */
	io_write_all(fd, line, len + 1);
}

static int report_fd(const struct report *report)
{
	return report->log_fd >= 0 ? report->log_fd : STDERR_FILENO;
}

/* Somebody who debugs wants to see how far the program comes. */
static bool holds_remarks(const struct report *report)
{
	return report->log.level > LOG_LEVEL_DEBUG;
}

static void emit(void *context, enum log_level level, const char *text)
{
	struct report *report = context;
	AUTO(json) json_t *object = NULL;

	if (report->format == REPORT_TEXT) {
		write_text(report_fd(report), level, text);
		return;
	}
	object = new_object(level, text);
	if (!holds_remarks(report)) {
		write_json(report_fd(report), object);
		return;
	}
	if (!report->held)
		report->held = json_array();
	json_array_append(report->held, object);
}

/* The one object of a command that failed, with what was remarked on the way. */
static void write_json_error(struct report *report, const char *message, const struct err *err)
{
	AUTO(json) json_t *object = new_object(LOG_LEVEL_ERROR, message);
	AUTO(json) json_t *remarks = json_array();
	AUTO(json) json_t *held = report->held;
	size_t i;
	json_t *remark;

	report->held = NULL;
	add_facts(object, err);
	json_array_foreach(held, i, remark)
		json_array_append(remarks, json_object_get(remark, "msg"));
	if (json_array_size(remarks))
		json_object_set(object, "warnings", remarks);
	write_json(report_fd(report), object);
}

void report_init(struct report *report, const char *name)
{
	*report = (struct report){
		.name = name,
		.log_fd = -1,
		.log = { .emit = emit, .context = report, .level = LOG_LEVEL_INFO },
	};
}

int report_open(struct report *report, const char *path, enum report_format format, bool debug,
		struct err *err)
{
	report->format = format;
	report->log.level = debug ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO;
	if (!path)
		return 0;
	report->log_fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
	if (report->log_fd < 0)
		return err_sys(err, "open log file '%s'", path);
	return 0;
}

int report_leave_fds(struct report *report, int last, struct err *err)
{
	int fd;

	if (report->log_fd < 0 || report->log_fd > last)
		return 0;
	fd = fcntl(report->log_fd, F_DUPFD_CLOEXEC, last + 1);
	if (fd < 0)
		return err_sys(err, "move the log file's descriptor above %d", last);
	fd_close(&report->log_fd);
	report->log_fd = fd;
	return 0;
}

void report_error(struct report *report, const struct err *err)
{
	char text[LINE_MAX_BYTES / 2], escaped[LINE_MAX_BYTES - 128], line[LINE_MAX_BYTES];
	int len;

	full_text(err, text, sizeof(text));
	/* Without a log file stderr is the log: a reader of JSON must not find anything else there. */
	if (report->format == REPORT_JSON)
		write_json_error(report, text, err);
	else if (report->log_fd >= 0)
		write_text(report->log_fd, LOG_LEVEL_ERROR, text);
	if (report->format == REPORT_JSON && report->log_fd < 0)
		return;
	escape(text, false, escaped, sizeof(escaped));
	len = snprintf(line, sizeof(line), "%s: %s\n", report->name, escaped);
	io_write_all(STDERR_FILENO, line, (size_t)len);
}

void report_done(struct report *report)
{
	size_t i;
	json_t *remark;

	json_array_foreach(report->held, i, remark)
		write_json(report_fd(report), remark);
	json_decref(report->held);
	fd_close(&report->log_fd);
}
