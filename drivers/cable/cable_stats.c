/* SPDX-License-Identifier: BSD-3-Clause */
/* What an end says of itself: its link, and its counters as a NIC has them. By control. */
#include "cable/cable_priv.h"

#include <stdio.h>

#include "base/counter.h"

/* In Mbit/s: what it is told to be, for who asks. Its real speed is that of the CPUs. */
#define SPEED_MBPS 100000

const char *
cable_lost_name(enum cable_lost lost)
{
	static const char *const names[CABLE_LOST_COUNT] = {
#define CABLE_LOST(name, help) [CABLE_LOST_##name] = #name,
#include "cable/cable_lost.def"
#undef CABLE_LOST
	};

	return names[lost];
}

static void
counters_sum(struct cable_counters *sum, const struct cable_counters *counters)
{
	const uint64_t *from = (const uint64_t *)counters;
	uint64_t *to = (uint64_t *)sum;

	_Static_assert(sizeof(*sum) % sizeof(*to) == 0, "counters are all 64-bit");
	for (size_t i = 0; i < sizeof(*sum) / sizeof(*to); i++)
		to[i] += counter_read(&from[i]);
}

/* Of what the end sent. */
static void
end_counters(const struct cable_end *end, struct cable_counters *counters)
{
	*counters = (struct cable_counters){ 0 };
	for (uint16_t q = 0; q < CABLE_QUEUE_MAX; q++)
		counters_sum(counters, &end->txqs[q].counters);
	counters_sum(counters, &end->medium.counters);
}

void
cable_counters(const struct port *port, struct cable_counters *counters)
{
	end_counters(port->driver, counters);
}

void
cable_link(struct port *port, struct port_link *link)
{
	const struct cable_end *end = port->driver;

	*link = (struct port_link){
		.up = __atomic_load_n(&end->cable->up, __ATOMIC_RELAXED),
		.full_duplex = true,
		.speed_mbps = SPEED_MBPS,
	};
}

int
cable_stats(struct port *port, struct port_stats *stats)
{
	const struct cable_end *end = port->driver;
	struct cable_counters sent, received;

	end_counters(end, &sent);
	end_counters(cable_peer(end), &received);
	*stats = (struct port_stats){
		.tx_packets = sent.sent,
		.tx_bytes = sent.sent_bytes,
		.tx_errors = sent.refused,
		.rx_missed = received.lost[CABLE_LOST_missed] + end->flushed,
		.rx_missed_known = true,
		.rx_nombuf = received.lost[CABLE_LOST_nombuf],
		.rx_errors = received.lost[CABLE_LOST_runt] + received.lost[CABLE_LOST_oversize],
	};
	for (uint16_t q = 0; q < CABLE_QUEUE_MAX; q++) {
		stats->rx_packets += counter_read(&end->rxqs[q].packets);
		stats->rx_bytes += counter_read(&end->rxqs[q].bytes);
	}
	return 0;
}

int
cable_xstats(struct port *port, struct port_xstat *xstats, unsigned max)
{
	struct cable_counters sent;
	unsigned count = 0;

	end_counters(port->driver, &sent);
	if (count < max) {
		snprintf(xstats[count].name, sizeof(xstats[count].name), "tx_delivered");
		xstats[count].value = sent.delivered;
	}
	count++;
	for (unsigned i = 0; i < CABLE_LOST_COUNT; i++, count++) {
		if (count >= max)
			continue;
		snprintf(xstats[count].name, sizeof(xstats[count].name), "tx_lost_%s",
			cable_lost_name(i));
		xstats[count].value = sent.lost[i];
	}
	return (int)count;
}
