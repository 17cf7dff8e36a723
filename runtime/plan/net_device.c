/* SPDX-License-Identifier: Apache-2.0 */
/* Network devices of the host that move into the container's network namespace. */
#include "plan_parts.h"

#include <errno.h>
#include <linux/sched.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

/* What the kernel takes: dev_valid_name() in net/core/dev.c. "%" is for templates. */
static bool is_device_name(const char *name, size_t len)
{
	static const char not_allowed[] = "/:% \t\n\v\f\r";
	bool is_dots = (len == 1 || len == 2) && strncmp(name, "..", len) == 0;

	return len > 0 && len < IFNAMSIZ && !is_dots && strcspn(name, not_allowed) >= len;
}

static bool is_template(const char *name)
{
	size_t len = strlen(name);

	return len > 2 && len < IFNAMSIZ && strcmp(name + len - 2, "%d") == 0 &&
	       is_device_name(name, len - 2);
}

static int refuse_name(const char *origin, const char *name, struct err *err)
{
	return err_at(err, origin, EINVAL, "\"%s\" cannot be the name of a network device", name);
}

/* By name, and in the order of config.json, so that an error is about the latter. */
static int compare(const void *a, const void *b)
{
	const struct plan_net_device *const *one = a, *const *other = b;
	int by_name = strcmp((*one)->name, (*other)->name);

	return by_name ? by_name : (*one > *other) - (*one < *other);
}

/* Two devices with one name: found before the first of them has been moved. */
static int check_unique(struct arena *arena, const struct plan_net_device *devices, size_t n,
			struct err *err)
{
	const struct plan_net_device **sorted =
		ARENA_ARRAY(arena, const struct plan_net_device *, n);

	for (size_t i = 0; i < n; i++)
		sorted[i] = &devices[i];
	if (n > 0)
		qsort(sorted, n, sizeof(*sorted), compare);
	for (size_t i = 1; i < n; i++)
		if (!sorted[i]->is_template && strcmp(sorted[i - 1]->name, sorted[i]->name) == 0)
			return err_at(err, sorted[i]->origin, EINVAL,
				      "two network devices cannot both become \"%s\"",
				      sorted[i]->name);
	return 0;
}

static int check_namespace(const struct plan_input *in, struct err *err)
{
	if (plan_has_ns(in->ns, CLONE_NEWNET))
		return 0;
	err_at(err, "/linux/netDevices", EINVAL,
	       "unable to move network devices without a NET namespace");
	return err_hint(err, "add {\"type\": \"network\"} to /linux/namespaces");
}

int plan_build_net_devices(const struct plan_input *in, struct plan_net_device **ret_devices,
			   size_t *ret_n, struct err *err)
{
	size_t n = in->spec->linux_.net_devices.n;
	struct plan_net_device *devices = ARENA_ARRAY(in->arena, struct plan_net_device, n);

	if (n > 0)
		TRY(check_namespace(in, err));
	for (size_t i = 0; i < n; i++) {
		const struct spec_net_device *from = &in->spec->linux_.net_devices.v[i];
		const char *name = from->name ? from->name : from->host_name;
		const char *origin = plan_pointer(in->arena, "/linux/netDevices", from->host_name);

		if (!is_device_name(from->host_name, strlen(from->host_name)))
			return refuse_name(origin, from->host_name, err);
		if (!is_device_name(name, strlen(name)) && !is_template(name))
			return refuse_name(origin, name, err);
		devices[i] = (struct plan_net_device){
			.host_name = arena_strdup(in->arena, from->host_name),
			.name = arena_strdup(in->arena, name),
			.is_template = is_template(name),
			.origin = origin,
		};
	}
	TRY(check_unique(in->arena, devices, n, err));
	*ret_devices = devices;
	*ret_n = n;
	return 0;
}
