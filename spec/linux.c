/* SPDX-License-Identifier: Apache-2.0 */
/* linux: everything but resources and seccomp, which have files of their own. */
#include "clone_flags.h"
#include "tables.h"

#include <linux/mempolicy.h>
#include <string.h>
#include <sys/personality.h>

/* Linux 5.15 and 6.9: newer than the headers that this may be built with. */
#define POLICY_PREFERRED_MANY      5
#define POLICY_WEIGHTED_INTERLEAVE 6

/* ---- namespaces, time offsets ---- */

static const struct spec_name namespace_types[] = {
	{ "mount", CLONE_NEWNS },      { "pid", CLONE_NEWPID },   { "network", CLONE_NEWNET },
	{ "uts", CLONE_NEWUTS },       { "ipc", CLONE_NEWIPC },   { "user", CLONE_NEWUSER },
	{ "cgroup", CLONE_NEWCGROUP }, { "time", CLONE_NEWTIME },
};
static const struct field_names namespace_type_names =
	FIELD_NAMES("a type of namespace", namespace_types);

static const struct field namespace_fields[] = {
	{ "type", FIELD_NAMED(struct spec_namespace, clone_flag, &namespace_type_names),
	  .is_required = true },
	{ "path", FIELD_MEMBER(struct spec_namespace, path), .check_text = field_text_absolute },
};
FIELD_ASSERT_ELEMENT(struct spec_namespace);
static const struct field_object namespace_object = {
	FIELD_ROWS(struct spec_namespace, namespace_fields),
};

/* spec: two namespaces of one type must be an error. */
static int check_namespaces(struct field_reader *r, const void *member)
{
	const __typeof__(((struct spec *)0)->linux_.namespaces) *list = member;
	uint64_t seen = 0;

	for (size_t i = 0; i < list->n; i++) {
		if (seen & list->v[i].clone_flag)
			TRY(field_problem_at(
				r, i, "has the type of an earlier namespace, \"%s\"",
				field_name_of(&namespace_type_names, list->v[i].clone_flag)));
		seen |= list->v[i].clone_flag;
	}
	return 0;
}

static const struct field time_offset_fields[] = {
	{ "secs", FIELD_MEMBER(struct spec_time_offset, secs) },
	{ "nanosecs", FIELD_MEMBER(struct spec_time_offset, nanosecs) },
};
static const struct field_object time_offset_object = {
	FIELD_ROWS_SET(struct spec_time_offset, time_offset_fields, set),
};
static const struct field time_offsets_fields[] = {
	{ "boottime", FIELD_STRUCT(struct spec, linux_.boottime, &time_offset_object) },
	{ "monotonic", FIELD_STRUCT(struct spec, linux_.monotonic, &time_offset_object) },
};
static const struct field_object time_offsets_object = {
	FIELD_ROWS(struct spec, time_offsets_fields),
	/* spec: the name of the clock is the entry key. */
	.expected_key = "a clock of time namespaces, expected \"boottime\" or \"monotonic\"",
};

/* ---- devices ---- */

static const struct spec_name device_types[] = {
	{ "c", 'c' },
	{ "b", 'b' },
	{ "u", 'u' },
	{ "p", 'p' },
};
static const struct field_names device_type_names = FIELD_NAMES("a type of device", device_types);

/* spec: the numbers are required unless the type is p. */
static int check_device(struct field_reader *r, void *object, const json_t *json)
{
	const struct spec_device *device = object;

	if (device->type == 'p')
		return 0;
	if (!field_is_given(json, "major"))
		TRY(field_problem_in(r, "major", "is missing, but it is required"));
	if (!field_is_given(json, "minor"))
		TRY(field_problem_in(r, "minor", "is missing, but it is required"));
	return 0;
}

