/* SPDX-License-Identifier: BSD-3-Clause */
/* Echo requests of the control thread, and the answers that workers punt for them. */
#include "stack/worker.h"

#include <stdlib.h>

#include "wire/checksum.h"
#include "wire/endian.h"
#include "wire/icmp.h"
#include "wire/ip4.h"
#include "wire/ip6.h"

/* What lengths of 16 bits allow: of IPv4 with its header, of IPv6 without. */
#define PING_SIZE_MAX4 (IP4_LENGTH_MAX - IP4_HDR_LENGTH - ICMP_HDR_LENGTH)
#define PING_SIZE_MAX6 (UINT16_MAX - ICMP_HDR_LENGTH)

#define PING_WINDOW    64 /* sequence numbers whose send times are remembered */

struct stack_ping {
	TAILQ_ENTRY(stack_ping) entry;
	struct stack_ping_config config;
	struct ip_addr source;
	uint16_t iface; /* for a link-local destination */
	uint16_t vrf; /* by whose routes it goes */
	uint16_t source_vrf; /* to which answers come: a route may lead to another VRF */
	uint16_t id;
	uint32_t flow_label;
	uint64_t sent_ns[PING_WINDOW];
	void (*answered)(void *arg, const struct stack_ping_answer *answer);
	void *arg;
};

#define VRF_ANY UINT16_MAX

/* The interface whose address it is, so that the answer comes here; NULL: it is none of ours. */
static const struct iface *
owner_find(const struct stack *stack, uint16_t vrf, const struct ip_addr *addr)
{
	const struct iface *iface;

	for (unsigned i = 0; (iface = iface_next(stack->ifaces, i)) != NULL;
		i = iface->index + 1U) {
		if ((vrf == VRF_ANY || iface->vrf == vrf) && iface_addr_is_own(iface, addr))
			return iface;
	}
	return NULL;
}

static int
ping_check(const struct stack *stack, const struct stack_ping_config *config, struct error *err)
{
	bool ip4 = config->dst.family == IP_FAMILY_4;
	uint16_t size_max = ip4 ? PING_SIZE_MAX4 : PING_SIZE_MAX6;
	char text[IP_TEXT_MAX];

	if (ip_addr_is_multicast(&config->dst))
		return error_set(err, EINVAL, "a multicast address cannot be pinged");
	if (config->size_bytes > size_max)
		return error_set(err, EMSGSIZE, "at most %u bytes fit an IPv%u packet", size_max,
			config->dst.family);
	if (!ip4 && ip_addr_is_link_local(&config->dst) && config->iface[0] == '\0')
		return error_set(err, EINVAL, "a link-local address needs 'dev IFACE'");
	if (config->source.family == IP_FAMILY_NONE)
		return 0;
	if (config->source.family != config->dst.family)
		return error_set(err, EINVAL, "source and destination are of different families");
	if (owner_find(stack, VRF_ANY, &config->source) == NULL)
		return error_set(err, EADDRNOTAVAIL, "%s is no address of this router",
			ip_addr_format(&config->source, text));
	return 0;
}

/*
 * Of IPv6 as routers on the link say: of the interface that was said, else the one of the VRF whose
 * address it leaves from.
 */
static uint8_t
default_ttl(const struct stack *stack, const struct iface *iface, uint16_t vrf,
	const struct ip_addr *source)
{
	if (source->family == IP_FAMILY_4)
		return IP_TTL_DEFAULT;
	return iface_hop_limit(iface != NULL ? iface : owner_find(stack, vrf, source));
}

int
stack_ping_create(struct stack *stack, const struct stack_ping_config *config,
	void (*answered)(void *arg, const struct stack_ping_answer *answer), void *arg,
	struct stack_ping **out, struct error *err)
{
	const struct iface *iface = NULL;
	struct stack_ping *ping;
	struct ip_addr source;
	uint16_t vrf;
	int rc = ping_check(stack, config, err);

