/* SPDX-License-Identifier: Apache-2.0 */
/* Properties between texts and what a bus carries: basic types, and lists of them or of tuples. */
#include "manager.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for a number of any of the types. */
union basic {
	uint8_t y;
	int i; /* also 'b', as sd-bus has it */
	uint32_t u;
	int64_t x;
	uint64_t t;
	const char *s;
};

struct property {
	const char *name;
	const char *signature;
	unsigned long since;
	size_t n;
};

static struct property get_property(struct unit_wire *request)
{
	struct property property;

	property.name = unit_wire_get(request);
	property.signature = unit_wire_get(request);
	property.since = (unsigned long)unit_wire_get_number(request);
	property.n = (size_t)unit_wire_get_number(request);
	return property;
}

static int err_type(char type, struct err *err)
{
	return err_set(err, EPROTO, "ocirun-systemd knows no type '%c'", type);
}

/* ---- from text ---- */

static int append_basic(sd_bus_message *message, char type, const char *text, struct err *err)
{
	union basic value;
	int ret;

	switch (type) {
	case 's':
		ret = sd_bus_message_append_basic(message, type, text);
		return ret < 0 ? err_errno(err, ret, "append '%s'", text) : 0;
	case 'b':
		value.i = strcmp(text, "true") == 0;
		break;
	case 'y':
		value.y = (uint8_t)strtoul(text, NULL, 10);
		break;
	case 'i':
		value.i = (int)strtol(text, NULL, 10);
		break;
	case 'u':
		value.u = (uint32_t)strtoul(text, NULL, 10);
		break;
	case 'x':
		value.x = strtoll(text, NULL, 10);
		break;
	case 't':
		value.t = strtoull(text, NULL, 10);
		break;
	default:
		return err_type(type, err);
	}
	ret = sd_bus_message_append_basic(message, type, &value);
	return ret < 0 ? err_errno(err, ret, "append '%s'", text) : 0;
}

/* One element of a list, which a tuple is a row of basic types of. @inner: without parentheses. */
static int append_element(sd_bus_message *message, const char *inner, bool is_tuple,
			  struct unit_wire *request, struct err *err)
{
	int ret = is_tuple ? sd_bus_message_open_container(message, 'r', inner) : 0;

	if (ret < 0)
		return err_errno(err, ret, "append a tuple");
	for (const char *type = inner; *type; type++)
		TRY(append_basic(message, *type, unit_wire_get(request), err));
	ret = is_tuple ? sd_bus_message_close_container(message) : 0;
	return ret < 0 ? err_errno(err, ret, "append a tuple") : 0;
}

/* The types of an element of a list. */
static void inner_signature(const char *signature, char inner[8])
{
	bool is_tuple = signature[1] == '(';

	snprintf(inner, 8, "%.*s", (int)strcspn(signature + 1 + is_tuple, ")"),
		 signature + 1 + is_tuple);
}

static int append_value(sd_bus_message *message, const struct property *property,
			struct unit_wire *request, struct err *err)
{
	const char *signature = property->signature;
	char inner[8];
	size_t n_basics;
	int ret;

	if (signature[0] != 'a') {
		if (property->n != 1)
			return err_set(err, EPROTO, "property %s has %zu values", property->name,
				       property->n);
		return append_basic(message, signature[0], unit_wire_get(request), err);
	}
	inner_signature(signature, inner);
	n_basics = strlen(inner);
	if (n_basics == 0 || property->n % n_basics)
		return err_set(err, EPROTO, "property %s has %zu values", property->name,
			       property->n);
	ret = sd_bus_message_open_container(message, 'a', signature + 1);
	for (size_t i = 0; ret >= 0 && i < property->n / n_basics && !request->is_bad; i++)
		TRY(append_element(message, inner, signature[1] == '(', request, err));
	if (ret >= 0)
		ret = sd_bus_message_close_container(message);
	return ret < 0 ? err_errno(err, ret, "append property %s", property->name) : 0;
}

static int append_property(sd_bus_message *message, const struct property *property,
			   struct unit_wire *request, struct err *err)
{
	int ret = sd_bus_message_open_container(message, 'r', "sv");

	if (ret >= 0)
		ret = sd_bus_message_append_basic(message, 's', property->name);
	if (ret >= 0)
		ret = sd_bus_message_open_container(message, 'v', property->signature);
	if (ret >= 0)
		TRY(append_value(message, property, request, err));
	if (ret >= 0)
		ret = sd_bus_message_close_container(message);
	if (ret >= 0)
		ret = sd_bus_message_close_container(message);
	return ret < 0 ? err_errno(err, ret, "append property %s", property->name) : 0;
}

static void skip_values(const struct property *property, struct unit_wire *request)
{
	for (size_t i = 0; i < property->n && !request->is_bad; i++)
		unit_wire_get(request);
}

