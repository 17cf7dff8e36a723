/* SPDX-License-Identifier: Apache-2.0 */
/* Finding the manager, calling it, and never waiting longer than the runtime does. */
#include "manager.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USEC_PER_MSEC 1000u
#define ADDRESS_MAX   512
#define PRIVATE_ADDRESS                                                                            \
	"/systemd/private" /* the manager's own socket: no bus, so nobody to greet */

#define ERROR_PREFIX_DBUS    "org.freedesktop.DBus.Error."
#define ERROR_PREFIX_SYSTEMD "org.freedesktop.systemd1."

static uint64_t left_usec(const struct manager *manager)
{
	return (uint64_t)deadline_left_ms(manager->deadline) * USEC_PER_MSEC;
}

/* ---- what goes wrong ---- */

static const struct {
	const char *name;
	int code;
	const char *hint;
} bus_errors[] = {
	{ ERROR_PREFIX_SYSTEMD "UnitExists", EEXIST,
	  "another container has a unit of this name: cgroupsPath \"slice:prefix:name\" sets it" },
	{ ERROR_PREFIX_SYSTEMD "NoSuchUnit", ENOENT, NULL },
	{ ERROR_PREFIX_DBUS "AccessDenied", EACCES, NULL },
	{ ERROR_PREFIX_DBUS "InteractiveAuthorizationRequired", EACCES, NULL },
	{ ERROR_PREFIX_DBUS "ServiceUnknown", ENOTCONN,
	  "systemd is not on this bus: does it run?" },
	{ ERROR_PREFIX_DBUS "NameHasNoOwner", ENOTCONN,
	  "systemd is not on this bus: does it run?" },
	{ ERROR_PREFIX_DBUS "NoReply", ETIMEDOUT, NULL },
	{ ERROR_PREFIX_DBUS "Timeout", ETIMEDOUT, NULL },
	{ ERROR_PREFIX_DBUS "PropertyReadOnly", EINVAL, NULL },
};

static int explain_timeout(struct manager *manager, const char *what, struct err *err)
{
	err_set(err, ETIMEDOUT, "%s: systemd does not answer at '%s'", what, manager->addresses);
	return err_hint(err,
			"'systemctl status' shows whether it is well; --cgroup-manager cgroupfs "
			"does without it");
}

int manager_explain(struct manager *manager, int ret, sd_bus_error *error, const char *what,
		    struct err *err)
{
	int code = ret < 0 ? -ret : EIO;
	const char *hint = NULL;

	for (size_t i = 0; i < sizeof(bus_errors) / sizeof(bus_errors[0]); i++)
		if (sd_bus_error_has_name(error, bus_errors[i].name)) {
			code = bus_errors[i].code;
			hint = bus_errors[i].hint;
		}
	if (code == ETIMEDOUT)
		explain_timeout(manager, what, err);
	else if (error->message)
		err_set(err, code, "%s: systemd: %s", what, error->message);
	else
		err_set(err, code, "%s: %s", what, strerror(code));
	if (hint)
		err_hint(err, "%s", hint);
	sd_bus_error_free(error);
	return -code;
}

/* ---- connecting ---- */

int manager_await(struct manager *manager, struct err *err)
{
	int ret = sd_bus_process(manager->bus, NULL);

	if (ret > 0)
		return 0;
	if (ret == 0 && left_usec(manager) == 0)
		return explain_timeout(manager, "wait", err);
	if (ret == 0)
		ret = sd_bus_wait(manager->bus, left_usec(manager));
	if (ret == -EINTR)
		ret = 0;
	return ret < 0 ? err_errno(err, ret, "the bus of systemd") : 0;
}

/* 0; or why nobody can be asked there, which may be different elsewhere. */
static int connect_to(struct manager *manager, const char *address, struct err *err)
{
	int ret = sd_bus_new(&manager->bus);

	if (ret >= 0)
		ret = sd_bus_set_address(manager->bus, address);
	if (ret >= 0 && !strstr(address, PRIVATE_ADDRESS))
		ret = sd_bus_set_bus_client(manager->bus, 1);
	if (ret >= 0)
		ret = sd_bus_start(manager->bus);
	if (ret < 0)
		return err_errno(err, ret, "connect to '%s'", address);
	while (!(ret = sd_bus_is_ready(manager->bus)))
		TRY(manager_await(manager, err));
	return ret < 0 ? err_errno(err, ret, "connect to '%s'", address) : 0;
}

