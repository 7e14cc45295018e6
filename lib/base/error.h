/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * What went wrong, for the person who typed the command: an errno and a sentence.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <errno.h>

#define ERROR_TEXT_MAX 256

/** Filled by a control function that fails; untouched by one that succeeds. */
struct error {
	int errnum; /**< positive errno; 0 while nothing went wrong */
	char text[ERROR_TEXT_MAX]; /**< one sentence without a full stop, naming what was wrong */
};

/** The functions behind error_set(). */
static inline int
error_code(int errnum)
{
	return -errnum;
}

void error_record(struct error *err, int errnum, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * Record an error and return its code, so that a function can end with
 * `return error_set(err, EEXIST, "port %s exists already", name);`.
 * A macro, so that whoever reads the code with a tool sees that a constant is returned.
 *
 * @param err may be NULL where the caller wants only the code
 * @param errnum positive errno, evaluated twice
 * @return -errnum
 */
#define error_set(err, errnum, ...) (error_record(err, errnum, __VA_ARGS__), error_code(errnum))

#endif
