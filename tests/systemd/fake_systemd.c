/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fake-systemd SOCKET LOG MODE [CONTROL_GROUP]: listens at SOCKET as systemd's manager at its private
 * socket, and answers what ocirun-systemd asks without doing any of it. A line in LOG tells each call.
 *
 *	answer      all is well
 *	exists      a unit of the name is there, for the first StartTransientUnit
 *	taken       the same, for ever
 *	refuse      StartTransientUnit does not take a property
 *	fail        the job that it makes fails
 *	hang-auth   nobody greets who comes
 *	hang-start  StartTransientUnit has no answer
 *	hang-job    its job does not end
 *	hang-set    SetUnitProperties has no answer
 *	refuse-set  SetUnitProperties is refused
 *	die-start   it dies when it is asked to start
 *	other       the unit is described otherwise than it was asked for
 */
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#define PATH "/org/freedesktop/systemd1"
#define JOB  PATH "/job/1"

static const char *mode, *control_group;
static FILE *log_file;
static bool has_unit, has_refused;
static char description[256];

static bool is_mode(const char *name)
{
	return strcmp(mode, name) == 0;
}

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(log_file, format, args);
	va_end(args);
	fflush(log_file);
}

/* ---- properties as text ---- */

static void say_value(sd_bus_message *m)
{
	const char *contents;
	char type;
	union {
		uint8_t y;
		int i;
		uint32_t u;
		uint64_t t;
		const char *s;
	} value;

	while (sd_bus_message_peek_type(m, &type, &contents) > 0) {
		if (strchr("avr", type)) {
			sd_bus_message_enter_container(m, type, contents);
			say_value(m);
			sd_bus_message_exit_container(m);
			continue;
		}
		sd_bus_message_read_basic(m, type, &value);
		if (type == 's')
			say(" %s", value.s);
		else if (type == 't')
			say(" %llu", (unsigned long long)value.t);
		else if (type == 'y')
			say(" %u", value.y);
		else if (type == 'b')
			say(" %s", value.i ? "yes" : "no");
		else
			say(" %u", value.u);
	}
}

static void say_properties(sd_bus_message *m)
{
	sd_bus_message_enter_container(m, 'a', "(sv)");
	while (sd_bus_message_enter_container(m, 'r', "sv") > 0) {
		const char *name, *signature;

		sd_bus_message_read(m, "s", &name);
		sd_bus_message_peek_type(m, NULL, &signature);
		sd_bus_message_enter_container(m, 'v', signature);
		if (strcmp(name, "Description") == 0) {
			const char *text;

			sd_bus_message_read(m, "s", &text);
			snprintf(description, sizeof(description), "%s", text);
			sd_bus_message_rewind(m, 0);
		}
		say("  %s %s", name, signature);
		say_value(m);
		say("\n");
		sd_bus_message_exit_container(m);
		sd_bus_message_exit_container(m);
	}
	sd_bus_message_exit_container(m);
}

/* ---- methods ---- */

static int end_job(sd_bus *bus, const char *unit, const char *result)
{
	return sd_bus_emit_signal(bus, PATH, "org.freedesktop.systemd1.Manager", "JobRemoved",
				  "uoss", 1u, JOB, unit, result);
}

static int start(sd_bus_message *m, void *context, sd_bus_error *error)
{
	const char *unit, *how;

	(void)context;
	sd_bus_message_read(m, "ss", &unit, &how);
	say("StartTransientUnit %s %s\n", unit, how);
	say_properties(m);
	if (is_mode("die-start"))
		_exit(1);
	if (is_mode("hang-start"))
		return 1;
	if (is_mode("taken") || (is_mode("exists") && !has_refused)) {
		has_refused = true;
		return sd_bus_error_setf(error, "org.freedesktop.systemd1.UnitExists",
					 "Unit %s already exists.", unit);
	}
	if (is_mode("refuse"))
		return sd_bus_error_setf(error, "org.freedesktop.DBus.Error.PropertyReadOnly",
					 "Cannot set property CPUWeight, or unknown property.");
	has_unit = true;
	/* The signal before the reply: systemd is free to be so quick. */
	if (!is_mode("hang-job"))
		end_job(sd_bus_message_get_bus(m), unit, is_mode("fail") ? "failed" : "done");
	return sd_bus_reply_method_return(m, "o", JOB);
}

static int set(sd_bus_message *m, void *context, sd_bus_error *error)
{
	const char *unit;
	int is_runtime;

	(void)context;
	sd_bus_message_read(m, "sb", &unit, &is_runtime);
	say("SetUnitProperties %s %s\n", unit, is_runtime ? "runtime" : "persistent");
	say_properties(m);
	if (is_mode("hang-set"))
		return 1;
	if (is_mode("refuse-set"))
		return sd_bus_error_setf(error, "org.freedesktop.DBus.Error.InvalidArgs",
					 "MemoryMax= is out of range.");
	return sd_bus_reply_method_return(m, "");
}

static int attach(sd_bus_message *m, void *context, sd_bus_error *error)
{
	const char *unit, *sub;
	uint32_t pid;

	(void)context;
	(void)error;
	sd_bus_message_read(m, "ssau", &unit, &sub, 1, &pid);
	say("AttachProcessesToUnit %s '%s' %u\n", unit, sub, pid);
	return sd_bus_reply_method_return(m, "");
}

