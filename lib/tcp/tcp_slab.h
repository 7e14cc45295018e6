/* SPDX-License-Identifier: BSD-3-Clause */
/* Structs of one kind, as many as there may be, allocated once: taken and given back in no time. */
#ifndef TCP_TCP_SLAB_H
#define TCP_TCP_SLAB_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_malloc.h>

struct tcp_slab {
	uint8_t *items;
	void *free; /* given back: each holds the next one's address */
	uint32_t size; /* of an item, bytes */
	uint32_t max;
	uint32_t fresh; /* items from here on were never taken: their memory is not touched yet */
	uint32_t used;
};

static inline int
tcp_slab_init(struct tcp_slab *slab, uint32_t size, uint32_t max, int socket_id)
{
	*slab = (struct tcp_slab){ .size = size, .max = max };
	slab->items = rte_zmalloc_socket("tcp slab", (size_t)size * max, 64, socket_id);
	return slab->items == NULL ? -ENOMEM : 0;
}

static inline void
tcp_slab_fini(struct tcp_slab *slab)
{
	rte_free(slab->items);
	slab->items = NULL;
}

static inline void *
tcp_slab_at(const struct tcp_slab *slab, uint32_t index)
{
	return slab->items + (size_t)index * slab->size;
}

static inline uint32_t
tcp_slab_index(const struct tcp_slab *slab, const void *item)
{
	return (uint32_t)((size_t)((const uint8_t *)item - slab->items) / slab->size);
}

/* With whatever it holds. NULL: none is left */
static inline void *
tcp_slab_take(struct tcp_slab *slab)
{
	void *item = slab->free;

	if (item != NULL)
		slab->free = *(void **)item;
	else if (slab->fresh < slab->max)
		item = tcp_slab_at(slab, slab->fresh++);
	else
		return NULL;
	slab->used++;
	return item;
}

static inline void
tcp_slab_give(struct tcp_slab *slab, void *item)
{
	*(void **)item = slab->free;
	slab->free = item;
	slab->used--;
}

#endif
