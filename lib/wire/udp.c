/* SPDX-License-Identifier: BSD-3-Clause */
/* The UDP header to a struct and back. */
#include "wire/udp.h"

#include <errno.h>

#include "wire/checksum.h"
#include "wire/endian.h"

int
udp_parse(const void *data, uint32_t length, struct udp *udp)
{
	const uint8_t *p = data;

	if (length < UDP_HDR_LENGTH)
		return -EINVAL;
	udp->src_port = be16_load(p);
	udp->dst_port = be16_load(p + 2);
	udp->length = be16_load(p + 4);
	udp->checksummed = be16_load(p + UDP_CHECKSUM_FIELD) != 0;
	return udp->length >= UDP_HDR_LENGTH && udp->length <= length ? 0 : -EINVAL;
}

void
udp_build(void *data, const struct udp *udp)
{
	uint8_t *p = data;

	be16_store(p, udp->src_port);
	be16_store(p + 2, udp->dst_port);
	be16_store(p + 4, udp->length);
	be16_store(p + UDP_CHECKSUM_FIELD, 0);
}

uint16_t
udp_checksum_finish(uint64_t sum)
{
	uint16_t checksum = checksum_finish(sum);

	return checksum == 0 ? 0xffff : checksum;
}
