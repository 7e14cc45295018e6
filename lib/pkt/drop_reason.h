/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * The one list of reasons for which packets are dropped (drop_reason.def).
 */
#ifndef PKT_DROP_REASON_H
#define PKT_DROP_REASON_H

enum drop_reason {
#define DROP_REASON(name, help) DROP_##name,
#include "pkt/drop_reason.def"
#undef DROP_REASON
	DROP_REASON_COUNT
};

/** "ip4_bad_checksum" */
const char *drop_reason_name(enum drop_reason reason);
/** What it means, for the user. */
const char *drop_reason_help(enum drop_reason reason);

#endif
