/* SPDX-License-Identifier: BSD-3-Clause */
/* The services that there are: a new one is one line here. */
#include "service/service.h"

const struct sock_app_ops *
service_get(unsigned index)
{
	static const struct sock_app_ops *const services[] = {
		&service_udp_echo,
		&service_udp_discard,
		&service_udp_chargen,
		&service_tcp_echo,
		&service_tcp_discard,
		&service_tcp_chargen,
		&service_sctp_echo,
		&service_sctp_discard,
		&service_sctp_chargen,
		&service_http,
		&service_bench_server,
		&service_bench_client,
	};

	return index < sizeof(services) / sizeof(services[0]) ? services[index] : NULL;
}
