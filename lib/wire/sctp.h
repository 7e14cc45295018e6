/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * SCTP on the wire: RFC 9260 3. The common header, chunks, parameters and error causes to structs,
 * and back. What is parsed points into the packet; nothing is believed beyond its own length.
 */
#ifndef WIRE_SCTP_H
#define WIRE_SCTP_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/ip_addr.h"

#define SCTP_CHECKSUM_FIELD    8 /**< in the common header */
#define SCTP_HDR_LENGTH        12
#define SCTP_CHUNK_HDR_LENGTH  4
#define SCTP_PARAM_HDR_LENGTH  4
#define SCTP_DATA_HDR_LENGTH   16 /**< of a DATA chunk, with its chunk header */
#define SCTP_I_DATA_HDR_LENGTH 20 /**< of an I-DATA chunk, likewise */
#define SCTP_INIT_LENGTH       16 /**< the fixed part of INIT and INIT ACK, behind the chunk header */
#define SCTP_SACK_LENGTH       12 /**< of SACK, likewise */
/** Addresses that are taken from an INIT: more are not used. */
#define SCTP_ADDRS_MAX 8
/** Unrecognized parameters of a chunk that are reported: more are not. */
#define SCTP_UNKNOWN_MAX 8

/** RFC 9260 3.2, and those of its extensions. */
enum sctp_chunk_type {
	SCTP_DATA = 0,
	SCTP_INIT = 1,
	SCTP_INIT_ACK = 2,
	SCTP_SACK = 3,
	SCTP_HEARTBEAT = 4,
	SCTP_HEARTBEAT_ACK = 5,
	SCTP_ABORT = 6,
	SCTP_SHUTDOWN = 7,
	SCTP_SHUTDOWN_ACK = 8,
	SCTP_ERROR = 9,
	SCTP_COOKIE_ECHO = 10,
	SCTP_COOKIE_ACK = 11,
	SCTP_ECNE = 12, /**< RFC 4960 appendix A; RFC 9260 3.2 keeps it for that */
	SCTP_CWR = 13,
	SCTP_SHUTDOWN_COMPLETE = 14,
	SCTP_AUTH = 15, /**< RFC 4895 */
	SCTP_I_DATA = 64, /**< RFC 8260 */
	SCTP_ASCONF_ACK = 128, /**< RFC 5061 */
	SCTP_RE_CONFIG = 130, /**< RFC 6525 */
	SCTP_PAD = 132, /**< RFC 4820 */
	SCTP_FORWARD_TSN = 192, /**< RFC 3758 */
	SCTP_ASCONF = 193,
	SCTP_I_FORWARD_TSN = 194,
};

/** What an end can do beyond RFC 9260, as INIT and INIT ACK say it: RFC 5061 4.2.7. */
enum sctp_extension {
	SCTP_EXT_FORWARD_TSN = 1 << 0, /**< RFC 3758: partial reliability */
	SCTP_EXT_AUTH = 1 << 1, /**< RFC 4895 */
	SCTP_EXT_ASCONF = 1 << 2, /**< RFC 5061, ASCONF and ASCONF-ACK */
	SCTP_EXT_RE_CONFIG = 1 << 3, /**< RFC 6525 */
	SCTP_EXT_I_DATA = 1 << 4, /**< RFC 8260: interleaving */
	SCTP_EXT_I_FORWARD_TSN = 1 << 5, /**< RFC 8260 2.3.1 */
	SCTP_EXT_ZERO_CHECKSUM = 1 << 6, /**< RFC 9653, by SCTP_EDMID_DTLS */
	SCTP_EXT_ECN = 1 << 7, /**< RFC 4960 appendix A */
};

/** Of DATA chunks. */
enum sctp_data_flag {
	SCTP_DATA_END = 1 << 0,
	SCTP_DATA_BEGIN = 1 << 1,
	SCTP_DATA_UNORDERED = 1 << 2,
	SCTP_DATA_IMMEDIATE = 1 << 3, /**< RFC 7053 */
};

