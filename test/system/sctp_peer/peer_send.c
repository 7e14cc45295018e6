/* SPDX-License-Identifier: BSD-3-Clause */
#include "peer.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

int
peer_send(struct peer *peer, const void *bytes, size_t length, uint16_t stream, uint16_t flags,
	uint32_t ppid)
{
	struct sctp_sendv_spa spa = { .sendv_flags = SCTP_SEND_SNDINFO_VALID };

	spa.sendv_sndinfo.snd_sid = stream;
	spa.sendv_sndinfo.snd_flags = flags;
	spa.sendv_sndinfo.snd_ppid = ppid;
	if (peer->options->policy != SCTP_PR_SCTP_NONE) {
		spa.sendv_flags |= SCTP_SEND_PRINFO_VALID;
		spa.sendv_prinfo.pr_policy = peer->options->policy;
		spa.sendv_prinfo.pr_value = peer->options->policy_value;
	}
	/* While its stream begins anew, usrsctp takes nothing for it, and does not wait: RFC 6525 5.1.2. */
	while (usrsctp_sendv(peer->socket, bytes, length, NULL, 0, &spa, sizeof(spa),
		       SCTP_SENDV_SPA, 0) < 0) {
		if (errno != EAGAIN)
			return -1;
		usleep(1000);
	}
	return 0;
}

static bool
is_stopped(struct peer *peer)
{
	bool stopped;

	pthread_mutex_lock(&peer->lock);
	stopped = peer->stopped;
	pthread_mutex_unlock(&peer->lock);
	return stopped;
}

/* @return how many were sent */
static uint32_t
messages_send(struct peer *peer)
{
	const struct message_plan *plan = &peer->options->plan;
	uint8_t *bytes = malloc(plan->size_max + 8);
	uint32_t i;

	if (bytes == NULL)
		err(1, "malloc");
	for (i = 0; i < plan->count && !is_stopped(peer); i++) {
		message_fill(plan, i, bytes);
		if (peer_send(peer, bytes, message_size(plan, i), (uint16_t)(i % plan->streams),
			    plan->ordered ? 0 : SCTP_UNORDERED, htonl(i)) != 0) {
			say("send failed at %u", i);
			break;
		}
		if (peer->options->pause_us != 0)
			usleep(peer->options->pause_us);
	}
	free(bytes);
	return i;
}

void
peer_send_all(struct peer *peer)
{
	messages_send(peer);
	say("sent");
}

static void *
send_loop(void *arg)
{
	struct peer *peer = arg;
	uint32_t sent = messages_send(peer);

	pthread_mutex_lock(&peer->lock);
	peer->log.plan.count = sent;
	pthread_mutex_unlock(&peer->lock);
	say("sent %u", sent);
	peer_complete_check(peer);
	return NULL;
}

int
peer_send_start(struct peer *peer)
{
	return pthread_create(&peer->sender, NULL, send_loop, peer) == 0 ? 0 : -1;
}

int
peer_send_stop(struct peer *peer)
{
	pthread_mutex_lock(&peer->lock);
	peer->stopped = true;
	pthread_mutex_unlock(&peer->lock);
	return pthread_join(peer->sender, NULL) == 0 ? 0 : -1;
}
