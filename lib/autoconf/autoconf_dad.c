/* SPDX-License-Identifier: BSD-3-Clause */
/* One tentative address: when it is asked for, and whose answers count (RFC 4862 5.4, 7527 4). */
#include "autoconf/autoconf.h"

#include "wire/icmp.h"
#include "wire/ip6.h"

void
autoconf_dad_start(struct autoconf_dad *dad, const struct ip_addr *addr, uint64_t now_ms,
	uint8_t transmits, uint32_t random)
{
	*dad = (struct autoconf_dad){
		.addr = *addr,
		.due_ms = now_ms + random % AUTOCONF_DELAY_MAX_MS,
		.transmits = transmits,
	};
}

enum autoconf_dad_step
autoconf_dad_tick(struct autoconf_dad *dad, uint64_t now_ms, const uint8_t nonce[ND_NONCE_LENGTH],
	struct nd *nd, struct nd_envelope *envelope)
{
	if (now_ms < dad->due_ms)
		return AUTOCONF_DAD_WAIT;
	if (dad->sent == dad->transmits)
		return AUTOCONF_DAD_UNIQUE;
	memcpy(dad->nonces[dad->sent++], nonce, ND_NONCE_LENGTH);
	dad->due_ms = now_ms + AUTOCONF_RETRANS_MS;

	/* 5.4.2: from nowhere, to the solicited-node group. */
	*envelope = (struct nd_envelope){
		.src = { .family = IP_FAMILY_6 },
		.dst = ip6_solicited_node(&dad->addr),
		.hop_limit = 255,
	};
	*nd = (struct nd){
		.type = ICMP6_NEIGHBOR_SOLICITATION,
		.target = dad->addr,
		.has_nonce = true,
	};
	memcpy(nd->nonce, nonce, ND_NONCE_LENGTH);
	return AUTOCONF_DAD_SOLICIT;
}

/* RFC 7527 4.1: a solicitation of ours that came back proves a loop in the link, no more. */
static bool
is_echo(const struct autoconf_dad *dad, const struct nd *nd)
{
	for (unsigned i = 0; i < dad->sent && nd->has_nonce; i++) {
		if (memcmp(dad->nonces[i], nd->nonce, ND_NONCE_LENGTH) == 0)
			return true;
	}
	return false;
}

bool
autoconf_dad_input(
	const struct autoconf_dad *dad, const struct nd *nd, const struct nd_envelope *envelope)
{
	if (!ip_addr_equal(&nd->target, &dad->addr))
		return false;
	/* 5.4.4 */
	if (nd->type == ICMP6_NEIGHBOR_ADVERTISEMENT)
		return true;
	/* 5.4.3: who asks from an address resolves it; who asks from nowhere wants it himself. */
	return ip_addr_is_unspecified(&envelope->src) && !is_echo(dad, nd);
}
