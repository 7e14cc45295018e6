/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * A show as the data of DPDK's telemetry: the third format, beside text and JSON.
 *
 * The same as in JSON, as far as DPDK 22.11 lets it: records of a list stand in a dictionary, by
 * their index ("0", "1"...); yes and no are 1 and 0, fractions are strings, and what has no value
 * is left out. DPDK sends 16 KB at most, so that a list may end early: its caller asks again from
 * the first index that is missing, until nothing comes. A record that is too large has a field
 * "truncated".
 */
#ifndef CLI_SHOW_TELEMETRY_H
#define CLI_SHOW_TELEMETRY_H

#include <stddef.h>

#include "cli/show.h"

struct rte_tel_data;

struct show_telemetry {
	struct rte_tel_data *data;
	bool list;
	bool full; /**< nothing more fits */
	unsigned from; /**< the first item that was asked for */
	unsigned items; /**< seen so far */
	size_t bytes; /**< of JSON, so far */
};

/**
 * @param telemetry must outlive the show
 * @param data an empty one, that DPDK gave to its callback
 * @return NULL if there is no memory; end it with show_destroy()
 */
struct show *show_create_telemetry(
	struct show_telemetry *telemetry, struct rte_tel_data *data, unsigned from);

#endif
