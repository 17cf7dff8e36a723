/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device rules as systemd has them: nothing but what a list allows. It makes them effective itself,
 * also after a daemon-reload, when rules that only we knew would be gone.
 */
#include "unit_build.h"

#include <errno.h>
#include <string.h>

static const struct unit_property_kind policy = { "DevicePolicy", "s", 0, false };
static const struct unit_property_kind allow = { "DeviceAllow", "a(ss)", 0, false };

/* "/dev/char/1:3" needs no such file; "char-136" is a major number, "char-*" all. NULL: no word for it. */
static const char *device_name(struct arena *arena, const struct plan_cgroup_device *rule)
{
	const char *type = rule->type == 'b' ? "block" : "char";

	if (rule->major < 0)
		return rule->minor < 0 ? arena_printf(arena, "%s-*", type) : NULL;
	if (rule->minor < 0)
		return arena_printf(arena, "%s-%lld", type, (long long)rule->major);
	return arena_printf(arena, "/dev/%s/%lld:%lld", type, (long long)rule->major,
			    (long long)rule->minor);
}

static int refuse(struct cgroup_build *build, const char *origin, const char *what)
{
	err_at(build->err, origin, ENOTSUP, "systemd cannot %s", what);
	return err_hint(build->err, "allow each device with its numbers, or use --cgroup-manager "
				    "cgroupfs");
}

int unit_add_devices(struct cgroup_build *build, const struct plan_cgroup_device *rules, size_t n)
{
	struct cgroup_device_list list;
	const char **pairs;
	size_t n_pairs = 0;
	const char *word;

	TRY(cgroup_device_play(build, rules, n, "systemd", &list));
	word = list.default_allow ? "auto" : "strict";
	unit_add(build, &policy, 1, &word, list.default_origin);
	pairs = ARENA_ARRAY(build->arena, const char *, 2 * list.n);
	for (size_t i = 0; i < list.n; i++) {
		const struct plan_cgroup_device *rule = &list.v[i];

		if (!rule->access)
			continue;
		if (list.default_allow)
			return refuse(build, rule->origin, "allow all devices but some");
		pairs[n_pairs] = device_name(build->arena, rule);
		if (!pairs[n_pairs])
			return refuse(build, rule->origin,
				      "allow a minor number of all major numbers");
		pairs[n_pairs + 1] = cgroup_device_access(build->arena, rule->access);
		n_pairs += 2;
	}
	/* Given as empty it takes back what systemd allows otherwise. */
	unit_add(build, &allow, n_pairs, pairs, list.default_origin);
	return 0;
}
