/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which extensions an association has: those that both ends have offered, as far as those that they
 * need are among them. What is offered is settings->extensions; what was agreed goes by way of the
 * cookie into assoc->extensions.
 */
#include "sctp/sctp_priv.h"

/* What an extension is of no use without. */
static const struct {
	uint16_t extension, needs;
} needs[] = {
	{ SCTP_EXT_ASCONF, SCTP_EXT_AUTH }, /* RFC 5061 4.2.7 */
	{ SCTP_EXT_I_FORWARD_TSN, SCTP_EXT_I_DATA }, /* RFC 8260 2.3.1 */
};

uint16_t
sctp_extensions_agreed(uint16_t ours, uint16_t theirs)
{
	uint16_t agreed = ours & theirs;

	for (unsigned i = 0; i < RTE_DIM(needs); i++) {
		if ((agreed & needs[i].needs) == 0)
			agreed &= (uint16_t)~needs[i].extension;
	}
	return agreed;
}