static int on_job_removed(sd_bus_message *message, void *context, sd_bus_error *error)
{
	struct manager *manager = context;
	const char *job, *unit, *result;
	uint32_t id;

	(void)error;
	if (sd_bus_message_read(message, "uoss", &id, &job, &unit, &result) < 0)
		return 0;
	if (strcmp(job, manager->job) == 0)
		snprintf(manager->job_result, sizeof(manager->job_result), "%s", result);
	return 0;
}

/* "252.38-1~deb12u1", "v257" */
static int read_version(struct manager *manager, struct err *err)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	char *text = NULL;
	int ret;

	sd_bus_set_method_call_timeout(manager->bus, left_usec(manager) + 1);
	ret = sd_bus_get_property_string(manager->bus, MANAGER_NAME, MANAGER_PATH,
					 MANAGER_INTERFACE, "Version", &error, &text);
	if (ret < 0)
		return manager_explain(manager, ret, &error, "ask systemd for its version", err);
	manager->version = strtoul(text + strcspn(text, "0123456789"), NULL, 10);
	free(text);
	return 0;
}

/* Jobs are told of to who asked for it, before the first one is made. */
static int subscribe(struct manager *manager, struct err *err)
{
	AUTO_MESSAGE *message = NULL;
	int ret;

	sd_bus_set_method_call_timeout(manager->bus, left_usec(manager) + 1);
	ret = sd_bus_match_signal(manager->bus, NULL, NULL, MANAGER_PATH, MANAGER_INTERFACE,
				  "JobRemoved", on_job_removed, manager);
	if (ret < 0)
		return err_errno(err, ret, "ask to be told of jobs of systemd");
	TRY(manager_method(manager, "Subscribe", &message, err));
	return manager_call(manager, message, "ask to be told of jobs of systemd", NULL, err);
}

static int explain_nobody(struct manager *manager, struct err *err)
{
	int code = err->code;

	err_set(err, code, "no systemd answers at '%s': %s", manager->addresses, strerror(code));
	return err_hint(
		err,
		"use --cgroup-manager cgroupfs (of podman: --cgroup-manager cgroupfs; of "
		"containerd: SystemdCgroup = false). Who is not root needs a session of systemd: "
		"a login, or 'loginctl enable-linger', and XDG_RUNTIME_DIR");
}

int manager_connect(struct manager *manager, struct err *err)
{
	const char *at = manager->addresses;

	if (manager->bus)
		return 0;
	err_set(err, ENOENT, "there is no address");
	while (*at) {
		size_t len = strcspn(at, ";");
		char address[ADDRESS_MAX];
		int ret;

		snprintf(address, sizeof(address), "%.*s", (int)len, at);
		at += len + (at[len] == ';');
		ret = len < sizeof(address) ? connect_to(manager, address, err) : -ENAMETOOLONG;
		if (ret == 0) {
			err_clear(err);
			TRY(read_version(manager, err));
			return subscribe(manager, err);
		}
		manager_disconnect(manager);
		if (ret == -ETIMEDOUT)
			return err_wrap(err, "connect");
	}
	return explain_nobody(manager, err);
}

/* What is not sent yet is not waited for. */
void manager_disconnect(struct manager *manager)
{
	if (manager->bus)
		sd_bus_close(manager->bus);
	sd_bus_unref(manager->bus);
	manager->bus = NULL;
}

/* ---- calls ---- */

int manager_method(struct manager *manager, const char *member, sd_bus_message **ret_message,
		   struct err *err)
{
	int ret = sd_bus_message_new_method_call(manager->bus, ret_message, MANAGER_NAME,
						 MANAGER_PATH, MANAGER_INTERFACE, member);

	return ret < 0 ? err_errno(err, ret, "make a call of %s", member) : 0;
}

int manager_call(struct manager *manager, sd_bus_message *message, const char *what,
		 sd_bus_message **ret_reply, struct err *err)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	uint64_t usec = left_usec(manager);
	int ret = usec ? sd_bus_call(manager->bus, message, usec, &error, ret_reply) : -ETIMEDOUT;

	return ret < 0 ? manager_explain(manager, ret, &error, what, err) : 0;
}
