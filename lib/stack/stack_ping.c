/* SPDX-License-Identifier: BSD-3-Clause */
/* Echo requests of the control thread, and the answers that workers punt for them. */
#include "stack/worker.h"

#include <stdlib.h>

#include <bsd/stdlib.h>

#include "wire/endian.h"
#include "wire/icmp.h"
#include "wire/ip4.h"
#include "wire/ip6.h"

#define PING_WINDOW 64 /* sequence numbers whose send times are remembered */

struct stack_ping {
	TAILQ_ENTRY(stack_ping) entry;
	struct stack_ping_config config;
	struct ip_addr source;
	uint16_t iface; /* for a link-local destination */
	uint16_t id;
	uint32_t flow_label;
	uint64_t sent_ns[PING_WINDOW];
	void (*answered)(void *arg, const struct stack_ping_answer *answer);
	void *arg;
};

int
stack_ping_create(struct stack *stack, const struct stack_ping_config *config,
	void (*answered)(void *arg, const struct stack_ping_answer *answer), void *arg,
	struct stack_ping **out, struct error *err)
{
	bool scoped = config->dst.family == IP_FAMILY_6 && ip_addr_is_link_local(&config->dst);
	const struct iface *iface = NULL;
	struct stack_ping *ping;
	struct ip_addr source;
	int rc;

	if (ip_addr_is_multicast(&config->dst))
		return error_set(err, EINVAL, "a multicast address cannot be pinged");
	if (config->source.family != IP_FAMILY_NONE && config->source.family != config->dst.family)
		return error_set(err, EINVAL, "source and destination are of different families");
	if (scoped && config->iface[0] == '\0')
		return error_set(err, EINVAL, "a link-local address needs 'dev IFACE'");
	if (config->iface[0] != '\0') {
		rc = stack_iface_find(stack, config->iface, &iface, err);
		if (rc < 0)
			return rc;
	}
	source = config->source;
	if (source.family == IP_FAMILY_NONE) {
		rc = stack_source(stack, &config->dst, iface, &source, err);
		if (rc < 0)
			return rc;
	}
	ping = calloc(1, sizeof(*ping));
	if (ping == NULL)
		return error_set(err, ENOMEM, "no memory");
	if (stack->ping_id == 0)
		stack->ping_id = (uint16_t)arc4random();
	ping->config = *config;
	ping->source = source;
	ping->iface = iface != NULL ? iface->index : PKT_IFACE_NONE;
	ping->id = stack->ping_id++;
	/* RFC 6437 3: uniformly distributed, not zero, the same for all of the flow. */
	ping->flow_label = 1 + arc4random_uniform(IP6_FLOW_LABEL_MAX);
	ping->answered = answered;
	ping->arg = arg;
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
	free(ping);
}

static void
ping_build4(const struct stack_ping *ping, uint8_t *data, uint16_t length)
{
	struct ip4_build build = { .payload_length = length,
		.ttl = ping->config.ttl,
		.proto = IP_PROTO_ICMP,
		.df = ping->config.df,
		.id = (uint16_t)arc4random() };

	memcpy(&build.src_be, ping->source.bytes, 4);
	memcpy(&build.dst_be, ping->config.dst.bytes, 4);
	ip4_hdr_build((struct ip4_header *)data, &build);
	icmp4_checksum_set(data + IP4_HDR_LENGTH, length);
}

static void
ping_build6(const struct stack_ping *ping, uint8_t *data, uint16_t length)
{
	ip6_hdr_build((struct ip6_header *)data,
		&(struct ip6_build){
			.src = ping->source.bytes,
			.dst = ping->config.dst.bytes,
			.payload_length = length,
			.next_header = IP_PROTO_ICMP6,
			.hop_limit = ping->config.ttl,
			.flow_label = ping->flow_label,
		});
	icmp6_checksum_set(data + IP6_HDR_LENGTH, length, &ping->source, &ping->config.dst);
}

int
stack_ping_send(struct stack *stack, struct stack_ping *ping, uint16_t sequence, struct error *err)
{
	bool ip4 = ping->config.dst.family == IP_FAMILY_4;
	unsigned hdr_length = ip4 ? IP4_HDR_LENGTH : IP6_HDR_LENGTH;
	unsigned length = ICMP_HDR_LENGTH + ping->config.size_bytes;
	struct icmp icmp = { .type = ip4 ? ICMP4_ECHO_REQUEST : ICMP6_ECHO_REQUEST,
		.rest = (uint32_t)ping->id << 16 | sequence };
	struct rte_mbuf *pkt = rte_pktmbuf_alloc(stack->workers[0]->pool);
	uint8_t *data;

	if (pkt == NULL)
		return error_set(err, ENOBUFS, "no packet buffer is free");
	if (hdr_length + length > rte_pktmbuf_tailroom(pkt)) {
		rte_pktmbuf_free(pkt);
		return error_set(err, EMSGSIZE, "at most %u bytes fit a ping",
			RTE_MBUF_DEFAULT_DATAROOM - hdr_length - ICMP_HDR_LENGTH);
	}
	data = (uint8_t *)rte_pktmbuf_append(pkt, (uint16_t)(hdr_length + length));
	icmp_build(data + hdr_length, &icmp);
	for (unsigned i = 0; i < ping->config.size_bytes; i++)
		data[hdr_length + ICMP_HDR_LENGTH + i] = (uint8_t)i;
	if (ip4)
		ping_build4(ping, data, (uint16_t)length);
	else
		ping_build6(ping, data, (uint16_t)length);
	pkt_meta_init(pkt, ping->iface, PKT_ORIGINATED);
	pkt_meta(pkt)->reason = ip4 ? INJECT_IP4 : INJECT_IP6;
	pkt->tx_offload = 0;
	ping->sent_ns[sequence % PING_WINDOW] = stack->now_ns;
	stack_inject(stack, 0, pkt);
	return 0;
}

/* The ICMP message of ours that an answer is about: itself if a reply, the quoted one if an error. */
static bool
ping_quoted(const uint8_t *message, uint32_t length, bool ip4, struct icmp *icmp)
{
	const uint8_t *quoted = message + ICMP_HDR_LENGTH;
	uint32_t hdr_length;

	if (icmp_parse(message, length, icmp) < 0)
		return false;
	if (icmp->type == (ip4 ? ICMP4_ECHO_REPLY : ICMP6_ECHO_REPLY))
		return true;
	length -= ICMP_HDR_LENGTH;
	if (length < IP4_HDR_LENGTH)
		return false;
	hdr_length = ip4 ? ip4_hdr_length((const struct ip4_header *)quoted) : IP6_HDR_LENGTH;
	if (hdr_length > length || icmp_parse(quoted + hdr_length, length - hdr_length, icmp) < 0)
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
		if (ping->id != icmp.rest >> 16 || ping->config.dst.family != answer.from.family)
			continue;
		answer.rtt_ns -= ping->sent_ns[answer.sequence % PING_WINDOW];
		rte_pktmbuf_free(pkt);
		ping->answered(ping->arg, &answer);
		return;
	}
	stack_drop(stack, pkt, DROP_icmp_ignored);
}
