/* SPDX-License-Identifier: BSD-3-Clause */
/* Runs scripts line by line: time, packets that come, packets that are expected. See script_run.h. */
#include "script/script_run.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_mbuf.h>

#include "script/script_packet.h"
#include "script/script_sctp.h"
#include "support/eal.h"

#define LINE_SIZE 4096

/* ---- packets seen ---- */

static void
event_add(struct script_run *run, unsigned port, bool sent, const void *frame, size_t length)
{
	struct script_event *event = &run->events[run->event_count];

	if (run->event_count == SCRIPT_PACKETS_MAX) {
		run->overflow = true;
		return;
	}
	*event = (struct script_event){ run->fixture->now_ns - run->start_ns, port, sent, false,
		length, malloc(length) };
	if (event->frame == NULL)
		abort();
	memcpy(event->frame, frame, length);
	run->event_count++;
}

/* Take what the stack has sent off the wires: a queue has the order of its packets. */
static void
wires_drain(struct script_run *run)
{
	uint8_t frame[PACKET_MAX];
	struct rte_mbuf *pkt;

	for (unsigned port = 0; port < run->config.ports; port++) {
		while ((pkt = stack_fixture_take(run->fixture, port)) != NULL) {
			event_add(run, port, true, frame, packet_bytes(pkt, frame));
			rte_pktmbuf_free(pkt);
		}
	}
}

static void
settle(struct script_run *run)
{
	stack_fixture_run(run->fixture);
	wires_drain(run);
}

/* The oldest packet of a port that nobody expected yet; of any port: UINT_MAX. */
static struct script_event *
oldest_sent(struct script_run *run, unsigned port)
{
	for (unsigned i = 0; i < run->event_count; i++) {
		struct script_event *event = &run->events[i];

		if (event->sent && !event->taken && (port == UINT_MAX || event->port == port))
			return event;
	}
	return NULL;
}

/* From one event to the next. @return whether a packet of the port was sent before the time was over */
static struct script_event *
time_pass(struct script_run *run, uint64_t until_ns, unsigned port)
{
	struct script_event *event = oldest_sent(run, port);

	while (event == NULL && run->fixture->now_ns < until_ns) {
		uint64_t next_ns = stack_fixture_next_ns(run->fixture);

		run->fixture->now_ns =
			RTE_MIN(RTE_MAX(next_ns, run->fixture->now_ns + 1), until_ns);
		settle(run);
		event = oldest_sent(run, port);
	}
	return event;
}

static int
nothing_left(struct script_run *run)
{
	const struct script_event *event = oldest_sent(run, UINT_MAX);

	if (run->overflow)
		return script_fail(run->text, "more than %u packets", SCRIPT_PACKETS_MAX);
	if (event != NULL)
		return script_fail(
			run->text, "before this p%u sent what nobody expects", event->port);
	return 0;
}

/* ---- lines ---- */

static int
duration_parse(struct script_text *text, const char *word, char **end, uint64_t *ns)
{
	double value = strtod(word, end);

	if (*end == word || !(value >= 0 && value <= 1e6))
		return script_fail(text, "'%s' is no time: +1s, +20ms, +0..1.5s", text->word);
	*ns = (uint64_t)(value * 1e9 + 0.5);
	if (strncmp(*end, "ms", 2) == 0) {
		*ns = (*ns + 500) / 1000;
		*end += 2;
	} else if (**end == 's') {
		*end += 1;
	}
	return 0;
}

/* +TIME, or +TIME..TIME; both 0 where there is none. */
static int
times_parse(struct script_run *run, uint64_t *from_ns, uint64_t *to_ns)
{
	struct script_text *text = run->text;
	char *end, *dots;

	*from_ns = *to_ns = 0;
	if (*script_rest(text) != '+')
		return 0;
	script_word(text);
	dots = strstr(text->word, "..");
	if (dots != NULL)
		*dots = '\0';
	if (duration_parse(text, text->word + 1, &end, from_ns) < 0 || *end != '\0')
		return script_fail(text, "no time: +1s, +20ms, +0s..1.5s");
	*to_ns = *from_ns;
	if (dots == NULL)
		return 0;
	if (duration_parse(text, dots + 2, &end, to_ns) < 0 || *end != '\0' || *to_ns < *from_ns)
		return script_fail(text, "no time: +1s, +20ms, +0s..1.5s");
	return 0;
}

static void
inject(struct script_run *run, unsigned port, const struct script_packet *packet)
{
	struct rte_mbuf *pkt = rte_pktmbuf_alloc(run->fixture->pool), *head = pkt;
	size_t done = 0;

	event_add(run, port, false, packet->bytes, packet->length);
	/* What is longer than a buffer comes in several, as from a NIC. */
	while (pkt != NULL && done < packet->length) {
		size_t part = RTE_MIN(packet->length - done, rte_pktmbuf_tailroom(pkt));

		memcpy(rte_pktmbuf_append(pkt, (uint16_t)part), packet->bytes + done, part);
		if (pkt != head) {
			head->nb_segs++;
			head->pkt_len += part;
		}
		done += part;
		if (done < packet->length) {
			pkt->next = rte_pktmbuf_alloc(run->fixture->pool);
			pkt = pkt->next;
		}
	}
	if (pkt == NULL)
		abort();
	if (!port_double_arrive(run->fixture->wires[port], head))
		rte_pktmbuf_free(head);
}

