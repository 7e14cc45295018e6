/* SPDX-License-Identifier: BSD-3-Clause */
/* Independent loss, bursts by Gilbert and Elliott, and frames by their number. Pure. */
#include "cable/cable_loss.h"

/* As sch_netem.c: first the state, by where it was, and loss by that. */
static bool
gemodel_draw(struct cable_loss_state *state, const struct cable_loss *loss, struct random *random)
{
	bool was_bad = state->bad;

	if (random_chance(random, was_bad ? loss->r : loss->p))
		state->bad = !was_bad;
	return random_chance(random, was_bad ? loss->bad : loss->good);
}

bool
cable_loss_draw(
	struct cable_loss_state *state, const struct cable_loss *loss, struct random *random)
{
	state->seen++;
	switch (loss->model) {
	case CABLE_LOSS_RANDOM: return random_chance(random, loss->p);
	case CABLE_LOSS_GEMODEL: return gemodel_draw(state, loss, random);
	case CABLE_LOSS_NTH: return state->seen == loss->n;
	case CABLE_LOSS_EVERY: return loss->n != 0 && state->seen % loss->n == 0;
	}
	return false;
}
