/* SPDX-License-Identifier: Apache-2.0 */
/* Spans of the library as JSON: complete events ("X"), in microseconds from the first one on. */
#include "trace_file.h"

#include "commands.h"
#include "fd.h"
#include "io.h"
#include "json_text.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

static const char *const track_names[TRACE_TRACKS] = {
	[TRACE_RUNTIME] = "runtime",
	[TRACE_JOINER] = "joining process",
	[TRACE_CONTAINER] = "container's process",
};

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static json_t *microseconds(int64_t ns)
{
	return json_real((double)ns / 1000.0);
}

/* The thread of an event: its process as the host sees it. */
static int track_id(const struct trace *trace, uint32_t track)
{
	int pid = trace->memory->pids[track];

	return pid ? pid : (int)track;
}

static json_t *span_json(const struct trace *trace, const struct trace_span *span, int64_t first_ns,
			 int64_t now)
{
	int64_t end_ns = span->end_ns ? span->end_ns : now;
	json_t *args = json_object();
	json_t *event;

	json_put(args, "ns", json_integer(end_ns - span->begin_ns));
	if (span->detail[0])
		json_put(args, "of", json_text(span->detail));
	if (span->result < 0)
		json_put(args, "failed", json_string(strerror(-span->result)));
	if (!span->end_ns)
		json_put(args, "unfinished", json_true());
	event = json_pack("{s:s, s:i, s:i}", "ph", "X", "pid", trace->memory->pids[TRACE_RUNTIME],
			  "tid", track_id(trace, span->track));
	json_put(event, "ts", microseconds(span->begin_ns - first_ns));
	json_put(event, "dur", microseconds(end_ns - span->begin_ns));
	json_put(event, "name", json_text(span->name));
	json_put(event, "args", args);
	return event;
}

static json_t *name_json(const char *what, int pid, int tid, const char *name)
{
	return json_pack("{s:s, s:i, s:i, s:s, s:{s:s}}", "ph", "M", "pid", pid, "tid", tid, "name",
			 what, "args", "name", name);
}

static void add_names(json_t *events, const struct trace_file *file)
{
	const struct trace *trace = file->trace;
	int pid = trace->memory->pids[TRACE_RUNTIME];
	char title[64];

	snprintf(title, sizeof(title), "%s %s", file->cli->name, file->title);
	json_push(events, name_json("process_name", pid, pid, title));
	for (uint32_t track = 0; track < TRACE_TRACKS; track++)
		if (trace->memory->pids[track])
			json_push(events, name_json("thread_name", pid, track_id(trace, track),
						    track_names[track]));
}

static json_t *trace_json(const struct trace_file *file)
{
	size_t n, lost;
	const struct trace_span *spans = trace_spans(file->trace, &n, &lost);
	int64_t now = now_ns(), first_ns = n ? spans[0].begin_ns : now;
	json_t *events = json_array();
	json_t *root = json_object();

	add_names(events, file);
	for (size_t i = 0; i < n; i++)
		if (spans[i].begin_ns) /* else another process writes it now */
			json_push(events, span_json(file->trace, &spans[i], first_ns, now));
	json_put(root, "displayTimeUnit", json_string("ns"));
	json_put(root, "otherData",
		 json_pack("{s:s, s:s, s:I, s:i}", "program", file->cli->name, "version",
			   OCIRUN_VERSION, "beganNs", (json_int_t)first_ns, "lostSpans",
			   (int)lost));
	json_put(root, "traceEvents", events);
	return root;
}

int trace_file_begin(struct cli *cli, const char *path, const char *title,
		     struct trace_file *ret_file, struct err *err)
{
	struct trace_file file = { .cli = cli, .path = path, .title = title };

	*ret_file = TRACE_FILE_NONE;
	if (!path)
		return 0;
	file.fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0644);
	if (file.fd < 0)
		return err_sys(err, "open the trace file '%s'", path);
	if (trace_new(&file.trace, err) < 0) {
		fd_close(&file.fd);
		return -err->code;
	}
	cli->ops.trace = file.trace;
	file.span = trace_begin(file.trace, title, NULL);
	*ret_file = file;
	return 0;
}

void trace_file_write(struct trace_file *file)
{
	AUTO(json) json_t *json = NULL;
	AUTO(json_dump) char *text = NULL;
	struct stat st;

	if (!file->cli)
		return;
	json = trace_json(file);
	text = json_dump(json, JSON_COMPACT | JSON_REAL_PRECISION(15));
	/* A pipe or a terminal gets it once more; of a file nothing old stays behind. */
	if (!text || json_is_incomplete() || fstat(file->fd, &st) < 0 ||
	    (S_ISREG(st.st_mode) &&
	     (ftruncate(file->fd, 0) < 0 || lseek(file->fd, 0, SEEK_SET) < 0)) ||
	    io_write_all(file->fd, text, strlen(text)) < 0)
		log_warning(file->cli->ops.log, "cannot write the trace file '%s'", file->path);
}

int trace_file_end(struct trace_file *file, int ret)
{
	if (!file->cli)
		return ret;
	trace_end(file->trace, file->span, ret);
	trace_file_write(file);
	file->cli->ops.trace = NULL;
	trace_free(TAKE(file->trace));
	fd_close(&file->fd);
	*file = TRACE_FILE_NONE;
	return ret;
}
