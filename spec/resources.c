/* SPDX-License-Identifier: Apache-2.0 */
/* linux.resources: the limits, with the units of the document; cgroups are not known here. */
#include "tables.h"

#include <string.h>

/* ---- devices ---- */

static const struct spec_name rule_types[] = {
	{ "a", 'a' },
	{ "b", 'b' },
	{ "c", 'c' },
};
static const struct field_names rule_type_names = FIELD_NAMES("a type of device", rule_types);

/* Others have always let further letters pass, and configs have them: they permit nothing. */
static int check_access(struct field_reader *r, const char *text)
{
	if (text[0] && !strpbrk(text, "rwm"))
		return field_problem(r, "is %s, expected letters of \"rwm\"",
				     field_quote(text).text);
	if (text[strspn(text, "rwm")])
		field_warning(r, "is %s, of which only letters of \"rwm\" count",
			      field_quote(text).text);
	return 0;
}

/* spec: an unset type means all. */
static int check_device_rule(struct field_reader *r, void *object, const json_t *json)
{
	struct spec_device_rule *rule = object;

	(void)r;
	(void)json;
	if (!rule->type)
		rule->type = 'a';
	return 0;
}

static const struct field device_rule_fields[] = {
	{ "allow", FIELD_MEMBER(struct spec_device_rule, allow), .is_required = true },
	{ "type", FIELD_NAMED(struct spec_device_rule, type, &rule_type_names) },
	{ "major", FIELD_MEMBER(struct spec_device_rule, major) },
	{ "minor", FIELD_MEMBER(struct spec_device_rule, minor) },
	{ "access", FIELD_MEMBER(struct spec_device_rule, access), .check_text = check_access },
};
FIELD_ASSERT_ELEMENT(struct spec_device_rule);
static const struct field_object device_rule_object = {
	FIELD_ROWS(struct spec_device_rule, device_rule_fields),
	.check = check_device_rule,
};

/* ---- memory, cpu, pids ---- */

static const struct field memory_fields[] = {
	{ "limit", FIELD_MEMBER(struct spec_resources, memory.limit) },
	{ "reservation", FIELD_MEMBER(struct spec_resources, memory.reservation) },
	{ "swap", FIELD_MEMBER(struct spec_resources, memory.swap) },
	{ "kernel", FIELD_MEMBER(struct spec_resources, memory.kernel) },
	{ "kernelTCP", FIELD_MEMBER(struct spec_resources, memory.kernel_tcp) },
	/* Not limited to 100: engines write -1 as a uint64 for "unset". */
	{ "swappiness", FIELD_MEMBER(struct spec_resources, memory.swappiness) },
	{ "disableOOMKiller", FIELD_MEMBER(struct spec_resources, memory.disable_oom_killer) },
	{ "useHierarchy", FIELD_MEMBER(struct spec_resources, memory.use_hierarchy) },
	{ "checkBeforeUpdate", FIELD_MEMBER(struct spec_resources, memory.check_before_update) },
};
static const struct field_object memory_object = {
	FIELD_ROWS(struct spec_resources, memory_fields),
};

static const struct field cpu_fields[] = {
	{ "shares", FIELD_MEMBER(struct spec_resources, cpu.shares) },
	{ "quota", FIELD_MEMBER(struct spec_resources, cpu.quota) },
	{ "burst", FIELD_MEMBER(struct spec_resources, cpu.burst) },
	{ "period", FIELD_MEMBER(struct spec_resources, cpu.period) },
	{ "realtimeRuntime", FIELD_MEMBER(struct spec_resources, cpu.realtime_runtime) },
	{ "realtimePeriod", FIELD_MEMBER(struct spec_resources, cpu.realtime_period) },
	{ "cpus", FIELD_MEMBER(struct spec_resources, cpu.cpus) },
	{ "mems", FIELD_MEMBER(struct spec_resources, cpu.mems) },
	{ "idle", FIELD_MEMBER(struct spec_resources, cpu.idle) },
};
static const struct field_object cpu_object = {
	FIELD_ROWS(struct spec_resources, cpu_fields),
};

static const struct field pids_fields[] = {
	/* Required by the schema; engines leave it out for "unlimited". */
	{ "limit", FIELD_MEMBER(struct spec_resources, pids.limit) },
};
static const struct field_object pids_object = {
	FIELD_ROWS(struct spec_resources, pids_fields),
};

/* ---- blockIO ---- */

static int check_block_weight(struct field_reader *r, void *object, const json_t *json)
{
	const struct spec_block_weight *weight = object;

	(void)json;
	if (!weight->weight.set && !weight->leaf_weight.set)
		return field_problem(r, "has neither weight nor leafWeight, expected one of them");
	return 0;
}

static const struct field block_weight_fields[] = {
	{ "major", FIELD_MEMBER(struct spec_block_weight, major), .is_required = true },
	{ "minor", FIELD_MEMBER(struct spec_block_weight, minor), .is_required = true },
	{ "weight", FIELD_MEMBER(struct spec_block_weight, weight), .max = UINT16_MAX },
	{ "leafWeight", FIELD_MEMBER(struct spec_block_weight, leaf_weight), .max = UINT16_MAX },
};
FIELD_ASSERT_ELEMENT(struct spec_block_weight);
static const struct field_object block_weight_object = {
	FIELD_ROWS(struct spec_block_weight, block_weight_fields),
	.check = check_block_weight,
};

