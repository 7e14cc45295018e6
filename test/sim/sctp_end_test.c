/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How associations end: in whatever state, with messages under way, over links that lose. What was sent
 * before a shutdown arrives; of what an abort or a restart cuts off its sender is told; and nothing is
 * left of the association.
 */
#include "sim/sctp_run.h"

/* Of an end of an association. */
struct ending {
	bool acts[2]; /* by client, by server */
	void (*act)(struct pair *pair, struct talk *talk, unsigned end);
	int error; /* of the other end; 0: it ends in good order */
	bool quiet; /* nobody says anything any more */
};

static void
act_shutdown(struct pair *pair, struct talk *talk, unsigned end)
{
	sctp_shutdown(pair->ends[end].core, talk->assocs[end]);
}

/* What has not been read by now is lost, and what comes later. */
static void
act_close(struct pair *pair, struct talk *talk, unsigned end)
{
	sctp_close(pair->ends[end].core, talk->assocs[end]);
	talk->assocs[end] = NULL;
	talk->interrupted = true;
}

static void
act_abort(struct pair *pair, struct talk *talk, unsigned end)
{
	sctp_abort(pair->ends[end].core, talk->assocs[end], "enough", 6);
	talk->assocs[end] = NULL;
	talk->interrupted = true;
}

static void
act_kill(struct pair *pair, struct talk *talk, unsigned end)
{
	sctp_kill(pair->ends[end].core, talk->assocs[end]);
	talk->interrupted = true;
}

/* As if it had lost its power: nobody hears of it. */
static void
act_vanish(struct pair *pair, struct talk *talk, unsigned end)
{
	struct pair_end *gone = &pair->ends[end];

	if (end == PAIR_SERVER)
		talk->listener = NULL;
	sctp_core_destroy(gone->core);
	gone->core = NULL;
	assert_int_equal(sctp_core_create(&pair->config, pair->now_ns, &gone->core), 0);
	talk->assocs[end] = NULL;
	talk->interrupted = true;
}

static void
links_draw(struct sim *sim, struct pair *pair, unsigned links_max)
{
	static const uint32_t losses_ppb[] = { 0, 0, 10000000, 50000000 };

	pair->link_count = 1 + sim_random(sim, links_max);
	for (unsigned i = 0; i < pair->link_count; i++) {
		struct virtual_link *link = &pair->links[i];

		link->delay_ns = (1 + sim_random(sim, 50)) * MS_NS;
		link->loss_ppb = losses_ppb[sim_random(sim, RTE_DIM(losses_ppb))];
		link->reorder_ppb = RANDOM_PPB / 100 * sim_random(sim, 2);
	}
}

static struct pair *
begin(struct sim *sim, struct talk *talk, unsigned links_max)
{
	struct pair *pair = sctp_run_create(sim);
	struct sctp_settings *settings = &pair->settings;
	const bool interleaved = sim_random(sim, 2) == 0;
	struct talk_plan plan = { .sizes = (enum talk_sizes)sim_random(sim, TALK_LARGE),
		.order = (enum talk_order)sim_random(sim, TALK_ORDERS_COUNT) };

	links_draw(sim, pair, links_max);
	settings->in_streams = settings->out_streams = TALK_STREAMS;
	settings->extensions = SCTP_EXT_AUTH | SCTP_EXT_ASCONF | SCTP_EXT_RE_CONFIG |
		(interleaved ? SCTP_EXT_I_DATA : 0);
	settings->heartbeat_interval_ms = 5000;
	talk_init(talk, pair, 0);
	for (unsigned i = 0; i < 2; i++) {
		plan.count = sim_random(sim, 4) * sim_random(sim, 100);
		talk_plan(talk, i, &plan);
	}
	sctp_run_start(pair, talk);
	return pair;
}

/* In any state: from the first packet on, until it is idle. */
static void
pass_some_time(struct sim *sim, struct pair *pair)
{
	static const unsigned most_ms[] = { 20, 200, 2000, 60000 };

	pair_run_for(pair, sim_random(sim, most_ms[sim_random(sim, RTE_DIM(most_ms))]) * MS_NS);
}

static bool
is_accepted(const struct pair *pair)
{
	const struct talk *talk = pair->arg;

	return talk->assocs[PAIR_SERVER] != NULL;
}

/* Those users that are left know of the end. */
static bool
ends_are_known(const struct pair *pair)
{
	const struct talk *talk = pair->arg;

	for (unsigned i = 0; i < 2; i++) {
		if (talk->assocs[i] != NULL && !talk->closed[i])
			return false;
	}
	return true;
}

static void
errors_check(const struct talk *talk, const struct ending *ending)
{
	for (unsigned i = 0; i < 2; i++) {
		const int error = talk->errors[i];

		if (talk->assocs[i] == NULL || !talk->up[i])
			continue;
		if (ending->error == 0 || ending->acts[i])
			sim_assert(error == 0 || ending->act == act_kill, "end %u: error %d", i,
				error);
		else
			sim_assert(error == ending->error || error == ETIMEDOUT ||
					(error == 0 && ending->act == act_close),
				"end %u: error %d, not %d", i, error, ending->error);
	}
}

