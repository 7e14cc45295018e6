/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is done with a fragment: held, joined, or refused. RFC 791 3.2, RFC 8200 4.5.
 *
 * Fragments that overlap end their datagram (RFC 5722 4; RFC 8900 6.1 wants it of IPv4, too), and
 * what still comes of it is dropped until its time is over. Exact duplicates alone are forgiven.
 * When the table is full the oldest datagram goes: who completes his in time is not locked out.
 */
#include "ip/ip_reassembly.h"

#include "base/counter.h"
#include "wire/icmp.h"

#define NONE IP_REASSEMBLY_NONE

/* RFC 3168 5.3: a mark on one fragment is a mark on all; on a datagram that knows none, a lie. */
#define ECN_SEEN_NOT_ECT (1 << 0)
#define ECN_SEEN_CE      (1 << 3)

static void
held_count(struct ip_core *core)
{
	counter_set(&core->counters.held, core->reassembly->node_count);
	counter_set(&core->counters.datagrams, core->reassembly->datagram_count);
}

/* Make room: the oldest datagram, but not `keep`, gives up what it has. @return whether it did */
static bool
evict_oldest(struct ip_core *core, const struct ip_reassembly_datagram *keep)
{
	struct ip_reassembly *table = core->reassembly;
	struct ip_reassembly_datagram *victim;

	if (table->oldest == NONE)
		return false;
	victim = &table->datagrams[table->oldest];
	if (keep != NULL && victim == keep) {
		if (victim->newer == NONE)
			return false;
		victim = &table->datagrams[victim->newer];
	}
	ip_reassembly_doom(table, victim, DROP_ip_reassembly_full);
	ip_reassembly_remove(table, victim);
	counter_add(&core->counters.reassembly_evicted, 1);
	return true;
}

static struct ip_reassembly_datagram *
datagram_of(struct ip_core *core, const struct ip_reassembly_key *key)
{
	struct ip_reassembly_datagram *datagram = ip_reassembly_lookup(core->reassembly, key);

	if (datagram != NULL)
		return datagram;
	if (core->reassembly->datagram_count == IP_REASSEMBLY_DATAGRAMS)
		evict_oldest(core, NULL);
	return ip_reassembly_insert(core->reassembly, key, core->now_ns + IP_REASSEMBLY_TIMEOUT_NS);
}

/* Whether it says something else than what is known of the end, and what will be. */
static bool
end_contradicts(const struct ip_reassembly *table, const struct ip_reassembly_datagram *datagram,
	const struct ip_reassembly_piece *piece)
{
	uint32_t end = piece->start + piece->length;

	if (piece->more)
		return datagram->total != 0 && end >= datagram->total;
	if (datagram->total != 0)
		return end != datagram->total;
	return datagram->last != NONE && table->nodes[datagram->last].end > end;
}

/*
 * Its place among those that are here.
 * @return 0 with the node before it; or the reason to refuse it
 */
static enum drop_reason
place_find(const struct ip_reassembly *table, const struct ip_reassembly_datagram *datagram,
	const struct ip_reassembly_piece *piece, uint32_t *prev)
{
	const struct ip_reassembly_node *nodes = table->nodes;
	uint32_t end = piece->start + piece->length, next = datagram->first;

	*prev = NONE;
	/* Most come in order. */
	if (datagram->last != NONE && nodes[datagram->last].end <= piece->start) {
		*prev = datagram->last;
		next = NONE;
	}
	for (; next != NONE && nodes[next].start < piece->start; next = nodes[next].next)
		*prev = next;
	/* RFC 8200 4.5: what the network doubled is no attack. */
	if (next != NONE && nodes[next].start == piece->start && nodes[next].end == end &&
		piece->more == (end != datagram->total))
		return DROP_ip_fragment_duplicate;
	if ((*prev != NONE && nodes[*prev].end > piece->start) ||
		(next != NONE && nodes[next].start < end) ||
		end_contradicts(table, datagram, piece))
		return DROP_ip_reassembly_overlap;
	if (datagram->count == IP_REASSEMBLY_FRAGMENTS_MAX)
		return DROP_ip_reassembly_too_many;
	return 0;
}