int property_append_all(sd_bus_message *message, struct unit_wire *request, unsigned long version,
			struct err *err)
{
	unsigned long long n = unit_wire_get_number(request);

	for (unsigned long long i = 0; i < n && !request->is_bad; i++) {
		struct property property = get_property(request);

		if (request->is_bad)
			break;
		/* What an older systemd does not know it does not write either. */
		if (version < property.since)
			skip_values(&property, request);
		else
			TRY(append_property(message, &property, request, err));
	}
	return request->is_bad ? err_set(err, EPROTO, "a request to ocirun-systemd ends too early")
			       : 0;
}

/* ---- to text ---- */

/* 1; or 0 at the end of a list. */
static int read_basic(sd_bus_message *message, char type, struct unit_wire *values, struct err *err)
{
	char text[32];
	union basic value;
	int ret = sd_bus_message_read_basic(message, type, &value);

	if (ret < 0)
		return err_errno(err, ret, "read a property");
	if (ret == 0)
		return 0;
	switch (type) {
	case 's':
		unit_wire_put(values, value.s);
		return 1;
	case 'b':
		unit_wire_put(values, value.i ? "true" : "false");
		return 1;
	case 'y':
		snprintf(text, sizeof(text), "%u", value.y);
		break;
	case 'i':
		snprintf(text, sizeof(text), "%d", value.i);
		break;
	case 'u':
		snprintf(text, sizeof(text), "%" PRIu32, value.u);
		break;
	case 'x':
		snprintf(text, sizeof(text), "%" PRId64, value.x);
		break;
	case 't':
		snprintf(text, sizeof(text), "%" PRIu64, value.t);
		break;
	default:
		return err_type(type, err);
	}
	unit_wire_put(values, text);
	return 1;
}

/* The values of one property, and how many there are. */
static int read_value(sd_bus_message *message, const char *signature, struct unit_wire *values,
		      size_t *ret_n, struct err *err)
{
	bool is_tuple = signature[0] == 'a' && signature[1] == '(';
	char inner[8];
	int ret;

	*ret_n = 0;
	if (signature[0] != 'a') {
		*ret_n = 1;
		ret = read_basic(message, signature[0], values, err);
		return ret < 0 ? ret : 0;
	}
	inner_signature(signature, inner);
	ret = sd_bus_message_enter_container(message, 'a', signature + 1);
	while (ret >= 0) {
		ret = is_tuple ? sd_bus_message_enter_container(message, 'r', inner)
			       : !sd_bus_message_at_end(message, 0);
		if (ret <= 0)
			break;
		for (const char *type = inner; *type; type++, ++*ret_n)
			TRY(read_basic(message, *type, values, err));
		ret = is_tuple ? sd_bus_message_exit_container(message) : 1;
	}
	return ret < 0 ? err_errno(err, ret, "read a property") : 0;
}

static int save_property(struct manager *manager, const char *unit_path,
			 const struct property *property, struct unit_wire *reply, struct err *err)
{
	static struct unit_wire values;
	sd_bus_error error = SD_BUS_ERROR_NULL;
	AUTO_MESSAGE *message = NULL;
	size_t n;
	int ret = sd_bus_get_property(manager->bus, MANAGER_NAME, unit_path, SCOPE_INTERFACE,
				      property->name, &error, &message, property->signature);

	if (ret < 0)
		return manager_explain(manager, ret, &error, property->name, err);
	unit_wire_begin(&values, property->name);
	TRY(read_value(message, property->signature, &values, &n, err));
	unit_wire_put(reply, property->name);
	unit_wire_put(reply, property->signature);
	unit_wire_put_number(reply, property->since);
	unit_wire_put_number(reply, n);
	unit_wire_get(&values);
	for (size_t i = 0; i < n; i++)
		unit_wire_put(reply, unit_wire_get(&values));
	return values.is_bad ? err_set(err, E2BIG, "property %s is too long", property->name) : 0;
}

int property_save_all(struct manager *manager, const char *unit_path, struct unit_wire *request,
		      struct unit_wire *reply, struct err *err)
{
	size_t from = request->at;
	unsigned long long n = unit_wire_get_number(request), n_saved = 0;

	for (int is_counted = 0; is_counted < 2; is_counted++) {
		if (is_counted)
			unit_wire_put_number(reply, n_saved);
		request->at = from;
		unit_wire_get_number(request);
		for (unsigned long long i = 0; i < n && !request->is_bad; i++) {
			struct property property = get_property(request);

			skip_values(&property, request);
			if (manager->version < property.since)
				continue;
			if (is_counted)
				TRY(save_property(manager, unit_path, &property, reply, err));
			else
				n_saved++;
		}
	}
	request->at = from;
	return 0;
}