/* Of who is there to be told. */
static void
messages_check(const struct talk *talk)
{
	struct talk told = *talk;

	for (unsigned i = 0; i < 2; i++) {
		if (told.assocs[i] == NULL)
			told.ways[i].sent = 0;
	}
	talk_check(&told);
}

static void
end_run(struct sim *sim)
{
	const struct ending *ending = sim_arg(sim);
	struct pair *pair;
	struct talk talk;

	if (sim_workers(sim) != 1)
		return;
	pair = begin(sim, &talk, 2);
	pass_some_time(sim, pair);
	if (ending->acts[PAIR_SERVER] && talk.assocs[PAIR_SERVER] == NULL)
		sctp_run_until(pair, "accepted", is_accepted);
	for (unsigned i = 0; i < 2; i++) {
		if (ending->acts[i])
			ending->act(pair, &talk, i);
	}
	for (unsigned i = 0; ending->quiet && i < pair->link_count; i++)
		pair->links[i].cut = true;
	sctp_run_until(pair, "ended", ends_are_known);
	errors_check(&talk, ending);
	messages_check(&talk);
	sctp_run_end(pair, &talk);
}

/* ---- restart ---- */

static bool
is_from_server(struct pair *pair, const struct pair_packet *packet)
{
	(void)pair;
	return packet->from == PAIR_SERVER;
}

static bool
is_restarted(const struct pair *pair)
{
	const struct talk *talk = pair->arg;

	return talk->restarts[PAIR_SERVER] > 0;
}

/* The client's host begins again: the server's association goes on with the new one. */
static void
restart_run(struct sim *sim)
{
	const struct talk_plan plan = { .count = 50, .sizes = TALK_MIXED, .order = TALK_BOTH };
	struct pair *pair;
	struct talk talk;

	if (sim_workers(sim) != 1)
		return;
	/* From another address it is nobody's packet that comes to the new one: it would be aborted. */
	pair = begin(sim, &talk, 1);
	sctp_run_until(pair, "up", sctp_run_is_up);
	pass_some_time(sim, pair);
	/* What the old one has sent has arrived, or is lost. */
	pair->filter = is_from_server;
	pair_run_for(pair, 1000 * MS_NS);
	act_vanish(pair, &talk, PAIR_CLIENT);
	talk_lose(&talk, PAIR_SERVER);
	pair->filter = NULL;
	memset(talk.ways[PAIR_SERVER].parts, 0, sizeof(talk.ways[PAIR_SERVER].parts));
	/* Until the server is told, it is the old one's messages, and parts of them, that it still hears of. */
	talk.ways[PAIR_CLIENT].count = talk.ways[PAIR_CLIENT].sent;
	talk_connect(&talk);
	sctp_run_until(pair, "told of a restart", is_restarted);
	talk_plan(&talk, PAIR_CLIENT, &plan);
	talk_go_on(&talk);
	sctp_run_until(pair, "over", sctp_run_is_over);
	sim_assert(talk.restarts[PAIR_SERVER] == 1, "%u restarts were told",
		talk.restarts[PAIR_SERVER]);
	sim_assert(talk.ways[PAIR_CLIENT].delivered == plan.count, "%u messages of %u came",
		talk.ways[PAIR_CLIENT].delivered, plan.count);
	talk_check(&talk);
	assert_int_equal(sctp_shutdown(pair->ends[PAIR_SERVER].core, talk.assocs[PAIR_SERVER]), 0);
	sctp_run_until(pair, "closed", sctp_run_is_closed);
	sctp_run_end(pair, &talk);
}

int
main(int argc, char **argv)
{
	static const struct ending endings[] = {
		{ { true, false }, act_shutdown, 0, false },
		{ { false, true }, act_shutdown, 0, false },
		{ { true, true }, act_shutdown, 0, false },
		{ { true, false }, act_close, ECONNRESET, false },
		{ { false, true }, act_close, ECONNRESET, false },
		{ { true, false }, act_abort, ECONNRESET, false },
		{ { false, true }, act_abort, ECONNRESET, false },
		{ { true, true }, act_abort, ECONNRESET, false },
		{ { true, false }, act_kill, ECONNRESET, false },
		{ { true, false }, act_vanish, ETIMEDOUT, true },
		{ { false, true }, act_vanish, ETIMEDOUT, true },
	};
	static const struct sim_scenario scenarios[] = {
		{ "client_shuts_down", end_run, &endings[0] },
		{ "server_shuts_down", end_run, &endings[1] },
		{ "both_shut_down", end_run, &endings[2] },
		{ "client_closes", end_run, &endings[3] },
		{ "server_closes", end_run, &endings[4] },
		{ "client_aborts", end_run, &endings[5] },
		{ "server_aborts", end_run, &endings[6] },
		{ "both_abort", end_run, &endings[7] },
		{ "client_is_killed", end_run, &endings[8] },
		{ "client_vanishes", end_run, &endings[9] },
		{ "server_vanishes", end_run, &endings[10] },
		{ "client_restarts", restart_run, NULL },
	};

	return sim_main(argc, argv, scenarios, RTE_DIM(scenarios));
}
