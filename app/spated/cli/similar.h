/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * How far a word that nobody knows is from one that somebody may have meant.
 */
#ifndef CLI_SIMILAR_H
#define CLI_SIMILAR_H

#include <stdbool.h>

/** Longer words are like none. */
#define CLI_SIMILAR_LENGTH_MAX 31

/**
 * Letters to be put in, left out, changed, or swapped with their neighbour, to make one word of the
 * other.
 *
 * @return UINT_MAX if one of them is too long
 */
unsigned cli_similar_distance(const char *a, const char *b);
/** Whether a word may be a slip of the finger for another: two of those, in short words one; or begins it. */
bool cli_similar(const char *word, const char *meant);

#endif
