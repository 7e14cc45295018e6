/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RE-CONFIG chunks as they come: the peer's requests, and its answers to ours (RFC 6525 5.2). A request
 * that comes again is answered as before; one that has to wait for data is asked for again.
 */
#include "sctp/sctp_data.h"
#include "sctp/sctp_ecn.h"

#include "wire/endian.h"

#define PARAMS_MAX 2 /* RFC 6525 3.1 */

/* ---- streams begin anew ---- */

/* And message identifiers: RFC 8260 2.3.1. */
static void
ssn_reset(struct sctp_core *core, struct sctp_assoc *assoc, uint16_t number, bool incoming)
{
	struct sctp_stream *stream = sctp_stream_find(core, assoc, number);

	/* What was never used is at 0. */
	if (stream == NULL)
		return;
	if (incoming)
		stream->in_mid = 0;
	else
		stream->out_mid = stream->out_unordered_mid = 0;
}

void
sctp_reconfig_ssns_reset(struct sctp_core *core, struct sctp_assoc *assoc,
	const struct sctp_reconfig_streams *streams, bool incoming)
{
	uint16_t all = incoming ? assoc->in_streams : assoc->out_streams;

	for (unsigned i = 0; i < streams->count; i++)
		ssn_reset(core, assoc, streams->streams[i], incoming);
	for (unsigned i = 0; streams->count == 0 && i < all; i++)
		ssn_reset(core, assoc, (uint16_t)i, incoming);
}

void
sctp_reconfig_streams_notice(struct sctp_core *core, struct sctp_assoc *assoc,
	const struct sctp_reconfig_streams *streams, unsigned flags)
{
	struct sctp_notice notice = { .type = SCTP_NOTICE_STREAM_RESET,
		.reset_flags = (uint8_t)flags };
	unsigned done = 0;

	do {
		unsigned part = RTE_MIN(streams->count - done, (unsigned)SCTP_NOTICE_STREAMS);

		notice.stream_count = (uint8_t)part;
		memcpy(notice.streams, streams->streams + done, part * sizeof(uint16_t));
		sctp_notice_add(core, assoc, &notice);
		done += part;
	} while (done < streams->count);
}

/* Numbers that went on, or have come round since, say what they are. */
static bool
is_before(uint32_t last, uint32_t now, uint32_t tsn)
{
	return now - last - (1U << 30) < 1U << 31 && last - tsn < SCTP_TSN_MAP_BITS;
}

bool
sctp_reconfig_is_local_before(const struct sctp_assoc *assoc, uint32_t tsn)
{
	const struct sctp_reconfig *reconfig = assoc->reconfig;

	return reconfig != NULL && reconfig->tsns_reset &&
		is_before(reconfig->local_before, assoc->cum_acked, tsn);
}

bool
sctp_reconfig_is_remote_before(const struct sctp_assoc *assoc, uint32_t tsn)
{
	const struct sctp_reconfig *reconfig = assoc->reconfig;

	return reconfig != NULL && reconfig->tsns_reset &&
		is_before(reconfig->remote_before, assoc->tsn_map.cum, tsn);
}

void
sctp_reconfig_tsns_set(
	struct sctp_core *core, struct sctp_assoc *assoc, uint32_t local_tsn, uint32_t remote_tsn)
{
	static const struct sctp_reconfig_streams all = { .count = 0 };

	assoc->reconfig->tsns_reset = true;
	assoc->reconfig->local_before = assoc->next_tsn - 1;
	assoc->reconfig->remote_before = assoc->tsn_map.highest;
	assoc->next_tsn = local_tsn;
	assoc->cum_acked = local_tsn - 1;
	assoc->recovery_exit = assoc->cum_acked;
	assoc->in_recovery = false;
	for (unsigned i = 0; i < assoc->path_count; i++)
		assoc->paths[i]->rtt_tsn = local_tsn;
	sctp_ecn_reset(assoc);
	sctp_reass_free(core, assoc);
	sctp_tsn_map_init(core, &assoc->tsn_map, remote_tsn);
	sctp_reconfig_ssns_reset(core, assoc, &all, true);
	sctp_reconfig_ssns_reset(core, assoc, &all, false);
	sctp_notice_add(core, assoc,
		&(struct sctp_notice){ .type = SCTP_NOTICE_ASSOC_RESET,
			.local_tsn = local_tsn,
			.remote_tsn = remote_tsn });
}

/* ---- requests ---- */

/* @return false: too many */
static bool
streams_parse(const struct sctp_param *param, unsigned front, struct sctp_reconfig_streams *streams)
{
	unsigned count = (param->length - front) / 2;

	if (count > SCTP_RESET_STREAMS_MAX)
		return false;
	streams->count = (uint8_t)count;
	for (unsigned i = 0; i < count; i++)
		streams->streams[i] = be16_load(param->value + front + 2 * i);
	return true;
}

static bool
streams_exist(const struct sctp_reconfig_streams *streams, uint16_t limit)
{
	for (unsigned i = 0; i < streams->count; i++) {
		if (streams->streams[i] >= limit)
			return false;
	}
	return true;
}

