/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Sockets of SCTP as RFC 6458 has them, in both styles: spate_socket() with SPATE_SCTP makes one of
 * one-to-one style, with SPATE_SCTP_SEQPACKET one of one-to-many style. The functions of spate.h do for
 * names, connecting, listening and plain data; here is the rest.
 *
 * Structs, options, flags and numbers are those of RFC 6458 as <linux/sctp.h> has them, byte for byte,
 * so that its structs may be used in their place. Functions return what those of spate.h do: 0 or more,
 * or a negative errno.
 */
#ifndef SPATE_SPATE_SCTP_H
#define SPATE_SPATE_SCTP_H

#include <sys/socket.h>

#include <spate/spate.h>
#include <spate/spate_sctp_data.h>
#include <spate/spate_sctp_event.h>
#include <spate/spate_sctp_option.h>

#ifdef __cplusplus
extern "C" {
#endif

/** RFC 6458 7.1: ids that are no association's. */
enum spate_sctp_assoc {
	SPATE_SCTP_FUTURE_ASSOC,
	SPATE_SCTP_CURRENT_ASSOC,
	SPATE_SCTP_ALL_ASSOC,
};

/* ---- names and associations ---- */

/**
 * RFC 6458 9.1: all of them, or none. Peers that agreed to it are told (RFC 5061); of a one-to-many socket
 * the others keep what they know.
 * @param add 0: give them up
 * @return 0; -EINVAL: also of one that is bound to any, and the last address; -EADDRNOTAVAIL,
 *         -EADDRINUSE; one-to-one: -EOPNOTSUPP: the peer has not agreed, -ENOTCONN: not yet
 */
SPATE_API int spate_sctp_bindx(struct spate *stack, int socket, const char *const *addrs,
	unsigned count, unsigned port, int add);
/**
 * RFC 6458 9.9.
 * @param assoc_id may be NULL
 * @return -EINPROGRESS (one-to-one), 0 (one-to-many), or an error
 */
SPATE_API int spate_sctp_connectx(struct spate *stack, int socket, const char *const *addrs,
	unsigned count, unsigned port, int32_t *assoc_id);
/** RFC 6458 9.2. @return the number of a one-to-one socket; -EINVAL: no such association */
SPATE_API int spate_sctp_peeloff(struct spate *stack, int socket, int32_t assoc_id);
/**
 * RFC 6458 9.3, 9.5.
 * @param addrs `max` times SPATE_ADDR_TEXT bytes
 * @param port may be NULL
 * @return how many addresses there are @{
 */
SPATE_API int spate_sctp_getpaddrs(struct spate *stack, int socket, int32_t assoc_id,
	char (*addrs)[SPATE_ADDR_TEXT], unsigned max, unsigned *port);
SPATE_API int spate_sctp_getladdrs(struct spate *stack, int socket, int32_t assoc_id,
	char (*addrs)[SPATE_ADDR_TEXT], unsigned max, unsigned *port);
/** @} */

/**
 * RFC 6951 5.1: the port of UDP that takes SCTP, of all sockets of a stack, and that it is sent from.
 * @param port 0: none, as at first; IANA's is 9899
 * @return 0; -EADDRINUSE: a socket of UDP has it; -EINVAL
 */
SPATE_API int spate_sctp_set_udp_port(struct spate *stack, unsigned port);

/* ---- data ---- */

/**
 * RFC 6458 9.12, sctp_sendv(): send a message, wholly or not at all.
 * @param addr of a one-to-many socket, with snd_assoc_id 0: an association with it is begun if there
 *             is none. May be NULL
 * @param info NULL: as SPATE_SCTP_DEFAULT_SNDINFO says
 */
SPATE_API int spate_sctp_sendv(struct spate *stack, int socket, const void *data, size_t length,
	const char *addr, unsigned port, const struct spate_sctp_sndinfo *info);

/**
 * The same with all that there is to say: RFC 6458 9.12 with struct sctp_sendv_spa, and several addresses
 * of the peer that an association is begun with.
 * @param addrs `count` of them, which may be 0
 * @param spa NULL: as the defaults say
 * @param flags MSG_EOR, for SPATE_SCTP_EXPLICIT_EOR; others do not matter, as no call waits
 */
SPATE_API int spate_sctp_sendx(struct spate *stack, int socket, const void *data, size_t length,
	const char *const *addrs, unsigned count, unsigned port,
	const struct spate_sctp_sendv_spa *spa, int flags);
/**
 * RFC 6458 9.7, 9.10, 9.11: sctp_sendmsg(), sctp_send() and sctp_sendx(), which are superseded.
 * @param addr, sinfo may be NULL @{
 */
SPATE_API int spate_sctp_sendmsg(struct spate *stack, int socket, const void *data, size_t length,
	const char *addr, unsigned port, uint32_t ppid, uint32_t flags, uint16_t stream,
	uint32_t timetolive, uint32_t context);
SPATE_API int spate_sctp_send(struct spate *stack, int socket, const void *data, size_t length,
	const char *addr, unsigned port, const struct spate_sctp_sndrcvinfo *sinfo, int flags);
/** @} */

/** RFC 6458 3.1.5: what spate_sctp_recvv() says of what it has received. */
enum spate_sctp_msg_flag {
	SPATE_MSG_EOR = 0x80, /**< the message, or notification, ends here */
	SPATE_MSG_NOTIFICATION = 0x8000, /**< a union spate_sctp_notification */
};

/**
 * RFC 6458 9.13, sctp_recvv(): a message, a part of one, or a notification.
 * @param addr SPATE_ADDR_TEXT bytes; it, port, info, next and flags may be NULL
 * @param info of a notification all zeros
 * @param next the message or notification behind it, if one is there: else its length is 0
 *             (SCTP_RECVNXTINFO)
 * @param flags enum spate_sctp_msg_flag
 * @return bytes; 0: the peer has ended (one-to-one); or an error
 */
SPATE_API int spate_sctp_recvv(struct spate *stack, int socket, void *data, size_t size, char *addr,
	unsigned *port, struct spate_sctp_rcvinfo *info, struct spate_sctp_nxtinfo *next,
	int *flags);

/** RFC 6458 9.8, sctp_recvmsg(), which is superseded. @param sinfo may be NULL, as all may there */
SPATE_API int spate_sctp_recvmsg(struct spate *stack, int socket, void *data, size_t size,
	char *addr, unsigned *port, struct spate_sctp_sndrcvinfo *sinfo, int *flags);

/* ---- options: RFC 6458 8 ---- */

/**
 * @param value of the struct's length at least
 * @return 0; -ENOPROTOOPT: no such option; -EINVAL: too short, or a value or association that cannot be
 */
SPATE_API int spate_sctp_setsockopt(struct spate *stack, int socket, enum spate_sctp_option option,
	const void *value, size_t length);
/**
 * Association and address are read out of the struct, as RFC 6458 8 has it.
 * @param length of value; then of what was written
 */
SPATE_API int spate_sctp_getsockopt(struct spate *stack, int socket, enum spate_sctp_option option,
	void *value, size_t *length);
/** The same of this association: RFC 6458 9.6, sctp_opt_info(). */
SPATE_API int spate_sctp_opt_info(struct spate *stack, int socket, int32_t assoc_id,
	enum spate_sctp_option option, void *value, size_t *length);

#ifdef __cplusplus
}
#endif

#endif