static bool
ecn_contradicts(struct ip_reassembly_datagram *datagram, uint8_t ecn)
{
	datagram->ecn |= 1U << ecn;
	return (datagram->ecn & ECN_SEEN_NOT_ECT) != 0 && (datagram->ecn & ECN_SEEN_CE) != 0;
}

/* Without its headers; a first segment that held nothing else goes with them. */
static struct rte_mbuf *
payload_only(const struct ip_reassembly_node *node)
{
	struct rte_mbuf *pkt = node->pkt, *rest;

	rte_pktmbuf_adj(pkt, (uint16_t)node->headers);
	if (pkt->data_len != 0)
		return pkt;
	rest = pkt->next;
	rest->pkt_len = pkt->pkt_len;
	rest->nb_segs = pkt->nb_segs - 1;
	pkt->next = NULL;
	pkt->nb_segs = 1;
	rte_pktmbuf_free_seg(pkt);
	return rest;
}

static struct rte_mbuf *
join(struct ip_core *core, struct ip_reassembly_datagram *datagram)
{
	struct ip_reassembly *table = core->reassembly;
	struct rte_mbuf *head = ip_reassembly_take(table, datagram).pkt;
	struct rte_mbuf *last = rte_pktmbuf_lastseg(head);

	counter_add(&core->counters.merged, datagram->count);
	counter_add(&core->counters.reassembled, 1);
	while (datagram->count > 0) {
		struct ip_reassembly_node node = ip_reassembly_take(table, datagram);
		struct rte_mbuf *pkt = payload_only(&node);

		last->next = pkt;
		last = rte_pktmbuf_lastseg(pkt);
		head->nb_segs += pkt->nb_segs;
		head->pkt_len += pkt->pkt_len;
	}
	pkt_meta(head)->ce = (datagram->ecn & ECN_SEEN_CE) != 0;
	ip_reassembly_remove(table, datagram);
	return head;
}

/* Nothing of it is put together any more. */
static void
datagram_kill(
	struct ip_core *core, struct ip_reassembly_datagram *datagram, enum drop_reason reason)
{
	ip_reassembly_doom(core->reassembly, datagram, reason);
	datagram->dead = reason;
}

/*
 * What is given up to make room leaves behind this burst (ip_reassembly_expire()), so that no stage
 * puts out more than it takes in. @return whether it is held
 */
static bool
hold(struct ip_core *core, struct ip_reassembly_datagram *datagram, uint32_t prev,
	const struct ip_reassembly_node *node)
{
	struct ip_reassembly *table = core->reassembly;

	while (table->node_count - table->doomed_count >= table->held_max) {
		if (!evict_oldest(core, datagram))
			return false;
	}
	return ip_reassembly_hold(table, datagram, prev, node);
}

/* @return the datagram if it is whole now */
static struct ip_reassembly_datagram *
piece_input(struct ip_core *core, struct rte_mbuf *pkt, const struct ip_reassembly_piece *piece,
	const struct ip_out *out)
{
	const struct ip_reassembly_node node = { .pkt = pkt,
		.start = piece->start,
		.end = piece->start + piece->length,
		.headers = piece->headers };
	struct ip_reassembly_datagram *datagram = datagram_of(core, &piece->key);
	enum drop_reason reason;
	uint32_t prev;

	if (datagram->dead != 0) {
		pkt_drop(out->drops, pkt, datagram->dead);
		return NULL;
	}
	reason = place_find(core->reassembly, datagram, piece, &prev);
	if (reason == 0 && ecn_contradicts(datagram, piece->ecn))
		reason = DROP_ip_reassembly_overlap;
	if (reason != 0) {
		if (reason != DROP_ip_fragment_duplicate)
			datagram_kill(core, datagram, reason);
		pkt_drop(out->drops, pkt, reason);
		return NULL;
	}
	if (!hold(core, datagram, prev, &node)) {
		pkt_drop(out->drops, pkt, DROP_ip_reassembly_full);
		return NULL;
	}
	pkt_meta(pkt)->trace = 0; /* its record will be another packet's */
	if (!piece->more)
		datagram->total = node.end;
	return datagram->length == datagram->total ? datagram : NULL;
}

