/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * For fuzz targets that need DPDK: EAL without privileges, and promises that are checked.
 */
#ifndef FUZZ_EAL_H
#define FUZZ_EAL_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_eal.h>

static inline void
fuzz_check(bool promise, const char *what)
{
	if (promise)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

/** Once a process. */
static inline void
fuzz_eal_init(unsigned memory_mb)
{
	static char line[256]; /* EAL keeps pointers into it */
	char *arguments[16], *rest = line;
	int count = 0;

	snprintf(line, sizeof(line),
		"fuzz --lcores 0 --no-huge -m %u --no-shconf --no-pci --no-telemetry "
		"--log-level=error",
		memory_mb);
	while ((arguments[count] = strsep(&rest, " ")) != NULL)
		count++;
	fuzz_check(rte_eal_init(count, arguments) >= 0, "EAL does not start");
}

#endif
