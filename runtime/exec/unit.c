/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "clone.h"
#include "unit_session.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SYSTEM_PRIVATE "unix:path=/run/systemd/private"
#define SYSTEM_BUS     "unix:path=/run/dbus/system_bus_socket"

struct unit {
	const struct plan_unit *plan;
	pid_t placeholder;      /* -1: it is not there, or not any more */
	struct unit_wire saved; /* update: the values of before */
	struct unit_session session;
};

/* ---- addresses ---- */

/* The id that our user has outside of a user namespace, if we are in one. */
static unsigned long outer_uid(void)
{
	FILE *file = fopen("/proc/self/uid_map", "re");
	unsigned long inside, outside, uid = geteuid();

	if (!file)
		return uid;
	if (fscanf(file, "%lu %lu", &inside, &outside) == 2 && inside == uid)
		uid = outside;
	fclose(file);
	return uid;
}

/* What an environment says, if it is there and not empty. */
static const char *environment(const char *name)
{
	const char *value = getenv(name);

	return value && value[0] ? value : NULL;
}

const char *unit_bus(struct arena *arena, bool is_user)
{
	const char *bus, *dir;

	if (!is_user) {
		/* Nobody has it but who wants another one than the usual. */
		bus = environment("DBUS_SYSTEM_BUS_ADDRESS");
		return bus ? arena_strdup(arena, bus) : SYSTEM_PRIVATE ";" SYSTEM_BUS;
	}
	bus = environment("DBUS_SESSION_BUS_ADDRESS");
	dir = environment("XDG_RUNTIME_DIR");
	if (!dir)
		dir = arena_printf(arena, "/run/user/%lu", outer_uid());
	return arena_printf(arena, "unix:path=%s/systemd/private;%s%sunix:path=%s/bus", dir,
			    bus ? bus : "", bus ? ";" : "", dir);
}

int unit_greet(struct arena *arena, const char *bus, const char **ret_program,
	       unsigned long long *ret_version, struct err *err)
{
	const struct unit_ref nobody = { .name = "", .bus = bus };
	struct unit_session session;
	char path[PATH_MAX];
	int ret;

	*ret_program = "";
	TRY(unit_session_program(path, err));
	*ret_program = arena_strdup(arena, path);
	TRY(unit_session_open(&nobody, &session, err));
	unit_session_begin(&session, UNIT_GREET);
	ret = unit_session_call(&session, err);
	*ret_version = ret == 0 ? unit_wire_get_number(&session.wire) : 0;
	unit_session_close(&session);
	return ret;
}

/* ---- the process that a scope begins with ---- */

/* It holds nothing: no descriptor, no lock, and no signal of a terminal ends it before its time. */
__attribute__((noreturn)) static void hold_place(pid_t parent)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() == parent && syscall(SYS_close_range, 0, ~0U, 0) == 0)
		for (;;)
			pause();
	_exit(0);
}

static int make_placeholder(struct unit *unit, struct err *err)
{
	const struct clone_request request = { 0 };
	pid_t parent = getpid();

	unit->placeholder = clone_process(&request);
	if (unit->placeholder < 0)
		return err_sys(err, "clone");
	if (unit->placeholder == 0)
		hold_place(parent);
	return 0;
}

void unit_settle(struct unit *unit)
{
	if (unit->placeholder <= 0)
		return;
	kill(unit->placeholder, SIGKILL);
	while (waitpid(unit->placeholder, NULL, __WALL) < 0 && errno == EINTR)
		;
	unit->placeholder = -1;
}

/* ---- properties ---- */

static void put_properties(struct unit_wire *wire, const struct plan_unit *plan, bool early,
			   bool late)
{
	unsigned n = 0;

	for (size_t i = 0; i < plan->n_properties; i++)
		n += plan->properties[i].is_late ? late : early;
	unit_wire_put_number(wire, n);
	for (size_t i = 0; i < plan->n_properties; i++) {
		const struct plan_unit_property *p = &plan->properties[i];

		if (!(p->is_late ? late : early))
			continue;
		unit_wire_put(wire, p->name);
		unit_wire_put(wire, p->signature);
		unit_wire_put_number(wire, p->since);
		unit_wire_put_number(wire, p->n);
		for (size_t k = 0; k < p->n; k++)
			unit_wire_put(wire, p->values[k]);
	}
}

/* systemd names the property that it does not take: config.json has a line for it. */
static int explain_property(const struct plan_unit *plan, struct err *err)
{
	for (size_t i = plan->n_properties; i-- > 0;)
		if (strstr(err->text, plan->properties[i].name) && plan->properties[i].origin[0])
			return err_pointer(err, plan->properties[i].origin);
	return -err->code;
}

