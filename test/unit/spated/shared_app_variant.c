/* SPDX-License-Identifier: BSD-3-Clause */
/* Shared objects for shared_app_test.c: what VARIANT_... says is wrong with each. */
#include "sock/sock.h"

#ifndef VARIANT_NONE

#ifdef VARIANT_UNDEFINED
int nobody_has_it(void);
#endif

#ifndef VARIANT_NO_START
static int
variant_start(struct sock_app *app, const void *config)
{
#ifdef VARIANT_UNDEFINED
	return nobody_has_it();
#endif
	return 0;
}
#endif

static void
variant_events(struct sock_app *app, const struct sock_event *events, unsigned count)
{
}

extern const struct spate_app spate_app;
__attribute__((visibility("default"))) const struct spate_app spate_app = {
	.abi = SPATE_APP_ABI,
	.dpdk = SPATE_APP_DPDK,
	.ops = {
		.name = "variant",
		.state_size = 24,
#ifndef VARIANT_NO_START
		.start = variant_start,
#endif
		.events = variant_events,
	},
#ifdef VARIANT_OLD_ABI
	.abi = 0,
#endif
#ifdef VARIANT_OTHER_DPDK
	.dpdk = 2311,
#endif
#ifdef VARIANT_BAD_NAME
	.ops.name = "two words",
#endif
#ifdef VARIANT_STAYS
	.stays = true,
#endif
};

#else

int spate_application = 1;

#endif
