/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Large receive offload, as a NIC does it: segments of a TCP flow that follow each other become one
 * packet. What comes out can be cut into the same segments again.
 */
#ifndef CABLE_CABLE_LRO_H
#define CABLE_CABLE_LRO_H

#include <stdint.h>

#include <rte_mbuf.h>

/*
 * Of packets in the order in which they came, with their checksums verified: coalesce those that may
 * be, without taking any past another one of its flow. @return how many there are now
 */
uint16_t cable_lro(struct rte_mbuf **pkts, uint16_t count);

#endif