	if (rc < 0)
		return rc;
	if (config->iface[0] != '\0') {
		rc = stack_iface_find_l3(stack, config->iface, &iface, err);
		if (rc < 0)
			return rc;
	}
	vrf = iface != NULL ? iface->vrf : config->vrf;
	source = config->source;
	if (source.family == IP_FAMILY_NONE) {
		rc = stack_source(stack, vrf, &config->dst, iface, &source, err);
		if (rc < 0)
			return rc;
	}
	ping = calloc(1, sizeof(*ping));
	if (ping == NULL)
		return error_set(err, ENOMEM, "no memory");
	if (stack->ping_id == 0)
		stack->ping_id = (uint16_t)entropy_u32(&stack->entropy);
	ping->config = *config;
	ping->source = source;
	ping->iface = iface != NULL ? iface->index : PKT_IFACE_NONE;
	ping->vrf = vrf;
	ping->source_vrf = stack_source_vrf(stack, vrf, &source);
	if (ping->config.ttl == 0)
		ping->config.ttl = default_ttl(stack, iface, ping->source_vrf, &source);
	ping->id = stack->ping_id++;
	/* RFC 6437 3: uniformly distributed, not zero, the same for all of the flow. */
	ping->flow_label = 1 + entropy_below(&stack->entropy, IP6_FLOW_LABEL_MAX);
	ping->answered = answered;
	ping->arg = arg;
	stack_vrf_hold(stack, ping->vrf);
	stack_vrf_hold(stack, ping->source_vrf);
	TAILQ_INSERT_TAIL(&stack->pings, ping, entry);
	*out = ping;
	return 0;
}

void
stack_ping_set_ttl(struct stack_ping *ping, uint8_t ttl)
{
	ping->config.ttl = ttl;
}

void
stack_ping_destroy(struct stack *stack, struct stack_ping *ping)
{
	TAILQ_REMOVE(&stack->pings, ping, entry);
	stack_vrf_release(stack, ping->vrf);
	stack_vrf_release(stack, ping->source_vrf);
	free(ping);
}

/* The IP header in front of `length` bytes that follow it. */
static void
ping_hdr_build4(const struct stack_ping *ping, uint16_t ip_id, void *hdr, uint16_t length)
{
	struct ip4_build build = { .payload_length = length,
		.ttl = ping->config.ttl,
		.proto = IP_PROTO_ICMP,
		.df = ping->config.df,
		.id = ip_id };

	memcpy(&build.src_be, ping->source.bytes, 4);
	memcpy(&build.dst_be, ping->config.dst.bytes, 4);
	ip4_hdr_build(hdr, &build);
}

static void
ping_hdr_build6(const struct stack_ping *ping, void *hdr, uint16_t length)
{
	ip6_hdr_build(hdr,
		&(struct ip6_build){
			.src = ping->source.bytes,
			.dst = ping->config.dst.bytes,
			.payload_length = length,
			.next_header = IP_PROTO_ICMP6,
			.hop_limit = ping->config.ttl,
			.flow_label = ping->flow_label,
		});
}

/* Put bytes that count up behind the headers, in as many segments as they take. */
static int
ping_data_append(struct rte_mempool *pool, struct rte_mbuf *pkt, uint16_t size_bytes)
{
	struct rte_mbuf *last = pkt;

	for (uint32_t done = 0, part; done < size_bytes; done += part) {
		uint8_t *data;

		if (rte_pktmbuf_tailroom(last) == 0) {
			struct rte_mbuf *next = rte_pktmbuf_alloc(pool);

			if (next == NULL)
				return -ENOBUFS;
			last->next = next;
			pkt->nb_segs++;
			last = next;
		}
		part = RTE_MIN(size_bytes - done, (uint32_t)rte_pktmbuf_tailroom(last));
		data = rte_pktmbuf_mtod_offset(last, uint8_t *, last->data_len);
		for (uint32_t i = 0; i < part; i++)
			data[i] = (uint8_t)(done + i);
		last->data_len += part;
		pkt->pkt_len += part;
	}
	return 0;
}

