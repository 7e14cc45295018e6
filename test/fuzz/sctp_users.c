/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The users of fuzz_sctp_pair.c: they connect, send messages that say which they are, check what they
 * receive, and at the input's word do all else that there is to ask of an association.
 */
#include "fuzz/sctp_users.h"

#include "fuzz/eal.h"

/* Of a message, to say which it is: the first bytes of each. */
struct label {
	uint32_t number, length;
};

struct ip_addr
addr_of(unsigned e, unsigned path)
{
	struct ip_addr addr = { .family = path == 1 ? IP_FAMILY_6 : IP_FAMILY_4,
		.bytes = { 0x20, 0, (uint8_t)path } };

	addr.bytes[addr.family == IP_FAMILY_4 ? 3 : 15] = (uint8_t)(1 + e);
	return addr;
}

/* ---- an end begins ---- */

static struct sctp_bind
bind_of(unsigned e)
{
	return (struct sctp_bind){ .addrs = { addr_of(e, 0), addr_of(e, 1) },
		.addr_count = pair.setup[0] & 1 ? 1 : 2,
		.port = e == CLIENT ? 4000 : PORT };
}

void
core_create(unsigned e)
{
	fuzz_check(sctp_core_create(&pair.config, pair.wire.now_ns, &pair.ends[e].core) == 0,
		"no core");
	sctp_defaults_set(pair.ends[e].core, &pair.settings);
	if (e == SERVER) {
		const struct sctp_bind bind = bind_of(e);

		fuzz_check(sctp_listen(pair.ends[e].core, &bind, &pair.settings, 2, NULL,
				   &pair.ends[e].listener) == 0,
			"no listener");
	}
}

void
user_connect(unsigned e)
{
	const struct sctp_bind from = bind_of(e);
	struct sctp_bind to = bind_of(1 - e);

	to.addr_count = 1;
	if (pair.ends[e].assoc == NULL && !pair.ends[e].closed &&
		sctp_connect(pair.ends[e].core, &from, &to, &pair.settings, NULL,
			&pair.ends[e].assoc) != 0)
		pair.ends[e].assoc = NULL;
}

/* It has lost its state, and begins again: RFC 9260 5.2. */
static void
user_restart(unsigned e)
{
	sctp_core_destroy(pair.ends[e].core);
	pair.ends[e].assoc = NULL;
	pair.ends[e].listener = NULL;
	memset(pair.ends[e].parts, 0, sizeof(pair.ends[e].parts));
	core_create(e);
	user_connect(e);
	pair.meddled = true;
}

/* ---- users ---- */

static void
user_stream(struct end *end, uint8_t how, uint8_t number)
{
	const uint16_t stream = number % STREAMS;

	switch (how) {
	case 0: sctp_streams_reset(end->core, end->assoc, SCTP_RESET_OUTGOING, &stream, 1); break;
	case 1: sctp_streams_reset(end->core, end->assoc, SCTP_RESET_INCOMING, &stream, 1); break;
	case 2:
		sctp_streams_reset(
			end->core, end->assoc, SCTP_RESET_INCOMING | SCTP_RESET_OUTGOING, NULL, 0);
		break;
	case 3: sctp_assoc_reset(end->core, end->assoc); break;
	case 4: sctp_streams_add(end->core, end->assoc, number & 3, number >> 2 & 3); break;
	case 5: sctp_scheduler_set(end->core, end->assoc, number % SCTP_SCHED_COUNT); break;
	default: sctp_stream_value_set(end->core, end->assoc, stream, number); break;
	}
}

static void
user_address(unsigned e, uint8_t how, uint8_t number)
{
	const struct ip_addr ours = addr_of(e, number % PATHS),
			     theirs = addr_of(1 - e, number % PATHS);
	const struct ip_addr any = { .family = number & 4 ? IP_FAMILY_4 : IP_FAMILY_6 };
	struct sctp_core *core = pair.ends[e].core;
	struct sctp_assoc *assoc = pair.ends[e].assoc;

	switch (how) {
	case 0: sctp_addr_add(core, assoc, &ours); break;
	case 1: sctp_addr_delete(core, assoc, number & 8 ? &any : &ours); break;
	case 2: sctp_peer_primary_set(core, assoc, &ours); break;
	case 3: sctp_primary_set(core, assoc, &theirs); break;
	default: sctp_heartbeat(core, assoc, &theirs); break;
	}
}

