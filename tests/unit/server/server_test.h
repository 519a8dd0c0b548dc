/* What the tests of this layer share: cmocka, and clocks that only tests turn. */
#ifndef VS_TESTS_SERVER_TEST_H
#define VS_TESTS_SERVER_TEST_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/view.h"
#include "model/report.h"
#include "server/clock.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NOON INT64_C(1795435200000) /* 2026-11-23T12:00:00Z */
#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

static struct {
	uint64_t mono;
	int64_t wall;
} fake_now = {1000, NOON};

static inline uint64_t fake_mono_ms(void)
{
	return fake_now.mono;
}

static inline int64_t fake_wall_ms(void)
{
	return fake_now.wall;
}

static const struct vs_clock fake_clock = {fake_mono_ms, fake_wall_ms};

static inline void clock_reset(void)
{
	fake_now.mono = 1000;
	fake_now.wall = NOON;
}

/* Both clocks go on: time passes. */
static inline void pass(int64_t ms)
{
	fake_now.mono += (uint64_t)ms;
	fake_now.wall += ms;
}

static inline struct vs_addr addr(const char *text)
{
	struct vs_addr parsed = {0};

	assert_int_equal(vs_addr_parse(&parsed, vs_view_of(text)), 0);
	return parsed;
}

static inline void assert_contains(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("\"%s\" does not contain \"%s\"", text, part);
}

static inline void assert_lacks(const char *text, const char *part)
{
	if (strstr(text, part) != NULL)
		fail_msg("\"%s\" contains \"%s\"", text, part);
}

#endif
