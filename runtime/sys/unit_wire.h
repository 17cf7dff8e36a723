/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the runtime and ocirun-systemd say to each other. libsystemd is no part of the runtime: it
 * comes as a shared library only, and a program that is linked statically cannot load one; and the
 * process that becomes a container is better off without it. So a program of its own is linked with
 * it, which is run where systemd makes the cgroups, and nowhere else. It is given one socket
 * (SOCK_SEQPACKET, its standard input), no environment, and nothing to decide: it turns a request
 * into calls to systemd and what comes of them into a reply, one after the other, until the socket is
 * closed or its parent is gone.
 *
 * A message is a list of texts, each with its NUL. A property is: name, signature, version of systemd
 * that first had it, number of values, values.
 *
 *	request (each: verb, addresses, unit, ms to answer in, ...)
 *	start   pid, number of properties, properties    a scope with that process in it
 *	set     number of properties, properties         other values
 *	attach  path below the unit's cgroup, pid        one more process
 *	stop    description, or "" for any               ends the unit and forgets it
 *	greet                                            nothing: whether somebody answers
 *
 *	reply
 *	ok      start: path of the unit's cgroup; set: as a request has them, the values of before;
 *	        greet: version of systemd
 *	error   errno, text, hint
 */
#ifndef OCIRUN_SYS_UNIT_WIRE_H
#define OCIRUN_SYS_UNIT_WIRE_H

#include <stdbool.h>
#include <stddef.h>

#define UNIT_WIRE_MAX (96u << 10)

#define UNIT_START  "start"
#define UNIT_SET    "set"
#define UNIT_ATTACH "attach"
#define UNIT_STOP   "stop"
#define UNIT_GREET  "greet"
#define UNIT_OK     "ok"
#define UNIT_ERROR  "error"

struct unit_wire {
	size_t len;
	size_t at;   /* of the text that is next to be got */
	bool is_bad; /* something had no room, or was not there */
	char text[UNIT_WIRE_MAX];
};

/* Begins a message with its first text. */
void unit_wire_begin(struct unit_wire *wire, const char *first);
void unit_wire_put(struct unit_wire *wire, const char *text);
void unit_wire_put_number(struct unit_wire *wire, unsigned long long number);

/* The next text, or "" and is_bad. It lives as long as the message. */
const char *unit_wire_get(struct unit_wire *wire);
unsigned long long unit_wire_get_number(struct unit_wire *wire);

/* One message. 0 or -errno; -EMSGSIZE for one that had no room. Never raises SIGPIPE. */
int unit_wire_send(int socket_fd, const struct unit_wire *wire);
/* The same; -EPIPE at end of file, -EPROTO for what is no message. */
int unit_wire_receive(int socket_fd, struct unit_wire *wire);

#endif
