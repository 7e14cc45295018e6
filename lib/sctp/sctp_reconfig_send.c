/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Our own requests of RFC 6525 5.1: what users ask for, and what the peer has us do. One at a time is
 * on its way; it waits until the data before it has gone, and is repeated until it is answered.
 */
#include "sctp/sctp_control.h"
#include "sctp/sctp_data.h"

#include "wire/endian.h"

static bool
is_wanted(const struct sctp_assoc *assoc, enum sctp_reconfig_request request)
{
	return assoc->reconfig != NULL && (assoc->reconfig->wanted >> request & 1) != 0;
}

bool
sctp_reconfig_begin(struct sctp_core *core, struct sctp_assoc *assoc)
{
	if (assoc->reconfig != NULL)
		return true;
	assoc->reconfig = slab_take(&core->reconfigs);
	if (assoc->reconfig == NULL) {
		sctp_count(core, SCTP_STAT_nomem);
		return false;
	}
	/* RFC 6525 4.1: numbers begin with the initial TSNs. */
	*assoc->reconfig = (struct sctp_reconfig){
		.next_seq = assoc->initial_tsn,
		.peer_seq = assoc->peer_initial_tsn,
		.now = SCTP_RECONFIG_COUNT,
	};
	return true;
}

void
sctp_reconfig_free(struct sctp_core *core, struct sctp_assoc *assoc)
{
	if (assoc->reconfig != NULL)
		slab_give(&core->reconfigs, assoc->reconfig);
	assoc->reconfig = NULL;
	sctp_timer_clear(assoc, SCTP_TIMER_RECONF);
}

void
sctp_reconfig_want(
	struct sctp_core *core, struct sctp_assoc *assoc, enum sctp_reconfig_request request)
{
	assoc->reconfig->wanted |= (uint8_t)(1U << request);
	sctp_flush_add(core, assoc);
}

/* ---- what waits for them ---- */

static bool
streams_have(const struct sctp_reconfig_streams *streams, uint16_t stream)
{
	for (unsigned i = 0; i < streams->count; i++) {
		if (streams->streams[i] == stream)
			return true;
	}
	return streams->count == 0;
}

bool
sctp_reconfig_part_is_within(
	const struct sctp_assoc *assoc, const struct sctp_reconfig_streams *streams)
{
	return assoc->part.is_open && streams_have(streams, assoc->part.stream);
}

bool
sctp_reconfig_blocks(const struct sctp_assoc *assoc, uint16_t stream)
{
	/* The request waits for its end. */
	if (assoc->part.is_open && assoc->part.stream == stream)
		return false;
	return is_wanted(assoc, SCTP_RECONFIG_TSN) ||
		(is_wanted(assoc, SCTP_RECONFIG_OUT) &&
			streams_have(&assoc->reconfig->out, stream));
}

bool
sctp_reconfig_holds_data(const struct sctp_assoc *assoc)
{
	const struct sctp_reconfig *reconfig = assoc->reconfig;

	return reconfig != NULL && reconfig->now == SCTP_RECONFIG_TSN && !reconfig->answered;
}

void
sctp_reconfig_data_note(struct sctp_assoc *assoc)
{
	if (unlikely(assoc->reconfig != NULL))
		assoc->reconfig->data_came = assoc->reconfig->now == SCTP_RECONFIG_TSN;
}

/* ---- sent ---- */

static bool
streams_are_sent(struct sctp_core *core, struct sctp_assoc *assoc,
	const struct sctp_reconfig_streams *streams)
{
	const struct sctp_stream *stream;

	if (sctp_reconfig_part_is_within(assoc, streams))
		return false;
	for (unsigned i = 0; i < streams->count; i++) {
		stream = sctp_stream_find(core, assoc, streams->streams[i]);
		if (stream != NULL && !TAILQ_EMPTY(&stream->unsent))
			return false;
	}
	return streams->count > 0 || assoc->unsent_bytes == 0;
}

