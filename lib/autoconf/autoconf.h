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
#include "wire/ra.h"

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

/* ---- stable, opaque interface identifiers: RFC 7217 ---- */

/** RFC 7217 7: IDGEN_RETRIES, after duplicates. */
#define AUTOCONF_STABLE_RETRIES 3

/**
 * The address of a prefix of 64 bits: the same whenever the prefix is met again, and nothing that
 * tells who we are elsewhere.
 * @param iface the interface's name; @param counter duplicates that were found; @param secret text
 */
struct ip_addr autoconf_stable_addr(
	const struct ip_prefix *prefix, const char *iface, uint8_t counter, const char *secret);

/* ---- what routers advertise on one interface: RFC 4861 6.3, RFC 4862 5.5, RFC 4191 3 ---- */

/** Bounds of what strangers can make us remember, an interface. */
#define AUTOCONF_ROUTERS_MAX  16
#define AUTOCONF_PREFIXES_MAX 16
#define AUTOCONF_ROUTES_MAX   16
/** RFC 4861 10 */
#define AUTOCONF_SOLICITS_MAX        3
#define AUTOCONF_SOLICIT_INTERVAL_MS 4000

/** A default router. */
struct autoconf_router {
	struct ip_addr addr;
	enum ra_preference preference;
	uint64_t until_ms;
};

/** A prefix: on the link, and with an address of ours in it, either or both. Ends: UINT64_MAX never. */
struct autoconf_prefix {
	struct ip_prefix prefix;
	uint64_t on_link_until_ms; /**< 0: it is not on the link */
	uint64_t valid_until_ms; /**< of the address; 0: there is none */
	uint64_t preferred_until_ms;
	struct ip_addr addr; /**< the caller's choice; family IP_FAMILY_NONE: not chosen yet */
	uint8_t duplicates; /**< addresses that were somebody else's */
};

/** A prefix that is behind a router: RFC 4191 2.3. Never ::/0, which makes a default router. */
struct autoconf_route {
	struct ip_prefix prefix;
	struct ip_addr router;
	enum ra_preference preference;
	uint64_t until_ms;
};

/** What advertisements say of the link: RFC 4861 6.3.4. 0: not said. */
struct autoconf_link {
	struct ip_addr router; /**< who said it last */
	uint8_t hop_limit;
	uint32_t mtu;
	uint32_t reachable_ms, retrans_ms;
};
/** A forged advertisement shall not make neighbours be asked without end, or for ever count. */
#define AUTOCONF_REACHABLE_MIN_MS 100
#define AUTOCONF_REACHABLE_MAX_MS 3600000 /**< RFC 4861 6.2.1 */
#define AUTOCONF_RETRANS_MIN_MS   10
#define AUTOCONF_RETRANS_MAX_MS   60000

/** One interface's. Starts as zeros, then autoconf_host_start(). */
struct autoconf_host {
	struct autoconf_router routers[AUTOCONF_ROUTERS_MAX]; /**< longest known first */
	struct autoconf_prefix prefixes[AUTOCONF_PREFIXES_MAX];
	struct autoconf_route routes[AUTOCONF_ROUTES_MAX]; /**< longest known first */
	unsigned router_count, prefix_count, route_count;
	struct autoconf_link link; /**< until that router is one no more */
	bool managed, other;
	uint8_t solicits_left;
	uint64_t solicit_ms;
	uint64_t advertisements; /**< taken */
	uint64_t refused; /**< routers, prefixes and routes for which there was no room */
};

/** The interface came up: forget all, and begin to solicit. @param random delays the first */
void autoconf_host_start(struct autoconf_host *host, uint64_t now_ms, uint32_t random);
/** Whether a solicitation is due; it counts as sent. */
bool autoconf_host_solicit(struct autoconf_host *host, uint64_t now_ms);
void autoconf_host_input(struct autoconf_host *host, const struct ra *ra,
	const struct ip_addr *router, uint64_t now_ms);
/** Forget what is over. @return whether anything was */
bool autoconf_host_expire(struct autoconf_host *host, uint64_t now_ms);
/** When the next solicitation is due, or something is over; UINT64_MAX: never. */
uint64_t autoconf_host_next_ms(const struct autoconf_host *host);
/** It is a router no more: RFC 4861 7.2.5. @return whether anything was known by it */
bool autoconf_host_router_remove(struct autoconf_host *host, const struct ip_addr *router);
/**
 * The default router: of those that answer the most preferred, longest known; if none answers
 * any of them (RFC 4861 6.3.6, RFC 4191 3.2). NULL without routers.
 */
const struct autoconf_router *autoconf_host_router(const struct autoconf_host *host,
	bool (*answers)(void *arg, const struct ip_addr *router), void *arg);
/** Of the routes for a prefix the best, by the same rules. NULL: there is none. */
const struct autoconf_route *autoconf_host_route(const struct autoconf_host *host,
	const struct ip_prefix *prefix, bool (*answers)(void *arg, const struct ip_addr *router),
	void *arg);

#endif
