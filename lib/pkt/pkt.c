/* SPDX-License-Identifier: BSD-3-Clause */
/* Registers spate's packet metadata as an mbuf dynamic field; sums over segments. */
#include "pkt/pkt.h"

#include <rte_errno.h>

#include "pkt/crc32c.h"
#include "wire/checksum.h"

int pkt_meta_offset = -1;
uint64_t pkt_headroom_flag;

int
pkt_init(void)
{
	static const struct rte_mbuf_dynfield field = {
		.name = "spate_dynfield_meta",
		.size = sizeof(struct pkt_meta),
		.align = __alignof__(struct pkt_meta),
	};
	static const struct rte_mbuf_dynflag flag = { .name = "spate_dynflag_headroom" };
	int offset = rte_mbuf_dynfield_register(&field), bit = rte_mbuf_dynflag_register(&flag);

	if (offset < 0 || bit < 0)
		return -rte_errno;
	pkt_meta_offset = offset;
	pkt_headroom_flag = UINT64_C(1) << bit;
	return 0;
}

const char *
punt_reason_name(enum punt_reason reason)
{
	static const char *const names[PUNT_REASON_COUNT] = {
		[PUNT_ARP] = "arp",
		[PUNT_ND] = "nd",
		[PUNT_RA] = "ra",
		[PUNT_MLD] = "mld",
		[PUNT_GLEAN] = "glean",
		[PUNT_ICMP] = "icmp",
	};

	return names[reason];
}

/* RFC 1071 2 (B) for odd segments. Not rte_raw_cksum_mbuf(): DPDK 22.11's loses carries there. */
uint64_t
pkt_sum(const struct rte_mbuf *pkt, uint32_t offset, uint32_t length)
{
	uint64_t sum = 0;
	bool odd = false;

	for (; length > 0; pkt = pkt->next) {
		uint32_t part = offset < pkt->data_len ? pkt->data_len - offset : 0;
		uint16_t part_sum;

		if (part == 0) {
			offset -= pkt->data_len;
			continue;
		}
		part = part < length ? part : length;
		part_sum = checksum_fold(
			checksum_add(0, rte_pktmbuf_mtod_offset(pkt, const void *, offset), part));
		sum += odd ? __builtin_bswap16(part_sum) : part_sum;
		odd ^= part & 1;
		offset = 0;
		length -= part;
	}
	return sum;
}

uint32_t
pkt_crc32c(const struct rte_mbuf *pkt, uint32_t offset, uint32_t length)
{
	uint32_t crc = CRC32C_INIT;

	for (; length > 0; pkt = pkt->next) {
		uint32_t part = offset < pkt->data_len ? pkt->data_len - offset : 0;

		if (part == 0) {
			offset -= pkt->data_len;
			continue;
		}
		part = part < length ? part : length;
		crc = crc32c_add(crc, rte_pktmbuf_mtod_offset(pkt, const uint8_t *, offset), part);
		offset = 0;
		length -= part;
	}
	return crc32c_finish(crc);
}