struct rte_mbuf *
ip_reassembly_input(struct ip_core *core, struct rte_mbuf *pkt,
	const struct ip_reassembly_piece *piece, const struct ip_out *out)
{
	struct ip_reassembly_datagram *whole = piece_input(core, pkt, piece, out);
	struct rte_mbuf *head = whole != NULL ? join(core, whole) : NULL;

	held_count(core);
	return head;
}

/* RFC 792, RFC 8200 4.5: the sender hears of it if the first fragment came. */
static void
datagram_expire(struct ip_core *core, struct ip_reassembly_datagram *datagram)
{
	struct ip_reassembly *table = core->reassembly;
	const struct ip_reassembly_node *first =
		datagram->first != NONE ? &table->nodes[datagram->first] : NULL;

	if (first != NULL) {
		counter_add(&core->counters.reassembly_timeouts, 1);
		if (first->start == 0) {
			pkt_meta(first->pkt)->icmp_type = datagram->key.family == IP_FAMILY_4
				? ICMP4_TIME_EXCEEDED
				: ICMP6_TIME_EXCEEDED;
			pkt_meta(first->pkt)->icmp_code = ICMP_REASSEMBLY_TIME_EXCEEDED;
		}
	}
	ip_reassembly_doom(table, datagram, DROP_ip_reassembly_timeout);
	ip_reassembly_remove(table, datagram);
}

uint64_t
ip_reassembly_next_ns(const struct ip_core *core)
{
	const struct ip_reassembly *table = core->reassembly;

	if (table->doomed_count != 0)
		return 0;
	return table->oldest != NONE ? table->datagrams[table->oldest].deadline_ns : UINT64_MAX;
}

bool
ip_reassembly_due(const struct ip_core *core)
{
	return ip_reassembly_next_ns(core) <= core->now_ns;
}

uint32_t
ip_reassembly_expire(struct ip_core *core, const struct ip_out *out4, const struct ip_out *out6)
{
	struct ip_reassembly *table = core->reassembly;
	struct rte_mbuf *pkt;
	uint32_t count = 0;

	while (table->doomed_count < PKT_BURST && table->oldest != NONE &&
		table->datagrams[table->oldest].deadline_ns <= core->now_ns)
		datagram_expire(core, &table->datagrams[table->oldest]);
	while (count < PKT_BURST && (pkt = ip_reassembly_doomed(table)) != NULL) {
		bool ip4 = *pkt_l3(pkt, const uint8_t *) >> 4 == 4;
		const struct ip_out *out = ip4 ? out4 : out6;

		if (pkt_meta(pkt)->reason == DROP_ip_reassembly_timeout &&
			pkt_meta(pkt)->icmp_type != 0)
			pkt_vec_append(out->errors, pkt);
		else
			pkt_vec_append(out->drops, pkt);
		count++;
	}
	held_count(core);
	return count;
}

void
ip_reassembly_forget(struct ip_core *core, uint16_t vrf)
{
	struct ip_reassembly *table = core->reassembly;

	for (uint32_t i = table->oldest, newer; i != NONE; i = newer) {
		struct ip_reassembly_datagram *datagram = &table->datagrams[i];

		newer = datagram->newer;
		if (datagram->key.vrf != vrf)
			continue;
		ip_reassembly_doom(table, datagram, DROP_vrf_gone);
		ip_reassembly_remove(table, datagram);
	}
	held_count(core);
}
