/* SPDX-License-Identifier: BSD-3-Clause */
/* Packets that are sent: headers in front of chunks, of an association's and of answers to strangers. */
#include "sctp/sctp_data.h"
#include "sctp/sctp_ecn.h"
#include "sctp/sctp_encaps_priv.h"

#include "pkt/crc32c.h"
#include "wire/endian.h"
#include "wire/ip4.h"
#include "wire/ip6.h"

#define ANSWER_MAX 1280 /* bytes of an answer, but for one chunk: RFC 8200 5 */

/* The ends of a packet. */
struct ends {
	const struct ip_addr *local, *remote;
	uint16_t local_port, remote_port, iface;
	uint8_t vrf, tos, ttl;
	uint32_t flow_label;
	bool may_be_cut, probe;
	uint16_t mtu;
	uint16_t id; /* RFC 6864 4.1: of what may be cut */
	uint16_t encaps_port; /* RFC 6951; 0: there is no UDP */
	bool unsummed; /* RFC 9653: its checksum stays zero */
};

static inline struct pkt_vec *
out_vec(const struct sctp_out *out, uint8_t family)
{
	return family == IP_FAMILY_4 ? out->send4 : out->send6;
}

static inline uint32_t
ip_header_length(uint8_t family)
{
	return family == IP_FAMILY_4 ? IP4_HDR_LENGTH : IP6_HDR_LENGTH;
}

/* In front of the chunks. */
static inline uint32_t
front_length(uint8_t family, uint16_t encaps_port)
{
	return ip_header_length(family) + sctp_encaps_length(encaps_port) + SCTP_HDR_LENGTH;
}

static void
ip_header_build(uint8_t *header, const struct ends *ends, uint32_t payload_length)
{
	uint8_t proto = ends->encaps_port != 0 ? IP_PROTO_UDP : IP_PROTO_SCTP;

	if (ends->remote->family == IP_FAMILY_4) {
		struct ip4_build build = { .payload_length = (uint16_t)payload_length,
			.tos = ends->tos,
			.ttl = ends->ttl,
			.proto = proto,
			.id = ends->id,
			.df = !ends->may_be_cut };

		memcpy(&build.src_be, ends->local->bytes, 4);
		memcpy(&build.dst_be, ends->remote->bytes, 4);
		ip4_hdr_build((struct ip4_header *)header, &build);
		return;
	}
	ip6_hdr_build((struct ip6_header *)header,
		&(struct ip6_build){ .src = ends->local->bytes,
			.dst = ends->remote->bytes,
			.payload_length = (uint16_t)payload_length,
			.traffic_class = ends->tos,
			.flow_label = ends->flow_label,
			.next_header = proto,
			.hop_limit = ends->ttl });
}

/* Here, to what the path carries: IP may not know of it, and routers do not do it for IPv6. */
static void
cut_ask(struct rte_mbuf *pkt, const struct ends *ends, uint32_t length)
{
	if (likely(!ends->may_be_cut || length <= ends->mtu))
		return;
	pkt_meta(pkt)->flags |= PKT_TO_CUT;
	pkt_meta(pkt)->icmp_rest = ends->mtu;
}

/* RFC 6951 5.3: ports by which NATs find the way. Its checksum is the port's to fill in. */
static void
udp_header_build(const struct sctp_core *core, uint8_t *header, const struct ends *ends,
	uint32_t payload_length)
{
	const struct udp udp = {
		.src_port = sctp_encaps_local(core),
		.dst_port = ends->encaps_port,
		.length = (uint16_t)(UDP_HDR_LENGTH + payload_length),
	};

	udp_build(header, &udp);
}

/*
 * Write what is in front of the chunks. Its checksum is the port's to fill in.
 * @param written bytes of chunks in the packet; others may be behind, in another segment
 */
