/* SPDX-License-Identifier: BSD-3-Clause */
/* What comes to a peer: messages, in parts, and what happens to the association, which it says. */
#include "peer.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PARTIALS 4096

/* A message of which parts have come. Between those of one stream may be some of another: RFC 8260. */
struct partial {
	uint8_t *bytes;
	size_t length;
};

static const char *
named(const char *const *names, unsigned count, unsigned index)
{
	return index < count && names[index] != NULL ? names[index] : "unknown";
}

static void
assoc_change_say(const struct sctp_assoc_change *change)
{
	static const char *const names[] = { [SCTP_COMM_UP] = "up",
		[SCTP_COMM_LOST] = "lost",
		[SCTP_RESTART] = "restart",
		[SCTP_SHUTDOWN_COMP] = "shutdown-complete",
		[SCTP_CANT_STR_ASSOC] = "refused" };
	uint32_t extensions = 0;

	if (change->sac_state == SCTP_COMM_UP || change->sac_state == SCTP_RESTART) {
		for (size_t i = sizeof(*change); i < change->sac_length; i++)
			extensions |= 1U << change->sac_info[i - sizeof(*change)];
	}
	say("%s in=%u out=%u error=%u extensions=%u",
		named(names, sizeof(names) / sizeof(names[0]), change->sac_state),
		change->sac_inbound_streams, change->sac_outbound_streams, change->sac_error,
		extensions);
}

static void
path_say(const struct sctp_paddr_change *change)
{
	static const char *const names[] = { [SCTP_ADDR_AVAILABLE] = "available",
		[SCTP_ADDR_UNREACHABLE] = "unreachable",
		[SCTP_ADDR_REMOVED] = "removed",
		[SCTP_ADDR_ADDED] = "added",
		[SCTP_ADDR_MADE_PRIM] = "primary",
		[SCTP_ADDR_CONFIRMED] = "confirmed" };
	const struct sockaddr_storage *addr = &change->spc_aaddr;
	const void *bytes = addr->ss_family == AF_INET
		? (const void *)&((const struct sockaddr_in *)addr)->sin_addr
		: (const void *)&((const struct sockaddr_in6 *)addr)->sin6_addr;
	char text[INET6_ADDRSTRLEN];

	if (inet_ntop(addr->ss_family, bytes, text, sizeof(text)) == NULL)
		strcpy(text, "?");
	say("path %s %s", text, named(names, sizeof(names) / sizeof(names[0]), change->spc_state));
}

static void
flag_set(struct peer *peer, bool *flag)
{
	pthread_mutex_lock(&peer->lock);
	*flag = true;
	pthread_cond_broadcast(&peer->changed);
	pthread_mutex_unlock(&peer->lock);
}

static void
notification_take(struct peer *peer, const union sctp_notification *notification, size_t length)
{
	if (length < sizeof(notification->sn_header))
		return;
	switch (notification->sn_header.sn_type) {
	case SCTP_ASSOC_CHANGE:
		assoc_change_say(&notification->sn_assoc_change);
		if (notification->sn_assoc_change.sac_state == SCTP_COMM_UP)
			flag_set(peer, &peer->up);
		break;
	case SCTP_PEER_ADDR_CHANGE: path_say(&notification->sn_paddr_change); break;
	case SCTP_REMOTE_ERROR: say("error %u", notification->sn_remote_error.sre_error); break;
	case SCTP_SHUTDOWN_EVENT: say("shutdown"); break;
	case SCTP_PARTIAL_DELIVERY_EVENT: say("partial-aborted"); break;
	case SCTP_SEND_FAILED_EVENT:
		say("send-failed %u", ntohl(notification->sn_send_failed_event.ssfe_info.snd_ppid));
		break;
	case SCTP_STREAM_RESET_EVENT:
		say("stream-reset flags=%u", notification->sn_strreset_event.strreset_flags);
		break;
	case SCTP_ASSOC_RESET_EVENT:
		say("assoc-reset flags=%u", notification->sn_assocreset_event.assocreset_flags);
		break;
	case SCTP_STREAM_CHANGE_EVENT:
		say("stream-change in=%u out=%u flags=%u",
			notification->sn_strchange_event.strchange_instrms,
			notification->sn_strchange_event.strchange_outstrms,
			notification->sn_strchange_event.strchange_flags);
		break;
	case SCTP_AUTHENTICATION_EVENT:
		say("auth key=%u indication=%u", notification->sn_auth_event.auth_keynumber,
			notification->sn_auth_event.auth_indication);
		break;
	case SCTP_ADAPTATION_INDICATION:
		say("adaptation %u", notification->sn_adaptation_event.sai_adaptation_ind);
		break;
	default: say("notification %u", notification->sn_header.sn_type);
	}
}

