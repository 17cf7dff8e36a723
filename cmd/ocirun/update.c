/* SPDX-License-Identifier: Apache-2.0 */
/* update: other limits for a container, from a document or from options. */
#include "amount.h"
#include "commands.h"
#include "fd.h"
#include "io.h"
#include "load.h"
#include "owned.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define DOCUMENT_MAX (4u << 20)

/* Each option is text here: "0" and no option at all are not the same. */
struct update_values {
	const char *resources;
	const char *blkio_weight;
	const char *cpu_period, *cpu_quota, *cpu_burst, *cpu_share;
	const char *cpu_rt_period, *cpu_rt_runtime, *cpu_idle;
	const char *cpuset_cpus, *cpuset_mems;
	const char *memory, *memory_reservation, *memory_swap;
	const char *pids_limit;
	const char *l3_cache_schema, *mem_bw_schema;
};

static const struct option update_options[] = {
	{ "resources", 'r', OPTION(struct update_values, resources), .value = "FILE",
	  .help = "take all values from FILE (-: the standard input), and none from options" },
	{ "blkio-weight", OPTION(struct update_values, blkio_weight), .value = "N",
	  .help = "weight of block I/O, 10 to 1000" },
	{ "cpu-period", OPTION(struct update_values, cpu_period), .value = "USEC",
	  .help = "length of the period that the quota is about" },
	{ "cpu-quota", OPTION(struct update_values, cpu_quota), .value = "USEC",
	  .help = "processor time in a period; -1 for as much as there is" },
	{ "cpu-burst", OPTION(struct update_values, cpu_burst), .value = "USEC",
	  .help = "unused time of earlier periods that may be used on top of the quota" },
	{ "cpu-share", OPTION(struct update_values, cpu_share), .value = "N",
	  .help = "weight against other containers, 2 to 262144" },
	{ "cpu-rt-period", OPTION(struct update_values, cpu_rt_period), .value = "USEC",
	  .help = "length of the period for realtime processes" },
	{ "cpu-rt-runtime", OPTION(struct update_values, cpu_rt_runtime), .value = "USEC",
	  .help = "time of realtime processes in a period" },
	{ "cpu-idle", OPTION(struct update_values, cpu_idle), .value = "N",
	  .help = "1: run only when nobody else wants to; 0: as usual" },
	{ "cpuset-cpus", OPTION(struct update_values, cpuset_cpus), .value = "LIST",
	  .help = "processors to run on: 0-2,5" },
	{ "cpuset-mems", OPTION(struct update_values, cpuset_mems), .value = "LIST",
	  .help = "memory nodes to use" },
	{ "kernel-memory", .kind = OPTION_ACCEPTED, .value = "BYTES",
	  .help = "accepted for callers of runc; Linux has no such limit any more" },
	{ "kernel-memory-tcp", .kind = OPTION_ACCEPTED, .value = "BYTES",
	  .help = "accepted for callers of runc; Linux has no such limit any more" },
	{ "memory", OPTION(struct update_values, memory), .value = "BYTES",
	  .help = "limit of memory: a number with or without K, M or G; -1 for none" },
	{ "memory-reservation", OPTION(struct update_values, memory_reservation), .value = "BYTES",
	  .help = "memory that is left to the container when memory is short" },
	{ "memory-swap", OPTION(struct update_values, memory_swap), .value = "BYTES",
	  .help = "limit of memory and swap together; -1 for none" },
	{ "pids-limit", OPTION(struct update_values, pids_limit), .value = "N",
	  .help = "limit of tasks; -1 for none" },
	{ "l3-cache-schema", OPTION(struct update_values, l3_cache_schema), .value = "TEXT",
	  .help = "share of the L3 cache, as resctrl writes it" },
	{ "mem-bw-schema", OPTION(struct update_values, mem_bw_schema), .value = "TEXT",
	  .help = "share of the memory bandwidth, as resctrl writes it" },
	{ 0 },
};

/* ---- from options ---- */

enum amount_kind {
	AMOUNT_INT,
	AMOUNT_UINT,
	AMOUNT_BYTES,
	AMOUNT_TEXT,
};

static const struct amount {
	const char *name;
	size_t from; /* in struct update_values */
	enum amount_kind kind;
	size_t to; /* in struct spec_resources */
} amounts[] = {
#define AMOUNT(name_, from_, kind_, to_)                                                           \
	{                                                                                          \
		(name_), offsetof(struct update_values, from_), (kind_),                           \
			offsetof(struct spec_resources, to_)                                       \
	}
	AMOUNT("blkio-weight", blkio_weight, AMOUNT_UINT, block_io.weight),
	AMOUNT("cpu-period", cpu_period, AMOUNT_UINT, cpu.period),
	AMOUNT("cpu-quota", cpu_quota, AMOUNT_INT, cpu.quota),
	AMOUNT("cpu-burst", cpu_burst, AMOUNT_UINT, cpu.burst),
	AMOUNT("cpu-share", cpu_share, AMOUNT_UINT, cpu.shares),
	AMOUNT("cpu-rt-period", cpu_rt_period, AMOUNT_UINT, cpu.realtime_period),
	AMOUNT("cpu-rt-runtime", cpu_rt_runtime, AMOUNT_INT, cpu.realtime_runtime),
	AMOUNT("cpu-idle", cpu_idle, AMOUNT_INT, cpu.idle),
	AMOUNT("cpuset-cpus", cpuset_cpus, AMOUNT_TEXT, cpu.cpus),
	AMOUNT("cpuset-mems", cpuset_mems, AMOUNT_TEXT, cpu.mems),
	AMOUNT("memory", memory, AMOUNT_BYTES, memory.limit),
	AMOUNT("memory-reservation", memory_reservation, AMOUNT_BYTES, memory.reservation),
	AMOUNT("memory-swap", memory_swap, AMOUNT_BYTES, memory.swap),
	AMOUNT("pids-limit", pids_limit, AMOUNT_INT, pids.limit),
#undef AMOUNT
};

