/* SPDX-License-Identifier: BSD-3-Clause */
/* Receive-side scaling of a port: names, tables, what a flow hashes to. By control. */
#include "port/port.h"

#include <string.h>

#include <rte_thash.h>

#include "wire/endian.h"
#include "wire/ip4.h"
#include "wire/toeplitz.h"

const char *
port_rss_field_name(unsigned bit)
{
	static const char *const names[PORT_RSS_FIELD_COUNT] = { "ipv4", "ipv4-frag", "ipv4-tcp",
		"ipv4-udp", "ipv4-sctp", "ipv4-other", "ipv6", "ipv6-frag", "ipv6-tcp", "ipv6-udp",
		"ipv6-sctp", "ipv6-other" };

	return names[bit];
}

/* The hash swaps words of 16 and of 32 bits when a flow turns round: a key that repeats every 16
 * bits has the same bits for both. */
bool
port_rss_is_symmetric(const struct port_rss *rss)
{
	return rss->key_length > 2 && memcmp(rss->key, rss->key + 2, rss->key_length - 2U) == 0;
}

bool
port_rss_is_flow_hash(const struct port_rss *rss, const uint8_t *key)
{
	return (rss->fields & PORT_RSS_FLOW_FIELDS) == PORT_RSS_FLOW_FIELDS &&
		rss->key_length >= TOEPLITZ_KEY_LENGTH &&
		memcmp(rss->key, key, TOEPLITZ_KEY_LENGTH) == 0;
}

uint32_t
port_rss_ports_field(uint8_t proto)
{
	switch (proto) {
	case IP_PROTO_TCP: return PORT_RSS_IP4_TCP;
	case IP_PROTO_UDP: return PORT_RSS_IP4_UDP;
	case IP_PROTO_SCTP: return PORT_RSS_IP4_SCTP;
	default: return 0;
	}
}

bool
port_rss_hash(const struct port_rss *rss, const struct ip_flow *flow, uint32_t *hash)
{
	/* The fields of IPv6 are in the same order. */
	uint32_t fields = flow->src.family == IP_FAMILY_6 ? rss->fields / PORT_RSS_IP6
							  : rss->fields % PORT_RSS_IP6;
	uint32_t with_ports = port_rss_ports_field(flow->proto);
	uint32_t addrs = with_ports != 0 ? PORT_RSS_IP4 : PORT_RSS_IP4 | PORT_RSS_IP4_OTHER;
	unsigned words = ip_addr_length(&flow->src) / 4;
	uint32_t tuple[9]; /* in host byte order, as rte_softrss() wants it */

	*hash = 0;
	if ((fields & (with_ports | addrs)) == 0 || rss->key_length < TOEPLITZ_KEY_LENGTH)
		return false;
	for (unsigned i = 0; i < words; i++) {
		tuple[i] = be32_load(flow->src.bytes + 4 * i);
		tuple[words + i] = be32_load(flow->dst.bytes + 4 * i);
	}
	words *= 2;
	if ((fields & with_ports) != 0)
		tuple[words++] = (uint32_t)flow->src_port << 16 | flow->dst_port;
	*hash = rte_softrss(tuple, words, rss->key);
	return true;
}

void
port_reta_repeat(uint16_t *reta, uint16_t size, const unsigned *queues, unsigned queue_count)
{
	for (uint16_t i = 0; i < size; i++)
		reta[i] = (uint16_t)queues[i % queue_count];
}

void
port_reta_weigh(uint16_t *reta, uint16_t size, const unsigned *weights, unsigned count)
{
	uint64_t total = 0, sum = 0;
	uint16_t at = 0;

	for (unsigned i = 0; i < count; i++)
		total += weights[i];
	for (unsigned i = 0; i < count; i++) {
		sum += weights[i];
		while (at < size && at * total < sum * size)
			reta[at++] = (uint16_t)i;
	}
}

uint16_t
port_reta_period(const uint16_t *reta, uint16_t size)
{
	uint16_t period = 1;

	while (period < size &&
		memcmp(reta, reta + period, (size_t)(size - period) * sizeof(*reta)) != 0)
		period++;
	return period;
}

