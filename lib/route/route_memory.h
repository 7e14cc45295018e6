/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Address space for tables that workers index: it never moves, and costs memory only where touched.
 */
#ifndef ROUTE_ROUTE_MEMORY_H
#define ROUTE_ROUTE_MEMORY_H

#include <stddef.h>

/** Regions begin at a multiple of it. */
#define ROUTE_MEMORY_HUGE_PAGE ((size_t)2 << 20)

/**
 * Reserve `size` bytes, inaccessible until route_memory_grow(). They read as zero then. They take the
 * smallest pages there are, even where the kernel would give others by itself.
 * @param socket_id NUMA node, or -1
 * @return NULL if there is no address space left
 */
void *route_memory_reserve(size_t size, int socket_id);
/** From now on ask the kernel for huge pages: fewer TLB misses, but 2 MB for the first byte. */
void route_memory_use_huge_pages(void *base, size_t size);
/** Make the first `size` bytes accessible; `old_size` are already. @return 0 or -ENOMEM */
int route_memory_grow(void *base, size_t old_size, size_t size);
/** @param base may be NULL */
void route_memory_release(void *base, size_t size);

#endif
