/* Other rules while the server runs. */
#include "world.h"

static void a_longer_grace_counts_for_those_who_are_silent_already(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	meet(w, "lab");
	advance(w->loop, 4 * MINUTE);
	w->rules.grace_ms = 20 * MINUTE;
	w->rules.lost_after_ms = 2 * HOUR;
	vs_monitor_change(w->monitor, 30 * DAY);
	advance(w->loop, 15 * MINUTE);
	assert_string_equal(liveness(w, "office"), "alive");
	advance(w->loop, 7 * MINUTE);
	assert_string_equal(liveness(w, "office"), "late");
	assert_string_equal(liveness(w, "lab"), "late");
	advance(w->loop, 90 * MINUTE);
	assert_string_equal(liveness(w, "office"), "late");
	advance(w->loop, 10 * MINUTE);
	assert_string_equal(liveness(w, "office"), "lost");
}

static void a_shorter_one_makes_them_late_at_once(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	advance(w->loop, 4 * MINUTE);
	w->rules.interval_ms = MINUTE;
	w->rules.lost_after_ms = 3 * MINUTE;
	vs_monitor_change(w->monitor, 30 * DAY);
	advance(w->loop, 2 * TICK);
	assert_string_equal(liveness(w, "office"), "lost");
}

static void who_is_lost_is_forgotten_by_the_new_time(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	advance(w->loop, HOUR);
	assert_string_equal(liveness(w, "office"), "lost");
	vs_monitor_change(w->monitor, 2 * HOUR);
	advance(w->loop, HOUR + MINUTE);
	assert_null(vs_registry_find(w->registry, "office"));
}

#define T(test) cmocka_unit_test_setup_teardown(test, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_longer_grace_counts_for_those_who_are_silent_already),
		T(a_shorter_one_makes_them_late_at_once),
		T(who_is_lost_is_forgotten_by_the_new_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
