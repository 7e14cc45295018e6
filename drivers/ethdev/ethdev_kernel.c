/* SPDX-License-Identifier: BSD-3-Clause */
/* What the kernel says of an interface of its own that a device is on. Called by ethdev_stats.c. */
#include "ethdev/ethdev_priv.h"

#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

bool
ethdev_kernel_link_is_up(unsigned if_index)
{
	struct ifreq request = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool up = fd >= 0 && if_indextoname(if_index, request.ifr_name) != NULL &&
		ioctl(fd, SIOCGIFFLAGS, &request) == 0 && (request.ifr_flags & IFF_RUNNING) != 0;

	if (fd >= 0)
		close(fd);
	return up;
}