/* RFC 6525 5.2.2 */
static enum sctp_reconfig_result
out_request(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_param *param)
{
	struct sctp_reconfig_streams streams;

	if (seq_after(be32_load(param->value + 8), assoc->tsn_map.cum))
		return SCTP_RESULT_IN_PROGRESS;
	if (!(assoc->settings.reconfig & SCTP_RECONFIG_STREAMS) ||
		!streams_parse(param, 12, &streams))
		return SCTP_RESULT_DENIED;
	if (!streams_exist(&streams, assoc->in_streams))
		return SCTP_RESULT_WRONG_SSN;
	sctp_reconfig_ssns_reset(core, assoc, &streams, true);
	sctp_reconfig_streams_notice(core, assoc, &streams, SCTP_RESET_INCOMING);
	/* Ours to have that done is answered by it: RFC 6525 5.2.3. */
	sctp_reconfig_response(core, assoc, be32_load(param->value + 4), SCTP_RECONFIG_IN);
	return SCTP_RESULT_PERFORMED;
}

/* RFC 6525 5.2.3: a request of ours follows. */
static enum sctp_reconfig_result
in_request(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_param *param)
{
	struct sctp_reconfig *reconfig = assoc->reconfig;
	struct sctp_reconfig_streams streams;

	if (!(assoc->settings.reconfig & SCTP_RECONFIG_STREAMS) ||
		!streams_parse(param, 4, &streams))
		return SCTP_RESULT_DENIED;
	if (!streams_exist(&streams, assoc->out_streams))
		return SCTP_RESULT_WRONG_SSN;
	if (reconfig->wanted & (1U << SCTP_RECONFIG_OUT | 1U << SCTP_RECONFIG_TSN))
		return SCTP_RESULT_ALREADY;
	/* A number in the midst of a message would be none that the peer awaits. */
	if (sctp_reconfig_part_is_within(assoc, &streams))
		return SCTP_RESULT_IN_PROGRESS;
	reconfig->out = streams;
	reconfig->response_seq = be32_load(param->value);
	sctp_reconfig_want(core, assoc, SCTP_RECONFIG_OUT);
	return SCTP_RESULT_PERFORMED;
}

/* RFC 6525 5.2.4 */
static enum sctp_reconfig_result
tsn_request(struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_reconfig_answer *answer)
{
	if (!(assoc->settings.reconfig & SCTP_RECONFIG_ASSOC))
		return SCTP_RESULT_DENIED;
	if (assoc->reconfig->wanted != 0)
		return SCTP_RESULT_ALREADY;
	/* What is on its way would be lost by (G3); and the rest of a message is of no use alone. */
	if (sctp_has_to_send(assoc) || assoc->part.is_open)
		return SCTP_RESULT_IN_PROGRESS;
	answer->has_tsns = true;
	answer->sender_next = assoc->next_tsn;
	answer->receiver_next = assoc->tsn_map.cum + (1U << 31);
	sctp_reconfig_tsns_set(core, assoc, answer->sender_next, answer->receiver_next);
	return SCTP_RESULT_PERFORMED;
}

void
sctp_reconfig_change_notice(struct sctp_core *core, struct sctp_assoc *assoc, unsigned flags)
{
	sctp_notice_add(core, assoc,
		&(struct sctp_notice){ .type = SCTP_NOTICE_STREAM_CHANGE,
			.reset_flags = (uint8_t)flags,
			.in_streams = assoc->in_streams,
			.out_streams = assoc->out_streams });
}

/* RFC 6525 5.2.5, 5.2.6 */
static enum sctp_reconfig_result
add_request(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_param *param)
{
	struct sctp_reconfig *reconfig = assoc->reconfig;
	bool out = param->type == SCTP_PARAM_ADD_OUT;
	uint32_t count = be16_load(param->value + 4);

	if (!(assoc->settings.reconfig & SCTP_RECONFIG_CHANGE) || count == 0 ||
		count + (out ? assoc->in_streams : assoc->out_streams) > SCTP_STREAMS_MAX)
		return SCTP_RESULT_DENIED;
	if (out) {
		assoc->in_streams = (uint16_t)(assoc->in_streams + count);
		sctp_reconfig_change_notice(core, assoc, 0);
		return SCTP_RESULT_PERFORMED;
	}
	if (reconfig->wanted & 1U << SCTP_RECONFIG_ADD_OUT)
		return SCTP_RESULT_ALREADY;
	reconfig->add_out = (uint16_t)count;
	sctp_reconfig_want(core, assoc, SCTP_RECONFIG_ADD_OUT);
	return SCTP_RESULT_PERFORMED;
}

/* Those that are known, and what they have at least. */
static unsigned
request_least(uint16_t type)
{
	switch (type) {
	case SCTP_PARAM_RESET_OUT: return 12;
	case SCTP_PARAM_RESET_IN:
	case SCTP_PARAM_RESET_TSN: return 4;
	case SCTP_PARAM_ADD_OUT:
	case SCTP_PARAM_ADD_IN: return 8;
	default: return 0;
	}
}

