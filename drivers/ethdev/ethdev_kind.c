/* SPDX-License-Identifier: BSD-3-Clause */
/* What is known of DPDK's drivers beyond what they say themselves. */
#include "ethdev/ethdev_priv.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const struct ethdev_kind kinds[] = {
	{ "net_tap", "net_tap0,iface=NAME; needs /dev/net/tun and CAP_NET_ADMIN",
		ETHDEV_VIRTUAL | ETHDEV_QUEUES_PAIRED | ETHDEV_CHECKSUM_SOFT | ETHDEV_KERNEL_NAME |
			ETHDEV_NO_FILTER },
	{ "net_pcap",
		"net_pcap0,rx_pcap=FILE,tx_pcap=FILE or net_pcap0,iface=NAME; rx_pcap must exist",
		ETHDEV_VIRTUAL | ETHDEV_SCATTERS },
	{ "net_null", "net_null0,size=64", ETHDEV_VIRTUAL | ETHDEV_NO_FILTER },
	{ "net_ring", "net_ring0", ETHDEV_VIRTUAL | ETHDEV_FLAGS_STALE | ETHDEV_NO_FILTER },
	{ "net_memif", "net_memif0,role=server,id=0,socket=PATH,socket-abstract=no",
		ETHDEV_VIRTUAL | ETHDEV_NO_FILTER },
	{ "net_af_packet", "net_af_packet0,iface=NAME,qpairs=1; needs CAP_NET_RAW",
		ETHDEV_VIRTUAL | ETHDEV_QUEUES_ALL | ETHDEV_KERNEL_LINK },
	{ "net_af_xdp", "net_af_xdp0,iface=NAME,queue_count=1; needs CAP_NET_ADMIN and CAP_BPF",
		ETHDEV_VIRTUAL | ETHDEV_QUEUES_PAIRED | ETHDEV_CONFIGURE_ONCE |
			ETHDEV_COUNTS_MISSED | ETHDEV_KERNEL_LINK },
	{ "net_vhost", "net_vhost0,iface=PATH,queues=1",
		ETHDEV_VIRTUAL | ETHDEV_RX_L4_PARTIAL | ETHDEV_NO_FILTER | ETHDEV_SCATTERS },
	{ "net_virtio_user", "net_virtio_user0,path=/dev/vhost-net or path=SOCKET,queues=1",
		ETHDEV_VIRTUAL | ETHDEV_RX_L4_PARTIAL },
	{ "net_virtio", NULL, ETHDEV_RX_L4_PARTIAL },
	{ "net_tun", NULL, ETHDEV_VIRTUAL | ETHDEV_NO_ETHERNET },
};

const struct ethdev_kind *
ethdev_kind_lookup(const char *driver)
{
	static const struct ethdev_kind unknown = { "", NULL, 0 };

	for (unsigned i = 0; i < RTE_DIM(kinds); i++) {
		if (strcmp(kinds[i].driver, driver) == 0)
			return &kinds[i];
	}
	return &unknown;
}

const struct ethdev_kind *
ethdev_kind_of_device(const char *name)
{
	for (unsigned i = 0; i < RTE_DIM(kinds); i++) {
		size_t length = strlen(kinds[i].driver);

		if (kinds[i].usage != NULL && strncmp(name, kinds[i].driver, length) == 0 &&
			(name[length] == '\0' || isdigit((unsigned char)name[length])))
			return &kinds[i];
	}
	return NULL;
}

const char *
ethdev_kind_list(void)
{
	static char list[256];
	size_t length = 0;

	for (unsigned i = 0; i < RTE_DIM(kinds); i++) {
		if (kinds[i].usage == NULL)
			continue;
		length += (size_t)snprintf(list + length, sizeof(list) - length, "%s%s",
			length > 0 ? ", " : "", kinds[i].driver);
	}
	return list;
}
