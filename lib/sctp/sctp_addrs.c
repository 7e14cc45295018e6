/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The addresses that INIT and INIT ACK list: which of ours the peer is told, whose association those of
 * the peer are of, and which of them it does not have yet. RFC 9260 5.1.2, 5.2.1, 5.2.2.
 */
#include "sctp/sctp_priv.h"

/* RFC 9260 5.1.2 (E): of a family that the peer says it has, or shows that it has. */
static bool
family_is_known(const struct sctp_init *init, uint8_t shown, uint8_t family)
{
	if (init == NULL || !init->families_said || family == shown)
		return true;
	return family == IP_FAMILY_4 ? !init->no_ip4 : !init->no_ip6;
}

void
sctp_addrs_put(struct sctp_writer *writer, const struct ip_addr *addrs, unsigned count,
	const struct sctp_init *init, uint8_t shown)
{
	/* RFC 9260 5.1.2 (A): a single one is known by the packet that comes from it. */
	for (unsigned i = 0; i < count && count > 1; i++) {
		if (!ip_addr_is_unspecified(&addrs[i]) &&
			family_is_known(init, shown, addrs[i].family))
			sctp_addr_put(writer, &addrs[i]);
	}
}

void
sctp_families_put(struct sctp_writer *writer, const struct sctp_assoc *assoc)
{
	uint32_t place = sctp_param_begin(writer, SCTP_PARAM_SUPPORTED_FAMILIES);
	bool ip4 = false, ip6 = false;

	for (unsigned i = 0; i < assoc->local_count; i++) {
		ip4 |= assoc->locals[i].family == IP_FAMILY_4;
		ip6 |= assoc->locals[i].family == IP_FAMILY_6;
	}
	if (ip4)
		sctp_put_u16(writer, SCTP_PARAM_IP4);
	if (ip6)
		sctp_put_u16(writer, SCTP_PARAM_IP6);
	sctp_param_end(writer, place);
}

/* ---- of an INIT that comes from an address which no association has ---- */

unsigned
sctp_addrs_lookup(struct sctp_core *core, struct sctp_packet *packet, const struct sctp_init *init,
	bool handed)
{
	for (unsigned i = 0; i < init->addr_count; i++) {
		struct sctp_key key = sctp_key_of(&init->addrs[i], packet->fields.dst_port,
			packet->fields.src_port, packet->key.vrf, packet->key.iface);
		uint32_t hash = sctp_table_hash(&core->table, &key);
		unsigned worker;

		packet->assoc = sctp_assoc_lookup(core, &key, hash, &packet->local, &packet->path);
		if (packet->assoc != NULL)
			return SCTP_WORKER_NONE;
		worker = handed ? SCTP_WORKER_NONE
				: sctp_ports_owner(core, packet->fields.dst_port, hash);
		if (worker != SCTP_WORKER_NONE)
			return worker;
	}
	return SCTP_WORKER_NONE;
}

/* ---- RFC 9260 5.2.1, 5.2.2: an association must not grow by a stranger's addresses ---- */

/* One of a family that no address of ours is of was not taken before, either. */
static bool
is_new(const struct sctp_assoc *assoc, const struct ip_addr *addr)
{
	for (unsigned i = 0; i < assoc->local_count; i++) {
		if (assoc->locals[i].family == addr->family)
			return sctp_path_find(assoc, addr) == NULL;
	}
	return false;
}

bool
sctp_addrs_add(const struct sctp_packet *packet, const struct sctp_init *init)
{
	for (unsigned i = 0; i < init->addr_count; i++) {
		if (is_new(packet->assoc, &init->addrs[i]))
			return true;
	}
	return is_new(packet->assoc, &packet->remote);
}

void
sctp_addrs_abort(struct sctp_core *core, const struct sctp_packet *packet,
	const struct sctp_init *init, const struct sctp_out *out)
{
	uint8_t bytes[(SCTP_ADDRS_MAX + 1) * 20];
	struct sctp_writer writer = { .data = bytes, .room = sizeof(bytes) };
	struct sctp_param cause = { .type = SCTP_CAUSE_RESTART_NEW_ADDRESSES, .value = bytes };
	bool listed = false;

	for (unsigned i = 0; i < init->addr_count; i++) {
		listed |= ip_addr_equal(&init->addrs[i], &packet->remote);
		if (is_new(packet->assoc, &init->addrs[i]))
			sctp_addr_put(&writer, &init->addrs[i]);
	}
	if (!listed && is_new(packet->assoc, &packet->remote))
		sctp_addr_put(&writer, &packet->remote);
	cause.length = (uint16_t)writer.used;
	sctp_reply_abort(core, packet, init->initiate_tag, 0, &cause, out);
}
