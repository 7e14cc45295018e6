/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Structs of one kind, as many as there may be, allocated once: taken and given back in no time.
 */
#ifndef PKT_SLAB_H
#define PKT_SLAB_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_malloc.h>

struct slab {
	uint8_t *items;
	void *free; /**< given back: each holds the next one's address */
	uint32_t size; /**< of an item, bytes */
	uint32_t max;
	uint32_t fresh; /**< items from here on were never taken: their memory is not touched yet */
	uint32_t used;
};

/** @param max 0: slab_take() has none. @return 0, or -ENOMEM */
static inline int
slab_init(struct slab *slab, uint32_t size, uint32_t max, int socket_id)
{
	*slab = (struct slab){ .size = size, .max = max };
	slab->items = rte_zmalloc_socket("slab", (size_t)size * max, 64, socket_id);
	return slab->items == NULL && max > 0 ? -ENOMEM : 0;
}

static inline void
slab_fini(struct slab *slab)
{
	rte_free(slab->items);
	slab->items = NULL;
}

static inline void *
slab_at(const struct slab *slab, uint32_t index)
{
	return slab->items + (size_t)index * slab->size;
}

static inline uint32_t
slab_index(const struct slab *slab, const void *item)
{
	return (uint32_t)((size_t)((const uint8_t *)item - slab->items) / slab->size);
}

/** With whatever it holds. @return NULL: none is left */
static inline void *
slab_take(struct slab *slab)
{
	void *item = slab->free;

	if (item != NULL)
		slab->free = *(void **)item;
	else if (slab->fresh < slab->max)
		item = slab_at(slab, slab->fresh++);
	else
		return NULL;
	slab->used++;
	return item;
}

static inline void
slab_give(struct slab *slab, void *item)
{
	*(void **)item = slab->free;
	slab->free = item;
	slab->used--;
}

#endif
