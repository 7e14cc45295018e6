/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * A part of sctp.h: SCTP in UDP, RFC 6951. One port of ours takes all that comes so, settings->udp_port
 * of sctp_defaults_set(), and is the source of all that is sent so. Each path has the peer's port: at
 * first settings->encaps_port, then the one that the peer's packets come from. Without one, it is sent
 * as IP's own.
 */
#ifndef SCTP_SCTP_ENCAPS_H
#define SCTP_SCTP_ENCAPS_H

#include "sctp/sctp.h"

/** What IANA has for it: RFC 6951 7. */
#define SCTP_ENCAPS_PORT 9899

/**
 * As sctp_input(), of packets whose l2_len and l3_len lead to a UDP header, and to our port: UDP's
 * length and checksum are good.
 */
void sctp_encaps_input(
	struct sctp_core *core, const struct pkt_vec *in, const struct sctp_out *out);
void sctp_encaps_input_handed(
	struct sctp_core *core, const struct pkt_vec *in, const struct sctp_out *out);
/** As sctp_error_input(), of errors that quote a datagram from our port. @{ */
void sctp_encaps_error_input(
	struct sctp_core *core, const struct pkt_vec *in, const struct sctp_out *out);
void sctp_encaps_error_input_handed(
	struct sctp_core *core, const struct pkt_vec *in, const struct sctp_out *out);
/** @} */

/**
 * The peer's port of a path: RFC 6951 6.1.
 * @param port 0: packets go without UDP
 * @return 0; -EINVAL: no address of the peer's
 */
int sctp_encaps_port_set(struct sctp_assoc *assoc, const struct ip_addr *remote, uint16_t port);

#endif
