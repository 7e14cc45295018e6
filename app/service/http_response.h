/* SPDX-License-Identifier: BSD-3-Clause */
/* The answer to a request: what it is, and how its header is written. Pure functions. */
#ifndef SERVICE_HTTP_RESPONSE_H
#define SERVICE_HTTP_RESPONSE_H

#include "service/http_files.h"
#include "service/http_range.h"

/* What a header takes at most, and the header of a part. */
#define HTTP_TEXT_MAX 2304

struct http_response {
	uint16_t status;
	bool is_head; /* only the header is sent */
	bool is_1_0; /* whose client takes it that the connection ends */
	bool persist;
	const struct http_file *file; /* that it is about, or NULL */
	struct http_ranges ranges; /* of 206 */
};

/* @param status as http_parse() says: of a request that is refused, after which the connection ends */
void http_response_refuse(struct http_response *response, int status);
/* @param now seconds since 1970 */
void http_response_decide(struct http_response *response, const struct http_request *request,
	const struct http_files *files, uint64_t now);

/*
 * The header, or of a response that is no file's all of it.
 * @param date HTTP_DATE_LENGTH characters
 * @param out HTTP_TEXT_MAX bytes
 * @return its length
 */
uint32_t http_response_build(const struct http_response *response, const char *date, char *out);

/* What stands in front of a part of a 206, if it has several; behind the last one: part == count */
uint32_t http_part_build(const struct http_response *response, unsigned part, char *out);

/* Which bytes of the file are sent. @return false: there are no more */
bool http_response_part(
	const struct http_response *response, unsigned part, struct http_range *range);

#endif
