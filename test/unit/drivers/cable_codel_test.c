/* SPDX-License-Identifier: BSD-3-Clause */
/* CoDel against the pseudocode of RFC 8289 5, written here as it stands there. */
#include "cable/cable_codel.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"

#define TARGET   5000000ULL
#define INTERVAL 100000000ULL
#define MTU      1514U
#define FRAMES   4096
#define LENGTH   1000U
#define NONE     UINT64_MAX

/* A queue of the times at which frames came. */
struct model {
	uint64_t times[FRAMES];
	unsigned head, tail;
	/* the pseudocode's variables */
	uint64_t first_above_time, drop_next;
	uint32_t count, lastcount;
	bool dropping;
	unsigned drops;
};

static unsigned
model_bytes(const struct model *m)
{
	return (m->tail - m->head) * LENGTH;
}

static uint64_t
model_control_law(uint64_t t, uint32_t count)
{
	return t + (uint64_t)((double)INTERVAL / sqrt(count));
}

/* 5.6. @return when the frame came; NONE: there is none */
static uint64_t
model_dodequeue(struct model *m, uint64_t now, bool *ok_to_drop)
{
	uint64_t time;

	*ok_to_drop = false;
	if (m->head == m->tail) {
		m->first_above_time = 0;
		return NONE;
	}
	time = m->times[m->head++ % FRAMES];
	if (now - time < TARGET || model_bytes(m) <= MTU) {
		m->first_above_time = 0;
	} else if (m->first_above_time == 0) {
		m->first_above_time = now + INTERVAL;
	} else if (now >= m->first_above_time) {
		*ok_to_drop = true;
	}
	return time;
}

/* 5.5 */
static uint64_t
model_dequeue(struct model *m, uint64_t now)
{
	bool ok;
	uint64_t time = model_dodequeue(m, now, &ok);
	uint32_t delta;

	if (m->dropping) {
		if (!ok)
			m->dropping = false;
		while (now >= m->drop_next && m->dropping) {
			m->drops++;
			m->count++;
			time = model_dodequeue(m, now, &ok);
			if (!ok)
				m->dropping = false;
			else
				m->drop_next = model_control_law(m->drop_next, m->count);
		}
	} else if (ok) {
		m->drops++;
		time = model_dodequeue(m, now, &ok);
		m->dropping = true;
		delta = m->count - m->lastcount;
		m->count = 1;
		if (delta > 1 && now - m->drop_next < 16 * INTERVAL)
			m->count = delta;
		m->drop_next = model_control_law(now, m->count);
		m->lastcount = m->count;
	}
	return time;
}

/* The same by what is tested. */
struct subject {
	uint64_t times[FRAMES];
	unsigned head, tail, drops;
	struct cable_codel codel;
};

static uint64_t
subject_dequeue(struct subject *s, uint64_t now)
{
	while (s->head != s->tail) {
		uint64_t time = s->times[s->head++ % FRAMES];

		if (!cable_codel_drops(&s->codel, now - time, (s->tail - s->head) * LENGTH, now))
			return time;
		s->drops++;
	}
	cable_codel_idle(&s->codel);
	return NONE;
}

/* Loads that come and go, below and above what the wire carries. */
static void
test_as_the_pseudocode(void **state)
{
	struct subject *s = calloc(1, sizeof(*s));
	struct model *m = calloc(1, sizeof(*m));
	struct random random;
	uint64_t now = 1, wait = 1000000, until = 0;

	assert_non_null(s);
	assert_non_null(m);
	random_init(&random, 1);
	cable_codel_init(&s->codel, TARGET, INTERVAL, MTU);
	for (unsigned i = 0; i < 300000; i++) {
		if (now >= until) {
			until = now + random_below(&random, 3000000000ULL);
			wait = 500000 + random_below(&random, 1000000);
		}
		now += wait;
		for (uint64_t n = random_below(&random, 3); n > 0 && s->tail - s->head < FRAMES;
			n--) {
			m->times[m->tail++ % FRAMES] = now;
			s->times[s->tail++ % FRAMES] = now;
		}
		/* A wire takes no frame from an empty queue. */
		assert_true(model_dequeue(m, now) == subject_dequeue(s, now));
		assert_int_equal(m->drops, s->drops);
	}
	assert_true(m->drops > 1000);
	free(m);
	free(s);
}

/* A queue that stays too long loses frames ever faster: after an interval, interval / sqrt(2)... */
static void
test_control_law(void **state)
{
	struct cable_codel codel;
	uint64_t last = 0;
	unsigned drops = 0;

	cable_codel_init(&codel, TARGET, INTERVAL, MTU);
	for (uint64_t now = 1000000; drops < 50; now += 1000) {
		if (!cable_codel_drops(&codel, 10 * TARGET, 100000, now))
			continue;
		if (drops == 0) {
			assert_in_range(now - 1000000, INTERVAL, INTERVAL + 1000);
		} else {
			double expected = (double)INTERVAL / sqrt(drops);

			assert_true(fabs((double)(now - last) - expected) < 3000);
		}
		last = now;
		drops++;
	}
}

/* A mark counts as a drop. */
static void
test_marks(void **state)
{
	struct cable_codel dropped, marked;
	unsigned drops = 0, marks = 0;

	cable_codel_init(&dropped, TARGET, INTERVAL, MTU);
	cable_codel_init(&marked, TARGET, INTERVAL, MTU);
	for (uint64_t now = 1000000; now < 3000000000ULL; now += 100000) {
		if (cable_codel_drops(&dropped, 2 * TARGET, 100000, now)) {
			drops++;
			/* The next one takes its place. */
			cable_codel_drops(&dropped, 2 * TARGET, 100000, now);
		}
		if (cable_codel_drops(&marked, 2 * TARGET, 100000, now)) {
			marks++;
			cable_codel_marked(&marked);
		}
	}
	assert_true(drops > 100);
	assert_int_equal(drops, marks);
}

/* As much as the largest frame may always wait. */
static void
test_max_packet(void **state)
{
	struct cable_codel codel;

	cable_codel_init(&codel, TARGET, INTERVAL, 9018);
	for (uint64_t now = 1000000; now < 10 * INTERVAL; now += 1000000)
		assert_false(cable_codel_drops(&codel, 10 * TARGET, 9018, now));
	assert_false(cable_codel_drops(&codel, 10 * TARGET, 9019, 10 * INTERVAL));
	assert_true(cable_codel_drops(&codel, 10 * TARGET, 9019, 11 * INTERVAL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_as_the_pseudocode),
		cmocka_unit_test(test_control_law),
		cmocka_unit_test(test_marks),
		cmocka_unit_test(test_max_packet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
