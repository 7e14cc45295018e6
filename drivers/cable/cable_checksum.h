/* SPDX-License-Identifier: BSD-3-Clause */
/* The checksums of a frame, as a NIC fills them in and verifies them. */
#ifndef CABLE_CABLE_CHECKSUM_H
#define CABLE_CABLE_CHECKSUM_H

#include <stdbool.h>
#include <stdint.h>

#include "cable/cable_headers.h"

enum cable_checksum {
	CABLE_CHECKSUM_NONE, /* there is none */
	CABLE_CHECKSUM_GOOD,
	CABLE_CHECKSUM_BAD,
};

/* IPv4's. */
enum cable_checksum cable_ip4_verify(const uint8_t *frame, const struct cable_headers *headers);
void cable_ip4_fill(uint8_t *frame, const struct cable_headers *headers);
/* TCP's, UDP's, or SCTP's. */
enum cable_checksum cable_l4_verify(const uint8_t *frame, const struct cable_headers *headers);
void cable_l4_fill(uint8_t *frame, const struct cable_headers *headers);

#endif