static int stop(sd_bus_message *m, void *context, sd_bus_error *error)
{
	const char *unit, *how;

	(void)context;
	sd_bus_message_read(m, "ss", &unit, &how);
	say("StopUnit %s %s\n", unit, how);
	if (!has_unit && !is_mode("other"))
		return sd_bus_error_setf(error, "org.freedesktop.systemd1.NoSuchUnit",
					 "Unit %s not loaded.", unit);
	has_unit = false;
	sd_bus_reply_method_return(m, "o", JOB);
	return end_job(sd_bus_message_get_bus(m), unit, "done");
}

static int reset(sd_bus_message *m, void *context, sd_bus_error *error)
{
	const char *unit;

	(void)context;
	sd_bus_message_read(m, "s", &unit);
	say("ResetFailedUnit %s\n", unit);
	if (!is_mode("fail") && !is_mode("exists"))
		return sd_bus_error_setf(error, "org.freedesktop.systemd1.NoSuchUnit",
					 "Unit %s not loaded.", unit);
	return sd_bus_reply_method_return(m, "");
}

static int subscribe(sd_bus_message *m, void *context, sd_bus_error *error)
{
	(void)context;
	(void)error;
	return sd_bus_reply_method_return(m, "");
}

/* ---- properties that are asked for ---- */

static int get_text(sd_bus *bus, const char *path, const char *interface, const char *name,
		    sd_bus_message *reply, void *context, sd_bus_error *error)
{
	const char *text = strcmp(name, "Version") == 0        ? "241.7-1"
			   : strcmp(name, "ControlGroup") == 0 ? control_group
			   : is_mode("other")                  ? "another one"
							       : description;

	(void)bus;
	(void)path;
	(void)interface;
	(void)context;
	(void)error;
	return sd_bus_message_append(reply, "s", text);
}

static int get_number(sd_bus *bus, const char *path, const char *interface, const char *name,
		      sd_bus_message *reply, void *context, sd_bus_error *error)
{
	(void)bus;
	(void)path;
	(void)interface;
	(void)context;
	(void)error;
	return sd_bus_message_append(reply, "t", (uint64_t)strlen(name));
}

static const sd_bus_vtable manager_table[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD("StartTransientUnit", "ssa(sv)a(sa(sv))", "o", start,
		      SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("SetUnitProperties", "sba(sv)", "", set, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("AttachProcessesToUnit", "ssau", "", attach, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("StopUnit", "ss", "o", stop, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("ResetFailedUnit", "s", "", reset, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("Subscribe", "", "", subscribe, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_PROPERTY("Version", "s", get_text, 0, 0),
	SD_BUS_VTABLE_END,
};
static const sd_bus_vtable unit_table[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_PROPERTY("Description", "s", get_text, 0, 0),
	SD_BUS_VTABLE_END,
};
static const sd_bus_vtable scope_table[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_PROPERTY("ControlGroup", "s", get_text, 0, 0),
	SD_BUS_PROPERTY("MemoryMax", "t", get_number, 0, 0),
	SD_BUS_PROPERTY("MemoryLimit", "t", get_number, 0, 0),
	SD_BUS_PROPERTY("TasksMax", "t", get_number, 0, 0),
	SD_BUS_PROPERTY("CPUShares", "t", get_number, 0, 0),
	SD_BUS_VTABLE_END,
};

static int find_unit(sd_bus *bus, const char *path, const char *interface, void *context,
		     void **ret_found, sd_bus_error *error)
{
	(void)bus;
	(void)path;
	(void)interface;
	(void)error;
	*ret_found = context;
	return 1;
}

/* ---- connections, one after the other ---- */

static void check(int ret, const char *what)
{
	if (ret >= 0)
		return;
	fprintf(stderr, "fake-systemd: %s: %s\n", what, strerror(-ret));
	exit(1);
}

static void serve(int fd)
{
	sd_bus *bus;
	sd_id128_t id;
	int ret;

	check(sd_bus_new(&bus), "bus");
	check(sd_bus_set_fd(bus, fd, fd), "descriptor");
	check(sd_id128_randomize(&id), "id");
	check(sd_bus_set_server(bus, 1, id), "server");
	check(sd_bus_set_trusted(bus, 1), "trusted");
	check(sd_bus_add_object_vtable(bus, NULL, PATH, "org.freedesktop.systemd1.Manager",
				       manager_table, NULL),
	      "manager");
	check(sd_bus_add_fallback_vtable(bus, NULL, PATH "/unit", "org.freedesktop.systemd1.Unit",
					 unit_table, find_unit, NULL),
	      "unit");
	check(sd_bus_add_fallback_vtable(bus, NULL, PATH "/unit", "org.freedesktop.systemd1.Scope",
					 scope_table, find_unit, NULL),
	      "scope");
	check(sd_bus_start(bus), "start");
	while ((ret = sd_bus_process(bus, NULL)) >= 0)
		if (ret == 0 && sd_bus_wait(bus, UINT64_MAX) < 0)
			break;
	sd_bus_unref(bus);
}

int main(int argc, char **argv)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (argc < 4)
		return 2;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	mode = argv[3];
	control_group = argc > 4 ? argv[4] : "/system.slice/c1.scope";
	log_file = fopen(argv[2], "we");
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", argv[1]);
	if (!log_file || bind(fd, (void *)&address, sizeof(address)) < 0 || listen(fd, 8) < 0) {
		perror("fake-systemd");
		return 1;
	}
	if (is_mode("hang-auth"))
		for (;;)
			pause();
	for (;;) {
		int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

		if (peer >= 0)
			serve(peer);
	}
}