static void
headers_write(struct sctp_core *core, struct rte_mbuf *pkt, uint32_t written, uint32_t behind,
	const struct ends *ends, uint32_t vtag)
{
	uint32_t ip_length = ip_header_length(ends->remote->family);
	uint32_t udp_length = sctp_encaps_length(ends->encaps_port);
	uint32_t length = SCTP_HDR_LENGTH + written + behind;
	uint8_t *header = rte_pktmbuf_mtod(pkt, uint8_t *);

	rte_pktmbuf_append(pkt, (uint16_t)(ip_length + udp_length + SCTP_HDR_LENGTH + written));
	ip_header_build(header, ends, udp_length + length);
	if (udp_length > 0)
		udp_header_build(core, header + ip_length, ends, length);
	sctp_hdr_build(header + ip_length + udp_length,
		&(struct sctp_fields){ ends->local_port, ends->remote_port, vtag });
	pkt->l2_len = 0;
	pkt->l3_len = ip_length & 0x1ff;
	pkt->l4_len = udp_length > 0 ? UDP_HDR_LENGTH : SCTP_HDR_LENGTH;
	if (udp_length > 0)
		pkt->ol_flags |= RTE_MBUF_F_TX_UDP_CKSUM;
	else if (!ends->unsummed)
		pkt->ol_flags |= RTE_MBUF_F_TX_SCTP_CKSUM;
	pkt->ol_flags |=
		(ends->remote->family == IP_FAMILY_4 ? RTE_MBUF_F_TX_IPV4 : RTE_MBUF_F_TX_IPV6);
	pkt_meta_init(pkt, ends->iface,
		ends->probe ? PKT_ORIGINATED | PKT_DONT_CUT | PKT_PROBE : PKT_ORIGINATED);
	pkt_meta(pkt)->vrf = ends->vrf;
	cut_ask(pkt, ends, ip_length + udp_length + length);
	sctp_count(core, SCTP_STAT_out_sctp_packs);
}

/* The packet is whole. Below UDP no port knows SCTP's checksum: UDP's is of what has it already. */
static void
inner_checksum_write(struct rte_mbuf *pkt, const struct ends *ends)
{
	uint32_t offset = ip_header_length(ends->remote->family) + UDP_HDR_LENGTH;
	uint32_t crc;

	if (likely(ends->encaps_port == 0) || ends->unsummed)
		return;
	crc = pkt_crc32c(pkt, offset, pkt->pkt_len - offset);
	memcpy(rte_pktmbuf_mtod_offset(pkt, uint8_t *, offset + SCTP_CHECKSUM_FIELD), &crc,
		sizeof(crc));
}

/* @return NULL: no room in the vector, or no memory */
static struct rte_mbuf *
pkt_begin(struct sctp_core *core, uint8_t family, const struct sctp_out *out)
{
	struct rte_mbuf *pkt;

	if (out_vec(out, family)->count == PKT_VEC_MAX) {
		sctp_count(core, SCTP_STAT_output_full);
		return NULL;
	}
	pkt = rte_pktmbuf_alloc(core->config.pool);
	if (pkt == NULL)
		sctp_count(core, SCTP_STAT_nomem);
	return pkt;
}

/* ---- of an association ---- */

bool
sctp_build_begin(struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_path *path,
	const struct sctp_out *out, struct sctp_build *build)
{
	uint32_t front = front_length(path->remote.family, path->encaps_port);
	struct rte_mbuf *pkt = pkt_begin(core, path->remote.family, out);

	if (pkt == NULL)
		return false;
	*build = (struct sctp_build){
		.pkt = pkt,
		.path = path,
		.writer = { .data = rte_pktmbuf_mtod_offset(pkt, uint8_t *, front),
			.room = RTE_MIN((uint32_t)path->mtu, (uint32_t)rte_pktmbuf_tailroom(pkt)) -
				front - sctp_auth_space(assoc) },
	};
	return true;
}