/* RFC 6525 5.1.2, 5.1.4: once what was sent before has its TSNs, or is acknowledged. */
static bool
may_go(struct sctp_core *core, struct sctp_assoc *assoc, enum sctp_reconfig_request request)
{
	if (!is_wanted(assoc, request))
		return false;
	if (request == SCTP_RECONFIG_TSN)
		return !sctp_has_to_send(assoc) && !assoc->part.is_open;
	return request != SCTP_RECONFIG_OUT || streams_are_sent(core, assoc, &assoc->reconfig->out);
}

static void
next_choose(struct sctp_core *core, struct sctp_assoc *assoc)
{
	struct sctp_reconfig *reconfig = assoc->reconfig;

	for (unsigned i = 0; i < SCTP_RECONFIG_COUNT; i++) {
		if (!may_go(core, assoc, (enum sctp_reconfig_request)i))
			continue;
		reconfig->now = (uint8_t)i;
		reconfig->last_tsn = assoc->next_tsn - 1;
		reconfig->send_wanted = true;
		reconfig->answered = false;
		return;
	}
}

static void
streams_put(struct sctp_writer *writer, const struct sctp_reconfig_streams *streams)
{
	for (unsigned i = 0; i < streams->count; i++)
		sctp_put_u16(writer, streams->streams[i]);
}

static void
request_put(const struct sctp_reconfig *reconfig, struct sctp_writer *writer)
{
	static const uint16_t types[SCTP_RECONFIG_COUNT] = {
		[SCTP_RECONFIG_OUT] = SCTP_PARAM_RESET_OUT,
		[SCTP_RECONFIG_IN] = SCTP_PARAM_RESET_IN,
		[SCTP_RECONFIG_TSN] = SCTP_PARAM_RESET_TSN,
		[SCTP_RECONFIG_ADD_OUT] = SCTP_PARAM_ADD_OUT,
		[SCTP_RECONFIG_ADD_IN] = SCTP_PARAM_ADD_IN,
	};
	uint32_t place = sctp_param_begin(writer, types[reconfig->now]);

	sctp_put_u32(writer, reconfig->next_seq);
	switch (reconfig->now) {
	case SCTP_RECONFIG_OUT:
		sctp_put_u32(writer, reconfig->response_seq);
		sctp_put_u32(writer, reconfig->last_tsn);
		streams_put(writer, &reconfig->out);
		break;
	case SCTP_RECONFIG_IN: streams_put(writer, &reconfig->in); break;
	case SCTP_RECONFIG_ADD_OUT:
	case SCTP_RECONFIG_ADD_IN:
		sctp_put_u16(writer,
			reconfig->now == SCTP_RECONFIG_ADD_OUT ? reconfig->add_out
							       : reconfig->add_in);
		sctp_put_u16(writer, 0);
		break;
	default: break;
	}
	sctp_param_end(writer, place);
}

bool
sctp_reconfig_send(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_out *out)
{
	struct sctp_reconfig *reconfig = assoc->reconfig;
	struct sctp_path *path;
	struct sctp_build build;
	uint32_t place;

	if (reconfig == NULL)
		return true;
	if (reconfig->now == SCTP_RECONFIG_COUNT && reconfig->wanted != 0)
		next_choose(core, assoc);
	if (reconfig->now == SCTP_RECONFIG_COUNT || !reconfig->send_wanted)
		return true;
	/* What came is acknowledged while its numbers are known: a SACK that waits comes too late. */
	if (reconfig->now == SCTP_RECONFIG_TSN && assoc->sack_due) {
		assoc->sack_wanted = true;
		if (!sctp_control_send(core, assoc, out))
			return false;
	}
	path = sctp_path_for_data(assoc);
	if (!sctp_build_begin(core, assoc, path, out, &build))
		return false;
	place = sctp_chunk_begin(&build.writer, SCTP_RE_CONFIG, 0);
	request_put(reconfig, &build.writer);
	sctp_chunk_end(&build.writer, place);
	build.other_chunks = reconfig->again;
	sctp_build_send(core, assoc, &build, assoc->peer_tag, out);
	reconfig->send_wanted = reconfig->again = false;
	reconfig->answered = reconfig->data_came = false;
	path->used_ns = core->now_ns;
	sctp_timer_set(core, assoc, SCTP_TIMER_RECONF, core->now_ns + path->rto_us * 1000ULL);
	return true;
}

