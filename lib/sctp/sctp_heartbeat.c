/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Heartbeats: RFC 9260 8.3, 5.4. They keep watch over paths that are idle, ask those that are not
 * confirmed whether they are the peer's, and find out when one that failed is back.
 */
#include "sctp/sctp_data.h"

#include "wire/endian.h"

/* Bytes of chunks in an answer: what a packet of 1500 has room for. */
#define ANSWER_MAX 1468

/* What comes back with the answer: only we read it. */
struct heartbeat_info {
	uint64_t nonce;
	uint64_t sent_ns;
	uint8_t remote[16]; /* so that an answer is the right path's, wherever it comes from */
	uint8_t family;
	uint8_t zero[7];
};

/* RFC 7829 4.2 (4), RFC 9260 5.4: once an RTO, until it is known what to think of it. */
static bool
is_probed(const struct sctp_path *path)
{
	return path->state == SCTP_PATH_PF ||
		(path->state == SCTP_PATH_UNCONFIRMED && path->errors <= path->settings.retries);
}

static uint32_t
interval_ms(const struct sctp_path *path)
{
	return path->settings.heartbeats == SCTP_HEARTBEATS_AT_ONCE
		? 0
		: path->settings.heartbeat_interval_ms;
}

/* RFC 6458 8.1.12 */
static bool
is_watched(const struct sctp_path *path)
{
	switch ((enum sctp_heartbeats)path->settings.heartbeats) {
	case SCTP_HEARTBEATS_AT_ONCE: return true;
	case SCTP_HEARTBEATS_OFF: return false;
	default: return path->settings.heartbeat_interval_ms != 0;
	}
}

/* RFC 9260 8.3: HB.interval and the RTO, with a jitter of half of it, from a time on. */
static void
arm_from(struct sctp_core *core, struct sctp_path *path, uint64_t from_ns)
{
	uint64_t wait_us = path->rto_us;

	if (path->silent) {
		sctp_path_timer_clear(path, SCTP_PATH_HEARTBEAT);
		return;
	}
	if (path->heartbeat_out || is_probed(path)) {
		/* The answer has an RTO to come. */
		from_ns = core->now_ns;
	} else if (!is_watched(path)) {
		sctp_path_timer_clear(path, SCTP_PATH_HEARTBEAT);
		return;
	} else {
		wait_us = path->rto_us / 2 + (uint32_t)sctp_draw(core) % (path->rto_us | 1);
		wait_us += interval_ms(path) * 1000ULL;
	}
	sctp_path_timer_set(core, path, SCTP_PATH_HEARTBEAT,
		RTE_MAX(from_ns + wait_us * 1000, core->now_ns + 1));
}

void
sctp_heartbeat_arm(struct sctp_core *core, struct sctp_path *path)
{
	arm_from(core, path, core->now_ns);
}

bool
sctp_heartbeats_may(const struct sctp_assoc *assoc)
{
	return assoc->state >= SCTP_ESTABLISHED && assoc->state != SCTP_SHUTDOWN_SENT &&
		assoc->state != SCTP_SHUTDOWN_ACK_SENT;
}

static bool
is_idle(const struct sctp_core *core, const struct sctp_path *path)
{
	return is_watched(path) && path->flight == 0 &&
		core->now_ns - path->used_ns >= interval_ms(path) * 1000000ULL;
}

void
sctp_heartbeat_strike(struct sctp_core *core, struct sctp_path *path)
{
	uint64_t from_ns = core->now_ns;

	if (!sctp_heartbeats_may(path->assoc))
		return;
	path->heartbeat_wanted = !path->heartbeat_out && is_idle(core, path);
	if (path->heartbeat_out) {
		path->heartbeat_out = false;
		from_ns = path->heartbeat_sent_ns;
		sctp_count(core, SCTP_STAT_heartbeat_timeouts);
		sctp_rto_backoff(path);
		if (!sctp_path_heartbeat_error(core, path))
			return;
	}
	path->heartbeat_wanted |= is_probed(path);
	arm_from(core, path, from_ns);
	if (path->heartbeat_wanted)
		sctp_flush_add(core, path->assoc);
}

void
sctp_heartbeat_put(const struct sctp_core *core, const struct sctp_path *path,
	struct sctp_writer *writer, uint64_t nonce)
{
	struct heartbeat_info info = {
		.nonce = nonce, .sent_ns = core->now_ns, .family = path->remote.family
	};
	uint32_t place = sctp_chunk_begin(writer, SCTP_HEARTBEAT, 0);

	memcpy(info.remote, path->remote.bytes, sizeof(info.remote));
	sctp_param_put(writer, SCTP_PARAM_HEARTBEAT_INFO, &info, sizeof(info));
	sctp_chunk_end(writer, place);
}

