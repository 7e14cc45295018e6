/* SPDX-License-Identifier: BSD-3-Clause */
/* Requests that depend on what the client has already: RFC 9110 13. */
#ifndef SERVICE_HTTP_CONDITION_H
#define SERVICE_HTTP_CONDITION_H

#include "service/http_files.h"

/*
 * Evaluate the conditions in their order (13.2.2), but If-Range.
 * @param now seconds since 1970
 * @return 0: go on; 304 or 412
 */
int http_condition_check(
	const struct http_request *request, const struct http_file *file, uint64_t now);

/* Whether the client's ranges are of what the file is now: 13.1.5. True without such a field. */
bool http_if_range_check(
	const struct http_request *request, const struct http_file *file, uint64_t now);

#endif
