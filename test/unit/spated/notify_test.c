/* SPDX-License-Identifier: BSD-3-Clause */
/* What a listener in the place of systemd receives. */
#include "spated/notify.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define SECOND 1000000000ULL

static int
environment_clear(void **state)
{
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	return 0;
}

/* Listens at a name, '@' for the abstract namespace, and says so in the environment. */
static int
listen_at(const char *name)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	memcpy(addr.sun_path, name, strlen(name));
	if (name[0] == '@')
		addr.sun_path[0] = '\0';
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, length), 0);
	setenv("NOTIFY_SOCKET", name, 1);
	return fd;
}

static void
expect(int fd, const char *text)
{
	char received[256] = "";
	ssize_t length = recv(fd, received, sizeof(received) - 1, 0);

	if (text == NULL)
		assert_int_equal(length, -1);
	else
		assert_memory_equal(received, text, strlen(text));
}

static void
tells_what_it_is_told(void **state)
{
	struct notify notify;
	char names[2][64];

	snprintf(names[0], sizeof(names[0]), "@spate-notify-test-%d", getpid());
	snprintf(names[1], sizeof(names[1]), "/tmp/spate-notify-test-%d", getpid());
	for (unsigned i = 0; i < 2; i++) {
		int fd = listen_at(names[i]);

		notify_open(&notify);
		assert_true(notify.fd >= 0);
		notify_send(&notify, "READY=1");
		expect(fd, "READY=1");
		notify_reloading(&notify);
		expect(fd, "RELOADING=1\nMONOTONIC_USEC=");
		notify_close(&notify);
		notify_send(&notify, "STOPPING=1");
		expect(fd, NULL);
		close(fd);
	}
	unlink(names[1]);
}

static void
nobody_listens(void **state)
{
	static const char *const paths[] = { "", "x", "relative/path", "@", "/", "/nonexistent/x" };
	char longest[300];
	struct notify notify;

	notify_open(&notify);
	notify_send(&notify, "READY=1");
	assert_false(notify_watchdog_due(&notify, SECOND));
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		setenv("NOTIFY_SOCKET", paths[i], 1);
		notify_open(&notify);
		notify_send(&notify, "READY=1");
		notify_close(&notify);
	}
	memset(longest, 'x', sizeof(longest) - 1);
	longest[0] = '/';
	longest[sizeof(longest) - 1] = '\0';
	setenv("NOTIFY_SOCKET", longest, 1);
	notify_open(&notify);
	assert_int_equal(notify.fd, -1);
}

/* A listener that does not read must not stop the control thread. */
static void
listener_is_full(void **state)
{
	struct notify notify;
	char name[64];
	int fd;

	snprintf(name, sizeof(name), "@spate-notify-full-%d", getpid());
	fd = listen_at(name);
	notify_open(&notify);
	for (unsigned i = 0; i < 10000; i++)
		notify_send(&notify, "WATCHDOG=1");
	notify_close(&notify);
	close(fd);
}

static void
watchdog(void **state)
{
	struct notify notify;
	char name[64], pid[16];
	int fd;

	snprintf(name, sizeof(name), "@spate-notify-dog-%d", getpid());
	fd = listen_at(name);
	notify_open(&notify);
	assert_false(notify_watchdog_due(&notify, 100 * SECOND));
	notify_close(&notify);
	setenv("WATCHDOG_USEC", "4000000", 1);
	notify_open(&notify);
	assert_true(notify_watchdog_due(&notify, 100 * SECOND));
	assert_false(notify_watchdog_due(&notify, 101 * SECOND));
	assert_true(notify_watchdog_due(&notify, 102 * SECOND));
	notify_close(&notify);
	/* It was meant for another process. */
	setenv("WATCHDOG_PID", "1", 1);
	notify_open(&notify);
	assert_false(notify_watchdog_due(&notify, 100 * SECOND));
	notify_close(&notify);
	snprintf(pid, sizeof(pid), "%d", getpid());
	setenv("WATCHDOG_PID", pid, 1);
	notify_open(&notify);
	assert_true(notify_watchdog_due(&notify, 100 * SECOND));
	notify_close(&notify);
	close(fd);
}

#define TEST(name) cmocka_unit_test_setup(name, environment_clear)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(tells_what_it_is_told),
		TEST(nobody_listens),
		TEST(listener_is_full),
		TEST(watchdog),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
