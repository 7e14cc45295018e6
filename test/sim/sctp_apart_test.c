/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A loss on one stream does not delay another: each message is delivered at the instant in which it is
 * complete, and those before it in its stream are. When chunks arrive is known, as links do nothing but
 * take their time, and what is lost this test loses.
 */
#include <stdio.h>

#include "sim/sctp_run.h"

#define MESSAGES 2000
#define DELAY_NS (20 * MS_NS)
#define TSNS_MAX 65536

/* What has arrived, by what was sent. */
struct arrivals {
	struct random random;
	uint32_t loss_ppb, first_tsn;
	bool any;
	bool seen[TSNS_MAX];
	uint32_t bytes[MESSAGES];
	uint64_t complete_ns[MESSAGES];
	/* Of I-DATA only the first fragment says which message it is of. */
	uint32_t numbers[TALK_STREAMS][2][MESSAGES];
};

struct apart {
	bool interleaved;
	enum talk_order order;
	enum talk_sizes sizes;
};

/* Messages that waited for others of their stream, in all runs: without any nothing was tested. */
static unsigned all_waited;

/* The filter has no other place for it. */
static struct arrivals *arrivals;

static uint32_t
number_of(const struct sctp_data *data, bool interleaved)
{
	const bool unordered = (data->flags & SCTP_DATA_UNORDERED) != 0;

	if (!interleaved)
		return data->ppid_be;
	if (data->flags & SCTP_DATA_BEGIN)
		arrivals->numbers[data->stream][unordered][data->mid] = data->ppid_be;
	return arrivals->numbers[data->stream][unordered][data->mid];
}

static void
data_note(const struct pair *pair, const struct sctp_chunk *chunk, bool is_lost)
{
	const struct talk *talk = pair->arg;
	struct sctp_data data;
	uint32_t number;

	sim_assert(sctp_data_parse(chunk, &data) == 0, "bad DATA");
	number = number_of(&data, chunk->type == SCTP_I_DATA);
	if (!arrivals->any)
		arrivals->first_tsn = data.tsn;
	arrivals->any = true;
	if (is_lost || arrivals->seen[data.tsn - arrivals->first_tsn])
		return;
	arrivals->seen[data.tsn - arrivals->first_tsn] = true;
	arrivals->bytes[number] += data.length;
	if (arrivals->bytes[number] == talk->ways[PAIR_CLIENT].messages[number].length)
		arrivals->complete_ns[number] = pair->now_ns + DELAY_NS;
}

static bool
packet_note(struct pair *pair, const struct pair_packet *packet)
{
	const struct talk *talk = pair->arg;
	struct sctp_cursor chunks = packet->chunks;
	struct sctp_chunk chunk;
	bool is_lost =
		talk->up[0] && talk->up[1] && random_chance(&arrivals->random, arrivals->loss_ppb);

	while (packet->from == PAIR_CLIENT && sctp_chunk_next(&chunks, &chunk) > 0) {
		if (chunk.type == SCTP_DATA || chunk.type == SCTP_I_DATA)
			data_note(pair, &chunk, is_lost);
	}
	return !is_lost;
}

/* @return how many waited for others */
static unsigned
deliveries_check(const struct talk *talk)
{
	const struct talk_way *way = &talk->ways[PAIR_CLIENT];
	uint64_t stream_ns[TALK_STREAMS] = { 0 };
	unsigned waited = 0;

	for (unsigned i = 0; i < way->count; i++) {
		const struct talk_message *message = &way->messages[i];
		uint64_t due_ns = arrivals->complete_ns[i];

		if (!message->unordered) {
			waited += stream_ns[message->stream] > due_ns;
			due_ns = RTE_MAX(due_ns, stream_ns[message->stream]);
			stream_ns[message->stream] = due_ns;
		}
		sim_assert(message->delivered && message->delivered_ns == due_ns,
			"message %u of stream %u came %.6f s after it could", i, message->stream,
			((double)message->delivered_ns - (double)due_ns) / 1e9);
	}
	return waited;
}

static void
apart_run(struct sim *sim)
{
	const struct apart *apart = sim_arg(sim);
	const struct talk_plan plan = {
		.count = MESSAGES, .sizes = apart->sizes, .order = apart->order
	};
	struct arrivals noted = { .loss_ppb = RANDOM_PPB / 30 };
	struct pair *pair;
	struct talk talk;
	unsigned waited;

	if (sim_workers(sim) != 1)
		return;
	arrivals = &noted;
	random_init(&noted.random, sim_random(sim, UINT32_MAX));
	pair = sctp_run_create(sim);
	pair->links[0].delay_ns = DELAY_NS;
	pair->filter = packet_note;
	pair->settings.in_streams = pair->settings.out_streams = TALK_STREAMS;
	pair->settings.scheduler = (uint8_t)sim_random(sim, SCTP_SCHED_COUNT);
	pair->settings.nodelay = true;
	/* All of it has room: nothing is refused, or delivered in part. */
	pair->settings.receive_buffer = pair->settings.send_buffer = 16 << 20;
	if (apart->interleaved)
		pair->settings.extensions = SCTP_EXT_I_DATA;
	talk_init(&talk, pair, 0);
	talk_plan(&talk, PAIR_CLIENT, &plan);
	sctp_run_start(pair, &talk);
	sctp_run_until(pair, "over", sctp_run_is_over);
	waited = deliveries_check(&talk);
	if (apart->order != TALK_UNORDERED)
		all_waited += waited;
	pair->filter = NULL;
	sctp_run_end(pair, &talk);
}

int
main(int argc, char **argv)
{
	int rc;
	static const struct apart aparts[] = {
		{ false, TALK_ORDERED, TALK_TINY },
		{ false, TALK_ORDERED, TALK_MIXED },
		{ false, TALK_UNORDERED, TALK_MIXED },
		{ false, TALK_BOTH, TALK_PACKETS },
		{ true, TALK_ORDERED, TALK_TINY },
		{ true, TALK_ORDERED, TALK_MIXED },
		{ true, TALK_UNORDERED, TALK_MIXED },
		{ true, TALK_BOTH, TALK_PACKETS },
	};
	static const struct sim_scenario scenarios[] = {
		{ "data_tiny", apart_run, &aparts[0] },
		{ "data_mixed", apart_run, &aparts[1] },
		{ "data_unordered", apart_run, &aparts[2] },
		{ "data_both", apart_run, &aparts[3] },
		{ "idata_tiny", apart_run, &aparts[4] },
		{ "idata_mixed", apart_run, &aparts[5] },
		{ "idata_unordered", apart_run, &aparts[6] },
		{ "idata_both", apart_run, &aparts[7] },
	};

	rc = sim_main(argc, argv, scenarios, RTE_DIM(scenarios));
	printf("%u messages waited for others of their stream\n", all_waited);
	return rc;
}
