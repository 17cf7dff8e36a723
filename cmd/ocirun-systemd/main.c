/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ocirun-systemd: asks systemd for what the runtime at the other end of its standard input wants.
 * It is no program for people; runtime/sys/unit_wire.h tells what it is for and what is said.
 */
#include "manager.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct {
	const char *name;
	int (*run)(struct manager *manager, const char *unit, struct unit_wire *request,
		   struct unit_wire *reply, struct err *err);
} verbs[] = {
	{ UNIT_START, unit_start }, { UNIT_SET, unit_set },     { UNIT_ATTACH, unit_attach },
	{ UNIT_STOP, unit_stop },   { UNIT_GREET, unit_greet },
};

static int answer(struct manager *manager, struct unit_wire *request, struct unit_wire *reply,
		  struct err *err)
{
	const char *verb = unit_wire_get(request);
	const char *unit;

	manager->addresses = unit_wire_get(request);
	unit = unit_wire_get(request);
	manager->deadline = deadline_in_ms((int64_t)unit_wire_get_number(request));
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verbs[i].name, verb) == 0 && !request->is_bad) {
			TRY(manager_connect(manager, err));
			return verbs[i].run(manager, unit, request, reply, err);
		}
	return err_set(err, EPROTO, "ocirun-systemd does not know the request '%s'", verb);
}

static void put_error(struct unit_wire *reply, const struct err *err)
{
	unit_wire_begin(reply, UNIT_ERROR);
	unit_wire_put_number(reply, (unsigned long long)err->code);
	unit_wire_put(reply, err->text);
	unit_wire_put(reply, err->hint);
}

int main(void)
{
	static struct unit_wire request, reply;
	struct manager manager = { 0 };
	int type;
	socklen_t len = sizeof(type);

	if (getsockopt(STDIN_FILENO, SOL_SOCKET, SO_TYPE, &type, &len) < 0) {
		fprintf(stderr, "ocirun-systemd is run by ocirun --systemd-cgroup, not by hand\n");
		return EXIT_FAILURE;
	}
	while (unit_wire_receive(STDIN_FILENO, &request) == 0) {
		struct err err = { 0 };

		unit_wire_begin(&reply, UNIT_OK);
		if (answer(&manager, &request, &reply, &err) < 0) {
			put_error(&reply, &err);
			/* What a call left behind, and answers that come late, are nobody's. */
			manager_disconnect(&manager);
		}
		if (unit_wire_send(STDIN_FILENO, &reply) < 0)
			break;
	}
	manager_disconnect(&manager);
	return EXIT_SUCCESS;
}