static void
user_key(struct end *end, uint8_t how, uint8_t number)
{
	const uint16_t id = number % 3;

	switch (how) {
	case 0: sctp_auth_key_set(end->core, end->assoc, id, "key", 3); break;
	case 1: sctp_auth_key_activate(end->core, end->assoc, id); break;
	case 2: sctp_auth_key_deactivate(end->core, end->assoc, id); break;
	default: sctp_auth_key_delete(end->core, end->assoc, id); break;
	}
	/* An end may have a key that the other does not know. */
	pair.meddled = true;
}

static void
user_give_up(struct end *end, uint8_t how)
{
	pair.meddled = true;
	switch (how) {
	case 0: sctp_shutdown(end->core, end->assoc); return;
	case 1: sctp_close(end->core, end->assoc); break;
	case 2: sctp_abort(end->core, end->assoc, "enough", 6); break;
	default: sctp_kill(end->core, end->assoc); return;
	}
	end->assoc = NULL;
	end->closed = true;
}

void
user_act(uint8_t what, uint8_t number)
{
	const unsigned e = what & 1, how = what >> 1 & 31;

	if (how >= 28) {
		pair.ends[e].paused = !pair.ends[e].paused;
	} else if (how == 27) {
		user_connect(e);
	} else if (how == 26) {
		user_restart(e);
	} else if (pair.ends[e].assoc == NULL) {
		return;
	} else if (how >= 22) {
		user_give_up(&pair.ends[e], (uint8_t)(how - 22));
	} else if (how >= 18) {
		user_key(&pair.ends[e], (uint8_t)(how - 18), number);
	} else if (how >= 10) {
		user_address(e, (uint8_t)(how - 10), number);
	} else {
		user_stream(&pair.ends[e], (uint8_t)how, number);
	}
}

struct sctp_message
message_of(unsigned number)
{
	const bool may_be_lost = pair.setup[6] & 16 && number % 3 == 0;

	return (struct sctp_message){ .stream = (uint16_t)(number * 7 / 4 % STREAMS),
		.flags = pair.setup[10] & 1 && number % 4 == 1 ? SCTP_MESSAGE_UNORDERED : 0,
		.ppid_be = number,
		.pr_policy = may_be_lost ? 1 + number % (SCTP_PR_COUNT - 1) : SCTP_PR_DEFAULT,
		.pr_value = pair.setup[11] % 8U };
}

static uint32_t
length_of(unsigned e, unsigned number)
{
	const uint32_t most = RTE_MIN(LENGTH_MAX, pair.settings.send_buffer / 2);

	return (uint32_t)sizeof(struct label) +
		(number + 1 + e) * (pair.setup[9] + 1) * 37U %
		(most - (uint32_t)sizeof(struct label));
}

static uint8_t
byte_of(unsigned number, uint32_t at)
{
	return (uint8_t)(number * 31 + at * 7 + (at >> 8));
}

static void
user_send(unsigned e)
{
	static uint8_t bytes[LENGTH_MAX];
	struct end *end = &pair.ends[e];

	for (; end->sent < end->to_send && !end->full; end->sent++) {
		const struct sctp_message message = message_of(end->sent);
		const struct label label = { end->sent, length_of(e, end->sent) };

		for (uint32_t i = 0; i < label.length; i++)
			bytes[i] = byte_of(label.number, i);
		memcpy(bytes, &label, sizeof(label));
		end->full = sctp_send(end->core, end->assoc, &message, bytes, label.length) != 0;
		if (end->full)
			return;
	}
}