static const struct field block_rate_fields[] = {
	{ "major", FIELD_MEMBER(struct spec_block_rate, major), .is_required = true },
	{ "minor", FIELD_MEMBER(struct spec_block_rate, minor), .is_required = true },
	/* Required by the text of the spec. */
	{ "rate", FIELD_MEMBER(struct spec_block_rate, rate), .is_required = true },
};
FIELD_ASSERT_ELEMENT(struct spec_block_rate);
static const struct field_object block_rate_object = {
	FIELD_ROWS(struct spec_block_rate, block_rate_fields),
};

#define RATES(member) FIELD_STRUCT_LIST(struct spec_resources, block_io.member, &block_rate_object)

static const struct field block_io_fields[] = {
	{ "weight", FIELD_MEMBER(struct spec_resources, block_io.weight), .max = UINT16_MAX },
	{ "leafWeight", FIELD_MEMBER(struct spec_resources, block_io.leaf_weight),
	  .max = UINT16_MAX },
	{ "weightDevice",
	  FIELD_STRUCT_LIST(struct spec_resources, block_io.weight_device, &block_weight_object) },
	{ "throttleReadBpsDevice", RATES(read_bps) },
	{ "throttleWriteBpsDevice", RATES(write_bps) },
	{ "throttleReadIOPSDevice", RATES(read_iops) },
	{ "throttleWriteIOPSDevice", RATES(write_iops) },
};
static const struct field_object block_io_object = {
	FIELD_ROWS(struct spec_resources, block_io_fields),
};

/* ---- hugepageLimits, network, rdma ---- */

/* "^[1-9][0-9]*[KMG]B$" */
static int check_page_size(struct field_reader *r, const char *text)
{
	size_t digits = strspn(text, "0123456789");
	const char *unit = text + digits;

	if (digits > 0 && text[0] != '0' && *unit && strchr("KMG", *unit) &&
	    strcmp(unit + 1, "B") == 0)
		return 0;
	return field_problem(r, "is %s, expected a size like \"64KB\", \"2MB\" or \"1GB\"",
			     field_quote(text).text);
}

static const struct field hugepage_fields[] = {
	{ "pageSize", FIELD_MEMBER(struct spec_hugepage, page_size), .is_required = true,
	  .check_text = check_page_size },
	{ "limit", FIELD_MEMBER(struct spec_hugepage, limit), .is_required = true },
};
FIELD_ASSERT_ELEMENT(struct spec_hugepage);
static const struct field_object hugepage_object = {
	FIELD_ROWS(struct spec_hugepage, hugepage_fields),
};

static const struct field net_priority_fields[] = {
	{ "name", FIELD_MEMBER(struct spec_net_priority, name), .is_required = true,
	  .check_text = field_text_nonempty },
	{ "priority", FIELD_MEMBER(struct spec_net_priority, priority), .is_required = true },
};
FIELD_ASSERT_ELEMENT(struct spec_net_priority);
static const struct field_object net_priority_object = {
	FIELD_ROWS(struct spec_net_priority, net_priority_fields),
};

static const struct field network_fields[] = {
	{ "classID", FIELD_MEMBER(struct spec_resources, network.class_id), .max = UINT32_MAX },
	{ "priorities",
	  FIELD_STRUCT_LIST(struct spec_resources, network.priorities, &net_priority_object) },
};
static const struct field_object network_object = {
	FIELD_ROWS(struct spec_resources, network_fields),
};

static int check_rdma(struct field_reader *r, void *object, const json_t *json)
{
	const struct spec_rdma *rdma = object;

	(void)json;
	if (!rdma->hca_handles.set && !rdma->hca_objects.set)
		return field_problem(r, "has neither hcaHandles nor hcaObjects, "
					"expected one of them");
	return 0;
}

static const struct field rdma_fields[] = {
	{ "hcaHandles", FIELD_MEMBER(struct spec_rdma, hca_handles), .max = UINT32_MAX },
	{ "hcaObjects", FIELD_MEMBER(struct spec_rdma, hca_objects), .max = UINT32_MAX },
};
FIELD_ASSERT_ELEMENT(struct spec_rdma);
static const struct field_object rdma_object = {
	FIELD_ROWS(struct spec_rdma, rdma_fields),
	.key_offset = offsetof(struct spec_rdma, device),
	.check = check_rdma,
};

/* ---- resources ---- */

static const struct field resources_fields[] = {
	{ "devices", FIELD_STRUCT_LIST(struct spec_resources, devices, &device_rule_object) },
	{ "memory", FIELD_GROUP(&memory_object) },
	{ "cpu", FIELD_GROUP(&cpu_object) },
	{ "pids", FIELD_GROUP(&pids_object) },
	{ "blockIO", FIELD_GROUP(&block_io_object) },
	{ "hugepageLimits",
	  FIELD_STRUCT_LIST(struct spec_resources, hugepage_limits, &hugepage_object) },
	{ "network", FIELD_GROUP(&network_object) },
	{ "rdma", FIELD_STRUCT_MAP(struct spec_resources, rdma, &rdma_object) },
	{ "unified", FIELD_MEMBER(struct spec_resources, unified) },
};

const struct field_object spec_table_resources = {
	FIELD_ROWS_SET(struct spec_resources, resources_fields, set),
};
