/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * A part of sock.h: an application in a shared object, which `service load` brings into spated. One
 * source file says, at its end,
 *
 *     SPATE_APP(.name = "mirror", .start = mirror_start, .events = mirror_events);
 *
 * with the fields of struct sock_app_ops. doc/applications.md says how to build and run it.
 */
#ifndef SOCK_SOCK_MODULE_H
#define SOCK_SOCK_MODULE_H

#include <rte_version.h>

/** Grows with each change of what applications see: structs, functions, and what they mean. */
#define SPATE_APP_ABI 6
/** Packet buffers are DPDK's: 2211 for the 22.11 of any patch level. */
#define SPATE_APP_DPDK (RTE_VER_YEAR * 100 + RTE_VER_MONTH)

/** What the shared object is found by: its symbol "spate_app". */
struct spate_app {
	uint32_t abi; /**< SPATE_APP_ABI; these two stay where they are in all versions */
	uint32_t dpdk; /**< SPATE_APP_DPDK */
	struct sock_app_ops ops;
	/**
	 * It is never unloaded: packets may call it when all its sockets are closed, as those do that
	 * carry its own memory (rte_pktmbuf_attach_extbuf()).
	 */
	bool stays;
};

#define SPATE_APP_SYMBOL "spate_app"
#define SPATE_APP(...)                                                              \
	extern const struct spate_app spate_app;                                    \
	__attribute__((visibility("default"))) const struct spate_app spate_app = { \
		.abi = SPATE_APP_ABI,                                               \
		.dpdk = SPATE_APP_DPDK,                                             \
		.ops = { __VA_ARGS__ },                                             \
	}

#endif
