/* SPDX-License-Identifier: BSD-3-Clause */
/* How services of UDP begin: for udp_echo.c and its like. */
#include "service/service.h"

int
service_udp_open(struct sock_app *app, const struct sock_service *service, struct sock **sock)
{
	enum ip_family family =
		service->local.addr.family == IP_FAMILY_4 ? IP_FAMILY_4 : IP_FAMILY_6;
	int rc = sock_open(app, SOCK_UDP, family, service->vrf, sock);

	if (rc < 0)
		return rc;
	sock_option_set(*sock, SOCK_OPT_REUSEPORT, 1);
	/* An address of a configuration may be ours a little later: tentative, or on a link that is down. */
	sock_option_set(*sock, SOCK_OPT_FREEBIND, 1);
	return sock_bind(*sock, &service->local);
}
