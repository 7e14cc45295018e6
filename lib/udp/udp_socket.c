/* SPDX-License-Identifier: BSD-3-Clause */
/* The life of a socket: open, bound, connected, closed. Called by lib/sock. */
#include "udp/udp_priv.h"

#include <errno.h>

/* Control reads it at any time. */
static void
free_count_set(struct udp_core *core, uint32_t count)
{
	__atomic_store_n(&core->free_count, count, __ATOMIC_RELAXED);
}

struct udp_socket *
udp_open(struct udp_core *core, enum ip_family family, uint16_t vrf, void *user)
{
	struct udp_socket *socket;

	if (core->free_count == 0)
		return NULL;
	free_count_set(core, core->free_count - 1);
	socket = &core->sockets[core->free_sockets[core->free_count]];
	*socket = (struct udp_socket){
		.core = core,
		.user = user,
		.family = (uint8_t)family,
		.vrf = vrf,
		.checksum = true,
		.pmtu = UDP_PMTU_WANT,
		.iface = PKT_IFACE_NONE,
		.buffer_max = UDP_BUFFER_DEFAULT,
	};
	return socket;
}

void
udp_close(struct udp_socket *socket)
{
	struct udp_core *core = socket->core;

	if (socket->bound)
		udp_table_remove(socket);
	udp_queue_flush(socket);
	if (socket->events != 0)
		TAILQ_REMOVE(&core->events, socket, event_entry);
	socket->core = NULL;
	core->free_sockets[core->free_count] = (uint32_t)(socket - core->sockets);
	free_count_set(core, core->free_count + 1);
}

bool
udp_port_is_free(const struct udp_socket *socket, const struct ip_addr *local, uint16_t port)
{
	struct udp_socket probe = *socket;

	probe.local = *local;
	probe.local_port = port;
	return !udp_table_conflicts(&probe);
}

/*
 * First taken, then looked at: of two workers that want the same at the same time, at least one sees
 * the other.
 */
int
udp_bind(struct udp_socket *socket, const struct ip_addr *local, uint16_t iface, uint16_t port)
{
	int rc;

	if (socket->bound)
		return -EINVAL;
	socket->local = *local;
	socket->local_port = port;
	socket->iface = iface;
	rc = udp_table_insert(socket);
	if (rc < 0)
		return rc;
	if (udp_table_conflicts(socket)) {
		udp_table_remove(socket);
		return -EADDRINUSE;
	}
	socket->bound = true;
	return 0;
}

/* Under another key. There is room for it, if there is any more than for the old one. */
static int
rekey(struct udp_socket *socket, const struct udp_socket *as)
{
	const struct udp_socket before = *socket;
	int rc;

	udp_table_remove(socket);
	socket->local = as->local;
	socket->iface = as->iface;
	socket->peer = as->peer;
	socket->peer_port = as->peer_port;
	socket->connected = as->connected;
	rc = udp_table_insert(socket);
	if (rc == 0)
		return 0;
	socket->local = before.local;
	socket->iface = before.iface;
	socket->peer = before.peer;
	socket->peer_port = before.peer_port;
	socket->connected = before.connected;
	if (udp_table_insert(socket) < 0)
		socket->bound = false;
	return rc;
}

int
udp_connect(struct udp_socket *socket, const struct ip_addr *local, uint16_t iface,
	const struct ip_addr *peer, uint16_t peer_port)
{
	const struct udp_socket as = {
		.local = *local,
		.iface = iface,
		.peer = *peer,
		.peer_port = peer_port,
		.connected = true,
	};

	return rekey(socket, &as);
}

int
udp_disconnect(struct udp_socket *socket, const struct ip_addr *local, uint16_t iface)
{
	const struct udp_socket as = { .local = *local, .iface = iface };

	return rekey(socket, &as);
}

void
udp_event_add(struct udp_socket *socket, uint8_t events)
{
	if (socket->events == 0)
		TAILQ_INSERT_TAIL(&socket->core->events, socket, event_entry);
	socket->events |= events;
}

struct udp_socket *
udp_event_take(struct udp_core *core, uint8_t *events)
{
	struct udp_socket *socket = TAILQ_FIRST(&core->events);

	if (socket == NULL)
		return NULL;
	TAILQ_REMOVE(&core->events, socket, event_entry);
	*events = socket->events;
	socket->events = 0;
	return socket;
}

bool
udp_event_pending(const struct udp_core *core)
{
	return !TAILQ_EMPTY(&core->events);
}
