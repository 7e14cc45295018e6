/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What comes late, from an address that the peer has given up, or to one of ours that the association
 * does not have: an answer by RFC 9260 8.4 (8) would be an ABORT that the peer may take for the
 * association's (RFC 5061 5.3 F4 leaves it to the peer not to). Called by sctp_input.c before
 * sctp_blue.c.
 */
#include "sctp/sctp_former.h"
#include "sctp/sctp_priv.h"

/* Slabs give nothing back, so that an association may be looked at that has ended. */
static bool
is_alive(const struct sctp_former_addr *addr)
{
	return addr->assoc != NULL && addr->assoc->in_use && addr->assoc->state != SCTP_CLOSED &&
		addr->assoc->local_tag == addr->tag;
}

static bool
is_remembered(const struct sctp_core *core, const struct sctp_former_addr *addr)
{
	return core->now_ns < addr->until_ns && is_alive(addr);
}

/* No association takes more places than it may have addresses: then its oldest makes room. */
static uint32_t
place_choose(struct sctp_core *core, const struct sctp_path *path)
{
	struct sctp_former *former = &core->former;
	unsigned own = 0;
	uint32_t oldest = 0;

	for (uint32_t i = 0; i < SCTP_FORMER_MAX; i++) {
		const struct sctp_former_addr *addr = &former->addrs[i];

		if (addr->assoc != path->assoc || addr->tag != path->assoc->local_tag)
			continue;
		if (sctp_key_equal(&addr->key, &path->node.key))
			return i;
		if (own++ == 0 || addr->until_ns < former->addrs[oldest].until_ns)
			oldest = i;
	}
	return own >= SCTP_ADDRS_MAX ? oldest : former->next++ % SCTP_FORMER_MAX;
}

void
sctp_former_add(struct sctp_core *core, const struct sctp_path *path)
{
	uint32_t at = place_choose(core, path);

	core->former.hashes[at] = path->node.hash;
	core->former.addrs[at] = (struct sctp_former_addr){ .key = path->node.key,
		.assoc = path->assoc,
		.until_ns = core->now_ns + SCTP_FORMER_NS,
		.tag = path->assoc->local_tag };
}

/* As RFC 9260 8.5 has it of addresses that are the association's: whoever guesses tags hears nothing. */
static void
late_drop(struct sctp_core *core, struct sctp_packet *packet, uint32_t tag)
{
	bool right = packet->fields.vtag == tag;

	sctp_count(core, right ? SCTP_STAT_former_addrs : SCTP_STAT_bad_tag);
	sctp_packet_drop(packet, right ? DROP_sctp_out_of_blue : DROP_sctp_bad_tag);
}

static bool
remote_is_former(struct sctp_core *core, struct sctp_packet *packet)
{
	const struct sctp_former *former = &core->former;

	for (uint32_t i = 0; i < SCTP_FORMER_MAX; i++) {
		const struct sctp_former_addr *addr = &former->addrs[i];

		if (former->hashes[i] != packet->hash || !is_remembered(core, addr) ||
			!sctp_key_equal(&addr->key, &packet->key))
			continue;
		late_drop(core, packet, addr->tag);
		return true;
	}
	return false;
}

/* Only its tag tells it from what is for another endpoint of ours, which may be gone. */
static bool
local_is_former(struct sctp_core *core, struct sctp_packet *packet)
{
	const struct sctp_node *node = NULL;

	while ((node = sctp_table_lookup(&core->table, &packet->key, packet->hash, node)) != NULL) {
		const struct sctp_path *path = RTE_PTR_SUB(node, offsetof(struct sctp_path, node));

		if (path->assoc->local_tag != packet->fields.vtag || packet->reflected)
			continue;
		late_drop(core, packet, path->assoc->local_tag);
		return true;
	}
	return false;
}

bool
sctp_former_input(struct sctp_core *core, struct sctp_packet *packet)
{
	return remote_is_former(core, packet) || local_is_former(core, packet);
}

/* ---- ABORT ---- */

/* @return whether there are others */
static bool
others_ask(const struct sctp_path *than, bool ask)
{
	struct sctp_assoc *assoc = than->assoc;
	bool any = false;

	for (unsigned i = 0; i < assoc->path_count; i++) {
		struct sctp_path *path = assoc->paths[i];

		if (path == than || path->state != SCTP_PATH_ACTIVE)
			continue;
		any = true;
		path->heartbeat_wanted |= ask && !path->heartbeat_out;
	}
	return any;
}

/*
 * usrsctp has no address any more as soon as its ASCONF is sent that deletes it, and answers what comes
 * there by ABORT, though RFC 5061 5.3 F4 has it wait; that may overtake the ASCONF. So who says by one
 * of several addresses that there is no association is believed of that address, and the others are
 * asked: whoever has begun anew says the same of them, until none is left.
 */
bool
sctp_former_abort_input(struct sctp_core *core, const struct sctp_packet *packet)
{
	struct sctp_path *path = packet->path;

	if (!packet->reflected || !sctp_has(packet->assoc, SCTP_EXT_ASCONF) ||
		packet->assoc->state != SCTP_ESTABLISHED || !others_ask(path, false))
		return false;
	if (path->state == SCTP_PATH_ACTIVE) {
		path->errors = RTE_MAX(path->errors, path->settings.retries);
		if (!sctp_path_error(core, path, true) || path->state == SCTP_PATH_ACTIVE)
			return false;
		others_ask(path, true);
		sctp_flush_add(core, packet->assoc);
	}
	sctp_count(core, SCTP_STAT_former_aborts);
	return true;
}
