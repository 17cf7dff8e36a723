/* SPDX-License-Identifier: Apache-2.0 */
/*
 * org.systemd.property.NAME: what an engine, or the user behind it, wants the unit to have. An
 * image can bring annotations too, and a property can do anything to the host, from other units'
 * end (Conflicts) to its reboot (FailureAction): what is allowed stands in the table.
 */
#include "unit_build.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX       "org.systemd.property."
#define USEC_PER_SEC 1000000.0

/* No other unit, no program, no other place: order, ends, texts, and this unit's resources. */
static const struct unit_property_kind allowed[] = {
	{ "After", "as", 0, false },
	{ "Before", "as", 0, false },
	{ "CollectMode", "s", 0, false },
	{ "CPUQuotaPerSecUSec", "t", 0, false },
	{ "CPUQuotaPeriodUSec", "t", 0, false },
	{ "CPUWeight", "t", 0, false },
	{ "DefaultDependencies", "b", 0, false },
	{ "Documentation", "as", 0, false },
	{ "FinalKillSignal", "i", 0, false },
	{ "IOWeight", "t", 0, false },
	{ "IPAccounting", "b", 0, false },
	{ "KillSignal", "i", 0, false },
	{ "ManagedOOMMemoryPressure", "s", 0, false },
	{ "ManagedOOMMemoryPressureLimit", "u", 0, false },
	{ "ManagedOOMPreference", "s", 0, false },
	{ "ManagedOOMSwap", "s", 0, false },
	{ "MemoryHigh", "t", 0, true },
	{ "MemoryLow", "t", 0, true },
	{ "MemoryMax", "t", 0, true },
	{ "MemoryMin", "t", 0, true },
	{ "MemorySwapMax", "t", 0, true },
	{ "OOMPolicy", "s", 0, false },
	{ "RuntimeMaxUSec", "t", 0, false },
	{ "SendSIGHUP", "b", 0, false },
	{ "StartupCPUWeight", "t", 0, false },
	{ "StartupIOWeight", "t", 0, false },
	{ "TasksMax", "t", 0, true },
	{ "TimeoutStopUSec", "t", 0, false },
};
#define N_ALLOWED (sizeof(allowed) / sizeof(allowed[0]))

struct annotation {
	const char *pointer;
	const char *key;
	const char *text;
	bool is_seconds; /* systemd.unit(5) says TimeoutStopSec, its bus TimeoutStopUSec */
};

static const struct unit_property_kind *find(const char *name)
{
	for (size_t i = 0; i < N_ALLOWED; i++)
		if (strcmp(allowed[i].name, name) == 0)
			return &allowed[i];
	return NULL;
}

/* "TimeoutStopSec" is TimeoutStopUSec in seconds; NULL for a name that does not end so. */
static const char *usec_name(struct arena *arena, const char *name)
{
	size_t len = strlen(name), n = strlen("Sec");

	if (len <= n || strcmp(name + len - n, "Sec") != 0 ||
	    !islower((unsigned char)name[len - n - 1]))
		return NULL;
	return arena_printf(arena, "%.*sUSec", (int)(len - n), name);
}

static const char *allowed_names(struct arena *arena)
{
	const char *names = allowed[0].name;

	for (size_t i = 1; i < N_ALLOWED; i++)
		names = arena_printf(arena, "%s %s", names, allowed[i].name);
	return names;
}

static int check_name(struct cgroup_build *build, const struct annotation *a, const char *name)
{
	size_t len = strlen(name);

	if (len < 3)
		return err_at(build->err, a->pointer, EINVAL,
			      "annotation %s name incorrect: too short", a->key);
	for (size_t i = 0; i < len; i++)
		if (!isalpha((unsigned char)name[i]))
			return err_at(build->err, a->pointer, EINVAL,
				      "annotation %s name incorrect: contains non-alphabetic "
				      "character",
				      a->key);
	return 0;
}

