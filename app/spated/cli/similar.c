/* SPDX-License-Identifier: BSD-3-Clause */
/* The distance of words by Damerau and Levenshtein, no letter being touched twice; for diag.c. */
#include "cli/similar.h"

#include <limits.h>
#include <string.h>

#define SHORT_WORD 4 /* letters: two slips would make any word of it */

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

unsigned
cli_similar_distance(const char *a, const char *b)
{
	/* Distances of the first i letters of a to the first j of b: of this row, and two before. */
	unsigned rows[3][CLI_SIMILAR_LENGTH_MAX + 1];
	size_t length_a = strlen(a), length_b = strlen(b);
	unsigned *before2 = rows[0], *before = rows[1], *row = rows[2];

	if (length_a > CLI_SIMILAR_LENGTH_MAX || length_b > CLI_SIMILAR_LENGTH_MAX)
		return UINT_MAX;
	for (unsigned j = 0; j <= length_b; j++)
		row[j] = before2[j] = j;
	for (unsigned i = 1; i <= length_a; i++) {
		unsigned *oldest = before2;

		before2 = before;
		before = row;
		row = oldest;
		row[0] = i;
		for (unsigned j = 1; j <= length_b; j++) {
			row[j] = least(before[j], row[j - 1]) + 1;
			row[j] = least(row[j], before[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = least(row[j], before2[j - 2] + 1);
		}
	}
	return row[length_b];
}

bool
cli_similar(const char *word, const char *meant)
{
	size_t length = strlen(word);

	if (length >= SHORT_WORD && strncmp(word, meant, length) == 0)
		return true;
	return cli_similar_distance(word, meant) <= (length < SHORT_WORD ? 1 : 2);
}
