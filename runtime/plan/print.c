/* SPDX-License-Identifier: Apache-2.0 */
/* A plan as text: one line per entry, in the order in which things are done. */
#include "plan_print.h"

#include "mount_options.h"
#include "plan.h"
#include "plan_cgroup.h"
#include "plan_parts.h"
#include "plan_rdt.h"
#include "printer.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- lines ---- */

void printer_put(struct printer *p, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(p->out, fmt, ap);
	va_end(ap);
}

void printer_word(struct printer *p, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			printer_put(p, "\\%c", c);
		else if (c == '\n')
			printer_put(p, "\\n");
		else if (c < 0x20 || c == 0x7f)
			printer_put(p, "\\x%02x", c);
		else
			printer_put(p, "%c", c);
	}
}

void printer_text(struct printer *p, const char *before, const char *text)
{
	if (!text)
		return;
	printer_put(p, "%s\"", before);
	printer_word(p, text);
	printer_put(p, "\"");
}

void printer_end(struct printer *p, const char *origin)
{
	if (origin && origin[0]) {
		printer_put(p, "  [");
		printer_word(p, origin);
		printer_put(p, "]");
	}
	fputc('\0', p->out);
	fflush(p->out);
	p->line(p->context, p->text);
	rewind(p->out);
}

/* ---- parts of a plan ---- */

static void print_id_maps(struct printer *p, const char *word, const struct plan_id_maps *maps)
{
	for (size_t i = 0; i < maps->n; i++) {
		printer_put(p, "%s %" PRIu32 " %" PRIu32 " %" PRIu32, word, maps->v[i].inside,
			    maps->v[i].outside, maps->v[i].size);
		printer_end(p, NULL);
	}
}

static void print_namespaces(struct printer *p, const struct plan_namespaces *ns)
{
	for (size_t i = 0; i < ns->n; i++) {
		printer_put(p, "namespace %s %s", ns->v[i].name, ns->v[i].path ? "join" : "create");
		printer_text(p, " ", ns->v[i].path);
		printer_end(p, ns->v[i].origin);
	}
	if (ns->needs_intermediate) {
		printer_put(p, "namespace intermediate process");
		printer_end(p, NULL);
	}
	if (ns->has_uid_gid_maps) {
		print_id_maps(p, "uid_map", &ns->uids);
		print_id_maps(p, "gid_map", &ns->gids);
	}
	if (ns->time_offsets) {
		printer_text(p, "timens_offsets ", ns->time_offsets);
		printer_end(p, "/linux/timeOffsets");
	}
}

const char *plan_device_type_name(mode_t type)
{
	return type == S_IFBLK ? "block" : type == S_IFIFO ? "fifo" : "char";
}

static void print_dev(struct printer *p, const struct plan_rootfs *rootfs)
{
	for (size_t i = 0; i < rootfs->n_devices; i++) {
		const struct plan_device *device = &rootfs->devices[i];

		printer_text(p, "device ", device->path);
		printer_put(p, " %s", plan_device_type_name(device->type));
		if (device->type != S_IFIFO)
			printer_put(p, " %" PRIu32 ":%" PRIu32, device->major, device->minor);
		printer_put(p, " mode %04o owner %u:%u", device->mode, device->uid, device->gid);
		printer_end(p, device->origin);
	}
	for (size_t i = 0; i < rootfs->n_links; i++) {
		printer_text(p, "link ", rootfs->links[i].path);
		printer_text(p, " to ", rootfs->links[i].target);
		printer_end(p, NULL);
	}
}

static void print_paths(struct printer *p, const char *word, const struct plan_path *paths,
			size_t n)
{
	for (size_t i = 0; i < n; i++) {
		printer_put(p, "%s", word);
		printer_text(p, " ", paths[i].path);
		printer_end(p, paths[i].origin);
	}
}

