/* SPDX-License-Identifier: BSD-3-Clause */
/* The network in memory has no SCTP: who listens there waits for nobody. Tests of it have lib/sock itself. */
#include "support/sock_double_private.h"

enum sock_proto
sock_proto(const struct sock *sock)
{
	return sock->proto;
}

int
sock_sctp_streams_set(struct sock *sock, uint16_t streams)
{
	return 0;
}

int
sock_sctp_future_change(struct sock *sock, sock_sctp_change_fn *change, void *arg)
{
	return -EOPNOTSUPP;
}

int
sock_sctp_bindx(struct sock *sock, const struct sock_addr *addrs, unsigned count, bool add)
{
	return -EOPNOTSUPP;
}

int
sock_sctp_connectx(
	struct sock *sock, const struct sock_addr *peers, unsigned count, uint32_t *assoc)
{
	return -EOPNOTSUPP;
}

int64_t
sock_sctp_send(struct sock *sock, const void *data, size_t length,
	const struct sock_sctp_info *info, const struct sock_addr *peer)
{
	return -EOPNOTSUPP;
}

int64_t
sock_sctp_receive(struct sock *sock, void *data, size_t size, struct sock_sctp_info *info,
	struct sock_addr *peer)
{
	return -EOPNOTSUPP;
}

int
sock_sctp_one(struct sock *sock, uint32_t assoc, sock_sctp_each_fn *each, void *arg)
{
	return -EOPNOTSUPP;
}