void
sctp_build_enlarge(struct sctp_build *build, uint32_t room)
{
	uint32_t front =
		(uint32_t)(build->writer.data - rte_pktmbuf_mtod(build->pkt, const uint8_t *));

	front += sctp_auth_space(build->path->assoc);
	build->writer.room = RTE_MIN(room, rte_pktmbuf_tailroom(build->pkt) - front);
	build->may_be_cut = true;
}

void
sctp_build_tail_set(
	struct sctp_build *build, struct rte_mbuf *tail, uint32_t offset, uint32_t length)
{
	/* Who had it before may have changed these. */
	tail->data_off = (uint16_t)offset;
	tail->data_len = (uint16_t)length;
	tail->next = NULL;
	rte_mbuf_refcnt_update(tail, 1);
	build->tail = tail;
	build->writer.room = build->writer.used;
}

void
sctp_build_drop(struct sctp_build *build)
{
	rte_pktmbuf_free(build->tail);
	rte_pktmbuf_free(build->pkt);
	build->pkt = build->tail = NULL;
}

/* RFC 9653 5.2 */
static bool
is_unsummed(const struct sctp_assoc *assoc, const struct sctp_build *build)
{
	return unlikely(sctp_has(assoc, SCTP_EXT_ZERO_CHECKSUM)) && !build->summed;
}

void
sctp_build_send(struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_build *build,
	uint32_t vtag, const struct sctp_out *out)
{
	const struct sctp_path *path = build->path;
	const struct ends ends = { .local = &path->local,
		.remote = &path->remote,
		.local_port = assoc->local_port,
		.remote_port = assoc->remote_port,
		.iface = path->iface,
		.vrf = assoc->vrf,
		.tos = path->settings.tos | (build->ect ? SCTP_TOS_ECT0 : 0),
		.flow_label = path->settings.flow_label,
		.ttl = assoc->settings.ttl,
		.may_be_cut = build->may_be_cut,
		.probe = build->probe,
		.mtu = path->mtu,
		.id = build->may_be_cut ? (uint16_t)sctp_draw(core) : 0,
		.encaps_port = path->encaps_port,
		.unsummed = is_unsummed(assoc, build) };

	sctp_auth_sign(assoc, &build->writer, build->key);
	counter_add(&core->stats[SCTP_STAT_out_ctrl_chunks],
		build->writer.chunks - build->other_chunks);
	headers_write(core, build->pkt, build->writer.used,
		build->tail != NULL ? build->tail->data_len : 0, &ends, vtag);
	if (build->tail != NULL) {
		build->pkt->next = build->tail;
		build->pkt->nb_segs = 2;
		build->pkt->pkt_len += build->tail->data_len;
	}
	inner_checksum_write(build->pkt, &ends);
	pkt_vec_append(out_vec(out, path->remote.family), build->pkt);
	build->pkt = NULL;
	assoc->packets_out++;
}

/* ---- answers ---- */

/* RFC 9260 3.3.3, 3.3.13: not bundled with any other. */
static bool
stands_alone(const struct sctp_reply *reply)
{
	return reply->writer.data[0] == SCTP_INIT_ACK ||
		reply->writer.data[0] == SCTP_SHUTDOWN_COMPLETE;
}

void
sctp_reply_send(struct sctp_core *core, const struct sctp_reply *reply, const struct sctp_out *out)
{
	struct sctp_answer *answer = &core->answer;
	uint8_t family = reply->to->remote.family;
	uint32_t front = front_length(family, reply->to->encaps_port);

	if (answer->pkt == NULL) {
		answer->pkt = pkt_begin(core, family, out);
		answer->used = 0;
	}
	if (answer->pkt == NULL)
		return;
	if (answer->used == 0 || stands_alone(reply)) {
		answer->to = reply->to;
		answer->vtag = reply->vtag;
		answer->used = answer->chunks = 0;
	} else if (answer->vtag != reply->vtag ||
		front + answer->used + reply->writer.used > ANSWER_MAX) {
		sctp_count(core, SCTP_STAT_output_full);
		return;
	}
	memcpy(rte_pktmbuf_mtod_offset(answer->pkt, uint8_t *, front + answer->used),
		reply->writer.data, reply->writer.used);
	answer->used += reply->writer.used;
	answer->chunks += reply->writer.chunks;
	/* It goes: until now it could have been too long, and COOKIE ACK gone by itself. */
	if (reply->writer.data[0] == SCTP_COOKIE_ACK)
		reply->to->assoc->control &= (uint8_t)~SCTP_SEND_COOKIE_ACK;
}

