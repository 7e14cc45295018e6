/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Filters as tcpdump has them (pcap-filter(7)), checked before libpcap sees them: in these a word
 * that it does not know is a name, which it asks the system's resolver for, and waits.
 */
#ifndef WIRE_FILTER_WORDS_H
#define WIRE_FILTER_WORDS_H

#include "base/error.h"

/**
 * Whether a filter has only keywords, numbers and addresses. What it means is libpcap's matter.
 * @return 0, or -EINVAL with the word that is none of these
 */
int filter_words_check(const char *expression, struct error *err);

#endif