/** Of ABORT and SHUTDOWN COMPLETE: the verification tag is the receiver's own, reflected. */
#define SCTP_FLAG_T 1

enum sctp_param_type {
	SCTP_PARAM_HEARTBEAT_INFO = 1,
	SCTP_PARAM_IP4 = 5,
	SCTP_PARAM_IP6 = 6,
	SCTP_PARAM_STATE_COOKIE = 7,
	SCTP_PARAM_UNRECOGNIZED = 8,
	SCTP_PARAM_COOKIE_PRESERVATIVE = 9,
	SCTP_PARAM_HOST_NAME = 11,
	SCTP_PARAM_SUPPORTED_FAMILIES = 12,
	SCTP_PARAM_RESET_OUT = 13, /**< RFC 6525 4: of RE-CONFIG */
	SCTP_PARAM_RESET_IN = 14,
	SCTP_PARAM_RESET_TSN = 15,
	SCTP_PARAM_RECONFIG_RESPONSE = 16,
	SCTP_PARAM_ADD_OUT = 17,
	SCTP_PARAM_ADD_IN = 18,
	SCTP_PARAM_ECN = 0x8000,
	SCTP_PARAM_ZERO_CHECKSUM = 0x8001, /**< RFC 9653 4 */
	SCTP_PARAM_RANDOM = 0x8002, /**< RFC 4895 3 */
	SCTP_PARAM_CHUNKS = 0x8003,
	SCTP_PARAM_HMAC_ALGO = 0x8004,
	SCTP_PARAM_SUPPORTED_EXTENSIONS = 0x8008,
	SCTP_PARAM_FORWARD_TSN = 0xc000,
	SCTP_PARAM_ADD_IP = 0xc001, /**< RFC 5061 4.2: of ASCONF and its answer */
	SCTP_PARAM_DELETE_IP = 0xc002,
	SCTP_PARAM_ERROR_CAUSE = 0xc003,
	SCTP_PARAM_SET_PRIMARY = 0xc004,
	SCTP_PARAM_SUCCESS = 0xc005,
	SCTP_PARAM_ADAPTATION = 0xc006,
};

/** What finds errors in the place of the checksum: RFC 9653 4. */
enum sctp_edmid {
	SCTP_EDMID_NONE = 0,
	SCTP_EDMID_DTLS = 1, /**< what is below vouches for integrity, as DTLS does */
};

/** RFC 9260 3.3.10. */
enum sctp_cause {
	SCTP_CAUSE_NONE = 0,
	SCTP_CAUSE_INVALID_STREAM = 1,
	SCTP_CAUSE_MISSING_PARAM = 2,
	SCTP_CAUSE_STALE_COOKIE = 3,
	SCTP_CAUSE_OUT_OF_RESOURCE = 4,
	SCTP_CAUSE_UNRESOLVABLE_ADDRESS = 5,
	SCTP_CAUSE_UNRECOGNIZED_CHUNK = 6,
	SCTP_CAUSE_INVALID_PARAM = 7,
	SCTP_CAUSE_UNRECOGNIZED_PARAMS = 8,
	SCTP_CAUSE_NO_USER_DATA = 9,
	SCTP_CAUSE_COOKIE_IN_SHUTDOWN = 10,
	SCTP_CAUSE_RESTART_NEW_ADDRESSES = 11,
	SCTP_CAUSE_USER_ABORT = 12,
	SCTP_CAUSE_PROTOCOL_VIOLATION = 13,
	SCTP_CAUSE_DELETE_LAST = 0xa0, /**< RFC 5061 4.3 */
	SCTP_CAUSE_RESOURCE_SHORTAGE = 0xa1,
	SCTP_CAUSE_DELETE_SOURCE = 0xa2,
	SCTP_CAUSE_ILLEGAL_ASCONF_ACK = 0xa3,
	SCTP_CAUSE_REQUEST_REFUSED = 0xa4,
	SCTP_CAUSE_UNSUPPORTED_HMAC = 0x0105, /**< RFC 4895 4.1 */
};

