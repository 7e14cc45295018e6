/* SPDX-License-Identifier: BSD-3-Clause */
/* sctp address, peer-primary, reset, add-streams: what an association is to ask of its peer. */
#include "commands/sctp.h"

#include "commands/call.h"
#include "commands/sctp_filter.h"

static const struct {
	int errnum;
	const char *word; /* that is to blame */
	const char *text;
} reasons[] = {
	{ ENOENT, "TAG", "no association has this tag: 'sctp show' lists those that there are" },
	{ ENOTCONN, "TAG", "it is not established" },
	{ EOPNOTSUPP, "TAG",
		"it was not agreed: both ends offer it when the association begins ('sctp set')" },
	{ EADDRNOTAVAIL, "ADDR", "no address of ours that it could be" },
	{ EADDRINUSE, "ADDR", "the association has it, or another one with the same ports" },
	{ EAGAIN, "TAG", "it is in the midst of a message that is sent in parts" },
	{ EALREADY, "TAG", "the peer has not answered the last request" },
	{ ENOBUFS, "TAG", "there is no room for more" },
};

/* @param invalid what -EINVAL means */
static int
change_ask(struct cli_call *call, const struct stack_sctp_change *change, const char *word,
	const char *invalid)
{
	struct stack_sctp_assoc assoc;
	struct stack_filter filter;
	int rc = sctp_assoc_find(call, &filter, &assoc);

	if (rc < 0)
		return rc;
	rc = stack_sctp_change(stack_of(call), filter.tag, change);
	if (rc == 0)
		return 0;
	for (unsigned i = 0; i < RTE_DIM(reasons); i++) {
		if (rc == -reasons[i].errnum)
			return cli_fail(call, reasons[i].word, -rc, "%s", reasons[i].text);
	}
	return cli_fail(call, word, -rc, "%s", invalid);
}

/* ---- addresses ---- */

static int
addr_change(struct cli_call *call, enum stack_sctp_change_verb verb)
{
	struct stack_sctp_change change = { .verb = verb };

	cli_arg_addr(call, "ADDR", &change.addr);
	return change_ask(call, &change, "ADDR",
		verb == STACK_SCTP_ADDR_DELETE ? "it has no other one by which the peer is reached"
					       : "one host's address is needed");
}

int
sctp_address(struct cli_call *call)
{
	return addr_change(
		call, cli_arg_present(call, "add") ? STACK_SCTP_ADDR_ADD : STACK_SCTP_ADDR_DELETE);
}

int
sctp_peer_primary(struct cli_call *call)
{
	return addr_change(call, STACK_SCTP_PEER_PRIMARY);
}

/* ---- streams ---- */

static int
streams_parse(struct cli_call *call, struct stack_sctp_change *change)
{
	unsigned streams[SCTP_RESET_STREAMS_MAX];
	int count = cli_arg_list(call, "STREAMS", streams, RTE_DIM(streams));

	if (count < 0)
		return cli_fail(call, "STREAMS", -count, "%u numbers of streams are the most",
			SCTP_RESET_STREAMS_MAX);
	for (int i = 0; i < count; i++) {
		if (streams[i] >= SCTP_STREAMS_MAX)
			return cli_fail(
				call, "STREAMS", EINVAL, "no stream has the number %u", streams[i]);
		change->streams[i] = (uint16_t)streams[i];
	}
	change->stream_count = (unsigned)count;
	return 0;
}

int
sctp_reset_streams(struct cli_call *call)
{
	struct stack_sctp_change change = { .verb = STACK_SCTP_STREAMS_RESET };
	int rc = cli_arg_present(call, "STREAMS") ? streams_parse(call, &change) : 0;

	if (rc < 0)
		return rc;
	change.directions = cli_arg_present(call, "in") ? SCTP_RESET_INCOMING
		: cli_arg_present(call, "out")          ? SCTP_RESET_OUTGOING
							: SCTP_RESET_INCOMING | SCTP_RESET_OUTGOING;
	return change_ask(call, &change, "STREAMS", "the association has no such stream");
}

int
sctp_reset_assoc(struct cli_call *call)
{
	const struct stack_sctp_change change = { .verb = STACK_SCTP_ASSOC_RESET };

	return change_ask(call, &change, "TAG", "it cannot be reset");
}

int
sctp_add_streams(struct cli_call *call)
{
	const struct stack_sctp_change change = {
		.verb = STACK_SCTP_STREAMS_ADD,
		.in = (uint16_t)cli_arg_number(call, "in", 0),
		.out = (uint16_t)cli_arg_number(call, "out", 0),
	};

	if (change.in + change.out == 0)
		return cli_fail(call, "TAG", EINVAL, "say how many: 'in', 'out' or both");
	return change_ask(
		call, &change, "TAG", "the association would have more streams than there may be");
}
