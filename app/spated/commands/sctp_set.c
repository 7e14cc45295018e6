/* SPDX-License-Identifier: BSD-3-Clause */
/* sctp set: what endpoints begin with that say nothing themselves. */
#include "commands/sctp.h"

#include <stddef.h>

#include "cc/cc.h"
#include "commands/call.h"

static const struct {
	const char *word;
	uint16_t offset;
	uint8_t bytes;
	const char *shown;
	uint16_t bits; /* 0: all of the field; else on if all of them are set */
} settings[] = {
#define SETTING(word, field, shown)                                             \
	{                                                                       \
		word, offsetof(struct sctp_settings, field),                    \
			sizeof(((struct sctp_settings *)NULL)->field), shown, 0 \
	}
#define EXTENSION(word, bits, shown)                                                            \
	{                                                                                       \
		word, offsetof(struct sctp_settings, extensions), sizeof(uint16_t), shown, bits \
	}
	SETTING("rto-initial", rto_initial_ms, "rto_initial_ms"),
	SETTING("rto-min", rto_min_ms, "rto_min_ms"),
	SETTING("rto-max", rto_max_ms, "rto_max_ms"),
	SETTING("heartbeat", heartbeat_interval_ms, "heartbeat_ms"),
	SETTING("cookie-life", cookie_life_ms, "cookie_life_ms"),
	SETTING("sack-delay", sack_delay_ms, "sack_delay_ms"),
	SETTING("sack-packets", sack_packets, "sack_packets"),
	SETTING("init-retries", init_retries, "init_retries"),
	SETTING("assoc-retries", assoc_retries, "assoc_retries"),
	SETTING("path-retries", path_retries, "path_retries"),
	SETTING("pf-retries", pf_retries, "pf_retries"),
	SETTING("burst", burst, "burst"),
	SETTING("out-streams", out_streams, "out_streams"),
	SETTING("in-streams", in_streams, "in_streams"),
	SETTING("pmtu-probing", pmtu_probing, "pmtu_probing"),
	SETTING("receive-buffer", receive_buffer, "receive_buffer"),
	SETTING("send-buffer", send_buffer, "send_buffer"),
	EXTENSION("forward-tsn", SCTP_EXT_FORWARD_TSN, "forward_tsn"),
	EXTENSION("re-config", SCTP_EXT_RE_CONFIG, "re_config"),
	EXTENSION("i-data", SCTP_EXT_I_DATA | SCTP_EXT_I_FORWARD_TSN, "i_data"),
	EXTENSION("auth", SCTP_EXT_AUTH, "auth"),
	EXTENSION("asconf", SCTP_EXT_ASCONF, "asconf"),
	EXTENSION("ecn", SCTP_EXT_ECN, "ecn"),
	EXTENSION("zero-checksum", SCTP_EXT_ZERO_CHECKSUM, "zero_checksum"),
	SETTING("reset-requests", reconfig, "reset_requests"),
	SETTING("udp-port", udp_port, "udp_port"),
	SETTING("encaps-port", encaps_port, "encaps_port"),
#undef SETTING
#undef EXTENSION
};

#define SETTING_COUNT (sizeof(settings) / sizeof(settings[0]))

static uint32_t
setting_get(const struct sctp_settings *of, unsigned i)
{
	const uint8_t *place = (const uint8_t *)of + settings[i].offset;
	const uint16_t bits = settings[i].bits;

	if (bits != 0)
		return (*(const uint16_t *)place & bits) == bits;
	switch (settings[i].bytes) {
	case 1: return *place;
	case 2: return *(const uint16_t *)place;
	default: return *(const uint32_t *)place;
	}
}

static void
setting_put(struct sctp_settings *of, unsigned i, uint32_t value)
{
	uint8_t *place = (uint8_t *)of + settings[i].offset;
	const uint16_t bits = settings[i].bits;

	if (bits != 0) {
		uint16_t *field = (uint16_t *)place;

		*field = (uint16_t)(value != 0 ? *field | bits : *field & ~bits);
		return;
	}
	switch (settings[i].bytes) {
	case 1: *place = (uint8_t)value; break;
	case 2: *(uint16_t *)place = (uint16_t)value; break;
	default: *(uint32_t *)place = value; break;
	}
}

/* The words that lead from one to the other; none: they are the same. */
static bool
difference_append(
	const struct sctp_settings *from, const struct sctp_settings *to, struct strbuf *out)
{
	bool any = false;

	if (from->cc != to->cc) {
		strbuf_printf(out, " congestion %s", to->cc->name);
		any = true;
	}
	for (unsigned i = 0; i < SETTING_COUNT; i++) {
		if (setting_get(from, i) == setting_get(to, i))
			continue;
		strbuf_printf(out, " %s %u", settings[i].word, setting_get(to, i));
		any = true;
	}
	return any;
}

static int
congestion_parse(struct cli_call *call, struct sctp_settings *changed)
{
	const char *name = cli_arg_string(call, "congestion");

	if (name == NULL)
		return 0;
	changed->cc = cc_find(name);
	if (changed->cc == NULL)
		return cli_fail(call, "congestion", ENOENT,
			"no congestion control \"%s\": 'tcp show congestion' lists them", name);
	return 0;
}

int
sctp_set(struct cli_call *call)
{
	struct stack *stack = stack_of(call);
	const struct sctp_settings before = stack->sctp_settings;
	struct sctp_settings changed = before;
	struct strbuf line = STRBUF_INIT;
	int rc = congestion_parse(call, &changed);

	if (rc < 0)
		return rc;
	for (unsigned i = 0; i < SETTING_COUNT; i++)
		setting_put(&changed, i,
			(uint32_t)cli_arg_number(call, settings[i].word, setting_get(&changed, i)));
	if (changed.rto_min_ms > changed.rto_initial_ms ||
		changed.rto_initial_ms > changed.rto_max_ms)
		return error_set(call->err, EINVAL,
			"rto-min %u, rto-initial %u and rto-max %u: each has to be as large as the "
			"one before",
			changed.rto_min_ms, changed.rto_initial_ms, changed.rto_max_ms);
	if (changed.encaps_port != 0 && changed.udp_port == 0)
		return cli_fail(call, "encaps-port", EINVAL,
			"without a port of ours nothing of what comes back is heard: say 'udp-port %u' "
			"as well",
			SCTP_ENCAPS_PORT);
	rc = stack_sctp_settings_set(stack, &changed);
	if (rc < 0)
		return cli_fail(call, "udp-port", -rc,
			"a socket of UDP is bound to port %u: 'udp show' lists them",
			changed.udp_port);
	if (difference_append(&changed, &before, &line))
		cli_undo(call, "sctp set%s", strbuf_text(&line));
	strbuf_free(&line);
	return 0;
}

int
sctp_show_defaults(struct cli_call *call)
{
	const struct sctp_settings *now = &stack_of(call)->sctp_settings;

	show_record_begin(call->show, NULL);
	show_string(call->show, "congestion", now->cc->name);
	for (unsigned i = 0; i < SETTING_COUNT; i++)
		show_u64(call->show, settings[i].shown, setting_get(now, i));
	show_record_end(call->show);
	return 0;
}

void
sctp_set_config(const struct stack *stack, struct strbuf *out)
{
	struct strbuf words = STRBUF_INIT;
	struct sctp_settings initial;

	sctp_settings_init(&initial);
	if (difference_append(&initial, &stack->sctp_settings, &words))
		strbuf_printf(out, "sctp set%s\n", strbuf_text(&words));
	strbuf_free(&words);
}
