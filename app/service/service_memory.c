/* SPDX-License-Identifier: BSD-3-Clause */
/* Memory of services that their workers write, got on the control thread. */
#include "service/service.h"

#include <stdlib.h>

#define PAGE_BYTES 4096

/* The system gives pages when they are written: here, so that no worker waits for them. */
void *
service_calloc(size_t count, size_t size)
{
	volatile uint8_t *memory = calloc(count, size);

	for (size_t i = 0; memory != NULL && i < count * size; i += PAGE_BYTES)
		memory[i] = 0;
	return (void *)(uintptr_t)memory;
}
