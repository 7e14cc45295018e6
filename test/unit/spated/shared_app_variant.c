/* SPDX-License-Identifier: BSD-3-Clause */
/* Shared objects for shared_app_test.c: right, but for what the macros of meson.build change. */
#include "sock/sock.h"

#ifndef VARIANT_SYMBOL
#define VARIANT_SYMBOL spate_app
#endif
#ifndef VARIANT_ABI
#define VARIANT_ABI SPATE_APP_ABI
#endif
#ifndef VARIANT_DPDK
#define VARIANT_DPDK SPATE_APP_DPDK
#endif
#ifndef VARIANT_NAME
#define VARIANT_NAME "variant"
#endif
#ifndef VARIANT_STAYS
#define VARIANT_STAYS false
#endif
#ifndef VARIANT_START
#define VARIANT_START variant_start
int variant_start(struct sock_app *app, const void *config);

int
variant_start(struct sock_app *app, const void *config)
{
	return 0;
}
#else
/* NULL, or one that nobody has. */
int nobody_has_it(struct sock_app *app, const void *config);
#endif

static void
variant_events(struct sock_app *app, const struct sock_event *events, unsigned count)
{
}

extern const struct spate_app VARIANT_SYMBOL;
const struct spate_app VARIANT_SYMBOL = {
	.abi = VARIANT_ABI,
	.dpdk = VARIANT_DPDK,
	.ops = {
		.name = VARIANT_NAME,
		.state_size = 24,
		.start = VARIANT_START,
		.events = variant_events,
	},
	.stays = VARIANT_STAYS,
};
