/* SPDX-License-Identifier: BSD-3-Clause */
/* Frames as they come, hashed by software RSS and looked up in steering rules: within their bounds,
 * and as the flow hash says. */
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "pkt/flow_hash.h"
#include "port/port_flow_key.h"
#include "wire/endian.h"
#include "wire/ip6.h"

#define ETHER_LENGTH 14
#define FRAME_MAX    2048

static struct port_spread spread;
int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	toeplitz_init(&spread.toeplitz, toeplitz_default_key);
	spread.fields = PORT_RSS_FLOW_FIELDS;
	return 0;
}

/* An mbuf of these bytes alone, so that a sanitizer sees who reads on. */
static struct rte_mbuf
mbuf_of(uint8_t *frame, size_t size)
{
	return (struct rte_mbuf){ .buf_addr = frame,
		.data_len = (uint16_t)size,
		.pkt_len = (uint32_t)size,
		.nb_segs = 1 };
}

/* @return whether the stages would hash it; then `hash` is theirs */
static bool
flow_hash_of(uint8_t *frame, size_t size, uint32_t *hash)
{
	struct rte_mbuf pkt = mbuf_of(frame, size);
	const uint8_t *l3 = frame + ETHER_LENGTH;
	struct ip4_summary summary;
	uint16_t type;

	if (size < ETHER_LENGTH)
		return false;
	type = be16_load(frame + 12);
	pkt.l2_len = ETHER_LENGTH;
	if (type == 0x0800 && ip4_hdr_parse(l3, (uint32_t)(size - ETHER_LENGTH), &summary) == 0) {
		*hash = flow_hash_ip4(&spread.toeplitz, &pkt);
		return true;
	}
	if (type == 0x86dd && size >= ETHER_LENGTH + IP6_HDR_LENGTH && l3[0] >> 4 == 6) {
		*hash = flow_hash_ip6(&spread.toeplitz, &pkt);
		return true;
	}
	return false;
}

/* What a rule sees: no ports without IP, and all of it again for the same frame. */
static void
check_flow_key(const struct rte_mbuf *pkt)
{
	static const struct port_flow_match all = { 0 };
	struct port_flow_compare compare;
	union port_flow_key key, again;
	struct port_frame frame;

	port_frame_parse(rte_pktmbuf_mtod(pkt, const uint8_t *), pkt->data_len, &frame);
	port_flow_key_of_frame(&frame, &key);
	port_flow_key_of_frame(&frame, &again);
	if (memcmp(&key, &again, sizeof(key)) != 0)
		abort();
	if ((key.flags & PORT_FLOW_KEY_PORTS) != 0 && (key.flags & PORT_FLOW_KEY_IP) == 0)
		abort();
	if ((key.flags & PORT_FLOW_KEY_PORTS) != 0 && frame.fragment)
		abort();
	port_flow_compile(&all, &compare);
	if (!port_flow_key_matches(&key, &compare))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t hash = 0, other = 0;
	struct rte_mbuf pkt;
	uint8_t *frame;
	bool hashed;

	if (size == 0 || size > FRAME_MAX)
		return 0;
	frame = malloc(size);
	if (frame == NULL)
		return 0;
	memcpy(frame, data, size);
	pkt = mbuf_of(frame, size);
	spread.flow_hash = data[0] & 1;
	check_flow_key(&pkt);
	hashed = port_spread_hash(&spread, &pkt, &hash);
	if (((pkt.ol_flags & RTE_MBUF_F_RX_RSS_HASH) != 0) != (hashed && spread.flow_hash))
		abort();
	if (flow_hash_of(frame, size, &other) && (!hashed || hash != other))
		abort();
	free(frame);
	return 0;
}
