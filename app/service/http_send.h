/* SPDX-License-Identifier: BSD-3-Clause */
/* A response on its way: as much of it as the socket takes, then the rest. */
#ifndef SERVICE_HTTP_SEND_H
#define SERVICE_HTTP_SEND_H

#include "service/http_response.h"
#include "sock/sock.h"

struct http_send {
	struct http_response response;
	unsigned part; /* the next one whose bytes are to be sent */
	const char *data; /* of the file: what is to be sent of this part */
	uint64_t left;
	uint32_t text_length, text_sent; /* what goes before it */
	char text[HTTP_TEXT_MAX];
};

/* @param date HTTP_DATE_LENGTH characters. The response is in `send` already */
void http_send_begin(struct http_send *send, const char *date);
/* @param sent bytes are added. @return 0: all is sent; -EAGAIN: later; or the socket's error */
int http_send_run(struct http_send *send, struct sock *sock, uint64_t *sent);

#endif