const struct unit_ref *unit_ref(const struct unit *unit)
{
	return &unit->session.ref;
}

bool unit_has_late_properties(const struct plan_unit *plan)
{
	for (size_t i = 0; i < plan->n_properties; i++)
		if (plan->properties[i].is_late)
			return true;
	return false;
}

/* ---- making one ---- */

/* NULL when there is no memory, or nobody who speaks to systemd. */
static struct unit *unit_new(const struct plan_unit *plan, const struct unit_ref *ref,
			     struct err *err)
{
	struct unit *unit = malloc(sizeof(*unit));

	if (!unit) {
		err_set(err, ENOMEM, "no memory for unit %s", ref->name);
		return NULL;
	}
	unit->plan = plan;
	unit->placeholder = -1;
	if (unit_session_open(ref, &unit->session, err) < 0) {
		free(unit);
		return NULL;
	}
	return unit;
}

void unit_free(struct unit *unit)
{
	if (!unit)
		return;
	unit_settle(unit);
	unit_session_close(&unit->session);
	free(unit);
}

int unit_start(const struct plan_unit *plan, const struct unit_ref *ref, struct unit **ret_unit,
	       const char **ret_control_group, struct err *err)
{
	AUTO(unit) struct unit *unit = unit_new(plan, ref, err);

	if (!unit)
		return -err->code;
	TRY(make_placeholder(unit, err));
	unit_session_begin(&unit->session, UNIT_START);
	unit_wire_put_number(&unit->session.wire, (unsigned long long)unit->placeholder);
	put_properties(&unit->session.wire, plan, true, false);
	if (unit_session_call(&unit->session, err) < 0)
		return explain_property(plan, err);
	*ret_control_group = unit_wire_get(&unit->session.wire);
	if ((*ret_control_group)[0] != '/')
		return err_set(err, EPROTO, "unit %s has no cgroup", ref->name);
	*ret_unit = TAKE(unit);
	return 0;
}

int unit_finish(struct unit *unit, struct err *err)
{
	unit_settle(unit);
	if (!unit_has_late_properties(unit->plan))
		return 0;
	unit_session_begin(&unit->session, UNIT_SET);
	put_properties(&unit->session.wire, unit->plan, false, true);
	return unit_session_call(&unit->session, err) < 0 ? explain_property(unit->plan, err) : 0;
}

int unit_end(struct unit *unit, struct err *err)
{
	unit_settle(unit);
	unit_session_begin(&unit->session, UNIT_STOP);
	unit_wire_put(&unit->session.wire, "");
	return unit_session_call(&unit->session, err);
}

/* ---- one that exists ---- */

int unit_attach(const struct unit_ref *ref, const char *sub, pid_t pid, struct err *err)
{
	struct unit_session session;
	int ret;

	TRY(unit_session_open(ref, &session, err));
	unit_session_begin(&session, UNIT_ATTACH);
	unit_wire_put(&session.wire, sub);
	unit_wire_put_number(&session.wire, (unsigned long long)pid);
	ret = unit_session_call(&session, err);
	unit_session_close(&session);
	return ret;
}

int unit_stop(const struct unit_ref *ref, const char *description, struct err *err)
{
	struct unit_session session;
	int ret;

	TRY(unit_session_open(ref, &session, err));
	unit_session_begin(&session, UNIT_STOP);
	unit_wire_put(&session.wire, description ? description : "");
	ret = unit_session_call(&session, err);
	unit_session_close(&session);
	return ret;
}

int unit_update(const struct unit_ref *ref, const struct plan_unit *plan, struct unit **ret_unit,
		struct err *err)
{
	AUTO(unit) struct unit *unit = unit_new(plan, ref, err);

	if (!unit)
		return -err->code;
	unit_session_begin(&unit->session, UNIT_SET);
	put_properties(&unit->session.wire, plan, true, true);
	if (unit_session_call(&unit->session, err) < 0)
		return explain_property(plan, err);
	unit->saved = unit->session.wire;
	*ret_unit = TAKE(unit);
	return 0;
}

int unit_update_undo(struct unit *unit, struct err *err)
{
	struct unit_wire *saved = &unit->saved;

	unit_session_begin(&unit->session, UNIT_SET);
	while (saved->at < saved->len)
		unit_wire_put(&unit->session.wire, unit_wire_get(saved));
	return unit_session_call(&unit->session, err);
}