/* All of the text is a number, without the blanks in front and the minus of unsigned numbers that
 * scanning lets pass. */
static bool read_int(const char *text, bool is_signed, int64_t *ret_int)
{
	const char *digits = text + (is_signed && text[0] == '-');
	int used = 0;

	errno = 0;
	return digits[0] && digits[strspn(digits, "0123456789")] == '\0' &&
	       sscanf(text, "%" SCNd64 "%n", ret_int, &used) == 1 && errno == 0 && !text[used];
}

static int read_amount(const struct amount *amount, const char *text, void *to, struct err *err)
{
	int64_t number;
	bool ok;

	switch (amount->kind) {
	case AMOUNT_TEXT:
		*(const char **)to = text;
		return 0;
	case AMOUNT_BYTES:
		ok = strcmp(text, "-1") == 0 ? read_int(text, true, &number)
					     : amount_bytes(text, &number) == 0;
		break;
	default:
		ok = read_int(text, amount->kind == AMOUNT_INT, &number);
	}
	if (!ok)
		return err_set(err, EINVAL, "invalid value for %s: \"%s\"", amount->name, text);
	if (amount->kind == AMOUNT_UINT)
		*(struct spec_opt_uint *)to = (struct spec_opt_uint){ true, (uint64_t)number };
	else
		*(struct spec_opt_int *)to = (struct spec_opt_int){ true, number };
	return 0;
}

static int read_options(const struct update_values *values, struct spec_resources *resources,
			struct err *err)
{
	for (size_t i = 0; i < sizeof(amounts) / sizeof(amounts[0]); i++) {
		const char *text = *(const char *const *)(const void *)((const char *)values +
									amounts[i].from);

		if (text)
			TRY(read_amount(&amounts[i], text, (char *)resources + amounts[i].to, err));
	}
	return 0;
}

/* ---- from a document ---- */

static int read_text(const char *path, char **ret_text, size_t *ret_len, struct err *err)
{
	bool is_stdin = strcmp(path, "-") == 0;
	AUTO_FD fd = is_stdin ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
			      : open(path, O_RDONLY | O_CLOEXEC);
	const char *name = is_stdin ? "the standard input" : path;
	AUTO(text) char *text = NULL;
	ssize_t len;

	if (fd < 0)
		return err_sys(err, "open %s", name);
	text = malloc(DOCUMENT_MAX + 1);
	if (!text)
		return err_set(err, ENOMEM, "no memory for %s", name);
	len = io_read_some(fd, text, DOCUMENT_MAX + 1);
	if (len < 0)
		return err_errno(err, (int)len, "read %s", name);
	if (len > DOCUMENT_MAX)
		return err_set(err, EFBIG, "%s has more than %u bytes", name, DOCUMENT_MAX);
	*ret_text = TAKE(text);
	*ret_len = (size_t)len;
	return 0;
}

/* The document's strings live in *@ret_arena, also after a failure. */
static int read_document(const char *path, struct arena **ret_arena,
			 struct spec_resources *resources, struct err *err)
{
	AUTO(text) char *text = NULL;
	size_t len = 0;

	TRY(read_text(path, &text, &len, err));
	TRY(arena_new(spec_arena_bytes(len), ret_arena, err));
	if (spec_parse_resources(text, len, *ret_arena, resources, err) < 0) {
		err->pointer[0] = '\0'; /* the text has it */
		return err_wrap(err, "resources");
	}
	/* Engines fill in documents of zeroes; as a limit that would mean "no further task". */
	if (resources->pids.limit.value == 0)
		resources->pids.limit.set = false;
	return 0;
}

/* ---- both ---- */

/* Where the report would look for a key is config.json, which has no part in this. */
static int name_key(struct err *err)
{
	char key[ERR_POINTER_MAX];

	memcpy(key, err->pointer, sizeof(key));
	err->pointer[0] = '\0';
	return key[0] ? err_wrap(err, "%s", key) : -err->code;
}

static int update(struct cli *cli, const void *values, const struct arguments *arguments,
		  struct err *err)
{
	const struct update_values *v = values;
	struct spec_resources resources = { .set = true };
	const struct ops_update what = { &resources, v->l3_cache_schema, v->mem_bw_schema };
	AUTO(arena) struct arena *arena = NULL;

	if (v->resources)
		TRY(read_document(v->resources, &arena, &resources, err));
	else
		TRY(read_options(v, &resources, err));
	if (op_update(&cli->ops, arguments->v[0], &what, err) < 0)
		return name_key(err);
	return 0;
}

const struct command command_update = {
	.name = "update",
	.arguments = "CONTAINER",
	.min_arguments = 1,
	.max_arguments = 1,
	.summary = "change the limits of a container",
	.description =
		"A document is an object like linux.resources of config.json. Keys that are not\n"
		"in it, zero or empty leave a limit as it is, and so does each option that is not\n"
		"given. When one value is refused none is changed.\n",
	.example = "$0 update --memory 64M --pids-limit 100 c1\n"
		   "echo '{\"cpu\": {\"quota\": 50000}}' | $0 update --resources - c1\n",
	.options = (const struct option *const[]){ update_options, NULL },
	.values_size = sizeof(struct update_values),
	.run = update,
};
