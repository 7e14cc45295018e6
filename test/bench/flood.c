/* SPDX-License-Identifier: BSD-3-Clause */
/* A worker under floods: see flood.h. */
#include "flood.h"

#include <stdio.h>
#include <stdlib.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>

#include "samples.h"

#define QUEUE 4096 /* of the port */
/* Of all rounds: the last ones may be under way, behind packets of all streams. */
#define UNDER_WAY 64
/* Longer than any loop takes: then somebody else had the CPU. */
#define LOOP_CYCLES_MAX 300000ULL
#define IDLE_NS         500

/* ---- arrivals ---- */

/* A new one; and one that has been there for a while goes, so that there is a place when it is needed. */
static void
conn_begin(struct flood *flood)
{
	const struct flood_config *config = &flood->config;
	uint32_t conn = flood->conn, old = (conn + config->conns / 2) % config->conns;

	config->ops->conn_begin(config->arg, config->streams + conn, config->streams + old);
	flood->conn = (conn + 1) % config->conns;
	flood->began++;
}

/* Streams send in turn, as far as the link and their windows let them. */
static void
streams_send(struct flood *flood)
{
	const struct flood_config *config = &flood->config;
	const uint32_t room = config->streams * config->window;

	for (unsigned idle = 0; idle < config->streams &&
		flood->link_bytes >= config->frame_bytes &&
		config->ops->waiting(config->arg) < room;) {
		uint32_t stream = flood->stream;

		flood->stream = (stream + 1) % config->streams;
		if (!config->ops->stream_send(config->arg, stream)) {
			idle++;
			continue;
		}
		idle = 0;
		flood->link_bytes -= config->frame_bytes;
		flood->sent++;
	}
	/* Time in which no window was open is gone. */
	flood->link_bytes = RTE_MIN(flood->link_bytes, 16.0 * config->frame_bytes);
}

static void
arrivals_add(struct flood *flood)
{
	const struct flood_config *config = &flood->config;
	uint64_t now_ns = config->loop->now_ns;
	double elapsed_s = (double)(now_ns - flood->last_ns) / 1e9;
	uint32_t count;

	flood->last_ns = now_ns;
	flood->link_bytes += config->link_bytes_s * elapsed_s;
	flood->new_conns += config->new_per_s * elapsed_s;
	flood->flood_packets += config->kinds[flood->kind].per_s * elapsed_s;
	for (; flood->new_conns >= 1; flood->new_conns--)
		conn_begin(flood);
	streams_send(flood);
	count = (uint32_t)flood->flood_packets;
	flood->flood_packets -= count;
	flood->flood_waits += count;
	flood->flooded += count;
	if (flood->flood_waits > QUEUE) {
		flood->overflows += flood->flood_waits - QUEUE;
		flood->flood_waits = QUEUE;
	}
}

bool
flood_next(struct flood *flood, uint32_t others, uint8_t *frame, uint32_t *length)
{
	if (flood->flood_waits == 0) {
		flood->polled += others > 0;
		return false;
	}
	flood->turn += flood->flood_waits;
	if (others > 0 && flood->turn < flood->flood_waits + others) {
		flood->polled++;
		return false;
	}
	flood->turn = others > 0 ? flood->turn - flood->flood_waits - others : 0;
	flood->flood_waits--;
	flood->polled++;
	*length = flood->config.ops->frame(flood->config.arg, flood->kind, frame);
	return true;
}

/* ---- a round ---- */

struct result {
	double gbit_s, busy, cycles; /* cycles in all */
	uint64_t packets, flooded, overflows, began, established, answers;
};

static uint64_t
cycles_ns(uint64_t cycles)
{
	return (uint64_t)((double)cycles * 1e9 / (double)rte_get_tsc_hz());
}

