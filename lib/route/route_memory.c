/* SPDX-License-Identifier: BSD-3-Clause */
/* Reserved address space for tables that grow in place. */
#include "route/route_memory.h"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include <numa.h>

static size_t
page_round_up(size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (size + page - 1) / page * page;
}

void *
route_memory_reserve(size_t size, int socket_id)
{
	size_t align = ROUTE_MEMORY_HUGE_PAGE;
	size_t front;
	char *map;

	size = page_round_up(size);
	/* PROT_NONE is not charged, neither with overcommit_memory=2 nor to mlockall(). */
	map = mmap(
		NULL, size + align, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (map == MAP_FAILED)
		return NULL;
	front = (align - (uintptr_t)map % align) % align;
	if (front != 0)
		munmap(map, front);
	munmap(map + front + size, align - front);
	map += front;
	(void)madvise(map, size, MADV_NOHUGEPAGE);
	if (socket_id >= 0 && numa_available() >= 0 && socket_id <= numa_max_node())
		numa_tonode_memory(map, size, socket_id);
	return map;
}

void
route_memory_use_huge_pages(void *base, size_t size)
{
	/* Where the kernel has none it works as well. */
	(void)madvise(base, page_round_up(size), MADV_HUGEPAGE);
}

int
route_memory_grow(void *base, size_t old_size, size_t size)
{
	char *map = base;

	old_size = page_round_up(old_size);
	size = page_round_up(size);
	if (size <= old_size)
		return 0;
	if (mprotect(map + old_size, size - old_size, PROT_READ | PROT_WRITE) != 0)
		return -ENOMEM;
	return 0;
}

void
route_memory_release(void *base, size_t size)
{
	if (base != NULL)
		munmap(base, page_round_up(size));
}
