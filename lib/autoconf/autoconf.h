/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * How a node configures its own IPv6 addresses: RFC 4862.
 *
 * Pure: the time, random numbers and what was received are arguments, nothing is sent here. The
 * caller (lib/stack, on the control thread) does what it is told.
 */
#ifndef AUTOCONF_AUTOCONF_H
#define AUTOCONF_AUTOCONF_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/ip_addr.h"
#include "wire/nd.h"

/* ---- duplicate address detection: RFC 4862 5.4, with the nonce of RFC 7527 ---- */

/** RFC 4861 10: before what is sent first by an interface that came up. */
#define AUTOCONF_DELAY_MAX_MS 1000
/** RFC 4861 10: RETRANS_TIMER */
#define AUTOCONF_RETRANS_MS 1000
/** Nonces remembered: solicitations that may come back from a link with a loop. */
#define AUTOCONF_DAD_PROBES_MAX 10

/** A tentative address. */
struct autoconf_dad {
	struct ip_addr addr;
	uint64_t due_ms;
	uint8_t transmits; /**< RFC 4862 5.1 DupAddrDetectTransmits */
	uint8_t sent;
	uint8_t nonces[AUTOCONF_DAD_PROBES_MAX][ND_NONCE_LENGTH]; /**< [sent] */
};

enum autoconf_dad_step {
	AUTOCONF_DAD_WAIT,
	AUTOCONF_DAD_SOLICIT, /**< send the solicitation that was built */
	AUTOCONF_DAD_UNIQUE, /**< nobody objected: the address is ours */
};

/** @param transmits 1 to AUTOCONF_DAD_PROBES_MAX; @param random delays the first one */
void autoconf_dad_start(struct autoconf_dad *dad, const struct ip_addr *addr, uint64_t now_ms,
	uint8_t transmits, uint32_t random);
/** What is due. @param nonce random; @param nd, envelope are built for AUTOCONF_DAD_SOLICIT */
enum autoconf_dad_step autoconf_dad_tick(struct autoconf_dad *dad, uint64_t now_ms,
	const uint8_t nonce[ND_NONCE_LENGTH], struct nd *nd, struct nd_envelope *envelope);
/** A message about the address came. @return whether it proves that somebody else has it */
bool autoconf_dad_input(
	const struct autoconf_dad *dad, const struct nd *nd, const struct nd_envelope *envelope);

#endif