void
port_rss_trust(struct port *port, bool trust)
{
	uint64_t clear = port->rx_flags_clear & ~RTE_MBUF_F_RX_RSS_HASH;

	if ((port->offloads & PORT_RX_RSS_HASH) == 0)
		return;
	if (!trust)
		clear |= RTE_MBUF_F_RX_RSS_HASH;
	__atomic_store_n(&port->rx_flags_clear, clear, __ATOMIC_RELAXED);
}

void
port_rss_default_key(uint8_t *key, unsigned length)
{
	for (unsigned i = 0; i < length; i++)
		key[i] = toeplitz_default_key[i % TOEPLITZ_KEY_LENGTH];
}

uint16_t
port_reta_targets(const struct port *port)
{
	return port->spread != NULL ? port->reta_targets : port->rxq_used;
}

void
port_reta_default(const struct port *port, uint16_t *reta)
{
	for (uint16_t i = 0; i < port->rss.reta_size; i++)
		reta[i] = i % port_reta_targets(port);
}

void
port_rss_asked_update(struct port *port, enum port_rss_asked what)
{
	const struct port_rss *rss = &port->rss;
	uint8_t key[PORT_RSS_KEY_MAX], asked = 0;
	uint16_t reta[PORT_RETA_MAX];

	port_rss_default_key(key, rss->key_length);
	port_reta_default(port, reta);
	if (rss->fields != rss->fields_possible)
		asked |= PORT_RSS_ASKED_FIELDS;
	if (memcmp(rss->key, key, rss->key_length) != 0)
		asked |= PORT_RSS_ASKED_KEY;
	if (memcmp(rss->reta, reta, rss->reta_size * sizeof(*reta)) != 0)
		asked |= PORT_RSS_ASKED_RETA;
	port->rss_asked = (uint8_t)((port->rss_asked & ~what) | (asked & what));
}

/* Devices come up with a table of their own; most, but not all, with the default. */
static int
reta_restore(struct port *port, const uint16_t *asked, struct error *err)
{
	size_t size = port->rss.reta_size * sizeof(*asked);
	uint16_t reta[PORT_RETA_MAX];
	int rc;

	if (port->rss_asked & PORT_RSS_ASKED_RETA)
		memcpy(reta, asked, size);
	else
		port_reta_default(port, reta);
	if (memcmp(reta, port->rss.reta, size) == 0)
		return 0;
	rc = port->ops->rss_set_reta(port, reta, err);
	if (rc == 0)
		memcpy(port->rss.reta, reta, size);
	return port->rss_asked & PORT_RSS_ASKED_RETA ? rc : 0;
}

/* Devices forget their table, some their key, when they stop. */
static int
rss_restore(struct port *port, struct error *err)
{
	const struct port_rss asked = port->rss;
	struct port_rss *rss = &port->rss;
	int rc;

	if (port->spread != NULL)
		return 0;
	rc = port->ops->rss_get(port, rss);
	if (rc != 0)
		return error_set(err, EIO, "%s: reading its RSS configuration failed", port->name);
	if (port->rss_asked & PORT_RSS_ASKED_FIELDS)
		rss->fields = asked.fields;
	if (port->rss_asked & PORT_RSS_ASKED_KEY)
		memcpy(rss->key, asked.key, rss->key_length);
	if (port->rss_asked & (PORT_RSS_ASKED_FIELDS | PORT_RSS_ASKED_KEY))
		rc = port->ops->rss_set_hash(port, rss, err);
	if (rc == 0)
		rc = reta_restore(port, asked.reta, err);
	/* For the next try. */
	if (rc != 0)
		*rss = asked;
	return rc;
}

int
port_start(struct port *port, struct error *err)
{
	int rc = port->ops->start(port, err);

	if (rc != 0)
		return rc;
	rc = rss_restore(port, err);
	if (rc != 0)
		port->ops->stop(port);
	else
		port_flow_offload(port);
	return rc;
}
