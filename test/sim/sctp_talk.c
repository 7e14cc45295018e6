/* SPDX-License-Identifier: BSD-3-Clause */
/* Messages both ways: see sctp_talk.h. */
#include "sim/sctp_talk.h"

#include <math.h>
#include <stdlib.h>

#include "sim/sim.h"

/* A prime, so that no other message's bytes look right. */
#define PERIOD 65521

static const uint8_t *
pattern_at(uint32_t number, uint32_t offset)
{
	static uint8_t pattern[PERIOD + TALK_LENGTH_MAX];
	struct random random;

	if (pattern[0] == 0) {
		random_init(&random, PERIOD);
		for (unsigned i = 0; i < PERIOD; i++)
			pattern[i] = (uint8_t)random_draw(&random);
		pattern[0] = 1;
		for (unsigned i = PERIOD; i < sizeof(pattern); i++)
			pattern[i] = pattern[i - PERIOD];
	}
	return pattern + (number * 7919ULL + offset) % PERIOD;
}

/* ---- what is said ---- */

void
talk_init(struct talk *talk, struct pair *pair, unsigned n)
{
	*talk = (struct talk){ .pair = pair, .port = (uint16_t)(PAIR_PORT + n) };
	talk->settings[0] = talk->settings[1] = pair->settings;
}

/* As often of one order of magnitude as of another. */
static uint32_t
length_draw(struct random *random, enum talk_sizes sizes)
{
	switch (sizes) {
	case TALK_TINY: return 1 + (uint32_t)random_below(random, 100);
	case TALK_PACKETS: return 1000 + (uint32_t)random_below(random, 3000);
	case TALK_LARGE:
		return random_below(random, 8) != 0
			? 1 + (uint32_t)random_below(random, 2000)
			: TALK_LENGTH_MAX / 8 + (uint32_t)random_below(random, 7) * 130000;
	default: break;
	}
	return (uint32_t)pow(2, (double)random_below(random, 1 << 20) / (1 << 20) * 16);
}

static uint32_t
value_draw(struct random *random, enum sctp_pr_policy policy)
{
	switch (policy) {
	case SCTP_PR_TIMED: return 1 + (uint32_t)random_below(random, 3000);
	case SCTP_PR_LIMITED: return (uint32_t)random_below(random, 3);
	case SCTP_PR_PRIORITY: return (uint32_t)random_below(random, 10);
	default: return 0;
	}
}

void
talk_plan(struct talk *talk, unsigned from, const struct talk_plan *plan)
{
	struct random *random = &talk->pair->random;
	struct talk_way *way = &talk->ways[from];
	uint32_t places[TALK_STREAMS] = { 0 };

	free(way->messages);
	*way = (struct talk_way){ .count = plan->count };
	way->messages = calloc(plan->count + 1, sizeof(*way->messages));
	assert_non_null(way->messages);
	for (unsigned i = 0; i < plan->count; i++) {
		struct talk_message *message = &way->messages[i];

		message->stream = (uint16_t)random_below(random, TALK_STREAMS);
		message->length =
			plan->length != 0 ? plan->length : length_draw(random, plan->sizes);
		message->unordered = plan->order == TALK_UNORDERED ||
			(plan->order == TALK_BOTH && random_below(random, 2) == 0);
		message->policy =
			random_below(random, 4) != 0 ? (uint8_t)plan->policy : SCTP_PR_NONE;
		message->value = value_draw(random, message->policy);
		if (!message->unordered)
			message->place = places[message->stream]++;
	}
}

static void
send_all(struct talk *talk, unsigned end)
{
	struct talk_way *way = &talk->ways[end];

	while (talk->assocs[end] != NULL && !talk->closed[end] && way->sent < way->count) {
		struct talk_message *message = &way->messages[way->sent];
		const struct sctp_message what = { .stream = message->stream,
			.flags = message->unordered ? SCTP_MESSAGE_UNORDERED : 0,
			.ppid_be = way->sent,
			.context = way->sent,
			.pr_policy = message->policy,
			.pr_value = message->value };

		if (sctp_send(talk->pair->ends[end].core, talk->assocs[end], &what,
			    pattern_at(way->sent, 0), message->length) != 0)
			return;
		message->sent_ns = talk->pair->now_ns;
		way->sent++;
	}
}

/* ---- what is heard ---- */

