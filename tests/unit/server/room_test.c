/* Descriptors for connections. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>
#include <sys/resource.h>

#include "config/server_conf.h"
#include "net/http_server.h"
#include "server/room.h"
#include "said.h"

/* From here on this process has these limits; without privileges the hard one only goes down. */
static void limit_to(rlim_t soft, rlim_t hard)
{
	const struct rlimit limit = {soft, hard};

	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static rlim_t soft_limit(void)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	return limit.rlim_cur;
}

static void the_soft_limit_is_raised_as_far_as_needed_and_no_further(void **state)
{
	(void)state;
	limit_to(256, 2000);
	assert_int_equal(vs_room_make(1000), 1000);
	assert_int_equal(soft_limit(), 1000 + VS_ROOM_FOR_OURSELVES);
	assert_int_equal(vs_room_make(10), 10);
	assert_int_equal(soft_limit(), 1000 + VS_ROOM_FOR_OURSELVES);
}

static void a_hard_limit_that_is_too_low_gives_what_fits_and_is_said(void **state)
{
	const char *said;

	(void)state;
	limit_to(256, 1000);
	said_begin();
	assert_int_equal(vs_room_make(12000), 1000 - VS_ROOM_FOR_OURSELVES);
	said = said_end();
	assert_int_equal(said_times(said, "room for 744 connections only, not 12000"), 1);
	assert_int_equal(said_times(said, "to 12256"), 1);
	assert_int_equal(soft_limit(), 1000);
}

static void the_servers_limits_follow_the_configuration(void **state)
{
	const struct vs_limits_conf conf = {
		.connections = 500,
		.per_address = 5,
		.request_timeout_ms = 1,
		.idle_timeout_ms = 2,
		.write_timeout_ms = 3,
		.body = 4,
	};
	struct vs_http_limits limits = {.stop_ms = 9};

	(void)state;
	vs_room_limits(&limits, &conf);
	assert_int_equal(limits.connections, 500);
	assert_int_equal(limits.per_address, 5);
	assert_int_equal(limits.request_ms, 1);
	assert_int_equal(limits.idle_ms, 2);
	assert_int_equal(limits.write_ms, 3);
	assert_int_equal(limits.body, 4);
	assert_int_equal(limits.stop_ms, 9);
}

static void with_next_to_no_descriptors_there_is_still_room_for_some(void **state)
{
	const char *said;

	(void)state;
	said_begin();
	limit_to(100, 100);
	assert_int_equal(vs_room_make(12000), 50);
	said = said_end();
	assert_int_equal(said_times(said, "room for 50 connections"), 1);
	assert_int_equal(vs_room_make(20), 20);
}

int main(void)
{
	/* In this order: the limits of each are lower than those before. */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_soft_limit_is_raised_as_far_as_needed_and_no_further),
		cmocka_unit_test(a_hard_limit_that_is_too_low_gives_what_fits_and_is_said),
		cmocka_unit_test(the_servers_limits_follow_the_configuration),
		cmocka_unit_test(with_next_to_no_descriptors_there_is_still_room_for_some),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