/* RFC 792, RFC 4443 2.3: over all of the message, which is behind `hdr_length` bytes. */
static void
ping_checksum_set(const struct stack_ping *ping, struct rte_mbuf *pkt, unsigned hdr_length)
{
	const struct ip_addr *dst = &ping->config.dst;
	uint32_t length = pkt->pkt_len - hdr_length;
	uint64_t sum = pkt_sum(pkt, hdr_length, length);
	uint16_t checksum;

	if (dst->family == IP_FAMILY_6)
		sum += checksum_pseudo(&ping->source, dst, IP_PROTO_ICMP6, length);
	checksum = checksum_finish(sum);
	memcpy(rte_pktmbuf_mtod_offset(pkt, uint8_t *, hdr_length + 2), &checksum,
		sizeof(checksum));
}

/* @return the request, without metadata; NULL without buffers */
static struct rte_mbuf *
ping_build(struct stack *stack, const struct stack_ping *ping, uint16_t sequence)
{
	bool ip4 = ping->config.dst.family == IP_FAMILY_4;
	const uint16_t hdr_length = ip4 ? IP4_HDR_LENGTH : IP6_HDR_LENGTH;
	const uint16_t length = ICMP_HDR_LENGTH + ping->config.size_bytes;
	struct icmp icmp = { .type = ip4 ? ICMP4_ECHO_REQUEST : ICMP6_ECHO_REQUEST,
		.rest = (uint32_t)ping->id << 16 | sequence };
	struct rte_mempool *pool = stack->workers[0]->pool;
	struct rte_mbuf *pkt = rte_pktmbuf_alloc(pool);
	uint8_t *headers;

	if (pkt == NULL)
		return NULL;
	headers = (uint8_t *)rte_pktmbuf_append(pkt, hdr_length + ICMP_HDR_LENGTH);
	icmp_build(headers + hdr_length, &icmp);
	if (ip4)
		ping_hdr_build4(ping, (uint16_t)entropy_u32(&stack->entropy), headers, length);
	else
		ping_hdr_build6(ping, headers, length);
	if (ping_data_append(pool, pkt, ping->config.size_bytes) < 0) {
		rte_pktmbuf_free(pkt);
		return NULL;
	}
	ping_checksum_set(ping, pkt, hdr_length);
	return pkt;
}

/* What is not to be cut must fit the way as far as it is known: nobody would say so later. */
static int
ping_fits(const struct stack *stack, const struct stack_ping *ping, struct error *err)
{
	const struct iface *iface = iface_get(stack->ifaces, ping->iface);
	uint32_t hdr_length =
		ping->config.dst.family == IP_FAMILY_4 ? IP4_HDR_LENGTH : IP6_HDR_LENGTH;
	uint32_t mtu = ip_pmtu_lookup(&stack->pmtu, ping->vrf, &ping->config.dst);

	if (!ping->config.df)
		return 0;
	if (iface != NULL ||
		stack_output_iface(stack, ping->vrf, &ping->config.dst, &iface, NULL) == 0)
		mtu = RTE_MIN(mtu, iface->mtu);
	if (hdr_length + ICMP_HDR_LENGTH + ping->config.size_bytes <= mtu)
		return 0;
	return error_set(err, EMSGSIZE, "message too long, mtu=%u", mtu);
}

int
stack_ping_send(struct stack *stack, struct stack_ping *ping, uint16_t sequence, struct error *err)
{
	bool ip4 = ping->config.dst.family == IP_FAMILY_4;
	struct rte_mbuf *pkt;
	int rc = ping_fits(stack, ping, err);

	if (rc < 0)
		return rc;
	pkt = ping_build(stack, ping, sequence);
	if (pkt == NULL)
		return error_set(err, ENOBUFS, "no packet buffer is free");
	pkt_meta_init(pkt, ping->iface, PKT_ORIGINATED);
	pkt_meta(pkt)->vrf = (uint8_t)ping->vrf;
	pkt_meta(pkt)->reason = ip4 ? INJECT_IP4 : INJECT_IP6;
	pkt->tx_offload = 0;
	ping->sent_ns[sequence % PING_WINDOW] = stack->now_ns;
	stack_inject(stack, 0, pkt);
	return 0;
}