static void
delivered(struct talk *talk, struct talk_way *way, uint32_t number)
{
	struct talk_message *message = &way->messages[number];

	sim_assert(!message->delivered, "message %u came twice", number);
	message->delivered = true;
	message->delivered_ns = talk->pair->now_ns;
	way->delivered++;
	way->bytes += message->length;
	if (message->unordered)
		return;
	sim_assert(message->place >= way->next[message->stream],
		"message %u of stream %u came behind a later one", number, message->stream);
	/* Those that were given up are left out. */
	way->next[message->stream] = message->place + 1;
}

static void
part_check(struct talk *talk, unsigned end, const uint8_t *bytes, uint32_t length,
	const struct sctp_message *what)
{
	struct talk_way *way = &talk->ways[1 - end];
	bool unordered = (what->flags & SCTP_MESSAGE_UNORDERED) != 0;
	const struct talk_message *message;
	struct talk_part *part;

	sim_assert(what->stream < TALK_STREAMS && what->ppid_be < way->sent,
		"message %u of stream %u: there is none such", what->ppid_be, what->stream);
	message = &way->messages[what->ppid_be];
	part = &way->parts[what->stream][unordered];
	if (!part->open) {
		*part = (struct talk_part){ true, what->ppid_be, 0 };
		way->parts_open++;
	}
	sim_assert(part->number == what->ppid_be, "%u within message %u of stream %u",
		what->ppid_be, part->number, what->stream);
	sim_assert(message->stream == what->stream && message->unordered == unordered &&
			part->done + length <= message->length &&
			memcmp(bytes, pattern_at(part->number, part->done), length) == 0,
		"message %u is not what was sent, behind byte %u of %u", part->number, part->done,
		message->length);
	part->done += length;
	if (!(what->flags & SCTP_MESSAGE_END))
		return;
	sim_assert(part->done == message->length, "of message %u came %u bytes of %u", part->number,
		part->done, message->length);
	part->open = false;
	way->parts_open--;
	delivered(talk, way, part->number);
}

static void
failed(struct talk *talk, unsigned end, const struct sctp_notice *notice)
{
	struct talk_way *way = &talk->ways[end];
	struct talk_message *message = &way->messages[notice->context];

	sim_assert(notice->context < way->sent && notice->ppid_be == notice->context &&
			notice->stream == message->stream,
		"message %u of stream %u failed: there is none such", notice->context,
		notice->stream);
	sim_assert(!message->failed, "message %u failed twice", notice->context);
	sim_assert(message->policy != SCTP_PR_NONE || talk->interrupted,
		"message %u was given up, which was to be reliable", notice->context);
	message->failed = true;
	way->failed++;
}

/* The peer numbers anew. */
static void
restarted(struct talk *talk, unsigned end)
{
	struct talk_way *way = &talk->ways[1 - end];

	talk->restarts[end]++;
	memset(way->parts, 0, sizeof(way->parts));
	way->parts_open = 0;
}

static void
notice_take(struct talk *talk, unsigned end)
{
	struct talk_way *way = &talk->ways[1 - end];
	struct sctp_notice notice;
	struct talk_part *part;

	sctp_notice_take(talk->pair->ends[end].core, talk->assocs[end], &notice);
	switch (notice.type) {
	case SCTP_NOTICE_UP: talk->up[end] = true; break;
	case SCTP_NOTICE_SEND_FAILED: failed(talk, end, &notice); break;
	case SCTP_NOTICE_RESTART: restarted(talk, end); break;
	case SCTP_NOTICE_PART_ABORTED:
		part = &way->parts[notice.stream][notice.unordered];
		sim_assert(
			part->open, "a part of stream %u has no end: there is none", notice.stream);
		part->open = false;
		way->parts_open--;
		way->aborted++;
		break;
	case SCTP_NOTICE_PATH:
		talk->paths_failed[end] += notice.path_state == SCTP_PATH_INACTIVE;
		talk->paths_back[end] += notice.path_state == SCTP_PATH_ACTIVE;
		break;
	default: break;
	}
}

