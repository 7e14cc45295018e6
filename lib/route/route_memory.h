/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Address space for tables that workers index: it never moves, and costs memory only where touched.
 */
#ifndef ROUTE_ROUTE_MEMORY_H
#define ROUTE_ROUTE_MEMORY_H

#include <stddef.h>

/** Pages that the kernel is asked to use; regions begin at a multiple of it. */
#define ROUTE_MEMORY_HUGE_PAGE ((size_t)2 << 20)

/**
 * Reserve `size` bytes, inaccessible until route_memory_grow(). They read as zero then.
 * @param socket_id NUMA node, or -1
 * @return NULL if there is no address space left
 */
void *route_memory_reserve(size_t size, int socket_id);
/** Make the first `size` bytes accessible; `old_size` are already. @return 0 or -ENOMEM */
int route_memory_grow(void *base, size_t old_size, size_t size);
/** @param base may be NULL */
void route_memory_release(void *base, size_t size);

#endif
