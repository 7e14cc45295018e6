/* SPDX-License-Identifier: BSD-3-Clause */
/* Error sentences for control functions. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

void
error_record(struct error *err, int errnum, const char *fmt, ...)
{
	va_list ap;

	if (err == NULL)
		return;
	err->errnum = errnum;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
}