static void
part_add(struct partial *partial, const uint8_t *bytes, size_t length)
{
	partial->bytes = realloc(partial->bytes, partial->length + length);
	if (partial->bytes == NULL)
		err(1, "realloc");
	memcpy(partial->bytes + partial->length, bytes, length);
	partial->length += length;
}

void
peer_complete_check(struct peer *peer)
{
	bool news;

	pthread_mutex_lock(&peer->lock);
	news = peer->log.received == peer->log.plan.count && !peer->complete;
	peer->complete |= news;
	pthread_cond_broadcast(&peer->changed);
	pthread_mutex_unlock(&peer->lock);
	if (news)
		say("complete");
}

static void
message_take(struct peer *peer, const struct partial *message, const struct sctp_rcvinfo *info)
{
	const struct peer_options *options = peer->options;

	if (options->listen && options->work == PEER_ECHO) {
		if (peer_send(peer, message->bytes, message->length, info->rcv_sid,
			    info->rcv_flags & SCTP_UNORDERED, info->rcv_ppid) != 0)
			say("echo failed: %s", strerror(errno));
		peer->log.received++;
		peer->log.bytes += message->length;
		return;
	}
	if (options->bench) {
		peer->log.received++;
		peer->log.bytes += message->length;
		peer->log.damaged +=
			!message_is_benchs(info->rcv_sid, message->bytes, message->length);
		return;
	}
	message_log_add(
		&peer->log, ntohl(info->rcv_ppid), info->rcv_sid, message->bytes, message->length);
	peer_complete_check(peer);
}

static void *
receive_loop(void *arg)
{
	struct peer *peer = arg;
	struct partial *partials = calloc(PARTIALS, sizeof(*partials));
	static uint8_t part[1 << 18];
	bool in_parts = false;

	if (partials == NULL)
		err(1, "calloc");
	for (;;) {
		struct sctp_rcvinfo info = { 0 };
		struct sockaddr_storage from;
		socklen_t from_size = sizeof(from), info_size = sizeof(info);
		unsigned type = SCTP_RECVV_NOINFO;
		int flags = 0;
		ssize_t length = usrsctp_recvv(peer->socket, part, sizeof(part),
			(struct sockaddr *)&from, &from_size, &info, &info_size, &type, &flags);
		struct partial *partial;

		if (length < 0)
			say("receive failed: %s", strerror(errno));
		if (length <= 0)
			break;
		if (flags & MSG_NOTIFICATION) {
			notification_take(
				peer, (const union sctp_notification *)part, (size_t)length);
			continue;
		}
		partial = &partials[(info.rcv_sid * 2U + ((info.rcv_flags & SCTP_UNORDERED) != 0)) %
			PARTIALS];
		part_add(partial, part, (size_t)length);
		in_parts |= (flags & MSG_EOR) == 0;
		if (flags & MSG_EOR) {
			message_take(peer, partial, &info);
			partial->length = 0;
		}
	}
	for (unsigned i = 0; i < PARTIALS; i++)
		free(partials[i].bytes);
	free(partials);
	if (in_parts)
		say("in parts");
	say("end received=%u bytes=%llu repeated=%u reordered=%u damaged=%u unknown=%u",
		peer->log.received, (unsigned long long)peer->log.bytes, peer->log.repeated,
		peer->log.reordered, peer->log.damaged, peer->log.unknown);
	flag_set(peer, &peer->ended);
	return NULL;
}

void
peer_receive_begin(struct peer *peer)
{
	pthread_mutex_init(&peer->lock, NULL);
	pthread_cond_init(&peer->changed, NULL);
	message_log_init(&peer->log, &peer->options->plan);
	if (pthread_create(&peer->receiver, NULL, receive_loop, peer) != 0)
		errx(1, "no thread");
}

static void
flag_wait(struct peer *peer, const bool *flag)
{
	pthread_mutex_lock(&peer->lock);
	while (!*flag && !peer->ended)
		pthread_cond_wait(&peer->changed, &peer->lock);
	pthread_mutex_unlock(&peer->lock);
}

void
peer_up_wait(struct peer *peer)
{
	flag_wait(peer, &peer->up);
}

void
peer_complete_wait(struct peer *peer)
{
	flag_wait(peer, &peer->complete);
}

void
peer_end_wait(struct peer *peer)
{
	pthread_join(peer->receiver, NULL);
}
