/* SPDX-License-Identifier: Apache-2.0 */
/* A plan as facts: the frame, namespaces and ids, what the kernel is told, hooks. */
#include "plan_explain.h"

#include "clone_flags.h"
#include "explainer.h"
#include "namespace_names.h"
#include "plan_rdt.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Cells are made of texts of the plan: a text appears in a few of them at most. */
#define EXPLAIN_BYTES_FIXED  (1u << 20)
#define EXPLAIN_BYTES_FACTOR 32u

const struct plan_section plan_section_namespaces = { "namespaces",
						      "Namespaces",
						      { "name", "whose", "path", "isolates" } };
const struct plan_section plan_section_ids = { "ids",
					       "User and group ids",
					       { "kind", "inside", "outside", "count" } };
const struct plan_section plan_section_names = { "names", "Names", { "name", "value" } };
const struct plan_section plan_section_sysctls = { "sysctls",
						   "Kernel parameters",
						   { "file", "value" } };
const struct plan_section plan_section_rdt = { "intelRdt",
					       "Cache and memory bandwidth",
					       { "what", "value" } };
const struct plan_section plan_section_net_devices = { "netDevices",
						       "Network devices, moved from the host",
						       { "hostName", "name" } };
const struct plan_section plan_section_hooks = {
	"hooks", "Hooks, in this order", { "kind", "path", "arguments", "timeout", "where" }
};
const struct plan_section plan_section_annotations = { "annotations",
						       "Annotations",
						       { "key", "value" } };

/* ---- the frame ---- */

void explainer_add(struct explainer *e, const struct plan_fact *fact)
{
	struct plan_explanation *explanation = e->explanation;
	struct plan_fact *v =
		realloc(explanation->v, (explanation->n + 1) * sizeof(*explanation->v));

	if (!v) {
		e->is_incomplete = true;
		return;
	}
	explanation->v = v;
	v[explanation->n] = *fact;
	if (!v[explanation->n].origin)
		v[explanation->n].origin = "";
	explanation->n++;
}

const char *explainer_cell(struct explainer *e)
{
	const char *cell;

	fputc('\0', e->text.out);
	if (fflush(e->text.out) != 0 || ferror(e->text.out)) {
		e->is_incomplete = true;
		return NULL;
	}
	cell = e->text.text[0] ? arena_strdup(e->explanation->arena, e->text.text) : NULL;
	rewind(e->text.out);
	return cell;
}

void explainer_pair(struct explainer *e, const struct plan_section *section, const char *name,
		    const char *value, const char *origin)
{
	if (value)
		explainer_add(e, &(struct plan_fact){
					 section, { name, value }, origin, PLAN_SHARING_UNSAID });
}

/* ---- namespaces and ids ---- */

static const char *isolated_by(uint64_t clone_flag)
{
	static const struct {
		uint64_t clone_flag;
		const char *what;
	} rows[] = {
		{ CLONE_NEWUSER, "user and group ids, capabilities" },
		{ CLONE_NEWNS, "mounts" },
		{ CLONE_NEWPID, "process ids" },
		{ CLONE_NEWNET, "interfaces, addresses, ports, abstract sockets" },
		{ CLONE_NEWIPC, "System V IPC, POSIX message queues" },
		{ CLONE_NEWUTS, "host and domain name" },
		{ CLONE_NEWCGROUP, "the view of cgroup paths" },
		{ CLONE_NEWTIME, "boot and monotonic clocks" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].clone_flag == clone_flag)
			return rows[i].what;
	return NULL;
}

static void explain_namespaces(struct explainer *e, const struct plan_namespaces *ns)
{
	for (size_t i = 0; i < PLAN_NS_MAX; i++) {
		const struct plan_ns_name *name = &plan_ns_names[i];
		struct plan_fact fact = {
			.section = &plan_section_namespaces,
			.cells = { name->spec_name, "the host's", NULL,
				   isolated_by(name->clone_flag) },
			.sharing = PLAN_SHARING_HOST,
		};

		for (size_t k = 0; k < ns->n; k++) {
			if (ns->v[k].clone_flag != name->clone_flag)
				continue;
			fact.origin = ns->v[k].origin;
			fact.cells[1] = ns->v[k].path ? "joined" : "its own";
			fact.cells[2] = ns->v[k].path;
			fact.sharing = ns->v[k].path ? PLAN_SHARING_OTHER : PLAN_SHARING_OWN;
		}
		explainer_add(e, &fact);
	}
}

static void explain_id_maps(struct explainer *e, const char *kind, const struct plan_id_maps *maps,
			    const char *pointer)
{
	for (size_t i = 0; i < maps->n; i++) {
		struct plan_fact fact = { .section = &plan_section_ids, .cells = { kind } };

		fact.sharing = PLAN_SHARING_OWN;
		printer_put(&e->text, "%" PRIu32, maps->v[i].inside);
		fact.cells[1] = explainer_cell(e);
		printer_put(&e->text, "%" PRIu32, maps->v[i].outside);
		fact.cells[2] = explainer_cell(e);
		printer_put(&e->text, "%" PRIu32, maps->v[i].size);
		fact.cells[3] = explainer_cell(e);
		fact.origin = arena_printf(e->explanation->arena, "%s/%zu", pointer, i);
		explainer_add(e, &fact);
	}
}

static void explain_ids(struct explainer *e, const struct plan_namespaces *ns)
{
	static const struct plan_fact host[] = {
		{ &plan_section_ids, { "uid", "0", "0", "all" }, "", PLAN_SHARING_HOST },
		{ &plan_section_ids, { "gid", "0", "0", "all" }, "", PLAN_SHARING_HOST },
	};

	if (ns->has_uid_gid_maps) {
		explain_id_maps(e, "uid", &ns->uids, "/linux/uidMappings");
		explain_id_maps(e, "gid", &ns->gids, "/linux/gidMappings");
	} else if (!(ns->join & CLONE_NEWUSER)) {
		explainer_add(e, &host[0]);
		explainer_add(e, &host[1]);
	}
}

