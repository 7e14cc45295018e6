/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * The TCP header (RFC 9293 3.1) and its options: RFC 9293 3.2, 7323, 2018, 5482.
 */
#ifndef WIRE_TCP_H
#define WIRE_TCP_H

#include <stdbool.h>
#include <stdint.h>

#define TCP_HDR_LENGTH     20
#define TCP_HDR_LENGTH_MAX 60
#define TCP_OPTIONS_MAX    40
/** RFC 2018 3: so many blocks fit into the options, three beside timestamps. */
#define TCP_SACK_BLOCKS_MAX 4
/** RFC 7323 2.3 */
#define TCP_WSCALE_MAX 14
/** RFC 9293 3.7.1: what may be sent to a peer that did not say. */
#define TCP_MSS_DEFAULT4 536
#define TCP_MSS_DEFAULT6 1220

enum tcp_flag {
	TCP_FIN = 1 << 0,
	TCP_SYN = 1 << 1,
	TCP_RST = 1 << 2,
	TCP_PSH = 1 << 3,
	TCP_ACK = 1 << 4,
	TCP_URG = 1 << 5,
	TCP_ECE = 1 << 6, /**< RFC 3168 */
	TCP_CWR = 1 << 7,
};

struct tcp_header {
	uint16_t src_port_be;
	uint16_t dst_port_be;
	uint32_t seq_be;
	uint32_t ack_be;
	uint8_t data_offset; /**< words, in the upper half */
	uint8_t flags; /**< enum tcp_flag */
	uint16_t window_be;
	uint16_t checksum;
	uint16_t urgent_be;
} __attribute__((packed, aligned(2)));

_Static_assert(sizeof(struct tcp_header) == TCP_HDR_LENGTH, "TCP header");

enum tcp_option_present {
	TCP_OPTION_MSS = 1 << 0,
	TCP_OPTION_WSCALE = 1 << 1,
	TCP_OPTION_SACK_PERMITTED = 1 << 2,
	TCP_OPTION_TIMESTAMPS = 1 << 3,
	TCP_OPTION_USER_TIMEOUT = 1 << 4,
};

/** first <= bytes < end */
struct tcp_sack_block {
	uint32_t first, end;
};

struct tcp_options {
	uint8_t present; /**< enum tcp_option_present */
	uint8_t wscale; /**< TCP_WSCALE_MAX at most */
	uint8_t sack_count;
	uint16_t mss;
	uint32_t ts_val, ts_ecr;
	uint32_t user_timeout_s;
	struct tcp_sack_block sack[TCP_SACK_BLOCKS_MAX];
};

/** A header in host byte order. */
struct tcp_fields {
	uint16_t src_port, dst_port;
	uint32_t seq, ack;
	uint8_t flags; /**< enum tcp_flag */
	uint8_t hdr_length; /**< bytes, with the options */
	uint16_t window; /**< as it stands: not scaled */
	uint16_t urgent;
};

/**
 * @param length bytes present
 * @return 0, or -EINVAL: cut off, or a data offset below 5 or beyond `length`
 */
int tcp_hdr_parse(const void *data, uint32_t length, struct tcp_fields *fields);

/**
 * Take options apart. What follows a malformed one is not looked at (RFC 9293 3.2, MUST-7), what is
 * unknown is skipped (MUST-6). MSS, window scale and SACK-permitted are seen on SYNs only.
 * @return whether all were well-formed
 */
bool tcp_options_parse(
	const void *data, uint32_t length_bytes, bool syn, struct tcp_options *options);

/**
 * Write options, padded to words. What does not fit is left out: SACK blocks from the last on.
 * @param room bytes at `data`: a multiple of 4, TCP_OPTIONS_MAX at most
 * @return bytes written
 */
uint32_t tcp_options_build(void *data, uint32_t room, const struct tcp_options *options);

/** Write the header, the checksum zero. */
void tcp_hdr_build(struct tcp_header *hdr, const struct tcp_fields *fields);

#endif