static int
expect(struct script_run *run, unsigned port, const struct script_packet *packet, uint64_t from_ns,
	uint64_t to_ns)
{
	struct script_event *event = time_pass(run, run->last_ns + to_ns, port);
	char diff[SCRIPT_ERROR_MAX / 4], text[SCRIPT_ERROR_MAX / 4];
	static struct script_packet fitted;
	uint64_t at_ns;

	if (event == NULL)
		return script_fail(run->text, "p%u sent nothing", port);
	at_ns = event->at_ns + run->start_ns;
	script_sctp_fit(packet, event->frame, event->length, &fitted);
	if (script_packet_differs(&fitted, event->frame, event->length, diff, sizeof(diff))) {
		script_packet_show(event->frame, event->length, text, sizeof(text));
		return script_fail(
			run->text, "p%u sent another packet:\n  %s\n%s", port, text, diff);
	}
	if (at_ns < run->last_ns + from_ns || at_ns > run->last_ns + to_ns)
		return script_fail(run->text, "p%u sent it after %.3f s", port,
			((double)at_ns - (double)run->last_ns) / 1e9);
	event->taken = true;
	run->last_ns = at_ns;
	return script_packet_capture(run->text, &fitted, event->frame);
}

static int
port_line(struct script_run *run, uint64_t from_ns, uint64_t to_ns)
{
	static struct script_packet packet;
	struct script_text *text = run->text;
	unsigned port = (unsigned)(text->word[1] - '0');
	const char *port_at = text->word_at;
	bool sent;

	if (port >= run->config.ports)
		return script_fail(text, "there is no port '%s'", text->word);
	sent = script_word_is(text, ">");
	if (!sent && !script_word_is(text, "<"))
		return script_fail(text, "'<' (comes) or '>' (is sent) has to follow");
	if (script_packet_parse(text, port, sent, &packet) < 0)
		return -EINVAL;
	/* What is wrong from here on is not a word of the line. */
	text->word_at = port_at;
	if (sent)
		return expect(run, port, &packet, from_ns, to_ns);
	time_pass(run, run->last_ns + to_ns, UINT_MAX);
	if (nothing_left(run) < 0)
		return -EINVAL;
	inject(run, port, &packet);
	settle(run);
	run->last_ns = run->fixture->now_ns;
	return 0;
}

/* What is sent until then does not matter. */
static void
ignore(struct script_run *run, uint64_t until_ns)
{
	struct script_event *event;

	while ((event = time_pass(run, until_ns, UINT_MAX)) != NULL)
		event->taken = true;
	run->last_ns = run->fixture->now_ns;
}

static int
line_run(struct script_run *run)
{
	struct script_text *text = run->text;
	uint64_t from_ns, to_ns;
	int rc;

	if (times_parse(run, &from_ns, &to_ns) < 0)
		return -EINVAL;
	if (!script_word(text))
		return script_fail(text, "what happens then?");
	if (run->fixture == NULL && strcmp(text->word, "stack") != 0) {
		run->fixture = stack_fixture_create(&run->config);
		run->start_ns = run->last_ns = run->fixture->now_ns;
		settle(run);
	}
	if (text->word[0] == 'p' && isdigit((unsigned char)text->word[1]) && text->word[2] == '\0')
		return port_line(run, from_ns, to_ns);
	if (strcmp(text->word, "ignore") == 0) {
		ignore(run, run->last_ns + to_ns);
		return 0;
	}
	if (run->fixture != NULL) {
		time_pass(run, run->last_ns + to_ns, UINT_MAX);
		if (nothing_left(run) < 0)
			return -EINVAL;
	}
	rc = script_command(run);
	if (rc == 0 && run->fixture != NULL) {
		settle(run);
		run->last_ns = run->fixture->now_ns;
	}
	return rc;
}

/* ---- scripts ---- */

/* A line with those that continue it, which begin with a blank. @return false: the end */
static bool
line_read(FILE *file, char line[LINE_SIZE], unsigned *number, unsigned *lines)
{
	size_t length = 0;
	int first = 0;

	*number = *lines + 1;
	while (length + 1 < LINE_SIZE && fgets(line + length, (int)(LINE_SIZE - length), file)) {
		++*lines;
		line[length + strcspn(line + length, "#\n")] = '\0';
		for (char *at = line + length; *at != '\0'; at++)
			*at = *at == '\t' ? ' ' : *at;
		length += strlen(line + length);
		first = fgetc(file);
		ungetc(first, file);
		if (first != ' ' && first != '\t')
			return true;
	}
	return false;
}