/* Where the ICMP message is in the packet of ours that an error quotes; 0: it is not there. */
static uint32_t
quoted_offset(const uint8_t *quoted, uint32_t length, bool ip4)
{
	struct ip4_header hdr;
	struct ip6_chain chain;

	if (length < (ip4 ? IP4_HDR_LENGTH : IP6_HDR_LENGTH))
		return 0;
	if (ip4) {
		memcpy(&hdr, quoted, sizeof(hdr)); /* it may be unaligned */
		return (hdr.frag_be & htobe16(IP4_FRAG_OFFSET)) == 0 ? ip4_hdr_length(&hdr) : 0;
	}
	if (ip6_chain_parse(quoted, length, &chain) < 0 ||
		(chain.fragment && !chain.fragment_first))
		return 0;
	return chain.offset;
}

/* The ICMP message of ours that an answer is about: itself if a reply, the quoted one if an error. */
static bool
ping_quoted(const uint8_t *message, uint32_t length, bool ip4, struct icmp *icmp)
{
	const uint8_t *quoted = message + ICMP_HDR_LENGTH;
	uint32_t offset;

	if (icmp_parse(message, length, icmp) < 0)
		return false;
	if (icmp->type == (ip4 ? ICMP4_ECHO_REPLY : ICMP6_ECHO_REPLY))
		return true;
	length -= ICMP_HDR_LENGTH;
	offset = quoted_offset(quoted, length, ip4);
	if (offset == 0 || offset > length ||
		icmp_parse(quoted + offset, length - offset, icmp) < 0)
		return false;
	return icmp->type == (ip4 ? ICMP4_ECHO_REQUEST : ICMP6_ECHO_REQUEST);
}

static bool
ping_answer(const struct stack *stack, const struct rte_mbuf *pkt, struct icmp *icmp,
	struct stack_ping_answer *answer)
{
	const uint8_t *l3 = pkt_l3(pkt, const uint8_t *);
	uint32_t offset = pkt->l2_len + pkt->l3_len;
	const uint8_t *message = rte_pktmbuf_mtod_offset(pkt, const uint8_t *, offset);
	bool ip4 = l3[0] >> 4 == 4;

	if (!ping_quoted(message, pkt->data_len - offset, ip4, icmp))
		return false;
	*answer = (struct stack_ping_answer){
		.from = ip4 ? ip_addr_from4(&((const struct ip4_header *)l3)->src_be)
			    : ip_addr_from6(((const struct ip6_header *)l3)->src),
		.sequence = (uint16_t)icmp->rest,
		.size_bytes = pkt->pkt_len - offset,
		.ttl = ip4 ? ((const struct ip4_header *)l3)->ttl
			   : ((const struct ip6_header *)l3)->hop_limit,
		.type = message[0],
		.code = message[1],
		.rtt_ns = stack->now_ns,
	};
	return true;
}

void
stack_ping_input(struct stack *stack, struct rte_mbuf *pkt)
{
	struct stack_ping_answer answer;
	struct stack_ping *ping;
	struct icmp icmp;

	if (!ping_answer(stack, pkt, &icmp, &answer)) {
		stack_drop(stack, pkt, DROP_icmp_ignored);
		return;
	}
	TAILQ_FOREACH (ping, &stack->pings, entry) {
		if (ping->id != icmp.rest >> 16 || ping->config.dst.family != answer.from.family ||
			ping->source_vrf != pkt_meta(pkt)->vrf)
			continue;
		answer.rtt_ns -= ping->sent_ns[answer.sequence % PING_WINDOW];
		rte_pktmbuf_free(pkt);
		ping->answered(ping->arg, &answer);
		return;
	}
	stack_drop(stack, pkt, DROP_icmp_ignored);
}
