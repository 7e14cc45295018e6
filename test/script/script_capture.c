/* SPDX-License-Identifier: BSD-3-Clause */
/* All packets of a script as a pcapng file, for Wireshark: by script_run.c, when it is over. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "script/script_run.h"
#include "support/pcapng.h"

static void
event_write(struct pcapng_writer *writer, const struct script_event *event)
{
	const bool unexpected = event->sent && !event->taken;

	pcapng_write(writer,
		&(struct pcapng_packet){
			.iface = event->port,
			.direction = event->sent ? PCAPNG_OUT : PCAPNG_IN,
			.time_ns = event->at_ns,
			.bytes = event->frame,
			.length = event->length,
			.comment = unexpected ? "not expected" : NULL,
		});
}

int
script_capture(const struct script_run *run, const char *path)
{
	struct pcapng_writer *writer = pcapng_create(path);

	if (writer == NULL)
		return -errno;
	for (unsigned i = 0; i < run->config.ports; i++) {
		char name[16];

		snprintf(name, sizeof(name), "p%u", i);
		pcapng_iface_add(writer, name);
	}
	for (unsigned i = 0; i < run->event_count; i++)
		event_write(writer, &run->events[i]);
	return pcapng_close(writer);
}
