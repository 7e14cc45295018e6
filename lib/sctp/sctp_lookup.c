/* SPDX-License-Identifier: BSD-3-Clause */
/* Associations by their ends, for users: whether there is one before they begin another. */
#include "sctp/sctp_priv.h"

struct sctp_assoc *
sctp_lookup(struct sctp_core *core, uint8_t vrf, uint16_t local_port, const struct ip_addr *remote,
	uint16_t remote_port, const struct sctp_assoc *from)
{
	const struct sctp_key key =
		sctp_key_of(remote, local_port, remote_port, vrf, PKT_IFACE_NONE);
	const uint32_t hash = sctp_table_hash(&core->table, &key);
	const struct sctp_node *node = NULL;

	while ((node = sctp_table_lookup(&core->table, &key, hash, node)) != NULL) {
		const struct sctp_path *path = RTE_PTR_SUB(node, offsetof(struct sctp_path, node));

		if (from == NULL)
			return path->assoc;
		if (path->assoc == from)
			from = NULL;
	}
	return NULL;
}

bool
sctp_is_used(struct sctp_core *core, uint8_t vrf, uint16_t local_port, const struct ip_addr *remote,
	uint16_t remote_port)
{
	const struct sctp_key key =
		sctp_key_of(remote, local_port, remote_port, vrf, PKT_IFACE_NONE);
	const uint32_t hash = sctp_table_hash(&core->table, &key);

	return sctp_table_lookup(&core->table, &key, hash, NULL) != NULL ||
		sctp_ports_owner(core, local_port, hash) != SCTP_WORKER_NONE;
}
