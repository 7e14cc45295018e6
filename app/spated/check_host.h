/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * What spated needs of its host, and what would make it faster: `spated --check-host`.
 */
#ifndef SPATED_CHECK_HOST_H
#define SPATED_CHECK_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/strbuf.h"

/** What the process itself knows of its rights; the rest is read from files. */
struct host_rights {
	bool root;
	unsigned cpus; /**< that this process may use */
	unsigned workers; /**< that the configuration has; 0: it is not known */
	uint64_t memlock_bytes; /**< limit; UINT64_MAX: none */
};

void check_host_rights(struct host_rights *rights);
/**
 * @param root in front of /proc, /sys and /dev: "" but in tests
 * @return how many things are missing that spated cannot start without
 */
unsigned check_host(const char *root, const struct host_rights *rights, struct strbuf *out);

#endif
