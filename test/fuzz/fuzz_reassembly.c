/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fragments of a few datagrams, in any order and with any overlap, against a plain model of bytes:
 * what is put together is what was sent, no packet is lost, and the bounds hold.
 *
 * Six bytes say one fragment: key and family, start, length, whether more follow, time that passes.
 */
#include "fuzz/fuzz.h"
#include "fuzz/pool.h"
#include "ip/ip_reassembly.h"

#define POOL_MBUFS 511
#define HELD_MAX   48
#define KEYS       4
#define STEP_BYTES 6

static struct rte_mempool *pool;
static struct pkt_vec drops, errors;
static const struct ip_out out = { .drops = &drops, .errors = &errors };

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	pool = fuzz_pool_create("fragments", POOL_MBUFS);
	return 0;
}

/* Of each byte of a datagram's payload: what is wrong is seen. */
static uint8_t
byte_at(uint32_t id, uint32_t offset)
{
	return (uint8_t)(offset * 31 + offset / 256 + id * 7);
}

/* An IPv4 header's worth of nothing, then the payload; some in two segments. */
static struct rte_mbuf *
fragment_create(const struct ip_reassembly_piece *piece, bool cut)
{
	struct rte_mbuf *pkt = rte_pktmbuf_alloc(pool), *tail;
	uint8_t *data;

	fuzz_check(pkt != NULL, "no packet");
	pkt_meta_init(pkt, 0, 0);
	pkt->tx_offload = 0;
	data = (uint8_t *)rte_pktmbuf_append(pkt, (uint16_t)piece->headers);
	memset(data, piece->key.family << 4, piece->headers);
	if (cut) {
		tail = rte_pktmbuf_alloc(pool);
		fuzz_check(tail != NULL, "no packet");
		data = (uint8_t *)rte_pktmbuf_append(tail, (uint16_t)piece->length);
		rte_pktmbuf_chain(pkt, tail);
	} else {
		data = (uint8_t *)rte_pktmbuf_append(pkt, (uint16_t)piece->length);
	}
	for (uint32_t i = 0; i < piece->length; i++)
		data[i] = byte_at(piece->key.id, piece->start + i);
	return pkt;
}

static void
whole_check(struct rte_mbuf *pkt, const struct ip_reassembly_piece *piece)
{
	static uint8_t bytes[1 << 16];
	uint32_t length = pkt->pkt_len - piece->headers;

	rte_mbuf_sanity_check(pkt, 1);
	fuzz_check(length <= sizeof(bytes), "larger than a datagram");
	pkt_copy_out(pkt, piece->headers, length, bytes);
	for (uint32_t i = 0; i < length; i++)
		fuzz_check(bytes[i] == byte_at(piece->key.id, i), "a byte is not what was sent");
	rte_pktmbuf_free(pkt);
}

static void
gone_free(void)
{
	rte_pktmbuf_free_bulk(drops.pkts, drops.count);
	rte_pktmbuf_free_bulk(errors.pkts, errors.count);
	drops.count = errors.count = 0;
}

static void
step(struct ip_core *core, const uint8_t *bytes)
{
	struct ip_reassembly_piece piece = {
		.key = { .id = bytes[0] % KEYS,
			.family = (bytes[0] & 0x80) != 0 ? IP_FAMILY_6 : IP_FAMILY_4 },
		.start = (bytes[1] | (bytes[2] & 0x1fU) << 8) * 8U,
		.length = bytes[3] * 8U + bytes[2] / 32U + 1,
		.headers = 20,
		.ecn = bytes[4] >> 6,
		.more = (bytes[4] & 1) != 0,
	};
	struct rte_mbuf *whole;

	if (piece.more)
		piece.length = piece.length / 8 * 8 + 8;
	if (piece.start + piece.length > IP4_LENGTH_MAX - IP4_HDR_LENGTH)
		return;
	if (piece.length + piece.headers > 2048 - RTE_PKTMBUF_HEADROOM)
		return;
	core->now_ns += bytes[5] * (IP_REASSEMBLY_TIMEOUT_NS / 64);
	whole = ip_reassembly_input(
		core, fragment_create(&piece, (bytes[4] & 2) != 0), &piece, &out);
	fuzz_check(drops.count <= 1 && errors.count == 0, "more drops than input");
	fuzz_check(core->counters.held <= HELD_MAX + PKT_BURST, "more is held than may be");
	if (whole != NULL)
		whole_check(whole, &piece);
	gone_free();
	if ((bytes[4] & 4) != 0 && ip_reassembly_due(core)) {
		fuzz_check(ip_reassembly_expire(core, &out, &out) == drops.count + errors.count,
			"not all that expired came out");
		gone_free();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ip_core core = { .pool = pool };

	core.reassembly = ip_reassembly_create(HELD_MAX, 1, -1);
	fuzz_check(core.reassembly != NULL, "no memory");
	for (; size >= STEP_BYTES; data += STEP_BYTES, size -= STEP_BYTES)
		step(&core, data);
	fuzz_check(core.counters.held * 2 >= rte_mempool_in_use_count(pool), "a packet is lost");
	ip_reassembly_destroy(core.reassembly);
	fuzz_check(rte_mempool_in_use_count(pool) == 0, "a packet is lost");
	return 0;
}