/* ---- what the kernel is told ---- */

static void explain_names(struct explainer *e, const struct plan *plan)
{
	explainer_pair(e, &plan_section_names, "bundle", plan->bundle, NULL);
	explainer_pair(e, &plan_section_names, "hostname", plan->hostname, "/hostname");
	explainer_pair(e, &plan_section_names, "domainname", plan->domainname, "/domainname");
	if (plan->ns.time_offsets)
		explainer_pair(e, &plan_section_names, "time offsets", plan->ns.time_offsets,
			       "/linux/timeOffsets");
}

static void explain_kernel(struct explainer *e, const struct plan *plan)
{
	for (size_t i = 0; i < plan->sysctls.n; i++) {
		const struct plan_write *one = &plan->sysctls.v[i];

		explainer_pair(e, &plan_section_sysctls, one->path, one->value, one->origin);
	}
	for (size_t i = 0; i < plan->n_net_devices; i++) {
		const struct plan_net_device *one = &plan->net_devices[i];

		explainer_add(e, &(struct plan_fact){ &plan_section_net_devices,
						      { one->host_name, one->name },
						      one->origin,
						      PLAN_SHARING_OWN });
	}
}

static void explain_rdt(struct explainer *e, const struct plan_rdt *rdt)
{
	if (!rdt)
		return;
	explainer_add(e, &(struct plan_fact){
				 &plan_section_rdt,
				 { "class of service", rdt->clos_dir },
				 rdt->origin,
				 rdt->is_own ? PLAN_SHARING_OWN : PLAN_SHARING_OTHER,
			 });
	for (size_t i = 0; i < rdt->n_lines; i++)
		explainer_pair(e, &plan_section_rdt, "schemata", rdt->lines[i].text,
			       rdt->lines[i].origin);
	explainer_pair(e, &plan_section_rdt, "monitoring group", rdt->mon_dir,
		       "/linux/intelRdt/enableMonitoring");
}

/* ---- hooks ---- */

static void explain_hook(struct explainer *e, enum plan_hook_kind kind,
			 const struct plan_hook *hook)
{
	bool is_inside = kind == PLAN_HOOK_CREATE_CONTAINER || kind == PLAN_HOOK_START_CONTAINER;
	struct plan_fact fact = {
		.section = &plan_section_hooks,
		.cells = { plan_hook_names[kind], hook->path },
		.origin = hook->origin,
		.sharing = is_inside ? PLAN_SHARING_OWN : PLAN_SHARING_HOST,
	};

	for (char **arg = hook->argv; *arg; arg++)
		printer_put(&e->text, "%s%s", arg == hook->argv ? "" : " ", *arg);
	fact.cells[2] = explainer_cell(e);
	if (hook->timeout_s)
		printer_put(&e->text, "%" PRId64 " s", hook->timeout_s);
	fact.cells[3] = explainer_cell(e);
	fact.cells[4] = is_inside ? "in the container's namespaces" : "on the host";
	explainer_add(e, &fact);
}

static void explain_all(struct explainer *e, const struct plan *plan)
{
	explain_names(e, plan);
	explain_namespaces(e, &plan->ns);
	explain_ids(e, &plan->ns);
	plan_explain_cgroup(e, plan->cgroup);
	explain_rdt(e, plan->rdt);
	explain_kernel(e, plan);
	plan_explain_rootfs(e, &plan->rootfs);
	if (plan->has_process)
		plan_explain_process(e, &plan->process);
	plan_explain_seccomp(e, plan->seccomp);
	for (size_t kind = 0; kind < PLAN_HOOK_KINDS; kind++)
		for (size_t i = 0; i < plan->hooks[kind].n; i++)
			explain_hook(e, (enum plan_hook_kind)kind, &plan->hooks[kind].v[i]);
	for (size_t i = 0; i < plan->n_annotations; i++)
		explainer_pair(e, &plan_section_annotations, plan->annotations[i].key,
			       plan->annotations[i].value, NULL);
}

int explainer_open(struct explainer *e, struct plan_explanation *explanation, struct err *err)
{
	*e = (struct explainer){ .explanation = explanation };
	e->text.out = open_memstream(&e->text.text, &e->text.size);
	return e->text.out ? 0 : err_sys(err, "make room for text");
}

void explainer_close(struct explainer *e)
{
	fclose(e->text.out);
	free(e->text.text);
}

int plan_explain(const struct plan *plan, struct plan_explanation **ret_explanation,
		 struct err *err)
{
	AUTO(plan_explanation) struct plan_explanation *explanation = NULL;
	struct explainer e;

	explanation = calloc(1, sizeof(*explanation));
	if (!explanation)
		return err_set(err, ENOMEM, "no memory to explain a plan");
	TRY(arena_new(EXPLAIN_BYTES_FIXED + EXPLAIN_BYTES_FACTOR * arena_used(plan->arena),
		      &explanation->arena, err));
	TRY(explainer_open(&e, explanation, err));
	explain_all(&e, plan);
	explainer_close(&e);
	if (e.is_incomplete)
		return err_set(err, ENOMEM, "no memory to explain a plan");
	*ret_explanation = TAKE(explanation);
	return 0;
}

void plan_explanation_free(struct plan_explanation *explanation)
{
	arena_free(explanation->arena);
	free(explanation->v);
	free(explanation);
}
