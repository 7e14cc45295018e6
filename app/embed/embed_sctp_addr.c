/* SPDX-License-Identifier: BSD-3-Clause */
/* Addresses in structs of RFC 6458. */
#include <netinet/in.h>
#include <string.h>

#include "embed/embed_sctp.h"

bool
embed_sockaddr_parse(const void *sockaddr, struct ip_addr *addr, uint16_t *port)
{
	struct sockaddr_storage copy;

	memcpy(&copy, sockaddr, sizeof(copy));
	*port = 0;
	if (copy.ss_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)&copy;

		*addr = ip_addr_from4(&in->sin_addr);
		*port = ntohs(in->sin_port);
		return !ip_addr_is_unspecified(addr);
	}
	if (copy.ss_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&copy;

		/* RFC 6458 7.4: mapped ones are IPv4's. */
		*addr = IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr)
			? ip_addr_from4(in6->sin6_addr.s6_addr + 12)
			: ip_addr_from6(&in6->sin6_addr);
		*port = ntohs(in6->sin6_port);
		return !ip_addr_is_unspecified(addr);
	}
	return false;
}

/* RFC 6458 8.1.15: of a socket of IPv6 that wants that. */
static void
mapped_build(const struct ip_addr *addr, uint16_t port, struct sockaddr_in6 *in6)
{
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(port);
	in6->sin6_addr.s6_addr[10] = in6->sin6_addr.s6_addr[11] = 0xff;
	memcpy(in6->sin6_addr.s6_addr + 12, addr->bytes, 4);
}

void
embed_sockaddr_build(
	const struct ip_addr *addr, uint16_t port, bool mapped, struct sockaddr_storage *sockaddr)
{
	memset(sockaddr, 0, sizeof(*sockaddr));
	if (addr->family == IP_FAMILY_4 && mapped) {
		mapped_build(addr, port, (struct sockaddr_in6 *)sockaddr);
	} else if (addr->family == IP_FAMILY_4) {
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
