/* A network namespace that is dead: how long it has been so, and who is told. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/err.h"
#include "client/isolation.h"
#include "loop/loop.h"
#include "place.h"

#define PERIOD 1000
#define ALONE VS_ISOLATION_ALONE
#define DEVICES VS_ISOLATION_DEVICES
#define UNKNOWN VS_ISOLATION_UNKNOWN

static void time_counts_from_the_first_look_that_saw_only_loopback(void **state)
{
	struct vs_isolated isolated = {0};

	(void)state;
	vs_isolated_look(&isolated, ALONE, 500000, PERIOD);
	assert_int_equal(isolated.dead_ms, 0);
	vs_isolated_look(&isolated, ALONE, 501000, PERIOD);
	assert_int_equal(isolated.dead_ms, 1000);
	vs_isolated_look(&isolated, ALONE, 502500, PERIOD);
	assert_int_equal(isolated.dead_ms, 2500);
}

static void a_device_or_an_answer_that_is_none_begins_it_anew(void **state)
{
	static const enum vs_isolation_seen others[] = {DEVICES, UNKNOWN};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct vs_isolated isolated = {0};

		vs_isolated_look(&isolated, ALONE, 1000, PERIOD);
		vs_isolated_look(&isolated, ALONE, 2000, PERIOD);
		vs_isolated_look(&isolated, others[i], 3000, PERIOD);
		assert_int_equal(isolated.dead_ms, 0);
		vs_isolated_look(&isolated, ALONE, 4000, PERIOD);
		assert_int_equal(isolated.dead_ms, 0);
		vs_isolated_look(&isolated, ALONE, 5000, PERIOD);
		assert_int_equal(isolated.dead_ms, 1000);
	}
}

static void what_a_machine_slept_through_does_not_count(void **state)
{
	struct vs_isolated isolated = {0};

	(void)state;
	vs_isolated_look(&isolated, ALONE, 1000, PERIOD);
	vs_isolated_look(&isolated, ALONE, 1000 + 8 * 3600000, PERIOD);
	assert_int_equal(isolated.dead_ms, 2 * PERIOD);
}

/* --- watched -------------------------------------------------------------------------------- */

struct fixture {
	struct place place;
	struct vs_loop *loop;
	struct vs_isolation *isolation;
	unsigned told;
	bool held;
	bool left;
	uint64_t told_ms;
};

/* What the next looks find; the last one stays. -1: no answer. One test at a time. */
static const int *script;
static size_t script_left;

static int count(size_t *up)
{
	int found = *script;

	if (script_left > 1) {
		script++;
		script_left--;
	}
	*up = found < 0 ? 0 : (size_t)found;
	return found < 0 ? VS_ERR_SYSTEM : 0;
}

#define SCRIPT(...)                                                                                          \
	do {                                                                                                 \
		static const int finds[] = {__VA_ARGS__};                                                    \
		script = finds;                                                                              \
		script_left = sizeof(finds) / sizeof(finds[0]);                                              \
	} while (0)

/* Until no more than so many of the script are left, however busy the machine is. */
static void play_until(const struct fixture *f, size_t left)
{
	unsigned turns;

	for (turns = 0; turns < 6000 && script_left > left; turns++)
		assert_false(vs_loop_run_for(f->loop, 10));
	assert_true(script_left <= left);
}

static void on_over(void *arg)
{
	struct fixture *f = arg;

	f->told++;
	f->told_ms = vs_mono_ms();
	vs_loop_stop(f->loop);
}

static bool is_ready(void *arg)
{
	const struct fixture *f = arg;

	return !f->held;
}

static bool is_left(void *arg)
{
	const struct fixture *f = arg;

	return f->left;
}

static int setup(void **state)
{
	struct fixture *f = vs_zalloc(sizeof(*f));
	const struct vs_isolation_settings settings = {
		.count = count, .left = is_left, .ready = is_ready, .over = on_over, .arg = f};

	place_init(&f->place);
	f->loop = vs_loop_create();
	f->isolation = vs_isolation_create(f->loop, &settings);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	vs_isolation_destroy(f->isolation);
	vs_isolation_destroy(NULL);
	vs_loop_destroy(f->loop);
	place_fini(&f->place);
	vs_free(f);
	return 0;
}

