/* SPDX-License-Identifier: BSD-3-Clause */
/* What connections of TCP have beyond other sockets: what is known of them, as Linux tells it. */
#include <errno.h>
#include <string.h>

#include <bsd/string.h>

#include "embed/embed.h"
#include "tcp/tcp.h"

/* Linux's numbers of states: include/net/tcp_states.h. */
static const uint8_t states[TCP_STATE_COUNT] = {
	[TCP_ESTABLISHED] = 1,
	[TCP_SYN_SENT] = 2,
	[TCP_SYN_RECEIVED] = 3,
	[TCP_FIN_WAIT_1] = 4,
	[TCP_FIN_WAIT_2] = 5,
	[TCP_TIME_WAIT] = 6,
	[TCP_CLOSED] = 7,
	[TCP_CLOSE_WAIT] = 8,
	[TCP_LAST_ACK] = 9,
	[TCP_CLOSING] = 11,
};

/* Linux's enum tcp_ca_state, as far as it shows. */
enum { CA_OPEN, CA_DISORDER, CA_RECOVERY = 3, CA_LOSS };

static uint8_t
ca_state(const struct tcp_info *info)
{
	if (info->backoff > 0)
		return CA_LOSS;
	if (info->lost > 0 || info->retransmitted > 0)
		return CA_RECOVERY;
	return info->sacked > 0 ? CA_DISORDER : CA_OPEN;
}

/* Linux counts these in segments. */
static uint32_t
segments(const struct tcp_info *info, uint32_t bytes)
{
	return info->snd_mss > 0 ? (bytes + info->snd_mss - 1) / info->snd_mss : 0;
}

static void
agreed_fill(const struct tcp_info *info, struct spate_tcp_info *out)
{
	out->tcpi_options = (uint8_t)((info->timestamps ? 1U : 0U) | (info->sack ? 2U : 0U) |
		(info->window_scaling ? 4U : 0U) | (info->ecn ? 8U : 0U) |
		(info->ecn_marks > 0 ? 16U : 0U));
	out->tcpi_wscales = (uint8_t)((info->snd_wscale & 0xf) | info->rcv_wscale << 4);
	out->tcpi_snd_mss = info->snd_mss;
	out->tcpi_rcv_mss = info->rcv_mss;
	out->tcpi_pmtu = info->pmtu;
	out->tcpi_advmss = info->mss_offered;
	out->tcpi_ato = info->delayed_ack_us;
}

static void
sender_fill(const struct tcp_info *info, struct spate_tcp_info *out)
{
	out->tcpi_ca_state = ca_state(info);
	out->tcpi_probes = info->probes;
	out->tcpi_backoff = info->backoff;
	out->tcpi_rto = info->rto_us;
	out->tcpi_unacked = segments(info, info->unacked);
	out->tcpi_sacked = segments(info, info->sacked);
	out->tcpi_lost = segments(info, info->lost);
	out->tcpi_retrans = segments(info, info->retransmitted);
	out->tcpi_rtt = info->srtt_us;
	out->tcpi_rttvar = info->rttvar_us;
	out->tcpi_min_rtt = info->min_rtt_us;
	out->tcpi_snd_cwnd = segments(info, info->cwnd);
	/* Linux says so of a threshold that no loss has set. */
	out->tcpi_snd_ssthresh =
		info->ssthresh == UINT32_MAX ? 0x7fffffff : segments(info, info->ssthresh);
	out->tcpi_snd_wnd = info->snd_wnd;
	out->tcpi_notsent_bytes = info->unsent;
	out->tcpi_delivery_rate = info->delivery_rate;
	out->tcpi_flags = info->delivery_app_limited ? 1 : 0;
	out->tcpi_busy_time = info->busy_us;
	out->tcpi_rwnd_limited = info->receiver_limited_us;
	out->tcpi_sndbuf_limited = info->sender_limited_us;
}

static void
totals_fill(const struct tcp_info *info, struct spate_tcp_info *out)
{
	out->tcpi_total_retrans = info->retransmits;
	out->tcpi_bytes_acked = info->bytes_acked;
	out->tcpi_bytes_received = info->bytes_received;
	out->tcpi_bytes_retrans = info->bytes_retransmitted;
	out->tcpi_segs_in = (uint32_t)info->segments_in;
	out->tcpi_segs_out = (uint32_t)info->segments_out;
	out->tcpi_data_segs_in = info->data_segments_in;
	out->tcpi_data_segs_out = info->data_segments_out;
	out->tcpi_bytes_sent = info->bytes_sent;
	out->tcpi_last_data_sent = info->last_sent_ms;
	out->tcpi_last_data_recv = info->last_received_ms;
	out->tcpi_last_ack_recv = info->last_heard_ms;
	out->tcpi_dsack_dups = info->dsacks;
	out->tcpi_reord_seen = info->reorderings;
	out->tcpi_delivered_ce = info->ecn_marks;
	out->tcpi_rcv_space = info->receive_buffer;
	out->tcpi_rcv_ssthresh = info->rcv_wnd;
}

int
spate_tcp_info(struct spate *spate, int fd, struct spate_tcp_info *out, size_t size)
{
	const struct sock *sock = embed_sock(spate, fd);
	struct spate_tcp_info all = { 0 };
	struct tcp_info info;
	int rc;

	if (sock == NULL)
		return embed_sock_result(-EBADF);
	rc = sock_tcp_info(sock, &info);
	if (rc < 0)
		return embed_sock_result(rc);
	all.tcpi_state = states[info.state];
	agreed_fill(&info, &all);
	sender_fill(&info, &all);
	totals_fill(&info, &all);
	size = size < sizeof(all) ? size : sizeof(all);
	memcpy(out, &all, size);
	return (int)size;
}

int
spate_set_congestion(struct spate *spate, int fd, const char *name)
{
	struct sock *sock = embed_sock(spate, fd);
	const char *known;

	if (sock == NULL)
		return embed_sock_result(-EBADF);
	for (unsigned i = 0; (known = sock_congestion_name(i)) != NULL; i++) {
		if (strcmp(known, name) == 0)
			return embed_sock_result(sock_option_set(sock, SOCK_OPT_CONGESTION, i));
	}
	return embed_sock_result(-ENOENT);
}

int
spate_get_congestion(struct spate *spate, int fd, char *name, size_t size)
{
	struct sock *sock = embed_sock(spate, fd);
	int64_t number;
	int rc = sock != NULL ? sock_option_get(sock, SOCK_OPT_CONGESTION, &number) : -EBADF;

	if (rc == 0 && strlcpy(name, sock_congestion_name((unsigned)number), size) >= size)
		rc = -EINVAL;
	return embed_sock_result(rc);
}
