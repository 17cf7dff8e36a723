/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which devices a container may use: the rules of config.json in their order, behind a "deny all"
 * and before the runtime's own. For cgroup v1 the list is played through here, since the kernel
 * ignores in silence what it cannot express, and a rule that was ignored is a hole.
 */
#include "cgroup_rows.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ALL (-1)

/*
 * What every container may use, whatever its rules say: the devices that it gets by default, and
 * making (not opening) any node. The list is runc's, tun included, which users came to rely on.
 * /dev/console is not in it: the container's own is a pseudo terminal.
 */
static const struct plan_cgroup_device default_rules[] = {
	{ true, 'c', ALL, ALL, PLAN_CGROUP_DEVICE_MKNOD, NULL },
	{ true, 'b', ALL, ALL, PLAN_CGROUP_DEVICE_MKNOD, NULL },
	{ true, 'c', 1, 3, PLAN_CGROUP_DEVICE_ALL, NULL },     /* null */
	{ true, 'c', 1, 8, PLAN_CGROUP_DEVICE_ALL, NULL },     /* random */
	{ true, 'c', 1, 7, PLAN_CGROUP_DEVICE_ALL, NULL },     /* full */
	{ true, 'c', 5, 0, PLAN_CGROUP_DEVICE_ALL, NULL },     /* tty */
	{ true, 'c', 1, 5, PLAN_CGROUP_DEVICE_ALL, NULL },     /* zero */
	{ true, 'c', 1, 9, PLAN_CGROUP_DEVICE_ALL, NULL },     /* urandom */
	{ true, 'c', 136, ALL, PLAN_CGROUP_DEVICE_ALL, NULL }, /* pts/N */
	{ true, 'c', 5, 2, PLAN_CGROUP_DEVICE_ALL, NULL },     /* ptmx */
	{ true, 'c', 10, 200, PLAN_CGROUP_DEVICE_ALL, NULL },  /* net/tun */
};
#define N_DEFAULT_RULES (sizeof(default_rules) / sizeof(default_rules[0]))

static const struct {
	char letter;
	unsigned bit;
} accesses[] = {
	{ 'r', PLAN_CGROUP_DEVICE_READ },
	{ 'w', PLAN_CGROUP_DEVICE_WRITE },
	{ 'm', PLAN_CGROUP_DEVICE_MKNOD },
};
#define N_ACCESSES (sizeof(accesses) / sizeof(accesses[0]))

static unsigned access_bit(char letter)
{
	for (size_t i = 0; i < N_ACCESSES; i++)
		if (accesses[i].letter == letter)
			return accesses[i].bit;
	return 0;
}

static int read_access(struct cgroup_build *build, const char *text, size_t index,
		       unsigned *ret_access)
{
	const char *pointer =
		arena_printf(build->arena, "%s/access", cgroup_pointer_at(build, "devices", index));
	unsigned access = 0;

	/* Other letters permit nothing: reading the document has warned of them. */
	for (const char *at = text; at && *at; at++)
		access |= access_bit(*at);
	if (!access)
		return err_at(build->err, pointer, EINVAL,
			      "device access at %zu field cannot be empty", index);
	*ret_access = access;
	return 0;
}

static int64_t number_or_all(const struct spec_opt_int *number)
{
	return number->set && number->value >= 0 ? number->value : ALL;
}

/*
 * One rule of the spec is one of ours; but a rule for both types that names a number or leaves an
 * access out is two. (The v1 kernel would take any rule that starts with "a" as everything.)
 */
static int add_spec_rule(struct cgroup_build *build, size_t index, struct plan_cgroup_device *rules,
			 size_t *n)
{
	const struct spec_device_rule *from = &build->resources->devices.v[index];
	struct plan_cgroup_device rule = {
		.allow = from->allow,
		.type = from->type ? from->type : 'a',
		.major = number_or_all(&from->major),
		.minor = number_or_all(&from->minor),
		.origin = cgroup_pointer_at(build, "devices", index),
	};
	bool is_everything;

	TRY(read_access(build, from->access, index, &rule.access));
	is_everything =
		rule.major == ALL && rule.minor == ALL && rule.access == PLAN_CGROUP_DEVICE_ALL;
	if (rule.type != 'a' || is_everything) {
		rules[(*n)++] = rule;
		return 0;
	}
	rule.type = 'b';
	rules[(*n)++] = rule;
	rule.type = 'c';
	rules[(*n)++] = rule;
	return 0;
}

int cgroup_device_rules(struct cgroup_build *build, struct plan_cgroup_device **ret_rules,
			size_t *ret_n)
{
	size_t n_spec = build->resources->devices.n, n = 0;
	struct plan_cgroup_device *rules =
		ARENA_ARRAY(build->arena, struct plan_cgroup_device, 2 * n_spec + N_DEFAULT_RULES);
	const char *origin = cgroup_pointer(build, "devices");

	for (size_t i = 0; i < n_spec; i++)
		TRY(add_spec_rule(build, i, rules, &n));
	for (size_t i = 0; i < N_DEFAULT_RULES; i++) {
		rules[n] = default_rules[i];
		rules[n++].origin = origin;
	}
	*ret_rules = rules;
	*ret_n = n;
	return 0;
}

