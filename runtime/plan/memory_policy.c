/* SPDX-License-Identifier: Apache-2.0 */
/* The NUMA memory policy: a mode, flags, and a list of nodes as a bit mask. */
#include "bit_list.h"
#include "plan_parts.h"

#include <errno.h>
#include <linux/mempolicy.h>

/* The most that any architecture can be built for: NODES_SHIFT is 10 at most. */
#define NODES_MAX 1024u
#define LONG_BITS (8 * sizeof(unsigned long))

#define POINTER "/linux/memoryPolicy"

/* Linux 5.15 and 6.9: newer than the headers that this may be built with. */
#define POLICY_PREFERRED_MANY      5
#define POLICY_WEIGHTED_INTERLEAVE 6

/* set_mempolicy(2): which modes must have nodes, which must have none; MPOL_PREFERRED may. */
static const struct {
	int mode;
	bool needs_nodes;
} mode_rows[] = {
	{ MPOL_DEFAULT, false },
	{ MPOL_LOCAL, false },
	{ MPOL_BIND, true },
	{ MPOL_INTERLEAVE, true },
	{ POLICY_PREFERRED_MANY, true },
	{ POLICY_WEIGHTED_INTERLEAVE, true },
};

static unsigned count_nodes(const unsigned long *nodes)
{
	unsigned count = 0;

	for (size_t i = 0; i < NODES_MAX / LONG_BITS; i++)
		count += (unsigned)__builtin_popcountl(nodes[i]);
	return count;
}

static int check_count(int mode, unsigned count, struct err *err)
{
	for (size_t i = 0; i < sizeof(mode_rows) / sizeof(mode_rows[0]); i++) {
		if (mode_rows[i].mode != mode)
			continue;
		if (mode_rows[i].needs_nodes && count == 0)
			return err_at(err, POINTER, EINVAL,
				      "memory policy mode requires at least one node but got 0");
		if (!mode_rows[i].needs_nodes && count > 0)
			return err_at(err, POINTER "/nodes", EINVAL,
				      "memory policy mode requires 0 nodes but got %u", count);
	}
	return 0;
}

int plan_build_memory_policy(const struct plan_input *in, struct plan_process *process,
			     struct err *err)
{
	const struct spec_memory_policy *from = &in->spec->linux_.memory_policy;
	unsigned long *nodes;
	unsigned count;

	if (!from->set)
		return 0;
	nodes = ARENA_ARRAY(in->arena, unsigned long, NODES_MAX / LONG_BITS);
	if (from->nodes && from->nodes[0] && !plan_read_bit_list(from->nodes, NODES_MAX, nodes))
		return err_at(err, POINTER "/nodes", EINVAL,
			      "invalid memory policy nodes \"%s\", expected a list like \"0-3,7\"",
			      from->nodes);
	count = count_nodes(nodes);
	TRY(check_count(from->mode, count, err));
	if ((from->flags & MPOL_F_STATIC_NODES) && (from->flags & MPOL_F_RELATIVE_NODES))
		return err_at(err, POINTER "/flags", EINVAL,
			      "invalid memory policy flags: MPOL_F_STATIC_NODES and "
			      "MPOL_F_RELATIVE_NODES exclude each other");

	process->has_memory_policy = true;
	process->memory_policy.mode = from->mode | (int)from->flags;
	if (count > 0) {
		process->memory_policy.nodes = nodes;
		/* The kernel counts from one: it takes one less than this number of bits. */
		process->memory_policy.max_node = NODES_MAX + 1;
	}
	return 0;
}
