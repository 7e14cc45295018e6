/* SPDX-License-Identifier: BSD-3-Clause */
/* Applications in shared objects, as `service load` names them. Control thread only. */
#ifndef SPATED_SHARED_APP_H
#define SPATED_SHARED_APP_H

#include <stdbool.h>
#include <bsd/sys/queue.h>

#include "base/error.h"
#include "sock/sock.h"

#define SHARED_APP_NAME_MAX 32

struct shared_app {
	TAILQ_ENTRY(shared_app) entry;
	char name[SHARED_APP_NAME_MAX];
	char *path;
	void *object; /* dlopen()'s */
	bool stays; /* until the process ends */
	struct sock_app_ops ops; /* as the object says, but for the name */
};

TAILQ_HEAD(shared_apps, shared_app);

/*
 * Load a file.
 * @param path with a slash; @param name NULL: as the object calls itself
 * @return 0; -ENOENT, -ENOEXEC: it is none of ours; -EINVAL, -EEXIST: the name; -ENOMEM
 */
int shared_app_load(struct shared_apps *apps, const char *path, const char *name,
	struct shared_app **app, struct error *err);
/* No service runs it. @return 0; -EBUSY: it stays */
int shared_app_unload(struct shared_apps *apps, struct shared_app *app, struct error *err);
/* Take back what was just loaded; if it stays, only its code does. */
void shared_app_discard(struct shared_apps *apps, struct shared_app *app);
/* NULL: there is none. @{ */
struct shared_app *shared_app_find(const struct shared_apps *apps, const char *name);
struct shared_app *shared_app_of(const struct shared_apps *apps, const struct sock_app_ops *ops);
/* @} */
/* All of them. */
void shared_apps_unload(struct shared_apps *apps);

#endif
