/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Loading and unloading of shared objects. Whether an application's code is in use is known from the
 * services: one that was stopped on all workers (stack_service.c waits for each) is run by none of them.
 */
#include "spated/shared_app.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bsd/string.h>

#include "base/name.h"

struct shared_app *
shared_app_find(const struct shared_apps *apps, const char *name)
{
	struct shared_app *app;

	TAILQ_FOREACH (app, apps, entry) {
		if (strcmp(app->name, name) == 0)
			return app;
	}
	return NULL;
}

struct shared_app *
shared_app_of(const struct shared_apps *apps, const struct sock_app_ops *ops)
{
	struct shared_app *app;

	TAILQ_FOREACH (app, apps, entry) {
		if (&app->ops == ops)
			return app;
	}
	return NULL;
}

/* Before anything else of it is believed. */
static int
versions_check(const struct spate_app *found, const char *path, struct error *err)
{
	if (found->abi != SPATE_APP_ABI)
		return error_set(err, ENOEXEC,
			"%s was built for version %u of the interface, and this is %u: build it anew",
			path, found->abi, SPATE_APP_ABI);
	if (found->dpdk != SPATE_APP_DPDK)
		return error_set(err, ENOEXEC,
			"%s was built for DPDK %u.%02u, and this is %u.%02u: build it anew", path,
			found->dpdk / 100, found->dpdk % 100, SPATE_APP_DPDK / 100,
			SPATE_APP_DPDK % 100);
	if (found->ops.name == NULL || found->ops.start == NULL || found->ops.events == NULL)
		return error_set(err, ENOEXEC, "%s does not say its name, start and events", path);
	return 0;
}

/* What the object says, under the name that is wanted. */
static int
app_init(struct shared_app *app, const char *path, const char *name, struct error *err)
{
	const struct spate_app *found = dlsym(app->object, SPATE_APP_SYMBOL);
	int rc;

	if (found == NULL)
		return error_set(err, ENOEXEC, "%s is no application: it has no symbol \"%s\"",
			path, SPATE_APP_SYMBOL);
	rc = versions_check(found, path, err);
	if (rc < 0)
		return rc;
	if (name == NULL)
		name = found->ops.name;
	rc = name_check(name, sizeof(app->name), err);
	if (rc < 0)
		return rc;
	strlcpy(app->name, name, sizeof(app->name));
	app->ops = found->ops;
	app->ops.name = app->name;
	app->stays = found->stays;
	return 0;
}

static void
app_free(struct shared_app *app)
{
	if (app->object != NULL && !app->stays)
		dlclose(app->object);
	free(app->path);
	free(app);
}

int
shared_app_load(struct shared_apps *apps, const char *path, const char *name,
	struct shared_app **out, struct error *err)
{
	struct shared_app *app;
	int rc;

	/* dlopen() says of either "cannot open shared object file". */
	if (access(path, R_OK) < 0)
		return error_set(err, errno, "%s: %s", path, strerror(errno));
	app = calloc(1, sizeof(*app));
	if (app == NULL)
		return error_set(err, ENOMEM, "no memory");
	app->path = strdup(path);
	if (app->path == NULL) {
		rc = error_set(err, ENOMEM, "no memory");
		goto fail;
	}
	app->object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (app->object == NULL) {
		rc = error_set(err, ENOEXEC, "%s", dlerror());
		goto fail;
	}
	rc = app_init(app, path, name, err);
	if (rc < 0)
		goto fail;
	if (shared_app_find(apps, app->name) != NULL) {
		rc = error_set(err, EEXIST,
			"an application %s is loaded already: 'name' gives another", app->name);
		goto fail;
	}
	TAILQ_INSERT_TAIL(apps, app, entry);
	*out = app;
	return 0;

fail:
	app_free(app);
	return rc;
}

void
shared_app_discard(struct shared_apps *apps, struct shared_app *app)
{
	TAILQ_REMOVE(apps, app, entry);
	app_free(app);
}

int
shared_app_unload(struct shared_apps *apps, struct shared_app *app, struct error *err)
{
	if (app->stays)
		return error_set(
			err, EBUSY, "%s stays, as it wants: packets may still call it", app->name);
	shared_app_discard(apps, app);
	return 0;
}

void
shared_apps_unload(struct shared_apps *apps)
{
	struct shared_app *app, *next;

	TAILQ_FOREACH_SAFE (app, apps, entry, next)
		app_free(app);
	TAILQ_INIT(apps);
}
