/* SPDX-License-Identifier: Apache-2.0 */
/* systemd's manager as seen over a bus: runtime/sys/unit_wire.h says what is asked of it. */
#ifndef OCIRUN_SYSTEMD_MANAGER_H
#define OCIRUN_SYSTEMD_MANAGER_H

#include "deadline.h"
#include "err.h"
#include "unit_wire.h"

#include <systemd/sd-bus.h>

#define MANAGER_NAME      "org.freedesktop.systemd1"
#define MANAGER_PATH      "/org/freedesktop/systemd1"
#define MANAGER_INTERFACE "org.freedesktop.systemd1.Manager"
#define SCOPE_INTERFACE   "org.freedesktop.systemd1.Scope"
#define UNIT_INTERFACE    "org.freedesktop.systemd1.Unit"

struct manager {
	sd_bus *bus;              /* NULL: not connected */
	const char *addresses;    /* that it is to be found at */
	struct deadline deadline; /* of the request at hand */
	unsigned long version;    /* of systemd */
	/* The job that is waited for, and how it ended; "": not yet. Set by what the bus brings. */
	char job[256];
	char job_result[32];
};

/* ---- bus.c ---- */

/* Connects to the first of the addresses where somebody listens, unless that is done. */
int manager_connect(struct manager *manager, struct err *err);
void manager_disconnect(struct manager *manager);

/* Waits for what the bus brings next; -ETIMEDOUT when the time is over. */
int manager_await(struct manager *manager, struct err *err);

/* Says what a call came to: @what failed with @ret and @error, which it frees. */
int manager_explain(struct manager *manager, int ret, sd_bus_error *error, const char *what,
		    struct err *err);

/* A call of the manager's method @member; the caller appends arguments and unrefs. */
int manager_method(struct manager *manager, const char *member, sd_bus_message **ret_message,
		   struct err *err);

/* Sends it, and waits for the reply; @what is what the call is for. @ret_reply may be NULL. */
int manager_call(struct manager *manager, sd_bus_message *message, const char *what,
		 sd_bus_message **ret_reply, struct err *err);

static inline void manager_message_auto(sd_bus_message **message)
{
	sd_bus_message_unref(*message);
}
#define AUTO_MESSAGE __attribute__((cleanup(manager_message_auto))) sd_bus_message

/* ---- property.c ---- */

/* As many properties as the request says, as "a(sv)". */
int property_append_all(sd_bus_message *message, struct unit_wire *request, unsigned long version,
			struct err *err);

/* Puts into @reply, for each property that the request has, the value that the unit has. */
int property_save_all(struct manager *manager, const char *unit_path, struct unit_wire *request,
		      struct unit_wire *reply, struct err *err);

/* ---- unit.c ---- */

/* The rest of a request; what a reply has beside "ok" is put there. */
int unit_start(struct manager *manager, const char *unit, struct unit_wire *request,
	       struct unit_wire *reply, struct err *err);
int unit_set(struct manager *manager, const char *unit, struct unit_wire *request,
	     struct unit_wire *reply, struct err *err);
int unit_attach(struct manager *manager, const char *unit, struct unit_wire *request,
		struct unit_wire *reply, struct err *err);
int unit_stop(struct manager *manager, const char *unit, struct unit_wire *request,
	      struct unit_wire *reply, struct err *err);
int unit_greet(struct manager *manager, const char *unit, struct unit_wire *request,
	       struct unit_wire *reply, struct err *err);

#endif
