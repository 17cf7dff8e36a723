/* SPDX-License-Identifier: Apache-2.0 */
/* Requests as calls of systemd's manager. What a failed one began is ended. */
#include "manager.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JOB_MODE "replace"

/* ---- jobs ---- */

static int await_job(struct manager *manager, const char *what, struct err *err)
{
	while (!manager->job_result[0]) {
		int ret = manager_await(manager, err);

		if (ret < 0)
			return err_wrap(err, "%s", what);
	}
	return 0;
}

/* Sends what makes a job, and waits for the job's end; whether that was a good one stands in it. */
static int run_job(struct manager *manager, sd_bus_message *message, const char *what,
		   struct err *err)
{
	AUTO_MESSAGE *reply = NULL;
	const char *job;
	int ret;

	manager->job[0] = manager->job_result[0] = '\0';
	TRY(manager_call(manager, message, what, &reply, err));
	ret = sd_bus_message_read_basic(reply, 'o', &job);
	if (ret < 0)
		return err_errno(err, ret, "%s: read the answer", what);
	/* Nothing that came meanwhile has been looked at yet. */
	snprintf(manager->job, sizeof(manager->job), "%s", job);
	return await_job(manager, what, err);
}

/* ---- ends ---- */

/* A unit that failed stays until somebody says that it was noticed; most are gone already. */
static int forget_failure(struct manager *manager, const char *unit, struct err *err)
{
	AUTO_MESSAGE *message = NULL;
	int ret;

	TRY(manager_method(manager, "ResetFailedUnit", &message, err));
	ret = sd_bus_message_append_basic(message, 's', unit);
	if (ret < 0)
		return err_errno(err, ret, "append '%s'", unit);
	ret = manager_call(manager, message, "forget that the unit failed", NULL, err);
	if (ret == -ETIMEDOUT)
		return ret;
	err_clear(err);
	return 0;
}

/* systemd does one thing after the other: whatever it still makes of the unit, it ends it then. */
static void send_stop(struct manager *manager, const char *unit)
{
	AUTO_MESSAGE *message = NULL;
	struct err ignored;

	if (manager_method(manager, "StopUnit", &message, &ignored) == 0 &&
	    sd_bus_message_set_expect_reply(message, 0) >= 0 &&
	    sd_bus_message_append(message, "ss", unit, JOB_MODE) >= 0)
		sd_bus_send(manager->bus, message, NULL);
}

/* Where systemd has not answered it is not waited for again. */
static void abandon(struct manager *manager, const char *unit, int ret)
{
	struct err ignored;

	send_stop(manager, unit);
	if (ret != -ETIMEDOUT)
		forget_failure(manager, unit, &ignored);
}

/* ---- start ---- */

static int append_start(struct manager *manager, sd_bus_message *message, const char *unit,
			struct unit_wire *request, struct err *err)
{
	uint32_t pid = (uint32_t)unit_wire_get_number(request);
	int ret = sd_bus_message_append(message, "ss", unit, JOB_MODE);

	if (ret >= 0)
		ret = sd_bus_message_open_container(message, 'a', "(sv)");
	if (ret >= 0)
		ret = sd_bus_message_append(message, "(sv)", "PIDs", "au", 1, pid);
	if (ret >= 0)
		TRY(property_append_all(message, request, manager->version, err));
	if (ret >= 0)
		ret = sd_bus_message_close_container(message);
	if (ret >= 0)
		ret = sd_bus_message_append(message, "a(sa(sv))", 0);
	return ret < 0 ? err_errno(err, ret, "describe unit %s", unit) : 0;
}

static int try_start(struct manager *manager, const char *unit, struct unit_wire *request,
		     struct err *err)
{
	AUTO_MESSAGE *message = NULL;
	char what[300];

	snprintf(what, sizeof(what), "start unit %s", unit);
	TRY(manager_method(manager, "StartTransientUnit", &message, err));
	TRY(append_start(manager, message, unit, request, err));
	return run_job(manager, message, what, err);
}

static int unit_path(const char *unit, char **ret_path, struct err *err)
{
	int ret = sd_bus_path_encode(MANAGER_PATH "/unit", unit, ret_path);

	return ret < 0 ? err_errno(err, ret, "name unit %s", unit) : 0;
}

/* A text that the unit has as a property; the caller frees it. */
static int read_text(struct manager *manager, const char *unit, const char *interface,
		     const char *name, char **ret_text, struct err *err)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	char *path;
	int ret;

	TRY(unit_path(unit, &path, err));
	sd_bus_set_method_call_timeout(manager->bus,
				       (uint64_t)deadline_left_ms(manager->deadline) * 1000 + 1);
	ret = sd_bus_get_property_string(manager->bus, MANAGER_NAME, path, interface, name, &error,
					 ret_text);
	free(path);
	return ret < 0 ? manager_explain(manager, ret, &error, name, err) : 0;
}

