/* SPDX-License-Identifier: BSD-3-Clause */
/* Frames come in and go out; and how many did neither. */
#include <string.h>

#include "embed/embed.h"
#include "embed/embed_port.h"

int
embed_port_find(
	const struct spate *spate, const char *name, struct embed_port **embed, struct error *err)
{
	const struct port *port = port_lookup(&spate->stack->ports, name);

	if (port == NULL && iface_lookup(spate->stack->ifaces, name) != NULL)
		return error_set(err, ENOENT,
			"%s has no link of its own: its frames come and go by that of its parent",
			name);
	if (port == NULL)
		return error_set(err, ENOENT, "no interface \"%.64s\"", name);
	*embed = port->driver;
	return 0;
}

/* ---- in ---- */

/* Whether a frame can come in by an interface as it is. */
static int
frame_check(
	const struct spate *spate, const struct embed_port *embed, size_t length, struct error *err)
{
	const struct port *port = embed->port;
	const size_t longest =
		port->config.mtu + (port->ops == &embed_ip_ops ? 0U : EMBED_LINK_HDR_MAX);

	if (length == 0)
		return error_set(err, EINVAL, "an empty frame");
	if (length > longest)
		return error_set(err, EMSGSIZE, "%zu bytes are more than the %zu that %s takes",
			length, longest, port->name);
	if (!iface_by_port(spate->stack->ifaces, port->index)->up)
		return error_set(err, ENETDOWN, "%s is down", port->name);
	return 0;
}

static int
frame_receive(struct embed_port *embed, const void *frame, size_t length, struct error *err)
{
	const struct port *port = embed->port;
	uint8_t hdr[ETHER_HDR_LENGTH];
	size_t hdr_length = 0;

	if (port->ops == &embed_ip_ops) {
		if (!embed_ip_link_hdr(embed, frame, hdr))
			return error_set(err, EINVAL,
				"no IP packet: it begins with 0x%02x, and %s takes no other",
				*(const uint8_t *)frame, port->name);
		hdr_length = sizeof(hdr);
	}
	if (embed_port_receive(embed, hdr, hdr_length, frame, length) < 0)
		return error_set(err, ENOBUFS,
			"no packet buffer is free: take out the frames that were sent");
	return 0;
}

int
spate_input(struct spate *spate, const char *iface, const void *frame, size_t length)
{
	struct embed_port *embed;
	struct error err;
	int rc = embed_port_find(spate, iface, &embed, &err);

	if (rc == 0)
		rc = frame_check(spate, embed, length, &err);
	if (rc == 0)
		rc = frame_receive(embed, frame, length, &err);
	embed_run(spate);
	return embed_result(rc, &err);
}

/* ---- out ---- */

static int
frame_take(struct embed_port *embed, void *frame, size_t size, struct error *err)
{
	const struct rte_mbuf *pkt = embed_port_sent(embed);
	int length;

	if (pkt == NULL)
		return 0;
	length = (int)pkt->pkt_len;
	if ((size_t)length > size)
		return error_set(
			err, EMSGSIZE, "the frame has %d bytes, the buffer %zu", length, size);
	pkt_copy_out(pkt, 0, pkt->pkt_len, frame);
	embed_port_sent_free(embed);
	return length;
}

int
spate_output(struct spate *spate, const char *iface, void *frame, size_t size)
{
	struct embed_port *embed;
	struct error err;
	int rc = embed_port_find(spate, iface, &embed, &err);

	if (rc == 0)
		rc = frame_take(embed, frame, size, &err);
	return embed_result(rc, &err);
}

/* ---- neither ---- */

int
spate_drops(struct spate *spate, const char *reason, uint64_t *count)
{
	uint64_t drops[DROP_REASON_COUNT];
	struct error err;
	bool known = reason == NULL;

	stack_drops(spate->stack, drops);
	*count = 0;
	for (unsigned i = 0; i < DROP_REASON_COUNT; i++) {
		if (reason == NULL || strcmp(reason, drop_reason_name((enum drop_reason)i)) == 0) {
			*count += drops[i];
			known = true;
		}
	}
	if (!known)
		return embed_result(
			error_set(&err, EINVAL, "no packet is dropped for \"%.64s\"", reason),
			&err);
	return 0;
}
