/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * A string that grows: what commands and reports write into.
 *
 * Control thread only (it allocates). Running out of memory is remembered, not
 * reported at each call: see strbuf_failed().
 */
#ifndef BASE_STRBUF_H
#define BASE_STRBUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct strbuf {
	char *text; /**< always ended by a NUL once anything was written; NULL before */
	size_t length; /**< bytes, without the NUL */
	size_t size; /**< bytes allocated */
	bool failed; /**< memory ran out: the text is incomplete */
};

#define STRBUF_INIT ((struct strbuf){ 0 })

void strbuf_append(struct strbuf *sb, const char *text);
void strbuf_append_bytes(struct strbuf *sb, const char *bytes, size_t length);
void strbuf_printf(struct strbuf *sb, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void strbuf_vprintf(struct strbuf *sb, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));
/** The text so far, "" if nothing was written. Valid until the next call on `sb`. */
const char *strbuf_text(const struct strbuf *sb);
/** Forget the text, keep the memory. */
void strbuf_reset(struct strbuf *sb);
void strbuf_free(struct strbuf *sb);

#endif