/** The two upper bits of a type that is not known: RFC 9260 3.2, 3.2.1. */
static inline bool
sctp_chunk_unknown_skips(uint8_t type)
{
	return (type & 0x80) != 0;
}

static inline bool
sctp_chunk_unknown_reports(uint8_t type)
{
	return (type & 0x40) != 0;
}

static inline bool
sctp_param_unknown_skips(uint16_t type)
{
	return (type & 0x8000) != 0;
}

static inline bool
sctp_param_unknown_reports(uint16_t type)
{
	return (type & 0x4000) != 0;
}

/** Bytes that a chunk, parameter or cause of a length takes. */
static inline uint32_t
sctp_padded(uint32_t length)
{
	return (length + 3) & ~3U;
}

/* ---- taken apart ---- */

/** The common header in host byte order, the checksum apart. */
struct sctp_fields {
	uint16_t src_port, dst_port;
	uint32_t vtag;
};

/** @return 0, or -EINVAL: cut off, or a port of 0 (RFC 9260 3.1) */
int sctp_hdr_parse(const void *data, uint32_t length, struct sctp_fields *fields);
/** Write SCTP_HDR_LENGTH bytes, the checksum zero. */
void sctp_hdr_build(void *data, const struct sctp_fields *fields);

/** What is left of a packet, a chunk's parameters, or of causes. */
struct sctp_cursor {
	const uint8_t *at;
	uint32_t left; /**< bytes */
};

struct sctp_chunk {
	uint8_t type, flags;
	uint16_t length; /**< bytes of the value, without header and padding */
	const uint8_t *value;
};

/** A parameter, or an error cause: the same form. */
struct sctp_param {
	uint16_t type;
	uint16_t length; /**< bytes of the value */
	const uint8_t *value;
};

/** @return 1; 0: no more; -EINVAL: a length below the header's, or beyond what there is */
int sctp_chunk_next(struct sctp_cursor *cursor, struct sctp_chunk *chunk);
int sctp_param_next(struct sctp_cursor *cursor, struct sctp_param *param);

/** RFC 4895 3: in the order that key vectors have them in. */
enum sctp_auth_param { SCTP_AUTH_RANDOM, SCTP_AUTH_CHUNKS, SCTP_AUTH_HMACS, SCTP_AUTH_PARAM_COUNT };

/** INIT and INIT ACK. */
struct sctp_init {
	uint32_t initiate_tag, a_rwnd, initial_tsn;
	uint16_t out_streams, in_streams;
	/* parameters */
	struct ip_addr addrs[SCTP_ADDRS_MAX]; /**< unicast ones, each once */
	uint8_t addr_count;
	uint8_t unknown_count;
	bool families_said, no_ip4, no_ip6; /**< RFC 9260 3.3.2.1.3 */
	bool host_name; /**< deprecated; answered by an ABORT */
	uint16_t extensions; /**< enum sctp_extension, those that are said */
	struct sctp_cursor auth[SCTP_AUTH_PARAM_COUNT]; /**< with their headers; NULL: not there */
	uint32_t cookie_preservative_ms;
	bool adaptation_said;
	uint32_t adaptation; /**< RFC 5061 4.2.6 */
	const uint8_t *host_name_param; /**< the parameter, with its header */
	const uint8_t *cookie; /**< of INIT ACK; NULL: missing */
	uint16_t cookie_length;
	struct sctp_cursor
		unknown[SCTP_UNKNOWN_MAX]; /**< parameters to report, with their headers */
};

/**
 * A parameter that is unknown and says to stop ends the walk: what stands behind it counts as not
 * there (RFC 9260 3.2.1).
 * @return 0, or -EINVAL: cut off, or with a parameter whose length cannot be
 */
int sctp_init_parse(const struct sctp_chunk *chunk, struct sctp_init *init);

