/* SPDX-License-Identifier: BSD-3-Clause */
/* multipath: what decides on the path of a packet in a route with several. */
#include <string.h>

#include <bsd/string.h>

#include "commands/call.h"
#include "commands/commands.h"
#include "commands/parse_vrf.h"
#include "pkt/flow_policy.h"

static const struct {
	const char *name;
	enum flow_field field;
} fields[] = {
	{ "src", FLOW_SRC },
	{ "dst", FLOW_DST },
	{ "proto", FLOW_PROTO },
	{ "src-port", FLOW_SRC_PORT },
	{ "dst-port", FLOW_DST_PORT },
	{ "flow-label", FLOW_LABEL },
};

#define FIELD_COUNT (sizeof(fields) / sizeof(fields[0]))

/* "src,dst,flow-label". @return bits, or 0 if one is unknown */
static uint8_t
fields_parse(const char *text)
{
	char words[128], *rest = words, *word;
	uint8_t bits = 0;
	size_t i;

	if (strlcpy(words, text, sizeof(words)) >= sizeof(words))
		return 0;
	while ((word = strsep(&rest, ",")) != NULL) {
		for (i = 0; i < FIELD_COUNT && strcmp(fields[i].name, word) != 0; i++)
			;
		if (i == FIELD_COUNT)
			return 0;
		bits |= fields[i].field;
	}
	return bits;
}

static void
fields_append(uint8_t bits, struct strbuf *out)
{
	const char *comma = "";

	for (size_t i = 0; i < FIELD_COUNT; i++) {
		if ((bits & fields[i].field) == 0)
			continue;
		strbuf_printf(out, "%s%s", comma, fields[i].name);
		comma = ",";
	}
}

/* "l4", "fields src,dst seed 7 symmetric" */
static void
policy_append(const struct flow_policy *policy, struct strbuf *out)
{
	if (policy == NULL || policy->fields == FLOW_FIELDS_L4)
		strbuf_append(out, "l4");
	else if (policy->fields == FLOW_FIELDS_L3)
		strbuf_append(out, "l3");
	else
		strbuf_append(out, "fields ");
	if (policy == NULL)
		return;
	if (policy->fields != FLOW_FIELDS_L4 && policy->fields != FLOW_FIELDS_L3)
		fields_append(policy->fields, out);
	if (policy->inner)
		strbuf_append(out, " inner");
	if (policy->seed != 0)
		strbuf_printf(out, " seed %u", policy->seed);
	if (policy->symmetric)
		strbuf_append(out, " symmetric");
}

static void
multipath_undo(struct cli_call *call, uint16_t vrf)
{
	struct strbuf text = STRBUF_INIT;

	policy_append(stack_of(call)->vrfs[vrf]->policy, &text);
	vrf_append(stack_of(call), vrf, &text);
	cli_undo(call, "multipath set policy %s", strbuf_text(&text));
	strbuf_free(&text);
}

static int
multipath_set(struct cli_call *call)
{
	struct flow_policy policy = {
		.fields = cli_arg_present(call, "l3") ? FLOW_FIELDS_L3 : FLOW_FIELDS_L4,
		.inner = cli_arg_present(call, "inner"),
		.symmetric = cli_arg_present(call, "symmetric"),
		.seed = (uint32_t)cli_arg_number(call, "seed", 0),
	};
	const char *list = cli_arg_string(call, "fields");
	uint16_t vrf;
	bool plain;
	int rc = parse_vrf(call, stack_of(call), "vrf", &vrf);

	if (rc < 0)
		return rc;
	if (list != NULL) {
		policy.fields = fields_parse(list);
		if (policy.fields == 0)
			return cli_fail(call, "fields", EINVAL,
				"fields are src, dst, proto, src-port, dst-port and flow-label, "
				"with commas between them");
	}
	plain = policy.fields == FLOW_FIELDS_L4 && policy.seed == 0 && !policy.symmetric &&
		!policy.inner;
	multipath_undo(call, vrf);
	return stack_multipath_set(stack_of(call), vrf, plain ? NULL : &policy, call->err);
}

static int
multipath_show(struct cli_call *call)
{
	const struct stack *stack = stack_of(call);
	const struct flow_policy *policy;
	struct strbuf text = STRBUF_INIT;
	uint16_t vrf;
	int rc = parse_vrf(call, stack, "vrf", &vrf);

	if (rc < 0)
		return rc;
	policy = stack->vrfs[vrf]->policy;
	policy_append(policy, &text);
	show_record_begin(call->show, NULL);
	show_string(call->show, "vrf", stack->vrfs[vrf]->name);
	show_string(call->show, "policy", strbuf_text(&text));
	show_string(call->show, "hash", policy == NULL ? "toeplitz" : "jhash");
	strbuf_reset(&text);
	fields_append(policy == NULL ? FLOW_FIELDS_L4 : policy->fields, &text);
	show_string(call->show, "fields", strbuf_text(&text));
	show_bool(call->show, "inner", policy != NULL && policy->inner);
	show_u64(call->show, "seed", policy == NULL ? 0 : policy->seed);
	show_bool(call->show, "symmetric", policy != NULL && policy->symmetric);
	show_record_end(call->show);
	strbuf_free(&text);
	return 0;
}

static void
multipath_config(void *arg, struct strbuf *out)
{
	const struct stack *stack = ((struct daemon *)arg)->stack;

	const struct stack_vrf *vrf;

	for (unsigned i = 0; (vrf = stack_vrf_next(stack, i)) != NULL; i = vrf->index + 1U) {
		if (vrf->policy == NULL)
			continue;
		strbuf_append(out, "multipath set policy ");
		policy_append(vrf->policy, out);
		vrf_append(stack, vrf->index, out);
		strbuf_append(out, "\n");
	}
}

static const struct cli_command commands[] = {
	{ "multipath set policy (l3 | l4 | fields FIELDS:WORD) [inner] [seed N:0-4294967295] "
	  "[symmetric] [vrf VRF]",
		"choose what the path of a packet of a VRF depends on\n"
		"l3: the addresses\n"
		"l4: addresses, protocol and ports: the default, by the port's own hash if it has one\n"
		"fields: some of src,dst,proto,src-port,dst-port,flow-label\n"
		"inner: of tunnels (IP in IP, GRE, VXLAN, GTP-U) the packet inside, where it shows\n"
		"seed: another one spreads the flows differently\n"
		"symmetric: both directions of a flow alike",
		multipath_set, 0 },
	{ "multipath show [vrf VRF]", "what the path of a packet depends on", multipath_show,
		CLI_SHOW },
};

const struct cli_noun cli_noun_multipath = {
	.name = "multipath",
	.help = "how flows are shared over the paths of a route",
	.commands = commands,
	.count = sizeof(commands) / sizeof(commands[0]),
	.config = multipath_config,
};