static void
trace_add(const struct script_run *run, char *error, size_t size)
{
	size_t length = strlen(error);

	for (unsigned i = 0; i < run->event_count && length + 1 < size; i++) {
		const struct script_event *event = &run->events[i];
		char text[1024];

		script_packet_show(event->frame, event->length, text, sizeof(text));
		length += (size_t)snprintf(error + length, size - length, "  %9.3f p%u %c %s%s\n",
			(double)event->at_ns / 1e9, event->port, event->sent ? '>' : '<', text,
			event->sent && !event->taken ? "   (not expected)" : "");
	}
}

/* How often, and by how much $n grows each time: "100", "100*2". */
static int
flood_parse(struct script_text *text, uint64_t *count, uint64_t *step)
{
	char *times;

	*step = 1;
	if (!script_word(text))
		return script_fail(text, "how often?");
	times = strchr(text->word, '*');
	if (times != NULL)
		*times = '\0';
	if (script_number(text->word, SCRIPT_PACKETS_MAX, count) < 0 ||
		(times != NULL && script_number(times + 1, UINT16_MAX, step) < 0))
		return script_fail(text, "how often? 100, or 100*2 for $n of 0, 2, 4");
	return 0;
}

/* The rest of the line many times; what is sent meanwhile does not matter. */
static int
flood(struct script_run *run)
{
	struct script_text *text = run->text;
	struct script_value n = { { 0 } };
	uint64_t count, step;
	const char *at;
	int rc = flood_parse(text, &count, &step);

	at = text->at;
	for (uint64_t i = 0; rc == 0 && i < count; i++) {
		script_bits_set(n.bytes, 8 * sizeof(n.bytes) - 32, 32, i * step);
		if (script_variable_set(&text->variables, "n", &n) < 0)
			return script_fail(text, "more than %u variables", SCRIPT_VARIABLES_MAX);
		text->at = at;
		rc = line_run(run);
		ignore(run, run->last_ns);
	}
	return rc;
}

static int include(struct script_run *run);

/* @return 0, or -EINVAL at the first line that is wrong */
static int
file_run(struct script_run *run, FILE *file)
{
	char line[LINE_SIZE];
	unsigned lines = 0;
	int rc = 0;

	while (rc == 0 && line_read(file, line, &run->text->line, &lines)) {
		run->text->text = run->text->at = line;
		if (script_word_is(run->text, "include"))
			rc = include(run);
		else if (script_word_is(run->text, "flood"))
			rc = flood(run);
		else if (*script_rest(run->text) != '\0')
			rc = line_run(run);
	}
	return rc;
}

/* The lines of another file, which the script names from its own folder. */
static int
include(struct script_run *run)
{
	struct script_text *text = run->text;
	const char *from = text->file, *slash = strrchr(from, '/');
	char path[PATH_MAX];
	FILE *file;
	int rc;

	script_word(text);
	snprintf(path, sizeof(path), "%.*s%s", slash != NULL ? (int)(slash + 1 - from) : 0, from,
		text->word);
	file = run->included ? NULL : fopen(path, "r");
	if (file == NULL)
		return script_fail(text, run->included ? "it is included itself" : "no such file");
	run->included = true;
	text->file = path;
	rc = file_run(run, file);
	run->included = false;
	text->file = from;
	fclose(file);
	return rc;
}

static int
lines_run(struct script_run *run, FILE *file)
{
	int rc = file_run(run, file);

	if (rc != 0)
		return rc;
	run->text->text = run->text->at = run->text->word_at = "(end of the script)";
	if (run->fixture == NULL)
		return script_fail(run->text, "it does nothing");
	return nothing_left(run);
}

int
script_run(const char *path, unsigned workers, const char *capture, char *error, size_t error_size)
{
	struct script_run *run = calloc(1, sizeof(*run));
	struct script_text *text = calloc(1, sizeof(*text));
	FILE *file = fopen(path, "r");
	int rc = -EINVAL;

	if (run == NULL || text == NULL)
		abort();
	run->config = (struct stack_fixture_config){ .workers = workers,
		.ports = 2,
		.mbufs = 1024,
		/* So that what is sent is what goes over a wire. */
		.offloads_off = PORT_TX_IP4_CHECKSUM | PORT_TX_L4_CHECKSUM };
	run->text = text;
	text->file = path;
	if (file == NULL) {
		snprintf(error, error_size, "%s: %s\n", path, strerror(errno));
	} else {
		rc = lines_run(run, file);
		fclose(file);
		snprintf(error, error_size, "%s", text->error);
		if (rc != 0)
			trace_add(run, error, error_size);
	}
	if (capture != NULL && script_capture(run, capture) < 0) {
		snprintf(error, error_size, "%s cannot be written\n", capture);
		rc = -EIO;
	}
	script_sock_destroy(run->socks);
	if (run->fixture != NULL)
		stack_fixture_destroy(run->fixture);
	for (unsigned i = 0; i < run->event_count; i++)
		free(run->events[i].frame);
	free(text);
	free(run);
	return rc;
}
