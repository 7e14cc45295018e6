/* SPDX-License-Identifier: BSD-3-Clause */
/* A string that grows by doubling. */
#include "base/strbuf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
strbuf_reserve(struct strbuf *sb, size_t more_bytes)
{
	size_t size = sb->size != 0 ? sb->size : 256;
	char *text;

	if (sb->failed)
		return false;
	while (size < sb->length + more_bytes + 1)
		size *= 2;
	if (size == sb->size)
		return true;
	text = realloc(sb->text, size);
	if (text == NULL) {
		sb->failed = true;
		return false;
	}
	sb->text = text;
	sb->size = size;
	return true;
}

void
strbuf_append_bytes(struct strbuf *sb, const char *bytes, size_t length)
{
	if (!strbuf_reserve(sb, length))
		return;
	memcpy(sb->text + sb->length, bytes, length);
	sb->length += length;
	sb->text[sb->length] = '\0';
}

void
strbuf_append(struct strbuf *sb, const char *text)
{
	strbuf_append_bytes(sb, text, strlen(text));
}

void
strbuf_vprintf(struct strbuf *sb, const char *fmt, va_list ap)
{
	va_list again;
	int length;

	va_copy(again, ap);
	length = vsnprintf(NULL, 0, fmt, ap);
	if (length >= 0 && strbuf_reserve(sb, length)) {
		vsnprintf(sb->text + sb->length, length + 1, fmt, again);
		sb->length += length;
	}
	va_end(again);
}

void
strbuf_printf(struct strbuf *sb, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	strbuf_vprintf(sb, fmt, ap);
	va_end(ap);
}

const char *
strbuf_text(const struct strbuf *sb)
{
	return sb->text != NULL ? sb->text : "";
}

void
strbuf_reset(struct strbuf *sb)
{
	sb->length = 0;
	sb->failed = false;
	if (sb->text != NULL)
		sb->text[0] = '\0';
}

void
strbuf_free(struct strbuf *sb)
{
	free(sb->text);
	*sb = STRBUF_INIT;
}