static const struct field device_fields[] = {
	{ "type", FIELD_NAMED(struct spec_device, type, &device_type_names), .is_required = true },
	{ "path", FIELD_MEMBER(struct spec_device, path), .is_required = true,
	  .check_text = field_text_absolute },
	{ "major", FIELD_MEMBER(struct spec_device, major) },
	{ "minor", FIELD_MEMBER(struct spec_device, minor) },
	/* The schema says 511 at most; engines write all of st_mode. */
	{ "fileMode", FIELD_MEMBER(struct spec_device, file_mode), .max = UINT32_MAX },
	{ "uid", FIELD_MEMBER(struct spec_device, uid), .max = UINT32_MAX },
	{ "gid", FIELD_MEMBER(struct spec_device, gid), .max = UINT32_MAX },
};
FIELD_ASSERT_ELEMENT(struct spec_device);
static const struct field_object device_object = {
	FIELD_ROWS(struct spec_device, device_fields),
	.check = check_device,
};

static const struct field net_device_fields[] = {
	{ "name", FIELD_MEMBER(struct spec_net_device, name) },
};
FIELD_ASSERT_ELEMENT(struct spec_net_device);
static const struct field_object net_device_object = {
	FIELD_ROWS(struct spec_net_device, net_device_fields),
	.key_offset = offsetof(struct spec_net_device, host_name),
};

/* ---- intelRdt ---- */

/* A directory of resctrl, or "/" for the default class. */
static int check_clos_id(struct field_reader *r, const char *text)
{
	if (strcmp(text, "/") == 0)
		return 0;
	if (strchr(text, '/') || strcmp(text, ".") == 0 || strcmp(text, "..") == 0)
		return field_problem(r, "is %s, expected \"/\" or the name of a directory",
				     field_quote(text).text);
	return 0;
}

static int check_mem_bw_schema(struct field_reader *r, const char *text)
{
	if (strncmp(text, "MB:", 3) != 0)
		return field_problem(r, "is %s, expected a line that starts with \"MB:\"",
				     field_quote(text).text);
	return field_text_one_line(r, text);
}

static const struct field intel_rdt_fields[] = {
	{ "closID", FIELD_MEMBER(struct spec_intel_rdt, clos_id), .check_text = check_clos_id },
	{ "schemata", FIELD_MEMBER(struct spec_intel_rdt, schemata),
	  .check_text = field_text_one_line },
	{ "l3CacheSchema", FIELD_MEMBER(struct spec_intel_rdt, l3_cache_schema) },
	{ "memBwSchema", FIELD_MEMBER(struct spec_intel_rdt, mem_bw_schema),
	  .check_text = check_mem_bw_schema },
	{ "enableMonitoring", FIELD_MEMBER(struct spec_intel_rdt, enable_monitoring) },
};
static const struct field_object intel_rdt_object = {
	FIELD_ROWS_SET(struct spec_intel_rdt, intel_rdt_fields, set),
};

/* ---- memoryPolicy, personality ---- */

static const struct spec_name policy_modes[] = {
	{ "MPOL_DEFAULT", MPOL_DEFAULT },
	{ "MPOL_BIND", MPOL_BIND },
	{ "MPOL_INTERLEAVE", MPOL_INTERLEAVE },
	{ "MPOL_WEIGHTED_INTERLEAVE", POLICY_WEIGHTED_INTERLEAVE },
	{ "MPOL_PREFERRED", MPOL_PREFERRED },
	{ "MPOL_PREFERRED_MANY", POLICY_PREFERRED_MANY },
	{ "MPOL_LOCAL", MPOL_LOCAL },
};
static const struct field_names policy_mode_names = {
	.what = "a memory policy mode",
	.n = sizeof(policy_modes) / sizeof(policy_modes[0]),
	.v = policy_modes,
	.invalid = "invalid memory policy mode",
};

/* Linux 5.12; the others are older. */
#ifndef MPOL_F_NUMA_BALANCING
#define MPOL_F_NUMA_BALANCING (1 << 13)
#endif
static const struct spec_name policy_flags[] = {
	{ "MPOL_F_NUMA_BALANCING", MPOL_F_NUMA_BALANCING },
	{ "MPOL_F_RELATIVE_NODES", MPOL_F_RELATIVE_NODES },
	{ "MPOL_F_STATIC_NODES", MPOL_F_STATIC_NODES },
};
static const struct field_names policy_flag_names = {
	.what = "a memory policy flag",
	.n = sizeof(policy_flags) / sizeof(policy_flags[0]),
	.v = policy_flags,
	.invalid = "invalid memory policy flag",
};

