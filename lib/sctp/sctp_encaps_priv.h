/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of lib/sctp share about SCTP in UDP: RFC 6951. */
#ifndef SCTP_SCTP_ENCAPS_PRIV_H
#define SCTP_SCTP_ENCAPS_PRIV_H

#include "sctp/sctp_priv.h"
#include "wire/udp.h"

/* Bytes between the IP header and the common header. @param port the peer's; 0: there is no UDP */
static inline uint32_t
sctp_encaps_length(uint16_t port)
{
	return port != 0 ? UDP_HDR_LENGTH : 0;
}

/* Of ours. */
static inline uint16_t
sctp_encaps_local(const struct sctp_core *core)
{
	return core->defaults.udp_port != 0 ? core->defaults.udp_port : SCTP_ENCAPS_PORT;
}

void sctp_encaps_path_set(struct sctp_path *path, uint16_t port);
/* RFC 6951 5.4: a packet of an association, whose tag is good, says how its sender is reached. */
void sctp_encaps_learn(const struct sctp_packet *packet);

#endif
