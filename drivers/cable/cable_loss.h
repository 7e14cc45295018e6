/* SPDX-License-Identifier: BSD-3-Clause */
/* Which frames are lost. */
#ifndef CABLE_CABLE_LOSS_H
#define CABLE_CABLE_LOSS_H

#include "cable/cable_impair.h"

struct cable_loss_state {
	bool bad; /* Gilbert-Elliott's state */
	uint64_t seen; /* frames */
};

/* Whether the next frame is lost. */
bool cable_loss_draw(
	struct cable_loss_state *state, const struct cable_loss *loss, struct random *random);

#endif