static void print_rootfs(struct printer *p, const struct plan_rootfs *rootfs)
{
	const char *propagation =
		mount_propagation_name(rootfs->propagation, rootfs->rec_propagation);

	printer_text(p, "rootfs ", rootfs->path);
	if (rootfs->has_mount_ns)
		printer_put(p, " %s", propagation);
	else if (rootfs->is_bound)
		printer_put(p, " bound chroot %s", propagation);
	else
		printer_put(p, " chroot");
	if (rootfs->no_pivot)
		printer_put(p, " no-pivot");
	printer_text(p, " label ", rootfs->mount_label);
	if (rootfs->mount_label && strcmp(rootfs->label_option, "context") != 0)
		printer_put(p, " as %s", rootfs->label_option);
	printer_end(p, "/root/path");
	for (size_t i = 0; i < rootfs->n_mounts; i++)
		plan_print_mount(p, &rootfs->mounts[i]);
	print_dev(p, rootfs);
	print_paths(p, "masked", rootfs->masked, rootfs->n_masked);
	print_paths(p, "readonly", rootfs->readonly_paths, rootfs->n_readonly_paths);
	if (rootfs->readonly) {
		printer_put(p, "readonly root");
		printer_end(p, "/root/readonly");
	}
}

static void print_hook(struct printer *p, const char *kind, const struct plan_hook *hook)
{
	printer_put(p, "hook %s", kind);
	printer_text(p, " ", hook->path);
	printer_put(p, " args");
	for (char **arg = hook->argv; *arg; arg++)
		printer_text(p, " ", *arg);
	printer_put(p, " env");
	for (char **entry = hook->envp; *entry; entry++)
		printer_text(p, " ", *entry);
	if (hook->timeout_s)
		printer_put(p, " timeout %" PRId64 "s", hook->timeout_s);
	printer_end(p, hook->origin);
}

static void print_names(struct printer *p, const struct plan *plan)
{
	const struct {
		const char *word, *text, *origin;
	} rows[] = {
		{ "id", plan->id, NULL },
		{ "bundle", plan->bundle, NULL },
		{ "hostname", plan->hostname, "/hostname" },
		{ "domainname", plan->domainname, "/domainname" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!rows[i].text)
			continue;
		printer_put(p, "%s", rows[i].word);
		printer_text(p, " ", rows[i].text);
		printer_end(p, rows[i].origin);
	}
	for (size_t i = 0; i < plan->n_annotations; i++) {
		printer_text(p, "annotation ", plan->annotations[i].key);
		printer_text(p, " = ", plan->annotations[i].value);
		printer_end(p, NULL);
	}
}

static void print_rdt(struct printer *p, const struct plan_rdt *rdt)
{
	printer_text(p, "rdt class ", rdt->clos_dir);
	printer_put(p, "%s", rdt->is_own ? " make" : rdt->must_exist ? " use" : " make-or-use");
	printer_end(p, rdt->origin);
	for (size_t i = 0; i < rdt->n_lines; i++) {
		printer_text(p, "rdt schemata ", rdt->lines[i].text);
		printer_end(p, rdt->lines[i].origin);
	}
	if (!rdt->mon_dir)
		return;
	printer_text(p, "rdt monitor ", rdt->mon_dir);
	printer_end(p, "/linux/intelRdt/enableMonitoring");
}

static void print_kernel(struct printer *p, const struct plan *plan)
{
	for (size_t i = 0; i < plan->n_net_devices; i++) {
		printer_text(p, "netdev ", plan->net_devices[i].host_name);
		printer_text(p, " as ", plan->net_devices[i].name);
		printer_end(p, plan->net_devices[i].origin);
	}
	for (size_t i = 0; i < plan->sysctls.n; i++) {
		printer_text(p, "sysctl ", plan->sysctls.v[i].path);
		printer_text(p, " = ", plan->sysctls.v[i].value);
		printer_end(p, plan->sysctls.v[i].origin);
	}
}

void plan_print(const struct plan *plan, void (*line)(void *context, const char *text),
		void *context)
{
	struct printer p = { .line = line, .context = context };

	p.out = open_memstream(&p.text, &p.size);
	if (!p.out)
		return;
	print_names(&p, plan);
	print_namespaces(&p, &plan->ns);
	plan_print_cgroup(plan->cgroup, line, context);
	if (plan->rdt)
		print_rdt(&p, plan->rdt);
	print_kernel(&p, plan);
	print_rootfs(&p, &plan->rootfs);
	if (plan->has_process)
		plan_print_process(&p, &plan->process);
	if (plan->seccomp)
		plan_print_seccomp(&p, plan->seccomp);
	for (size_t kind = 0; kind < PLAN_HOOK_KINDS; kind++)
		for (size_t i = 0; i < plan->hooks[kind].n; i++)
			print_hook(&p, plan_hook_names[kind], &plan->hooks[kind].v[i]);
	fclose(p.out);
	free(p.text);
}
