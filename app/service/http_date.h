/* SPDX-License-Identifier: BSD-3-Clause */
/* Dates as HTTP writes them, without a C library's locale and time zone: RFC 9110 5.6.7. */
#ifndef SERVICE_HTTP_DATE_H
#define SERVICE_HTTP_DATE_H

#include <stdbool.h>
#include <stdint.h>

#include "service/http_text.h"

/* "Sun, 06 Nov 1994 08:49:37 GMT" */
#define HTTP_DATE_LENGTH 29

/* @param seconds since 1970; @param out HTTP_DATE_LENGTH characters, and no zero behind */
void http_date_build(uint64_t seconds, char *out);

/*
 * Any of the three formats.
 * @param now decides the century of RFC 850's
 * @return false: it is none, or before 1970
 */
bool http_date_parse(struct http_text text, uint64_t now, uint64_t *seconds);

#endif