static void
message_check(struct end *end, const struct sctp_message *message, const struct part *part)
{
	struct label label;
	bool good = true;

	memcpy(&label, part->bytes, sizeof(label));
	fuzz_check(part->length >= sizeof(label) && label.length == part->length &&
			label.number < MESSAGES_MAX &&
			message_of(label.number).stream == message->stream,
		"not a message that was sent");
	fuzz_check(!end->seen[label.number], "a message comes twice");
	end->seen[label.number] = true;
	end->received++;
	for (uint32_t i = sizeof(label); i < part->length; i++)
		good &= part->bytes[i] == byte_of(label.number, i);
	fuzz_check(good, "a byte is not what was sent");
	if (message->flags & SCTP_MESSAGE_UNORDERED)
		return;
	fuzz_check(end->last[message->stream] < label.number, "out of order");
	end->last[message->stream] = label.number;
}

static void
user_notice(struct end *end)
{
	struct sctp_notice notice;

	if (!sctp_notice_take(end->core, end->assoc, &notice))
		return;
	if (notice.type == SCTP_NOTICE_PART_ABORTED && notice.stream < STREAMS)
		end->parts[notice.stream][notice.unordered].length = 0;
	/* Of what was coming nothing more comes. */
	if (notice.type == SCTP_NOTICE_RESTART)
		memset(end->parts, 0, sizeof(end->parts));
}

static void
user_receive(struct end *end)
{
	static uint8_t bytes[LENGTH_MAX];

	while (end->assoc != NULL && !end->paused) {
		struct sctp_message message;
		struct part *part;
		int64_t n;

		while (sctp_notice_is_next(end->assoc))
			user_notice(end);
		n = sctp_recv(end->core, end->assoc, bytes, 1000 + pair.setup[8] * 16U, &message);
		if (n <= 0)
			return;
		if (pair.wire.forged)
			continue;
		fuzz_check(message.stream < STREAMS, "a stream that was not sent on");
		part = &end->parts[message.stream][(message.flags & SCTP_MESSAGE_UNORDERED) != 0];
		fuzz_check(part->length + (uint64_t)n <= LENGTH_MAX, "more than was sent");
		memcpy(part->bytes + part->length, bytes, (size_t)n);
		part->length += (uint32_t)n;
		if (message.flags & SCTP_MESSAGE_END) {
			message_check(end, &message, part);
			part->length = 0;
		}
	}
}

static void
user_accept(unsigned e)
{
	struct sctp_assoc *assoc;

	while (pair.ends[e].listener != NULL &&
		(assoc = sctp_accept(pair.ends[e].core, pair.ends[e].listener, NULL)) != NULL) {
		if (pair.ends[e].assoc == NULL && !pair.ends[e].closed)
			pair.ends[e].assoc = assoc;
		else
			sctp_abort(pair.ends[e].core, assoc, NULL, 0);
	}
}

static void
end_note(struct end *end, const struct sctp_event *event)
{
	if (event->events & SCTP_EVENT_WRITABLE)
		end->full = false;
	if (!(event->events & SCTP_EVENT_CLOSED))
		return;
	end->closed = true;
	/* RFC 9260 8.1: whatever was sent again was lost again. */
	pair.gave_up |= sctp_error(end->assoc) == ETIMEDOUT;
}

void
users_act(unsigned e)
{
	struct end *end = &pair.ends[e];
	struct sctp_event event;

	while (sctp_events(end->core, &event, 1) > 0) {
		if (event.listener != NULL)
			user_accept(e);
		else if (event.assoc == end->assoc)
			end_note(end, &event);
	}
	/* When nothing more happens to packets, nobody keeps anything waiting either; nor at the end. */
	if (pair.wire.input_left == 0 || end->closed)
		end->paused = false;
	if (end->assoc == NULL)
		return;
	user_receive(end);
	user_send(e);
	if (end->closed) {
		sctp_close(end->core, end->assoc);
		end->assoc = NULL;
	} else if (!end->shut && end->sent == end->to_send &&
		pair.ends[1 - e].sent == pair.ends[1 - e].to_send) {
		end->shut = sctp_shutdown(end->core, end->assoc) == 0;
	}
}
