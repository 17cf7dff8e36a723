/* SPDX-License-Identifier: Apache-2.0 */
#include "unit_wire.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

void unit_wire_begin(struct unit_wire *wire, const char *first)
{
	wire->len = 0;
	wire->at = 0;
	wire->is_bad = false;
	unit_wire_put(wire, first);
}

void unit_wire_put(struct unit_wire *wire, const char *text)
{
	size_t size = strlen(text) + 1;

	if (size > sizeof(wire->text) - wire->len) {
		wire->is_bad = true;
		return;
	}
	memcpy(wire->text + wire->len, text, size);
	wire->len += size;
}

void unit_wire_put_number(struct unit_wire *wire, unsigned long long number)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", number);
	unit_wire_put(wire, text);
}

const char *unit_wire_get(struct unit_wire *wire)
{
	const char *text = wire->text + wire->at;

	if (wire->at >= wire->len) {
		wire->is_bad = true;
		return "";
	}
	wire->at += strlen(text) + 1;
	return text;
}

unsigned long long unit_wire_get_number(struct unit_wire *wire)
{
	const char *text = unit_wire_get(wire);
	char *end;
	unsigned long long number = strtoull(text, &end, 10);

	if (end == text || *end)
		wire->is_bad = true;
	return number;
}

int unit_wire_send(int socket_fd, const struct unit_wire *wire)
{
	ssize_t n;

	if (wire->is_bad)
		return -EMSGSIZE;
	do {
		n = send(socket_fd, wire->text, wire->len, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

int unit_wire_receive(int socket_fd, struct unit_wire *wire)
{
	ssize_t n;

	do {
		n = recv(socket_fd, wire->text, sizeof(wire->text), MSG_TRUNC);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if (n == 0)
		return -EPIPE;
	if ((size_t)n > sizeof(wire->text) || wire->text[n - 1] != '\0')
		return -EPROTO;
	wire->len = (size_t)n;
	wire->at = 0;
	wire->is_bad = false;
	return 0;
}