static const struct field memory_policy_fields[] = {
	/* Required by the text of the spec, as is personality.domain. */
	{ "mode", FIELD_NAMED(struct spec_memory_policy, mode, &policy_mode_names),
	  .is_required = true },
	{ "nodes", FIELD_MEMBER(struct spec_memory_policy, nodes) },
	{ "flags", FIELD_NAMED_LIST(struct spec_memory_policy, flags, &policy_flag_names) },
};
static const struct field_object memory_policy_object = {
	FIELD_ROWS_SET(struct spec_memory_policy, memory_policy_fields, set),
};

static const struct spec_name personality_domains[] = {
	{ "LINUX", PER_LINUX },
	{ "LINUX32", PER_LINUX32 },
};
static const struct field_names personality_domain_names =
	FIELD_NAMES("an execution domain", personality_domains);

static const struct field personality_fields[] = {
	{ "domain", FIELD_NAMED(struct spec_personality, domain, &personality_domain_names),
	  .is_required = true },
	{ "flags", FIELD_REFUSED("the specification defines no flags") },
};
static const struct field_object personality_object = {
	FIELD_ROWS_SET(struct spec_personality, personality_fields, set),
};

/* ---- linux ---- */

/* The spec has the first four; the recursive ones are what most engines and users write. */
static const struct spec_name propagations[] = {
	{ "private", 0 },  { "shared", 0 },  { "slave", 0 },  { "unbindable", 0 },
	{ "rprivate", 0 }, { "rshared", 0 }, { "rslave", 0 }, { "runbindable", 0 },
};
static const struct field_names propagation_names =
	FIELD_NAMES("a mount propagation", propagations);

static const struct field linux_fields[] = {
	{ "namespaces", FIELD_STRUCT_LIST(struct spec, linux_.namespaces, &namespace_object),
	  .check = check_namespaces },
	{ "uidMappings", FIELD_STRUCT_LIST(struct spec, linux_.uid_mappings, &spec_table_id_map) },
	{ "gidMappings", FIELD_STRUCT_LIST(struct spec, linux_.gid_mappings, &spec_table_id_map) },
	{ "timeOffsets", FIELD_GROUP(&time_offsets_object) },
	{ "devices", FIELD_STRUCT_LIST(struct spec, linux_.devices, &device_object) },
	{ "netDevices", FIELD_STRUCT_MAP(struct spec, linux_.net_devices, &net_device_object) },
	{ "cgroupsPath", FIELD_MEMBER(struct spec, linux_.cgroups_path) },
	{ "resources", FIELD_STRUCT(struct spec, linux_.resources, &spec_table_resources) },
	{ "rootfsPropagation", FIELD_MEMBER(struct spec, linux_.rootfs_propagation),
	  .names = &propagation_names },
	{ "seccomp", FIELD_STRUCT(struct spec, linux_.seccomp, &spec_table_seccomp) },
	{ "sysctl", FIELD_MEMBER(struct spec, linux_.sysctl) },
	{ "maskedPaths", FIELD_MEMBER(struct spec, linux_.masked_paths),
	  .check_text = field_text_absolute },
	{ "readonlyPaths", FIELD_MEMBER(struct spec, linux_.readonly_paths),
	  .check_text = field_text_absolute },
	{ "mountLabel", FIELD_MEMBER(struct spec, linux_.mount_label) },
	{ "intelRdt", FIELD_STRUCT(struct spec, linux_.intel_rdt, &intel_rdt_object) },
	{ "memoryPolicy", FIELD_STRUCT(struct spec, linux_.memory_policy, &memory_policy_object) },
	{ "personality", FIELD_STRUCT(struct spec, linux_.personality, &personality_object) },
};
FIELD_ASSERT_ROWS(linux_fields);

const struct field_object spec_table_linux = {
	FIELD_ROWS_SET(struct spec, linux_fields, linux_.set),
};