static int check_started(struct manager *manager, const char *unit, struct unit_wire *reply,
			 struct err *err)
{
	char *control_group;
	int ret = 0;

	if (strcmp(manager->job_result, "done") != 0) {
		err_set(err, ECANCELED, "systemd could not start unit %s (the job's result: %s)",
			unit, manager->job_result);
		return err_hint(err, "'journalctl -u %s' may tell why", unit);
	}
	TRY(read_text(manager, unit, SCOPE_INTERFACE, "ControlGroup", &control_group, err));
	if (control_group[0] != '/')
		ret = err_set(err, ECANCELED, "unit %s has ended already", unit);
	unit_wire_put(reply, control_group);
	free(control_group);
	return ret;
}

int unit_start(struct manager *manager, const char *unit, struct unit_wire *request,
	       struct unit_wire *reply, struct err *err)
{
	size_t from = request->at;
	int ret = try_start(manager, unit, request, err);

	/* One that failed is in the way; one that lives is another container's. */
	if (ret == -EEXIST) {
		TRY(forget_failure(manager, unit, err));
		request->at = from;
		ret = try_start(manager, unit, request, err);
		if (ret == -EEXIST)
			return ret;
	}
	if (ret == 0)
		ret = check_started(manager, unit, reply, err);
	if (ret < 0)
		abandon(manager, unit, ret);
	return ret;
}

/* ---- set, attach, stop ---- */

int unit_set(struct manager *manager, const char *unit, struct unit_wire *request,
	     struct unit_wire *reply, struct err *err)
{
	AUTO_MESSAGE *message = NULL;
	char what[300], *path;
	int ret;

	TRY(unit_path(unit, &path, err));
	sd_bus_set_method_call_timeout(manager->bus,
				       (uint64_t)deadline_left_ms(manager->deadline) * 1000 + 1);
	ret = property_save_all(manager, path, request, reply, err);
	free(path);
	TRY(ret);
	snprintf(what, sizeof(what), "set properties of unit %s", unit);
	TRY(manager_method(manager, "SetUnitProperties", &message, err));
	ret = sd_bus_message_append(message, "sb", unit, 1 /* until it ends, in no file */);
	if (ret >= 0)
		ret = sd_bus_message_open_container(message, 'a', "(sv)");
	if (ret >= 0)
		TRY(property_append_all(message, request, manager->version, err));
	if (ret >= 0)
		ret = sd_bus_message_close_container(message);
	if (ret < 0)
		return err_errno(err, ret, "%s", what);
	return manager_call(manager, message, what, NULL, err);
}

int unit_attach(struct manager *manager, const char *unit, struct unit_wire *request,
		struct unit_wire *reply, struct err *err)
{
	AUTO_MESSAGE *message = NULL;
	const char *sub = unit_wire_get(request);
	uint32_t pid = (uint32_t)unit_wire_get_number(request);
	char what[300];
	int ret;

	(void)reply;
	snprintf(what, sizeof(what), "attach process %u to unit %s", pid, unit);
	TRY(manager_method(manager, "AttachProcessesToUnit", &message, err));
	ret = sd_bus_message_append(message, "ssau", unit, sub, 1, pid);
	if (ret < 0)
		return err_errno(err, ret, "%s", what);
	return manager_call(manager, message, what, NULL, err);
}

/* 1: it is the unit that is meant; 0: another one, or none. */
static int is_described_so(struct manager *manager, const char *unit, const char *wanted,
			   struct err *err)
{
	char *description;
	int ret;

	if (!wanted[0])
		return 1;
	TRY(read_text(manager, unit, UNIT_INTERFACE, "Description", &description, err));
	ret = strcmp(description, wanted) == 0;
	free(description);
	return ret;
}

int unit_stop(struct manager *manager, const char *unit, struct unit_wire *request,
	      struct unit_wire *reply, struct err *err)
{
	AUTO_MESSAGE *message = NULL;
	char what[300];
	int ret = is_described_so(manager, unit, unit_wire_get(request), err);

	(void)reply;
	if (ret <= 0)
		return ret;
	snprintf(what, sizeof(what), "stop unit %s", unit);
	TRY(manager_method(manager, "StopUnit", &message, err));
	ret = sd_bus_message_append(message, "ss", unit, JOB_MODE);
	if (ret < 0)
		return err_errno(err, ret, "%s", what);
	ret = run_job(manager, message, what, err);
	if (ret < 0 && ret != -ENOENT)
		return ret;
	err_clear(err);
	return forget_failure(manager, unit, err);
}

/* Whoever answered has said it when the bus was connected to. */
int unit_greet(struct manager *manager, const char *unit, struct unit_wire *request,
	       struct unit_wire *reply, struct err *err)
{
	(void)unit;
	(void)request;
	(void)err;
	unit_wire_put_number(reply, manager->version);
	return 0;
}