static void format_number(int64_t number, char *buf, size_t size)
{
	if (number == ALL)
		snprintf(buf, size, "*");
	else
		snprintf(buf, size, "%lld", (long long)number);
}

static void format_access(unsigned access, char to[N_ACCESSES + 1])
{
	for (size_t i = 0; i < N_ACCESSES; i++)
		if (access & accesses[i].bit)
			*to++ = accesses[i].letter;
	*to = '\0';
}

const char *cgroup_device_access(struct arena *arena, unsigned access)
{
	char text[N_ACCESSES + 1];

	format_access(access, text);
	return arena_strdup(arena, text);
}

void cgroup_device_format(const struct plan_cgroup_device *rule, char *buf, size_t size)
{
	char access[N_ACCESSES + 1], major[24], minor[24];

	if (rule->type == 'a') {
		snprintf(buf, size, "a");
		return;
	}
	format_access(rule->access, access);
	format_number(rule->major, major, sizeof(major));
	format_number(rule->minor, minor, sizeof(minor));
	snprintf(buf, size, "%c %s:%s %s", rule->type, major, minor, access);
}

static const char *device_text(struct arena *arena, const struct plan_cgroup_device *rule)
{
	char buf[CG_DEVICE_TEXT_MAX];

	cgroup_device_format(rule, buf, sizeof(buf));
	return arena_strdup(arena, buf);
}

/* ---- cgroup v1 and systemd: one default, and exceptions from it that have no order ---- */

static bool number_meets(int64_t a, int64_t b)
{
	return a == ALL || b == ALL || a == b;
}

static bool number_covers(int64_t outer, int64_t inner)
{
	return outer == ALL || outer == inner;
}

/* Takes an access away from the exceptions that a rule covers. */
static int subtract(struct cgroup_build *build, struct cgroup_device_list *list,
		    const struct plan_cgroup_device *rule, const char *who)
{
	for (size_t i = 0; i < list->n; i++) {
		struct plan_cgroup_device *e = &list->v[i];

		if (e->type != rule->type || !(e->access & rule->access) ||
		    !number_meets(e->major, rule->major) || !number_meets(e->minor, rule->minor))
			continue;
		if (!number_covers(rule->major, e->major) || !number_covers(rule->minor, e->minor))
			return err_at(build->err, rule->origin, ENOTSUP,
				      "%s cannot make the exception '%s' from the wider rule '%s'",
				      who, device_text(build->arena, rule),
				      device_text(build->arena, e));
		e->access &= ~rule->access;
	}
	return 0;
}

static void add(struct cgroup_device_list *list, const struct plan_cgroup_device *rule)
{
	for (size_t i = 0; i < list->n; i++) {
		struct plan_cgroup_device *e = &list->v[i];

		if (e->type == rule->type && e->major == rule->major && e->minor == rule->minor) {
			e->access |= rule->access;
			return;
		}
	}
	list->v[list->n++] = *rule;
}

int cgroup_device_play(struct cgroup_build *build, const struct plan_cgroup_device *rules, size_t n,
		       const char *who, struct cgroup_device_list *ret_list)
{
	struct cgroup_device_list list = {
		.default_origin = cgroup_pointer(build, "devices"),
		.v = ARENA_ARRAY(build->arena, struct plan_cgroup_device, n),
	};

	for (size_t i = 0; i < n; i++) {
		if (rules[i].type == 'a') {
			list.default_allow = rules[i].allow;
			list.default_origin = rules[i].origin;
			list.n = 0;
		} else if (rules[i].allow == list.default_allow) {
			TRY(subtract(build, &list, &rules[i], who));
		} else {
			add(&list, &rules[i]);
		}
	}
	*ret_list = list;
	return 0;
}

int cgroup_add_devices_v1(struct cgroup_build *build, const struct plan_cgroup_device *rules,
			  size_t n)
{
	struct plan_cgroup_write write = { .value = "a" };
	struct cgroup_device_list list;

	TRY(cgroup_device_play(build, rules, n, "cgroup v1", &list));
	write.file = list.default_allow ? "devices.allow" : "devices.deny";
	write.origin = list.default_origin;
	TRY(cgroup_add(build, &write));
	write.file = list.default_allow ? "devices.deny" : "devices.allow";
	for (size_t i = 0; i < list.n; i++) {
		if (!list.v[i].access)
			continue;
		write.value = device_text(build->arena, &list.v[i]);
		write.origin = list.v[i].origin;
		TRY(cgroup_add(build, &write));
	}
	return 0;
}