static int refuse_value(struct cgroup_build *build, const struct annotation *a, const char *why)
{
	return err_at(build->err, a->pointer, EINVAL, "annotation %s=%s value parse error: %s",
		      a->key, a->text, why);
}

static bool is_number(char type)
{
	return strchr("ynqiuxtd", type) != NULL;
}

/* A number with the range of the type that systemd wants, whatever it was called. NULL: out of it. */
static const char *convert_number(struct arena *arena, const char *text, char type)
{
	char *end;

	errno = 0;
	if (type == 't' || type == 'u') {
		unsigned long long number = strtoull(text, &end, 10);

		if (errno || *end || text[0] == '-' || (type == 'u' && number > UINT32_MAX))
			return NULL;
		return arena_printf(arena, "%llu", number);
	}
	long long number = strtoll(text, &end, 10);

	if (errno || *end || number < INT32_MIN || number > INT32_MAX)
		return NULL;
	return arena_printf(arena, "%lld", number);
}

static const char *seconds_to_usec(struct arena *arena, const char *text)
{
	double usec = strtod(text, NULL) * USEC_PER_SEC;

	return usec >= 0 && usec < (double)UINT64_MAX
		       ? arena_printf(arena, "%llu", (unsigned long long)llround(usec))
		       : NULL;
}

static int convert_one(struct cgroup_build *build, const struct annotation *a,
		       const struct unit_property_kind *kind, const struct unit_value *value,
		       size_t index)
{
	char wanted = kind->signature[kind->signature[0] == 'a'];
	const char **text = &value->v[index];

	if (is_number(value->type) && is_number(wanted)) {
		if (a->is_seconds)
			*text = seconds_to_usec(build->arena, *text);
		else
			*text = value->type == 'd' ? NULL
						   : convert_number(build->arena, *text, wanted);
		return *text ? 0 : refuse_value(build, a, "the number is out of range");
	}
	if (a->is_seconds)
		return refuse_value(build, a, "not a number");
	if (value->type != wanted)
		return refuse_value(
			build, a,
			arena_printf(build->arena, "the property has the type '%s', not '%s%c'",
				     kind->signature, value->is_array ? "a" : "", value->type));
	return 0;
}

static int add_annotation(struct cgroup_build *build, const struct spec_pair *pair)
{
	struct annotation a = {
		.pointer = cgroup_pointer_member(
			&(struct cgroup_build){ .arena = build->arena, .base = "" }, "annotations",
			pair->key),
		.key = pair->key,
		.text = pair->value,
	};
	const char *name = pair->key + strlen(PREFIX), *in_usec, *reason;
	const struct unit_property_kind *kind;
	struct unit_value value;

	TRY(check_name(build, &a, name));
	in_usec = usec_name(build->arena, name);
	a.is_seconds = in_usec != NULL;
	kind = find(in_usec ? in_usec : name);
	if (!kind) {
		err_at(build->err, a.pointer, EPERM,
		       "annotation %s: a container may not set this property of its unit", a.key);
		return err_hint(build->err, "it may set: %s", allowed_names(build->arena));
	}
	if (unit_value_parse(build->arena, a.text, &value, &reason) < 0)
		return refuse_value(build, &a, reason);
	if (value.is_array != (kind->signature[0] == 'a'))
		return refuse_value(build, &a,
				    value.is_array ? "the property has one value, not a list"
						   : "the property has a list of values: ['...']");
	for (size_t i = 0; i < value.n; i++)
		TRY(convert_one(build, &a, kind, &value, i));
	unit_add(build, kind, value.n, value.v, a.pointer);
	return 0;
}

int unit_add_annotations(struct cgroup_build *build, const struct spec *spec)
{
	for (size_t i = 0; i < spec->annotations.n; i++)
		if (strncmp(spec->annotations.v[i].key, PREFIX, strlen(PREFIX)) == 0)
			TRY(add_annotation(build, &spec->annotations.v[i]));
	return 0;
}
