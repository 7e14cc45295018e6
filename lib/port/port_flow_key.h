/* SPDX-License-Identifier: BSD-3-Clause */
/* A steering rule as bits that are compared: of a frame, and of a flow that is only described. */
#ifndef PORT_PORT_FLOW_KEY_H
#define PORT_PORT_FLOW_KEY_H

#include <stdint.h>

#include "port/port.h"
#include "port/port_frame.h"

enum port_flow_key_flag {
	PORT_FLOW_KEY_TAGGED = 1 << 0,
	PORT_FLOW_KEY_IP = 1 << 1,
	PORT_FLOW_KEY_PORTS = 1 << 2,
};

#define PORT_FLOW_KEY_WORDS 6

union port_flow_key {
	struct {
		uint16_t vlan, eth_type; /* host byte order */
		uint8_t proto;
		uint8_t flags; /* enum port_flow_key_flag */
		uint16_t unused;
		uint16_t ports_be[2];
		uint32_t unused2;
		uint8_t src[16], dst[16];
	};
	uint64_t words[PORT_FLOW_KEY_WORDS];
};

_Static_assert(sizeof(union port_flow_key) == PORT_FLOW_KEY_WORDS * sizeof(uint64_t), "no gaps");

/* What a key must be, in the bits of the mask. */
struct port_flow_compare {
	union port_flow_key value, mask;
};

void port_flow_compile(const struct port_flow_match *match, struct port_flow_compare *compare);
void port_flow_key_of_frame(const struct port_frame *frame, union port_flow_key *key);

static inline bool
port_flow_key_matches(const union port_flow_key *key, const struct port_flow_compare *compare)
{
	uint64_t differs = 0;

	for (unsigned i = 0; i < PORT_FLOW_KEY_WORDS; i++)
		differs |= (key->words[i] ^ compare->value.words[i]) & compare->mask.words[i];
	return differs == 0;
}

#endif
