#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "client/schedule.h"

#define NOW UINT64_C(5000000)

static void the_first_round_is_due_at_once(void **state)
{
	struct vs_schedule schedule;

	(void)state;
	vs_schedule_init(&schedule, 0);
	assert_int_equal(vs_schedule_delay(&schedule, NOW, 12345), 0);
}

static void without_any_setting_the_interval_is_five_minutes(void **state)
{
	struct vs_schedule schedule;

	(void)state;
	vs_schedule_init(&schedule, 0);
	assert_int_equal(vs_schedule_interval(&schedule), 300000);
	vs_schedule_start(&schedule, NOW);
	assert_int_equal(vs_schedule_delay(&schedule, NOW, 0), 300000);
}

static void an_interval_counts_from_the_start_of_the_round(void **state)
{
	struct vs_schedule schedule;

	(void)state;
	vs_schedule_init(&schedule, 60000);
	vs_schedule_start(&schedule, NOW);
	assert_int_equal(vs_schedule_delay(&schedule, NOW + 10000, 0), 50000);
	assert_int_equal(vs_schedule_delay(&schedule, NOW + 60000, 0), 0);
	assert_int_equal(vs_schedule_delay(&schedule, NOW + 90000, 0), 0);
}

static void chance_makes_a_round_early_by_at_most_a_twentieth_and_never_late(void **state)
{
	struct vs_schedule schedule;
	uint64_t least = UINT64_MAX;
	uint64_t most = 0;

	(void)state;
	vs_schedule_init(&schedule, 60000);
	vs_schedule_start(&schedule, NOW);
	for (uint32_t chance = 0; chance < 10000; chance++) {
		uint64_t delay = vs_schedule_delay(&schedule, NOW, chance * UINT32_C(2654435761));

		least = delay < least ? delay : least;
		most = delay > most ? delay : most;
	}
	assert_in_range(least, 57000, 57100);
	assert_in_range(most, 59900, 60000);
	assert_in_range(vs_schedule_delay(&schedule, NOW, UINT32_MAX), 57000, 60000);
}

static void the_servers_interval_is_used_when_there_is_no_own_one(void **state)
{
	struct vs_schedule schedule;

	(void)state;
	vs_schedule_init(&schedule, 0);
	assert_true(vs_schedule_learn(&schedule, 120000));
	assert_int_equal(vs_schedule_interval(&schedule), 120000);
	assert_false(vs_schedule_learn(&schedule, 120000));
	assert_false(vs_schedule_learn(&schedule, 0));
	assert_int_equal(vs_schedule_interval(&schedule), 120000);
	assert_true(vs_schedule_learn(&schedule, 60000));
}

static void an_own_interval_wins_over_the_servers(void **state)
{
	struct vs_schedule schedule;

	(void)state;
	vs_schedule_init(&schedule, 30000);
	assert_false(vs_schedule_learn(&schedule, 120000));
	assert_int_equal(vs_schedule_interval(&schedule), 30000);
}

static void a_wild_wish_of_the_server_is_brought_into_bounds(void **state)
{
	struct vs_schedule schedule;

	(void)state;
	vs_schedule_init(&schedule, 0);
	vs_schedule_learn(&schedule, 1);
	assert_int_equal(vs_schedule_interval(&schedule), 1000);
	vs_schedule_learn(&schedule, UINT64_MAX);
	assert_int_equal(vs_schedule_interval(&schedule), 86400000);
}

static void another_own_interval_counts_from_the_same_round(void **state)
{
	struct vs_schedule schedule;

	(void)state;
	vs_schedule_init(&schedule, 300000);
	vs_schedule_start(&schedule, 1000);
	assert_true(vs_schedule_own(&schedule, 60000));
	assert_int_equal(vs_schedule_delay(&schedule, 1000, 0), 60000);
	assert_false(vs_schedule_own(&schedule, 60000));
	assert_false(vs_schedule_learn(&schedule, 90000));
	assert_true(vs_schedule_own(&schedule, 0));
	assert_int_equal(vs_schedule_interval(&schedule), 90000);
}

