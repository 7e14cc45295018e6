/* SPDX-License-Identifier: BSD-3-Clause */
/* Sending: a header, and then parts of a file with something in front of each. Called by http_conn.c. */
#include "service/http_send.h"

#include <errno.h>

/* At a time: as long as no datagram is longer. */
#define CHUNK_MAX 32768

/* What goes in front of the next part, and its bytes: in one piece, if they are few. */
static void
part_begin(struct http_send *send)
{
	const struct http_response *response = &send->response;
	struct http_range range;

	if (!http_response_part(response, send->part, &range))
		return;
	send->part++;
	send->data = response->file->data + range.first;
	send->left = range.length;
	if (range.length > sizeof(send->text) - send->text_length)
		return;
	memcpy(send->text + send->text_length, send->data, range.length);
	send->text_length += (uint32_t)range.length;
	send->left = 0;
}

/* What stood before was sent: the next of several parts, or the end behind them. false: that was all */
static bool
send_next(struct http_send *send)
{
	const struct http_response *response = &send->response;

	if (response->ranges.count < 2 || send->part > response->ranges.count)
		return false;
	send->text_sent = 0;
	send->text_length = http_part_build(response, send->part, send->text);
	if (send->part < response->ranges.count)
		part_begin(send);
	else
		send->part++;
	return true;
}

void
http_send_begin(struct http_send *send, const char *date)
{
	send->part = 0;
	send->left = 0;
	send->text_sent = 0;
	send->text_length = http_response_build(&send->response, date, send->text);
	if (send->response.ranges.count < 2)
		part_begin(send);
}

/* @return 0, or what the socket said */
static int
bytes_send(struct sock *sock, const char *data, uint64_t length, uint64_t *done)
{
	*done = 0;
	while (*done < length) {
		uint64_t chunk = length - *done < CHUNK_MAX ? length - *done : CHUNK_MAX;
		int64_t n = sock_send(sock, data + *done, chunk, NULL);

		if (n <= 0)
			return n < 0 ? (int)n : -EAGAIN;
		*done += (uint64_t)n;
	}
	return 0;
}

int
http_send_run(struct http_send *send, struct sock *sock, uint64_t *sent)
{
	uint64_t done;
	int rc;

	do {
		rc = bytes_send(sock, send->text + send->text_sent,
			send->text_length - send->text_sent, &done);
		send->text_sent += (uint32_t)done;
		*sent += done;
		if (rc < 0)
			return rc;
		if (send->left == 0)
			continue;
		rc = bytes_send(sock, send->data, send->left, &done);
		send->data += done;
		send->left -= done;
		*sent += done;
		if (rc < 0)
			return rc;
	} while (send_next(send));
	return 0;
}
