/* SPDX-License-Identifier: BSD-3-Clause */
/* nexthop: gateways, groups, and what went over each path. */
#include <stdlib.h>

#include "commands/call.h"
#include "commands/commands.h"
#include "commands/show_nexthop.h"

static void
show_counters(struct show *show, const struct stack *stack, uint32_t id)
{
	struct nexthop_counters counters;

	stack_nexthop_counters(stack, id, &counters);
	show_u64(show, "packets", counters.packets);
	show_u64(show, "bytes", counters.bytes);
}

/* Flags have a column of their own here. */
static void
show_way(struct show *show, const struct stack *stack, uint32_t id)
{
	struct strbuf text = STRBUF_INIT;

	nexthop_append(stack, SHOW_VRF_NONE, id, &text);
	show_string(show, "way", strbuf_text(&text));
	strbuf_free(&text);
}

static void
show_group(struct show *show, const struct stack *stack, uint32_t id,
	const struct nexthop_group *group)
{
	show_record_begin(show, NULL);
	show_u64(show, "nexthop", id);
	show_string(show, "type", "group");
	show_stringf(show, "way", "%u paths, %u buckets", group->path_count, group->bucket_count);
	show_none(show, "group");
	show_none(show, "weight");
	show_string(show, "flags", "");
	show_counters(show, stack, id);
	show_record_end(show);
	for (uint32_t i = 0; i < group->path_count; i++) {
		const struct nexthop_path *path = &group->paths[i];

		show_record_begin(show, NULL);
		show_u64(show, "nexthop", path->nexthop);
		show_string(show, "type",
			nexthop_type_name(
				nexthop_get(nexthop_table_array(stack->nexthops), path->nexthop)
					->type));
		show_way(show, stack, path->nexthop);
		show_u64(show, "group", id);
		show_u64(show, "weight", path->weight);
		show_string(show, "flags", nexthop_flags(stack, path->nexthop));
		show_counters(show, stack, path->nexthop);
		show_record_end(show);
	}
}

static void
show_single(struct show *show, const struct stack *stack, uint32_t id)
{
	const struct nexthop *array = nexthop_table_array(stack->nexthops);

	show_record_begin(show, NULL);
	show_u64(show, "nexthop", id);
	show_string(show, "type", nexthop_type_name(array[id].type));
	show_way(show, stack, id);
	show_none(show, "group");
	show_none(show, "weight");
	show_string(show, "flags", nexthop_flags(stack, id));
	show_counters(show, stack, id);
	show_record_end(show);
}

/* Mark the nexthops that are paths: they are shown below their groups. */
static void
mark_paths(const struct stack *stack, bool *is_path)
{
	const struct nexthop *array = nexthop_table_array(stack->nexthops);

	for (uint32_t id = nexthop_next(stack->nexthops, 0); id != UINT32_MAX;
		id = nexthop_next(stack->nexthops, id + 1)) {
		const struct nexthop_group *group =
			array[id].type == NEXTHOP_GROUP ? array[id].group : NULL;

		for (uint32_t i = 0; group != NULL && i < group->path_count; i++)
			is_path[group->paths[i].nexthop] = true;
	}
}

static int
nexthop_show(struct cli_call *call)
{
	const struct stack *stack = stack_of(call);
	const struct nexthop *array = nexthop_table_array(stack->nexthops);
	bool *is_path = calloc(nexthop_table_max(stack->nexthops), sizeof(*is_path));

	if (is_path == NULL)
		return error_set(call->err, ENOMEM, "no memory");
	mark_paths(stack, is_path);
	show_list_begin(call->show, NULL);
	for (uint32_t id = nexthop_next(stack->nexthops, NEXTHOP_ID_FIRST_FREE); id != UINT32_MAX;
		id = nexthop_next(stack->nexthops, id + 1)) {
		if (array[id].type == NEXTHOP_GROUP)
			show_group(call->show, stack, id, array[id].group);
		else if (!is_path[id])
			show_single(call->show, stack, id);
	}
	show_list_end(call->show);
	free(is_path);
	return 0;
}

static int
nexthop_clear(struct cli_call *call)
{
	stack_nexthop_clear(stack_of(call));
	return 0;
}

static const struct cli_command commands[] = {
	{ "nexthop show", "nexthops and groups, with what went over each path", nexthop_show,
		CLI_SHOW },
	{ "nexthop clear", "count from zero", nexthop_clear, 0 },
};

const struct cli_noun cli_noun_nexthop = {
	.name = "nexthop",
	.help = "gateways, and groups of them",
	.commands = commands,
	.count = sizeof(commands) / sizeof(commands[0]),
};
