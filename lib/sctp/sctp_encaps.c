/* SPDX-License-Identifier: BSD-3-Clause */
/* Which port of its peer's a path is sent to in UDP, if it is: RFC 6951 5.1, 5.4, 5.6. */
#include "sctp/sctp_data.h"
#include "sctp/sctp_encaps_priv.h"

void
sctp_encaps_path_set(struct sctp_path *path, uint16_t port)
{
	bool was = path->encaps_port != 0;

	path->encaps_port = port;
	/* RFC 6951 5.6: what the UDP header takes is missing behind it. */
	if (was != (port != 0))
		cc_mss_set(&path->cc, sctp_path_pmdcs(path));
}

void
sctp_encaps_learn(const struct sctp_packet *packet)
{
	struct sctp_path *path = packet->path;

	/* By the address it came from: an ASCONF may come from one that is no path yet. */
	if (path == NULL || path->encaps_port == packet->encaps_port ||
		!ip_addr_equal(&path->remote, &packet->remote))
		return;
	sctp_encaps_path_set(path, packet->encaps_port);
}

int
sctp_encaps_port_set(struct sctp_assoc *assoc, const struct ip_addr *remote, uint16_t port)
{
	struct sctp_path *path = sctp_path_find(assoc, remote);

	if (path == NULL)
		return -EINVAL;
	sctp_encaps_path_set(path, port);
	return 0;
}