void
sctp_answer_send(struct sctp_core *core, const struct sctp_out *out)
{
	struct sctp_answer *answer = &core->answer;
	const struct sctp_packet *to = answer->to;

	if (likely(answer->pkt == NULL))
		return;
	const struct ends ends = { .local = &to->local,
		.remote = &to->remote,
		.local_port = to->fields.dst_port,
		.remote_port = to->fields.src_port,
		.iface = to->key.iface,
		.vrf = to->key.vrf,
		.ttl = 64,
		.encaps_port = to->encaps_port };
	uint32_t front = front_length(to->remote.family, to->encaps_port);
	struct sctp_writer writer = {
		.data = rte_pktmbuf_mtod_offset(answer->pkt, uint8_t *, front),
		.used = answer->used,
		.room = RTE_MAX(answer->used, ANSWER_MAX - front),
		.chunks = answer->chunks,
	};

	if (to->assoc != NULL) {
		if (answer->vtag == to->assoc->peer_tag)
			sctp_answer_sack_put(core, to, &writer);
		sctp_auth_sign(to->assoc, &writer, 0);
	}
	headers_write(core, answer->pkt, writer.used, 0, &ends, answer->vtag);
	inner_checksum_write(answer->pkt, &ends);
	counter_add(&core->stats[SCTP_STAT_out_ctrl_chunks], writer.chunks);
	pkt_vec_append(out_vec(out, to->remote.family), answer->pkt);
	answer->pkt = NULL;
}

void
sctp_reply_abort(struct sctp_core *core, const struct sctp_packet *to, uint32_t vtag, uint8_t flags,
	const struct sctp_param *cause, const struct sctp_out *out)
{
	uint8_t bytes[512];
	struct sctp_reply reply = {
		.to = to, .vtag = vtag, .writer = { .data = bytes, .room = sizeof(bytes) }
	};
	uint32_t place = sctp_chunk_begin(&reply.writer, SCTP_ABORT, flags);

	/* Of what is too long, not even a part: it would be malformed. */
	if (cause != NULL && cause->length <= 256)
		sctp_param_put(&reply.writer, cause->type, cause->value, cause->length);
	sctp_chunk_end(&reply.writer, place);
	sctp_count(core, SCTP_STAT_out_aborts);
	sctp_reply_send(core, &reply, out);
}

void
sctp_reply_error(struct sctp_core *core, const struct sctp_packet *to, uint16_t cause,
	const void *info, uint32_t length, const struct sctp_out *out)
{
	uint8_t bytes[SCTP_REPLY_MAX];
	struct sctp_reply reply = { .to = to,
		.vtag = to->assoc->peer_tag,
		.writer = { .data = bytes, .room = sizeof(bytes) } };
	uint32_t place;

	/* RFC 9260 5.4: nothing but heartbeats goes to an address that may be anybody's. */
	if (to->path->state == SCTP_PATH_UNCONFIRMED)
		return;
	sctp_cookie_ack_put(to->assoc, &reply.writer);
	place = sctp_chunk_begin(&reply.writer, SCTP_ERROR, 0);
	/* RFC 9260 3.3.10.6 wants the chunk; of a long one its beginning says what it was. */
	sctp_param_put(&reply.writer, cause, info, RTE_MIN(length, SCTP_REPLY_MAX - 16U));
	sctp_chunk_end(&reply.writer, place);
	sctp_reply_send(core, &reply, out);
}
