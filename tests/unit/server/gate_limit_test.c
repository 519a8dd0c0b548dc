/* Whom the gate turns away for coming too often, and whose limit that is. */
#include "gate_world.h"

static void an_address_without_a_key_uses_up_its_bucket(void **state)
{
	struct scene *scene = scene_create("s", 3);
	int i;

	(void)state;
	scene->stand_ins[0].looks = true;
	for (i = 0; i < 3; i++) {
		assert_int_equal(visit(scene, WRONG), VS_GATE_BAD_CREDENTIALS);
		assert_true(scene->visit.has_limit);
		assert_int_equal(scene->visit.limit.remaining, 2 - i);
	}
	assert_int_equal(visit(scene, WRONG), VS_GATE_LIMITED);
	assert_int_equal(scene->visit.limit.retry_s, 20);
	assert_int_equal(visit_from(scene, WRONG, "192.0.2.8"), VS_GATE_BAD_CREDENTIALS);
	scene_destroy(scene);
}

static void a_flood_without_credentials_does_not_reach_the_checks(void **state)
{
	struct scene *scene = scene_create("rs", 3);
	int i;

	(void)state;
	say(scene, 0, VPNS_AUTH_ALLOW, 0);
	scene->stand_ins[1].looks = true;
	for (i = 0; i < 100; i++)
		visit(scene, "");
	assert_int_equal(scene->visit.answer, VS_GATE_LIMITED);
	assert_int_equal(scene->stand_ins[0].asked, 3);
	assert_int_equal(scene->stand_ins[1].asked, 3);
	scene_destroy(scene);
}

static void what_is_too_long_for_a_key_is_not_looked_at_beyond_the_limit(void **state)
{
	struct scene *scene = scene_create("s", 1);
	struct vs_buf header;
	int i;

	(void)state;
	scene->stand_ins[0].looks = true;
	vs_buf_init(&header);
	vs_buf_add_text(&header, "X-API-Key: ");
	for (i = 0; i < 4097; i++)
		vs_buf_add_char(&header, 'x');
	vs_buf_add_text(&header, "\r\n");
	assert_int_equal(visit(scene, vs_buf_text(&header)), VS_GATE_BAD_CREDENTIALS);
	assert_int_equal(scene->stand_ins[0].asked, 1);
	assert_int_equal(visit(scene, vs_buf_text(&header)), VS_GATE_LIMITED);
	assert_int_equal(scene->stand_ins[0].asked, 1);
	assert_int_equal(visit(scene, GOOD), VS_GATE_OPEN);
	vs_buf_fini(&header);
	scene_destroy(scene);
}

static void a_stranger_at_the_same_address_locks_no_key_out(void **state)
{
	struct scene *scene = scene_create("s", 3);
	int i;

	(void)state;
	scene->stand_ins[0].looks = true;
	for (i = 0; i < 100; i++)
		visit(scene, WRONG);
	assert_int_equal(scene->visit.answer, VS_GATE_LIMITED);
	for (i = 0; i < 3; i++) {
		assert_int_equal(visit(scene, GOOD), VS_GATE_OPEN);
		assert_int_equal(scene->visit.limit.remaining, 2 - i);
	}
	assert_int_equal(visit(scene, GOOD), VS_GATE_LIMITED);
	scene_destroy(scene);
}

static void a_key_that_is_busy_at_one_address_is_free_at_another(void **state)
{
	struct scene *scene = scene_create("s", 2);

	(void)state;
	scene->stand_ins[0].looks = true;
	while (visit(scene, GOOD) == VS_GATE_OPEN)
		;
	assert_int_equal(scene->visit.answer, VS_GATE_LIMITED);
	assert_int_equal(visit_from(scene, GOOD, "192.0.2.8"), VS_GATE_OPEN);
	/* ... and its own traffic was not charged to the address. */
	assert_int_equal(visit(scene, WRONG), VS_GATE_BAD_CREDENTIALS);
	scene_destroy(scene);
}

static void the_limit_holds_without_any_check_too(void **state)
{
	struct scene *scene = scene_create("", 2);

	(void)state;
	assert_int_equal(visit(scene, GOOD), VS_GATE_OPEN);
	assert_int_equal(visit(scene, GOOD), VS_GATE_OPEN);
	assert_int_equal(visit(scene, GOOD), VS_GATE_LIMITED);
	scene_destroy(scene);
}

static void whoever_has_used_up_half_of_the_old_limit_has_half_of_the_new_one(void **state)
{
	struct scene *old = scene_create("s", 4);
	struct scene *now = scene_create("s", 10);
	unsigned left = 0;

	(void)state;
	visit(old, "");
	visit(old, "");
	vs_gate_succeed(now->gate, old->gate, count_one, &left);
	visit(now, "");
	assert_true(now->visit.has_limit);
	assert_int_equal(now->visit.limit.limit, 10);
	assert_int_equal(now->visit.limit.remaining, 4);
	scene_destroy(old);
	scene_destroy(now);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_without_a_key_uses_up_its_bucket),
		cmocka_unit_test(a_flood_without_credentials_does_not_reach_the_checks),
		cmocka_unit_test(what_is_too_long_for_a_key_is_not_looked_at_beyond_the_limit),
		cmocka_unit_test(a_stranger_at_the_same_address_locks_no_key_out),
		cmocka_unit_test(a_key_that_is_busy_at_one_address_is_free_at_another),
		cmocka_unit_test(the_limit_holds_without_any_check_too),
		cmocka_unit_test(whoever_has_used_up_half_of_the_old_limit_has_half_of_the_new_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
