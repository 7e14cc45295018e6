/* SPDX-License-Identifier: BSD-3-Clause */
/* Frames that are not what they were. */
#ifndef CABLE_CABLE_MANGLE_H
#define CABLE_CABLE_MANGLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/random.h"

/* Of frames that have at least an Ethernet header. @return whether it could be done: @{ */
bool cable_corrupt_before(uint8_t *frame, uint32_t length, struct random *random);
bool cable_corrupt_after(uint8_t *frame, uint32_t length, struct random *random);
bool cable_truncate(uint32_t *length, struct random *random);
/* Mark it as having experienced congestion: RFC 3168 5. @return false: it is not ECN-capable */
bool cable_ecn_mark(uint8_t *frame, uint32_t length);
/* @} */

#endif