static void
read_all(struct talk *talk, unsigned end)
{
	static uint8_t bytes[70000];
	struct sctp_core *core = talk->pair->ends[end].core;
	struct sctp_message what;
	int64_t ret = 1;

	while (talk->assocs[end] != NULL && ret > 0) {
		const struct sctp_assoc *assoc = talk->assocs[end];
		size_t size = 1 + random_below(&talk->pair->random, sizeof(bytes));

		if (sctp_notice_is_next(assoc)) {
			notice_take(talk, end);
			continue;
		}
		if (talk->reads_not[end])
			return;
		ret = sctp_recv(core, talk->assocs[end], bytes, size, &what);
		if (ret > 0)
			part_check(talk, end, bytes, (uint32_t)ret, &what);
		talk->at_end[end] |= ret == 0;
		if (ret < 0 && ret != -EAGAIN)
			talk->errors[end] = (int)-ret;
	}
}

/* ---- both ---- */

void
talk_event(struct pair *pair, unsigned end, const struct sctp_event *event)
{
	struct talk *talk = event->user;

	if (event->listener != NULL) {
		while (talk->assocs[end] == NULL &&
			(talk->assocs[end] = sctp_accept(
				 pair->ends[end].core, event->listener, talk)) != NULL)
			;
		return;
	}
	if (talk == NULL || event->assoc != talk->assocs[end])
		return;
	read_all(talk, end);
	if (event->events & SCTP_EVENT_CLOSED)
		talk->closed[end] = true;
	send_all(talk, end);
}

static struct sctp_bind
talk_bind(const struct talk *talk, unsigned end)
{
	struct sctp_bind bind = pair_bind(talk->pair, end);

	bind.port = (uint16_t)(talk->port + (end == PAIR_CLIENT ? 1000 : 0));
	return bind;
}

void
talk_listen(struct talk *talk)
{
	const struct sctp_bind bind = talk_bind(talk, PAIR_SERVER);

	assert_int_equal(sctp_listen(talk->pair->ends[PAIR_SERVER].core, &bind,
				 &talk->settings[PAIR_SERVER], 4, talk, &talk->listener),
		0);
}

void
talk_connect(struct talk *talk)
{
	const struct sctp_bind bind = talk_bind(talk, PAIR_CLIENT);
	struct sctp_bind remote = talk_bind(talk, PAIR_SERVER);

	/* It learns of the others by the INIT ACK. */
	remote.addr_count = 1;
	talk->closed[PAIR_CLIENT] = talk->up[PAIR_CLIENT] = false;
	assert_int_equal(sctp_connect(talk->pair->ends[PAIR_CLIENT].core, &bind, &remote,
				 &talk->settings[PAIR_CLIENT], talk, &talk->assocs[PAIR_CLIENT]),
		0);
}

void
talk_go_on(struct talk *talk)
{
	for (unsigned i = 0; i < 2; i++) {
		read_all(talk, i);
		send_all(talk, i);
	}
}

static bool
is_accounted(const struct talk_message *message)
{
	return message->delivered || message->failed || message->lost;
}

static bool
way_is_over(const struct talk_way *way)
{
	unsigned left = way->count;

	if (way->delivered + way->failed + way->lost < way->count)
		return false;
	/* Some are both: delivered, and the acknowledgment was lost. */
	for (unsigned i = 0; i < way->count; i++)
		left -= is_accounted(&way->messages[i]);
	return left == 0;
}

bool
talk_is_over(const struct talk *talk)
{
	return way_is_over(&talk->ways[0]) && way_is_over(&talk->ways[1]);
}

void
talk_lose(struct talk *talk, unsigned from)
{
	struct talk_way *way = &talk->ways[from];

	for (unsigned i = 0; i < way->sent; i++) {
		way->lost += !way->messages[i].delivered;
		way->messages[i].lost = !way->messages[i].delivered;
	}
}

void
talk_check(const struct talk *talk)
{
	for (unsigned w = 0; w < 2; w++) {
		const struct talk_way *way = &talk->ways[w];

		for (unsigned i = 0; i < way->sent; i++)
			sim_assert(is_accounted(&way->messages[i]),
				"message %u of %u from %s vanished", i, way->sent,
				w == PAIR_CLIENT ? "the client" : "the server");
	}
}

void
talk_close(struct talk *talk)
{
	for (unsigned i = 0; i < 2; i++) {
		if (talk->assocs[i] != NULL)
			sctp_close(talk->pair->ends[i].core, talk->assocs[i]);
		talk->assocs[i] = NULL;
	}
	if (talk->listener != NULL)
		sctp_unlisten(talk->pair->ends[PAIR_SERVER].core, talk->listener);
	talk->listener = NULL;
}

void
talk_fini(struct talk *talk)
{
	for (unsigned i = 0; i < 2; i++)
		free(talk->ways[i].messages);
}