struct sctp_data {
	uint32_t tsn, ppid_be; /**< as the user wrote it; of I-DATA, with the first fragment */
	uint16_t stream, ssn;
	uint32_t mid, fsn; /**< of I-DATA */
	uint8_t flags; /**< enum sctp_data_flag */
	uint16_t length; /**< of user data; 0: there is none, which is an error */
	const uint8_t *data;
};
/** Of DATA, or of I-DATA (RFC 8260 2.1). @return 0, or -EINVAL: cut off */
int sctp_data_parse(const struct sctp_chunk *chunk, struct sctp_data *data);

struct sctp_sack {
	uint32_t cum_tsn, a_rwnd;
	uint16_t gap_count, dup_count;
	const uint8_t *gaps, *dups;
};
/** @return 0, or -EINVAL: cut off, or shorter than its counts say */
int sctp_sack_parse(const struct sctp_chunk *chunk, struct sctp_sack *sack);
/** Offsets from the cumulative TSN, the last one included. */
struct sctp_gap {
	uint16_t first, last;
};
struct sctp_gap sctp_sack_gap(const struct sctp_sack *sack, unsigned index);

/** FORWARD TSN (RFC 3758 3.2) and I-FORWARD-TSN (RFC 8260 2.3.1). */
struct sctp_forward {
	uint32_t cum_tsn;
	bool interleaved; /**< I-FORWARD-TSN */
	unsigned count;
	const uint8_t *skips;
};
/** Of a stream the last message that is given up. */
struct sctp_skip {
	uint16_t stream;
	bool unordered; /**< of I-FORWARD-TSN */
	uint32_t mid; /**< or SSN */
};
/** @return 0, or -EINVAL: cut off */
int sctp_forward_parse(const struct sctp_chunk *chunk, struct sctp_forward *forward);
struct sctp_skip sctp_forward_skip(const struct sctp_forward *forward, unsigned index);

/** What Supported Extensions (RFC 5061 4.2.7) or Forward-TSN-Supported say: enum sctp_extension. */
uint16_t sctp_extensions_parse(const struct sctp_param *param);

/** An address parameter. @return false: another one, or of the wrong length */
bool sctp_param_addr(const struct sctp_param *param, struct ip_addr *addr);

/* ---- put together ---- */

/** Writes one chunk after the other; what does not fit is not written, and `full` is set. */
struct sctp_writer {
	uint8_t *data;
	uint32_t used, room; /**< bytes */
	uint32_t chunks; /**< that were begun */
	bool full;
};

void sctp_put(struct sctp_writer *writer, const void *bytes, uint32_t length);
void sctp_put_u8(struct sctp_writer *writer, uint8_t value);
void sctp_put_u16(struct sctp_writer *writer, uint16_t value);
void sctp_put_u32(struct sctp_writer *writer, uint32_t value);

/** Begin a chunk. @return where it is, for sctp_chunk_end(), which writes length and padding */
uint32_t sctp_chunk_begin(struct sctp_writer *writer, uint8_t type, uint8_t flags);
void sctp_chunk_end(struct sctp_writer *writer, uint32_t place);
/** The same of a chunk that goes on elsewhere, by so many bytes without padding. */
void sctp_chunk_end_behind(struct sctp_writer *writer, uint32_t place, uint32_t behind);
/** The same of a parameter or cause. */
uint32_t sctp_param_begin(struct sctp_writer *writer, uint16_t type);
void sctp_param_end(struct sctp_writer *writer, uint32_t place);
/** A whole one. */
void sctp_param_put(struct sctp_writer *writer, uint16_t type, const void *value, uint32_t length);
void sctp_addr_put(struct sctp_writer *writer, const struct ip_addr *addr);
void sctp_skip_put(struct sctp_writer *writer, const struct sctp_skip *skip, bool interleaved);
/** The parameters that say so. @param extensions enum sctp_extension; 0: none are written */
void sctp_extensions_put(struct sctp_writer *writer, uint16_t extensions);

#endif