/* RFC 6525 5.1.1: it is repeated, and counts as what is not answered does. */
void
sctp_reconfig_strike(struct sctp_core *core, struct sctp_assoc *assoc)
{
	struct sctp_reconfig *reconfig = assoc->reconfig;
	struct sctp_path *path = sctp_path_for_data(assoc);

	if (reconfig == NULL || reconfig->now == SCTP_RECONFIG_COUNT)
		return;
	/*
	 * To a peer that still sends the answer would be the same, and until it is here what is on its way
	 * could not be taken.
	 */
	if (reconfig->answered && reconfig->data_came) {
		reconfig->data_came = false;
		sctp_timer_set(
			core, assoc, SCTP_TIMER_RECONF, core->now_ns + path->rto_us * 1000ULL);
		return;
	}
	if (!reconfig->answered) {
		sctp_rto_backoff(path);
		if (!sctp_path_error(core, path, true))
			return;
	}
	reconfig->send_wanted = reconfig->again = true;
	sctp_flush_add(core, assoc);
}

/* ---- answered ---- */

static void
request_done(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_param *param)
{
	struct sctp_reconfig *reconfig = assoc->reconfig;
	uint32_t result = be32_load(param->value + 4);
	bool done = result <= SCTP_RESULT_PERFORMED;
	unsigned flags = done                  ? 0
		: result == SCTP_RESULT_DENIED ? SCTP_RESET_DENIED
					       : SCTP_RESET_FAILED;

	switch (reconfig->now) {
	case SCTP_RECONFIG_OUT:
		if (done)
			sctp_reconfig_ssns_reset(core, assoc, &reconfig->out, false);
		sctp_reconfig_streams_notice(
			core, assoc, &reconfig->out, SCTP_RESET_OUTGOING | flags);
		break;
	case SCTP_RECONFIG_IN:
		/* When it is done, their request says so. */
		if (!done)
			sctp_reconfig_streams_notice(
				core, assoc, &reconfig->in, SCTP_RESET_INCOMING | flags);
		break;
	case SCTP_RECONFIG_TSN:
		if (done && param->length >= 16)
			sctp_reconfig_tsns_set(core, assoc, be32_load(param->value + 12),
				be32_load(param->value + 8));
		else
			sctp_notice_add(core, assoc,
				&(struct sctp_notice){ .type = SCTP_NOTICE_ASSOC_RESET,
					.reset_flags =
						(uint8_t)(done ? SCTP_RESET_FAILED : flags) });
		break;
	case SCTP_RECONFIG_ADD_OUT:
		if (done)
			/* There may be more of them than when it was asked for. */
			assoc->out_streams = (uint16_t)RTE_MIN(
				assoc->out_streams + reconfig->add_out, SCTP_STREAMS_MAX);
		sctp_reconfig_change_notice(core, assoc, flags);
		break;
	default:
		if (!done)
			sctp_reconfig_change_notice(core, assoc, flags);
		break;
	}
}

void
sctp_reconfig_response(struct sctp_core *core, struct sctp_assoc *assoc, uint32_t seq,
	enum sctp_reconfig_request request)
{
	struct sctp_reconfig *reconfig = assoc->reconfig;

	if (reconfig->now != (uint8_t)request || seq != reconfig->next_seq)
		return;
	reconfig->wanted &= (uint8_t) ~(1U << request);
	reconfig->now = SCTP_RECONFIG_COUNT;
	reconfig->send_wanted = false;
	reconfig->next_seq++;
	sctp_timer_clear(assoc, SCTP_TIMER_RECONF);
	sctp_path_alive(core, sctp_path_for_data(assoc));
	/* What waited for it may go. */
	sctp_event_add(core, assoc, SCTP_EVENT_WRITABLE);
	sctp_flush_add(core, assoc);
}

void
sctp_reconfig_response_input(
	struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_param *param)
{
	struct sctp_reconfig *reconfig = assoc->reconfig;

	if (reconfig->now == SCTP_RECONFIG_COUNT || be32_load(param->value) != reconfig->next_seq) {
		sctp_count(core, SCTP_STAT_unexpected_chunk);
		return;
	}
	if (be32_load(param->value + 4) == SCTP_RESULT_IN_PROGRESS) {
		reconfig->answered = true;
		return;
	}
	request_done(core, assoc, param);
	sctp_reconfig_response(
		core, assoc, reconfig->next_seq, (enum sctp_reconfig_request)reconfig->now);
}

