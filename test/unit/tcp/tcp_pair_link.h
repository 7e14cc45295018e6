/* SPDX-License-Identifier: BSD-3-Clause */
/* The link of a tcp_pair.h: tcp_pair_link.c. For tcp_pair.c. */
#ifndef UNIT_TCP_PAIR_LINK_H
#define UNIT_TCP_PAIR_LINK_H

#include "unit/tcp/tcp_pair.h"

/* Packets of an end's, which are used up; those of several segments are cut as by a port. */
void pair_link_send(struct pair *pair, unsigned from, const struct pkt_vec *vec);
/* A packet from nobody, which is used up, arrives at once. */
void pair_link_add(struct pair *pair, unsigned to, struct rte_mbuf *pkt);
/* What has arrived, to pair->in, in the order of its arrival. */
void pair_link_take(struct pair *pair, unsigned to);

#endif
