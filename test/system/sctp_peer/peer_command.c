/* SPDX-License-Identifier: BSD-3-Clause */
/* What a test has a peer do, a line each from standard input. */
#include "peer.h"

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
addr_change(struct peer *peer, const char *text, int how)
{
	struct sockaddr_storage addr;

	peer_addr_parse(text, 0, &addr);
	return usrsctp_bindx(peer->socket, (struct sockaddr *)&addr, 1, how);
}

static int
do_add(struct peer *peer, const char *text)
{
	return addr_change(peer, text, SCTP_BINDX_ADD_ADDR);
}

static int
do_delete(struct peer *peer, const char *text)
{
	return addr_change(peer, text, SCTP_BINDX_REM_ADDR);
}

/* Ours, for the other end to send to: RFC 5061 4.2.4. */
static int
do_peer_primary(struct peer *peer, const char *text)
{
	struct sctp_setprim set = { .ssp_assoc_id = SCTP_FUTURE_ASSOC };

	peer_addr_parse(text, peer->options->port, &set.ssp_addr);
	return usrsctp_setsockopt(
		peer->socket, IPPROTO_SCTP, SCTP_SET_PEER_PRIMARY_ADDR, &set, sizeof(set));
}

static int
do_reset_streams(struct peer *peer, const char *direction)
{
	struct sctp_reset_streams reset = { .srs_flags = strcmp(direction, "in") == 0
			? SCTP_STREAM_RESET_INCOMING
			: SCTP_STREAM_RESET_OUTGOING };

	return usrsctp_setsockopt(
		peer->socket, IPPROTO_SCTP, SCTP_RESET_STREAMS, &reset, sizeof(reset));
}

static int
do_reset_assoc(struct peer *peer, const char *unused)
{
	sctp_assoc_t assoc = SCTP_FUTURE_ASSOC;

	(void)unused;
	return usrsctp_setsockopt(
		peer->socket, IPPROTO_SCTP, SCTP_RESET_ASSOC, &assoc, sizeof(assoc));
}

static int
do_add_streams(struct peer *peer, const char *count)
{
	struct sctp_add_streams add = { .sas_outstrms = (uint16_t)atoi(count) };

	return usrsctp_setsockopt(peer->socket, IPPROTO_SCTP, SCTP_ADD_STREAMS, &add, sizeof(add));
}

static int
do_shutdown(struct peer *peer, const char *unused)
{
	(void)unused;
	return usrsctp_shutdown(peer->socket, SHUT_WR);
}

static int
do_abort(struct peer *peer, const char *unused)
{
	(void)unused;
	return peer_send(peer, "", 0, 0, SCTP_ABORT, 0);
}

static int
do_send(struct peer *peer, const char *unused)
{
	(void)unused;
	peer_send_all(peer);
	return 0;
}

static int
do_start(struct peer *peer, const char *unused)
{
	(void)unused;
	return peer_send_start(peer);
}

static int
do_stop(struct peer *peer, const char *unused)
{
	(void)unused;
	return peer_send_stop(peer);
}

/* From another port of UDP from now on, as behind a NAT that has forgotten us: RFC 6951 5.4. */
static int
do_rebind(struct peer *peer, const char *port)
{
	(void)peer;
	return peer_udp_rebind((uint16_t)atoi(port));
}

static const struct {
	const char *word;
	int (*run)(struct peer *peer, const char *arg);
} commands[] = {
	{ "send", do_send }, /* all messages of the plan */
	{ "start", do_start }, /* the same, and do not wait */
	{ "stop", do_stop }, /* those that were sent are all */
	{ "shutdown", do_shutdown }, { "abort", do_abort }, { "add", do_add }, /* ADDRESS */
	{ "delete", do_delete }, /* ADDRESS */
	{ "peer-primary", do_peer_primary }, /* ADDRESS */
	{ "reset-streams", do_reset_streams }, /* in|out */
	{ "rebind", do_rebind }, /* PORT */
	{ "reset-assoc", do_reset_assoc }, { "add-streams", do_add_streams }, /* COUNT */
};

static void
command_run(struct peer *peer, char *line)
{
	char *word = strtok(line, " \n"), *arg = strtok(NULL, " \n");

	for (unsigned i = 0; word != NULL && i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(word, commands[i].word) != 0)
			continue;
		if (commands[i].run(peer, arg == NULL ? "" : arg) == 0)
			say("done %s", word);
		else
			say("failed %s: %s", word, strerror(errno));
		return;
	}
	say("failed: unknown command");
}

static void *
command_loop(void *arg)
{
	char line[256];

	while (fgets(line, sizeof(line), stdin) != NULL)
		command_run(arg, line);
	return NULL;
}

void
peer_commands_begin(struct peer *peer)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, command_loop, peer) != 0)
		errx(1, "no thread");
	pthread_detach(thread);
}