/* ---- what users call ---- */

/* @return 0, or -errno; there is a struct sctp_reconfig then */
static int
may_ask(struct sctp_core *core, struct sctp_assoc *assoc)
{
	if (assoc->state != SCTP_ESTABLISHED)
		return -ENOTCONN;
	if (!sctp_has(assoc, SCTP_EXT_RE_CONFIG))
		return -EOPNOTSUPP;
	if (!sctp_reconfig_begin(core, assoc))
		return -ENOBUFS;
	return assoc->reconfig->wanted != 0 ? -EALREADY : 0;
}

static int
streams_copy(
	const uint16_t *streams, unsigned count, uint16_t limit, struct sctp_reconfig_streams *copy)
{
	for (unsigned i = 0; i < count; i++) {
		if (streams[i] >= limit)
			return -EINVAL;
		copy->streams[i] = streams[i];
	}
	copy->count = (uint8_t)count;
	return 0;
}

int
sctp_streams_reset(struct sctp_core *core, struct sctp_assoc *assoc, unsigned directions,
	const uint16_t *streams, unsigned count)
{
	int ret = may_ask(core, assoc);

	if (ret != 0)
		return ret;
	if (count > SCTP_RESET_STREAMS_MAX || directions == 0 ||
		(directions & ~(unsigned)(SCTP_RESET_INCOMING | SCTP_RESET_OUTGOING)) != 0)
		return -EINVAL;
	if (directions & SCTP_RESET_OUTGOING)
		ret = streams_copy(streams, count, assoc->out_streams, &assoc->reconfig->out);
	if (ret == 0 && directions & SCTP_RESET_INCOMING)
		ret = streams_copy(streams, count, assoc->in_streams, &assoc->reconfig->in);
	if (ret != 0)
		return ret;
	if (directions & SCTP_RESET_OUTGOING &&
		sctp_reconfig_part_is_within(assoc, &assoc->reconfig->out))
		return -EAGAIN;
	/* Of a request of the peer's there is none that it answers: RFC 6525 4.1. */
	assoc->reconfig->response_seq = assoc->reconfig->peer_seq - 1;
	if (directions & SCTP_RESET_OUTGOING)
		sctp_reconfig_want(core, assoc, SCTP_RECONFIG_OUT);
	if (directions & SCTP_RESET_INCOMING)
		sctp_reconfig_want(core, assoc, SCTP_RECONFIG_IN);
	return 0;
}

int
sctp_assoc_reset(struct sctp_core *core, struct sctp_assoc *assoc)
{
	int ret = may_ask(core, assoc);

	if (ret == 0 && assoc->part.is_open)
		return -EAGAIN;
	if (ret == 0)
		sctp_reconfig_want(core, assoc, SCTP_RECONFIG_TSN);
	return ret;
}

int
sctp_streams_add(struct sctp_core *core, struct sctp_assoc *assoc, unsigned out, unsigned in)
{
	int ret = may_ask(core, assoc);

	if (ret != 0)
		return ret;
	if (out + in == 0 || out > SCTP_STREAMS_MAX || in > SCTP_STREAMS_MAX ||
		assoc->out_streams + out > SCTP_STREAMS_MAX ||
		assoc->in_streams + in > SCTP_STREAMS_MAX)
		return -EINVAL;
	assoc->reconfig->add_out = (uint16_t)out;
	assoc->reconfig->add_in = (uint16_t)in;
	if (out > 0)
		sctp_reconfig_want(core, assoc, SCTP_RECONFIG_ADD_OUT);
	if (in > 0)
		sctp_reconfig_want(core, assoc, SCTP_RECONFIG_ADD_IN);
	return 0;
}

void
sctp_reconfig_enable(struct sctp_assoc *assoc, unsigned requests)
{
	assoc->settings.reconfig = (uint8_t)requests;
}