static void whoever_asked_is_told_once_after_the_limit_and_the_log_before(void **state)
{
	struct fixture *f = *state;
	uint64_t begun_ms = vs_mono_ms();

	SCRIPT(0);
	vs_isolation_limit(f->isolation, 200);
	assert_true(vs_loop_run_for(f->loop, 30000));
	assert_true(f->told_ms - begun_ms >= 200);
	assert_non_null(strstr(place_log(&f->place), "unless one comes, this client ends in "));
	assert_false(vs_loop_run_for(f->loop, 300));
	assert_int_equal(f->told, 1);
}

static void a_device_that_comes_back_in_time_ends_it_and_is_logged(void **state)
{
	struct fixture *f = *state;
	const char *log;

	SCRIPT(1, 0, 0, 0, 2, 1);
	vs_isolation_limit(f->isolation, 400);
	play_until(f, 1);
	assert_false(vs_loop_run_for(f->loop, 100));
	assert_int_equal(f->told, 0);
	log = place_log(&f->place);
	assert_non_null(strstr(log, "no network device but loopback is up"));
	assert_non_null(strstr(log, "a network device is up again: this client stays"));
}

static void who_could_not_be_started_there_yet_waits_and_says_so_once(void **state)
{
	struct fixture *f = *state;
	const char *said;

	SCRIPT(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	f->held = true;
	vs_isolation_limit(f->isolation, 100);
	play_until(f, 1);
	assert_int_equal(f->told, 0);
	said = strstr(place_log(&f->place), "has not been started again yet");
	assert_non_null(said);
	assert_null(strstr(said + 1, "has not been started again yet"));
	f->held = false;
	assert_true(vs_loop_run_for(f->loop, 30000));
	assert_int_equal(f->told, 1);
}

static void who_was_left_with_a_device_that_leads_nowhere_ends_too(void **state)
{
	struct fixture *f = *state;

	SCRIPT(1);
	f->left = true;
	vs_isolation_limit(f->isolation, 100);
	assert_true(vs_loop_run_for(f->loop, 30000));
	assert_int_equal(f->told, 1);
	assert_true(vs_isolation_was_left(f->isolation));
	assert_false(vs_isolation_is(f->isolation));
	assert_non_null(
		strstr(place_log(&f->place), "has been started again, and the server is not reached"));
}

static void who_was_left_and_reaches_the_server_stays(void **state)
{
	struct fixture *f = *state;
	const char *log;

	SCRIPT(1, 1, 1, 1, 1, 1);
	f->left = true;
	vs_isolation_limit(f->isolation, 4000);
	play_until(f, 3);
	f->left = false;
	play_until(f, 1);
	assert_int_equal(f->told, 0);
	log = place_log(&f->place);
	assert_non_null(strstr(log, "unless it is, this client ends in 4s"));
	assert_non_null(strstr(log, "the server is reached again: this client stays"));
}

static void a_kernel_that_does_not_say_ends_nobody(void **state)
{
	struct fixture *f = *state;

	SCRIPT(-1);
	vs_isolation_limit(f->isolation, 100);
	assert_false(vs_loop_run_for(f->loop, 500));
	assert_int_equal(f->told, 0);
	assert_false(vs_isolation_is(f->isolation));
	assert_string_equal(place_log(&f->place), "");
}

static void without_a_limit_nobody_is_told_but_who_looks_sees_it(void **state)
{
	struct fixture *f = *state;

	SCRIPT(0);
	assert_false(vs_loop_run_for(f->loop, 200));
	vs_isolation_limit(f->isolation, 100);
	vs_isolation_limit(f->isolation, 0);
	assert_false(vs_loop_run_for(f->loop, 300));
	assert_int_equal(f->told, 0);
	assert_true(vs_isolation_is(f->isolation));
	SCRIPT(1);
	assert_false(vs_isolation_is(f->isolation));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_counts_from_the_first_look_that_saw_only_loopback),
		cmocka_unit_test(a_device_or_an_answer_that_is_none_begins_it_anew),
		cmocka_unit_test(what_a_machine_slept_through_does_not_count),
		TEST(whoever_asked_is_told_once_after_the_limit_and_the_log_before),
		TEST(a_device_that_comes_back_in_time_ends_it_and_is_logged),
		TEST(who_could_not_be_started_there_yet_waits_and_says_so_once),
		TEST(who_was_left_with_a_device_that_leads_nowhere_ends_too),
		TEST(who_was_left_and_reaches_the_server_stays),
		TEST(a_kernel_that_does_not_say_ends_nobody),
		TEST(without_a_limit_nobody_is_told_but_who_looks_sees_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
