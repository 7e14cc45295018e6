/* SPDX-License-Identifier: BSD-3-Clause */
/* What is known of associations and paths, as RFC 6458 8.2 has it; and addresses in its structs. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "embed/embed_sctp.h"
#include "sctp/sctp.h"

/* ---- addresses ---- */

bool
embed_sockaddr_parse(const void *sockaddr, struct ip_addr *addr, uint16_t *port)
{
	struct sockaddr_storage copy;

	memcpy(&copy, sockaddr, sizeof(copy));
	if (copy.ss_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)&copy;

		*addr = ip_addr_from4(&in->sin_addr);
		*port = ntohs(in->sin_port);
		return true;
	}
	if (copy.ss_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&copy;

		/* RFC 6458 7.4: mapped ones are IPv4's. */
		*addr = IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr)
			? ip_addr_from4(in6->sin6_addr.s6_addr + 12)
			: ip_addr_from6(&in6->sin6_addr);
		*port = ntohs(in6->sin6_port);
		return true;
	}
	return false;
}

void
embed_sockaddr_build(const struct ip_addr *addr, uint16_t port, struct sockaddr_storage *sockaddr)
{
	memset(sockaddr, 0, sizeof(*sockaddr));
	if (addr->family == IP_FAMILY_4) {
		struct sockaddr_in *in = (struct sockaddr_in *)sockaddr;

		in->sin_family = AF_INET;
		in->sin_port = htons(port);
		memcpy(&in->sin_addr, addr->bytes, 4);
	} else if (addr->family == IP_FAMILY_6) {
		struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)sockaddr;

		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(port);
		memcpy(&in6->sin6_addr, addr->bytes, 16);
	}
}

/* ---- states ---- */

static int32_t
path_state(enum sctp_path_state state)
{
	switch (state) {
	case SCTP_PATH_ACTIVE: return SPATE_SCTP_ACTIVE;
	case SCTP_PATH_PF: return SPATE_SCTP_PF;
	case SCTP_PATH_UNCONFIRMED: return SPATE_SCTP_UNCONFIRMED;
	default: return SPATE_SCTP_INACTIVE;
	}
}

static void
paddrinfo_fill(int32_t assoc, uint16_t port, const struct sctp_path_info *path,
	struct spate_sctp_paddrinfo *info)
{
	struct sockaddr_storage address;

	embed_sockaddr_build(&path->remote, port, &address);
	*info = (struct spate_sctp_paddrinfo){
		.spinfo_assoc_id = assoc,
		.spinfo_address = address,
		.spinfo_state = path_state(path->state),
		.spinfo_cwnd = path->cwnd,
		.spinfo_srtt = path->srtt_us / 1000,
		.spinfo_rto = path->rto_us / 1000,
		.spinfo_mtu = path->mtu,
	};
}

int
embed_paddrinfo_get(const struct sock *sock, struct spate_sctp_paddrinfo *info)
{
	struct sctp_path_info path;
	struct ip_addr addr;
	uint16_t port;
	int rc = embed_sockaddr_parse(&info->spinfo_address, &addr, &port) ? 0 : -EINVAL;

	if (rc == 0)
		rc = sock_sctp_path_info(sock, (uint32_t)info->spinfo_assoc_id, &addr, &path);
	if (rc == 0)
		paddrinfo_fill(info->spinfo_assoc_id, port, &path, info);
	return rc;
}

int
embed_status_get(const struct sock *sock, struct spate_sctp_status *status)
{
	const int32_t assoc = status->sstat_assoc_id;
	struct sctp_path_info path;
	struct sctp_info info;
	int rc = sock_sctp_info(sock, (uint32_t)assoc, &info);

	if (rc < 0)
		return rc;
	*status = (struct spate_sctp_status){
		.sstat_assoc_id = assoc,
		.sstat_state = (int32_t)info.state + SPATE_SCTP_CLOSED,
		.sstat_rwnd = info.peer_rwnd,
		.sstat_unackdata = (uint16_t)(info.next_tsn - info.cum_tsn_acked - 1),
		.sstat_penddata = (uint16_t)info.pending_chunks,
		.sstat_instrms = info.in_streams,
		.sstat_outstrms = info.out_streams,
		.sstat_fragmentation_point = info.fragment_point,
	};
	if (sock_sctp_path_info(sock, (uint32_t)assoc, NULL, &path) == 0)
		paddrinfo_fill(assoc, info.remote_port, &path, &status->sstat_primary);
	return 0;
}
