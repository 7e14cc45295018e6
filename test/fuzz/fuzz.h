/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * What a fuzz target defines. libFuzzer calls it with inputs it invents; in
 * ordinary builds replay.c calls it with those of corpus/.
 *
 * What a target promises of an input it checks with abort().
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/** @return always 0 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** For targets that need setting up once, such as EAL's start. @return always 0 */
int LLVMFuzzerInitialize(int *argc, char ***argv);

#endif