static enum sctp_reconfig_result
request_do(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_param *param,
	struct sctp_reconfig_answer *answer)
{
	switch (param->type) {
	case SCTP_PARAM_RESET_OUT: return out_request(core, assoc, param);
	case SCTP_PARAM_RESET_IN: return in_request(core, assoc, param);
	case SCTP_PARAM_RESET_TSN: return tsn_request(core, assoc, answer);
	default: return add_request(core, assoc, param);
	}
}

static void
answer_put(struct sctp_writer *writer, uint32_t seq, const struct sctp_reconfig_answer *answer)
{
	uint32_t place = sctp_param_begin(writer, SCTP_PARAM_RECONFIG_RESPONSE);

	sctp_put_u32(writer, seq);
	sctp_put_u32(writer, answer->result);
	if (answer->has_tsns) {
		sctp_put_u32(writer, answer->sender_next);
		sctp_put_u32(writer, answer->receiver_next);
	}
	sctp_param_end(writer, place);
}

/* RFC 6525 5.2.1: the last two are remembered. @return false: it waits, and so do those behind it */
static bool
request_input(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_param *param,
	struct sctp_writer *answers)
{
	struct sctp_reconfig *reconfig = assoc->reconfig;
	uint32_t seq = be32_load(param->value);
	struct sctp_reconfig_answer answer = { .result = SCTP_RESULT_BAD_SEQUENCE };

	if (seq == reconfig->peer_seq) {
		answer.result = request_do(core, assoc, param, &answer);
		/* What has to wait is asked for again by the same number. */
		if (answer.result != SCTP_RESULT_IN_PROGRESS) {
			reconfig->answers[seq % 2] = answer;
			reconfig->peer_seq++;
		}
		sctp_count(core, SCTP_STAT_reconfig_requests);
	} else if (reconfig->peer_seq - seq <= 2 &&
		reconfig->peer_seq - seq <= reconfig->peer_seq - assoc->peer_initial_tsn) {
		answer = reconfig->answers[seq % 2];
	} else {
		sctp_count(core, SCTP_STAT_reconfig_refused);
	}
	answer_put(answers, seq, &answer);
	return answer.result != SCTP_RESULT_IN_PROGRESS;
}

/* The second of a chunk, of which the first waits: it comes again with that. */
static void
request_defer(const struct sctp_param *param, struct sctp_writer *answers)
{
	const struct sctp_reconfig_answer answer = { .result = SCTP_RESULT_IN_PROGRESS };

	answer_put(answers, be32_load(param->value), &answer);
}

/* ---- the chunk ---- */

static bool
is_response(const struct sctp_param *param)
{
	return param->type == SCTP_PARAM_RECONFIG_RESPONSE;
}

/* RFC 6525 3.1: one or two, of the right size. */
static bool
chunk_is_good(const struct sctp_chunk *chunk)
{
	struct sctp_cursor cursor = { chunk->value, chunk->length };
	struct sctp_param param;
	unsigned count = 0;
	int ret;

	while ((ret = sctp_param_next(&cursor, &param)) > 0) {
		unsigned least = is_response(&param) ? 8 : request_least(param.type);

		if (++count > PARAMS_MAX || least == 0 || param.length < least)
			return false;
	}
	return ret == 0 && count > 0;
}

void
sctp_reconfig_input(struct sctp_core *core, struct sctp_packet *packet,
	const struct sctp_chunk *chunk, const struct sctp_out *out)
{
	struct sctp_assoc *assoc = packet->assoc;
	struct sctp_cursor cursor = { chunk->value, chunk->length };
	struct sctp_param param;
	uint8_t bytes[128];
	struct sctp_reply reply = { .to = packet,
		.vtag = assoc->peer_tag,
		.writer = { .data = bytes, .room = sizeof(bytes) } };
	bool waits = false;
	uint32_t place;

	if (assoc->state < SCTP_ESTABLISHED || assoc->state == SCTP_SHUTDOWN_ACK_SENT) {
		sctp_count(core, SCTP_STAT_unexpected_chunk);
		return;
	}
	if (!chunk_is_good(chunk)) {
		sctp_count(core, SCTP_STAT_bad_chunk);
		return;
	}
	if (!sctp_reconfig_begin(core, assoc))
		return;
	place = sctp_chunk_begin(&reply.writer, SCTP_RE_CONFIG, 0);
	while (sctp_param_next(&cursor, &param) > 0) {
		if (is_response(&param))
			sctp_reconfig_response_input(core, assoc, &param);
		else if (waits)
			request_defer(&param, &reply.writer);
		else
			waits = !request_input(core, assoc, &param, &reply.writer);
	}
	if (reply.writer.used == SCTP_CHUNK_HDR_LENGTH)
		return;
	sctp_chunk_end(&reply.writer, place);
	sctp_reply_send(core, &reply, out);
}