static bool
heartbeat_send(struct sctp_core *core, struct sctp_path *path, const struct sctp_out *out)
{
	struct sctp_assoc *assoc = path->assoc;
	struct sctp_build build;

	if (!sctp_build_begin(core, assoc, path, out, &build))
		return false;
	path->heartbeat_nonce = sctp_draw(core);
	path->heartbeat_sent_ns = core->now_ns;
	sctp_heartbeat_put(core, path, &build.writer, path->heartbeat_nonce);
	sctp_build_send(core, assoc, &build, assoc->peer_tag, out);
	sctp_count(core, SCTP_STAT_heartbeats);
	path->heartbeats++;
	path->heartbeat_wanted = path->heartbeat_asked = false;
	path->heartbeat_out = true;
	path->used_ns = core->now_ns;
	sctp_heartbeat_arm(core, path);
	return true;
}

/* RFC 9260 5.4, 16: HB.Max.Burst is 1: of paths that are not confirmed one an RTO. */
static bool
waits_its_turn(struct sctp_core *core, struct sctp_path *path)
{
	struct sctp_assoc *assoc = path->assoc;

	if (path->state != SCTP_PATH_UNCONFIRMED || path->heartbeat_asked)
		return false;
	if (core->now_ns >= assoc->verify_ns) {
		assoc->verify_ns = core->now_ns + path->rto_us * 1000ULL;
		return false;
	}
	path->heartbeat_wanted = false;
	sctp_path_timer_set(core, path, SCTP_PATH_HEARTBEAT, assoc->verify_ns);
	return true;
}

bool
sctp_heartbeats_send(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_out *out)
{
	if (!sctp_heartbeats_may(assoc))
		return true;
	for (unsigned i = 0; i < assoc->path_count; i++) {
		struct sctp_path *path = assoc->paths[i];

		if (path->silent || (!path->heartbeat_wanted && !path->heartbeat_asked))
			continue;
		if (!waits_its_turn(core, path) && !heartbeat_send(core, path, out))
			return false;
	}
	return true;
}

int
sctp_heartbeat(struct sctp_core *core, struct sctp_assoc *assoc, const struct ip_addr *remote)
{
	struct sctp_path *path = sctp_path_find(assoc, remote);

	if (assoc->state < SCTP_ESTABLISHED)
		return -ENOTCONN;
	if (path == NULL || path->silent)
		return -EINVAL;
	path->heartbeat_asked = true;
	sctp_flush_add(core, assoc);
	return 0;
}

/* ---- received ---- */

void
sctp_heartbeat_input(struct sctp_core *core, struct sctp_packet *packet,
	const struct sctp_chunk *chunk, const struct sctp_out *out)
{
	uint8_t bytes[ANSWER_MAX];
	struct sctp_reply reply = { .to = packet,
		.vtag = packet->assoc->peer_tag,
		.writer = { .data = bytes, .room = sizeof(bytes) } };
	uint32_t place;

	if (packet->assoc->state < SCTP_COOKIE_ECHOED)
		return;
	sctp_cookie_ack_put(packet->assoc, &reply.writer);
	/* RFC 9260 8.3: what it holds goes back as it is, whence it came. */
	place = sctp_chunk_begin(&reply.writer, SCTP_HEARTBEAT_ACK, 0);
	sctp_put(&reply.writer, chunk->value, chunk->length);
	sctp_chunk_end(&reply.writer, place);
	if (!reply.writer.full)
		sctp_reply_send(core, &reply, out);
}

void
sctp_heartbeat_ack_input(
	struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_chunk *chunk)
{
	struct sctp_cursor cursor = { chunk->value, chunk->length };
	struct heartbeat_info info;
	struct sctp_param param;
	struct sctp_path *path = NULL;

	if (sctp_param_next(&cursor, &param) > 0 && param.type == SCTP_PARAM_HEARTBEAT_INFO &&
		param.length == sizeof(info)) {
		struct ip_addr addr = { 0 };

		memcpy(&info, param.value, sizeof(info));
		addr.family = info.family;
		memcpy(addr.bytes, info.remote, sizeof(addr.bytes));
		path = sctp_path_find(assoc, &addr);
	}
	if (path != NULL && sctp_pmtu_ack_input(core, path, info.nonce)) {
		sctp_path_alive(core, path);
		return;
	}
	if (path == NULL || !path->heartbeat_out || info.nonce != path->heartbeat_nonce) {
		sctp_count(core, SCTP_STAT_bad_heartbeat_acks);
		return;
	}
	path->heartbeat_out = false;
	/* RFC 9260 8.3: the address is the peer's, it is alive, and so far away. */
	sctp_rtt_sample(path, core->now_ns - path->heartbeat_sent_ns);
	path->rtt_tsn = assoc->next_tsn;
	sctp_path_confirm(core, path);
	sctp_path_alive(core, path);
	sctp_heartbeat_arm(core, path);
}
