/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * The driver for every device that DPDK has an ethdev for: NICs, tap, pcap, memif, af_packet...
 */
#ifndef ETHDEV_ETHDEV_H
#define ETHDEV_ETHDEV_H

#include "port/port.h"

extern const struct port_ops ethdev_port_ops;

#endif