static void
round_run(struct flood *flood, unsigned kind, struct result *result)
{
	const struct flood_config *config = &flood->config;
	struct loop *loop = config->loop;
	const uint64_t start_ns = loop->now_ns;
	uint64_t established = *config->established, answers = *config->answers;
	uint64_t busy = 0, busy_ns = 0;

	*flood = (struct flood){ .config = flood->config,
		.kind = kind,
		.last_ns = start_ns,
		.conn = flood->conn,
		.stream = flood->stream };
	while (loop->now_ns - start_ns < config->round_ns) {
		uint64_t cycles, ns, polled = flood->polled;

		arrivals_add(flood);
		if (config->ops->waiting(config->arg) == 0 && flood->flood_waits == 0) {
			loop->now_ns += IDLE_NS;
			loop_poll(loop);
			continue;
		}
		cycles = RTE_MIN(loop_poll(loop), LOOP_CYCLES_MAX);
		busy += cycles;
		ns = config->packet_ns > 0 ? (flood->polled - polled) * config->packet_ns
					   : cycles_ns(cycles);
		busy_ns += ns;
		loop->now_ns += ns + 1;
	}
	*result = (struct result){
		.gbit_s = (double)flood->sent * config->data_bytes * 8 / (double)config->round_ns,
		.busy = (double)busy_ns / (double)(loop->now_ns - start_ns),
		.cycles = (double)busy,
		.packets = flood->sent,
		.flooded = flood->flooded,
		.overflows = flood->overflows,
		.began = flood->began,
		.established = *config->established - established,
		.answers = *config->answers - answers,
	};
}

/* ---- the report ---- */

static void
flood_measure(struct flood *flood, unsigned kind, unsigned rounds)
{
	double ratio[FLOOD_ROUNDS_MAX], busy[FLOOD_ROUNDS_MAX], busy_none[FLOOD_ROUNDS_MAX],
		cycles[FLOOD_ROUNDS_MAX];
	const struct flood_config *config = &flood->config;
	struct result none = { 0 }, with = { 0 };
	uint64_t overflows = 0, began = 0, established = 0;

	for (unsigned i = 0; i < rounds; i++) {
		round_run(flood, 0, &none);
		config->ops->check(config->arg);
		round_run(flood, kind, &with);
		config->ops->check(config->arg);
		ratio[i] = with.gbit_s / none.gbit_s;
		busy[i] = with.busy * 100;
		busy_none[i] = none.busy * 100;
		/* What the streams take is taken off, by their packets. */
		cycles[i] =
			(with.cycles - none.cycles * (double)with.packets / (double)none.packets) /
			(double)(with.flooded - with.overflows);
		overflows += with.overflows;
		began += none.began + with.began;
		established += none.established + with.established;
	}
	if (established + UNDER_WAY < began)
		loop_die("flood: of %" PRIu64 " new connections %" PRIu64 " were established",
			began, established);
	doubles_sort(ratio, rounds);
	/* Where a packet takes its time, and no more, there is enough of it. */
	if (config->packet_ns > 0 && ratio[rounds / 2] < 0.9)
		loop_die("flood: with %s streams have %.2f of what they had",
			config->kinds[kind].name, ratio[rounds / 2]);
	printf("%-26s %6.2f  %.2f..%.2f %8.0f %4.0f %8.0f %10" PRIu64 " %10" PRIu64 " %6" PRIu64
	       "/%" PRIu64 "\n",
		config->kinds[kind].name, ratio[rounds / 2], ratio[0], ratio[rounds - 1],
		doubles_median(busy_none, rounds), doubles_median(busy, rounds),
		doubles_median(cycles, rounds), with.answers, overflows, established, began);
}

void
flood_run(struct flood *flood, unsigned rounds)
{
	const struct flood_config *config = &flood->config;
	struct result warm;

	round_run(flood, 0, &warm);
	printf("%u streams: %.2f Gbit/s, %.0f %% of the CPU; %.2f million packets a second of each "
	       "flood\n",
		config->streams, warm.gbit_s, warm.busy * 100, config->kinds[1].per_s / 1e6);
	printf("%-26s %18s %13s %8s %10s %10s  %s\n", "flood", "streams: ratio", "CPU %: off on",
		"cycles", "answers", "overflows", "new");
	for (unsigned kind = 1; kind < config->kind_count; kind++)
		flood_measure(flood, kind, rounds);
}

unsigned
flood_arguments(int argc, char **argv, const char *name, unsigned *packet_ns)
{
	int eal = rte_eal_init(argc, argv);
	unsigned long rounds = 7;

	if (eal < 0)
		loop_die("%s: %s", name, rte_strerror(rte_errno));
	if (eal + 1 < argc)
		rounds = strtoul(argv[eal + 1], NULL, 10);
	*packet_ns = eal + 2 < argc ? (unsigned)strtoul(argv[eal + 2], NULL, 10) : 0;
	if (rounds < 1 || rounds > FLOOD_ROUNDS_MAX)
		loop_die("%s: 1 to %u rounds", name, FLOOD_ROUNDS_MAX);
	return (unsigned)rounds;
}