static void rounds_are_dense_after_the_start_and_then_are_not(void **state)
{
	struct vs_schedule schedule;

	(void)state;
	vs_schedule_init(&schedule, 300000);
	vs_schedule_dense(&schedule, 10000, 120000);
	vs_schedule_start(&schedule, NOW);
	assert_int_equal(vs_schedule_delay(&schedule, NOW, 0), 10000);
	assert_int_equal(vs_schedule_interval(&schedule), 300000); /* what is stated stays */
	vs_schedule_start(&schedule, NOW + 119999);
	assert_int_equal(vs_schedule_delay(&schedule, NOW + 119999, 0), 10000);
	vs_schedule_start(&schedule, NOW + 120000);
	assert_int_equal(vs_schedule_delay(&schedule, NOW + 120000, 0), 300000);
}

static void a_change_makes_rounds_dense_again(void **state)
{
	struct vs_schedule schedule;

	(void)state;
	vs_schedule_init(&schedule, 300000);
	vs_schedule_dense(&schedule, 10000, 120000);
	vs_schedule_start(&schedule, NOW);
	vs_schedule_start(&schedule, NOW + 500000);
	assert_int_equal(vs_schedule_gap(&schedule, NOW + 500000), 300000);
	vs_schedule_stir(&schedule, NOW + 500000);
	assert_int_equal(vs_schedule_delay(&schedule, NOW + 500000, 0), 10000);
	assert_int_equal(vs_schedule_gap(&schedule, NOW + 620000), 300000);
}

/* Rounds in an hour, when each of them finds something changed. */
static unsigned rounds_of_an_hour(struct vs_schedule *schedule, uint64_t *now_ms)
{
	uint64_t end = *now_ms + 3600000;
	unsigned rounds = 0;

	for (; *now_ms < end; rounds++) {
		vs_schedule_start(schedule, *now_ms);
		vs_schedule_stir(schedule, *now_ms);
		*now_ms += vs_schedule_delay(schedule, *now_ms, 0);
	}
	return rounds;
}

static void what_changes_at_every_look_is_not_looked_at_closely_for_ever(void **state)
{
	struct vs_schedule schedule;
	uint64_t now_ms = NOW;

	(void)state;
	vs_schedule_init(&schedule, 300000);
	vs_schedule_dense(&schedule, 10000, 120000);
	assert_in_range(
		rounds_of_an_hour(&schedule, &now_ms), 60, 120); /* ten minutes of it, and some more */
	assert_in_range(rounds_of_an_hour(&schedule, &now_ms), 12, 60); /* and 12 would be none */
	now_ms += 7200000;
	vs_schedule_stir(&schedule, now_ms); /* after a rest it is as before */
	assert_int_equal(vs_schedule_gap(&schedule, now_ms + 119999), 10000);
}

static void dense_rounds_are_never_further_apart_than_the_usual_ones(void **state)
{
	struct vs_schedule schedule;

	(void)state;
	vs_schedule_init(&schedule, 5000);
	vs_schedule_dense(&schedule, 10000, 120000);
	vs_schedule_start(&schedule, NOW);
	assert_int_equal(vs_schedule_delay(&schedule, NOW, 0), 5000);
}

static void without_a_time_for_it_nothing_is_dense(void **state)
{
	struct vs_schedule schedule;

	(void)state;
	vs_schedule_init(&schedule, 300000);
	vs_schedule_dense(&schedule, 10000, 0);
	vs_schedule_start(&schedule, NOW);
	vs_schedule_stir(&schedule, NOW);
	assert_int_equal(vs_schedule_delay(&schedule, NOW, 0), 300000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_round_is_due_at_once),
		cmocka_unit_test(without_any_setting_the_interval_is_five_minutes),
		cmocka_unit_test(an_interval_counts_from_the_start_of_the_round),
		cmocka_unit_test(chance_makes_a_round_early_by_at_most_a_twentieth_and_never_late),
		cmocka_unit_test(the_servers_interval_is_used_when_there_is_no_own_one),
		cmocka_unit_test(an_own_interval_wins_over_the_servers),
		cmocka_unit_test(a_wild_wish_of_the_server_is_brought_into_bounds),
		cmocka_unit_test(another_own_interval_counts_from_the_same_round),
		cmocka_unit_test(rounds_are_dense_after_the_start_and_then_are_not),
		cmocka_unit_test(a_change_makes_rounds_dense_again),
		cmocka_unit_test(what_changes_at_every_look_is_not_looked_at_closely_for_ever),
		cmocka_unit_test(dense_rounds_are_never_further_apart_than_the_usual_ones),
		cmocka_unit_test(without_a_time_for_it_nothing_is_dense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
