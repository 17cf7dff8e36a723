/* SPDX-License-Identifier: Apache-2.0 */
/* Network devices of the host that move into the container's network namespace. */
#include "plan_parts.h"

#include <errno.h>
#include <linux/sched.h>
#include <net/if.h>
#include <string.h>

/* What the kernel takes: dev_valid_name() in net/core/dev.c, and no "%", which is a template. */
static bool is_device_name(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len < IFNAMSIZ && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
	       !strpbrk(name, "/:% \t\n\v\f\r");
}

int plan_build_net_devices(const struct plan_input *in, struct plan_net_device **ret_devices,
			   size_t *ret_n, struct err *err)
{
	size_t n = in->spec->linux_.net_devices.n;
	struct plan_net_device *devices = ARENA_ARRAY(in->arena, struct plan_net_device, n);

	if (n > 0 && !plan_has_ns(in->ns, CLONE_NEWNET))
		return plan_needs_ns("/linux/netDevices", "a network device", CLONE_NEWNET, err);
	for (size_t i = 0; i < n; i++) {
		const struct spec_net_device *from = &in->spec->linux_.net_devices.v[i];
		const char *name = from->name ? from->name : from->host_name;
		const char *origin = plan_pointer(in->arena, "/linux/netDevices", from->host_name);

		if (!is_device_name(from->host_name) || !is_device_name(name))
			return err_at(err, origin, EINVAL,
				      "\"%s\" cannot be the name of a network device",
				      is_device_name(name) ? from->host_name : name);
		devices[i] = (struct plan_net_device){
			.host_name = arena_strdup(in->arena, from->host_name),
			.name = arena_strdup(in->arena, name),
			.origin = origin,
		};
	}
	*ret_devices = devices;
	*ret_n = n;
	return 0;
}
