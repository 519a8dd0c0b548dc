#include "server_test.h"

#include "base/err.h"
#include "server/chase.h"

#define ONE "01JDB9K3Z7Q4T2W8X5Y6V0R1S2"
#define OTHER "01JDB9K3Z7Q4T2W8X5Y6V0R1S3"
#define AHEAD (NOON - 1000) /* of the wall clock */

static int setup(void **state)
{
	struct vs_chases *chases = vs_zalloc(sizeof(*chases));

	vs_chases_init(chases);
	*state = chases;
	return 0;
}

static int teardown(void **state)
{
	vs_chases_fini(*state);
	vs_free(*state);
	return 0;
}

static void what_is_due_first_stands_first(void **state)
{
	struct vs_chases *chases = *state;
	struct vs_chase *one = vs_chases_add(chases, ONE, "office");
	struct vs_chase *other = vs_chases_add(chases, OTHER, "lab");
	struct vs_chase_item *mail = vs_chase_add(one, "mail", 0, 0);
	struct vs_chase_item *pager = vs_chase_add(one, "pager", 0, 0);
	struct vs_chase_item *lab = vs_chase_add(other, "mail", 0, 0);

	assert_null(vs_chases_first(chases));
	vs_chase_set(chases, mail, 300);
	vs_chase_set(chases, pager, 100);
	vs_chase_set(chases, lab, 200);
	assert_ptr_equal(vs_chases_first(chases), pager);
	vs_chase_set(chases, pager, 400);
	assert_ptr_equal(vs_chases_first(chases), lab);
	vs_chase_set(chases, lab, INT64_MAX);
	assert_ptr_equal(vs_chases_first(chases), mail);
	vs_chases_drop(chases, one);
	assert_null(vs_chases_first(chases));
	assert_null(vs_chases_find(chases, ONE));
	assert_ptr_equal(vs_chases_find(chases, OTHER), other);
}

static void an_incident_and_its_channels_are_there_once(void **state)
{
	struct vs_chases *chases = *state;
	struct vs_chase *one = vs_chases_add(chases, ONE, "office");
	struct vs_chase_item *mail = vs_chase_add(one, "mail", 0, 0);

	assert_ptr_equal(vs_chases_add(chases, ONE, "office"), one);
	assert_ptr_equal(vs_chase_find(one, "mail"), mail);
	assert_null(vs_chase_find(one, "pager"));
	vs_chase_drop(chases, mail);
	assert_null(vs_chase_find(one, "mail"));
}

static void a_record_says_which_channel_told_it_how_often_and_when(void **state)
{
	struct vs_chases *chases = *state;
	struct vs_chase *one = vs_chases_add(chases, ONE, "office");
	struct vs_chases again;
	struct vs_buf text;

	vs_chase_add(one, "mail", 3, 700);
	vs_chase_add(one, "\"pager\"", 0, -500);
	vs_buf_init(&text);
	vs_chase_encode(one, AHEAD, &text);
	vs_chases_init(&again);
	/* After a restart the monotonic clock is another one. */
	assert_int_equal(vs_chases_decode(&again, ONE, vs_buf_view(&text), AHEAD + 5000, 1000, NULL), 0);
	one = vs_chases_find(&again, ONE);
	assert_non_null(one);
	assert_string_equal(one->client, "office");
	assert_true(one->stored);
	assert_int_equal(vs_chase_find(one, "mail")->number, 3);
	assert_int_equal(vs_chase_find(one, "mail")->since, 700 - 5000);
	assert_int_equal(vs_chase_find(one, "\"pager\"")->since, -5500);
	assert_null(vs_chases_first(&again));
	vs_chases_fini(&again);
	vs_buf_fini(&text);
}

static void what_is_noted_for_later_than_now_counts_from_now(void **state)
{
	struct vs_chases *chases = *state;

	assert_int_equal(
		vs_chases_decode(chases, ONE,
			vs_view_of("{\"client\":\"a\",\"channels\":[{\"channel\":\"mail\",\"number\":1,"
				   "\"at\":9000000000000}]}"),
			AHEAD, 1000, NULL),
		0);
	assert_int_equal(vs_chase_find(vs_chases_find(chases, ONE), "mail")->since, 1000);
}

static void what_is_no_record_is_refused_and_leaves_nothing(void **state)
{
	static const char twice[] = "{\"channels\":[{\"channel\":\"m\",\"number\":1,\"at\":5},"
				    "{\"channel\":\"m\",\"number\":1,\"at\":5}]}";
	static const char *const wrong[] = {
		"",
		"{",
		"[]x",
		"{\"client\":\"a\",\"channels\":[7]}",
		"{\"client\":\"a\",\"channels\":[{}]}",
		"{\"client\":\"a\",\"channels\":[{\"channel\":\"mail\",\"number\":-1,\"at\":5}]}",
		"{\"client\":\"a\",\"channels\":[{\"channel\":\"mail\",\"number\":5000000000,\"at\":5}]}",
		"{\"client\":\"a\",\"channels\":[{\"channel\":\"mail\",\"number\":1,\"at\":0}]}",
		twice,
	};
	struct vs_chases *chases = *state;
	struct vs_err err = {0};
	size_t i;

	for (i = 0; i < COUNT(wrong); i++) {
		assert_true(vs_chases_decode(chases, ONE, vs_view_of(wrong[i]), AHEAD, 1000, &err) < 0);
		assert_null(vs_chases_find(chases, ONE));
	}
	assert_true(
		vs_chases_decode(chases, "nonsense", vs_view_of("{\"channels\":[]}"), AHEAD, 1000, &err) < 0);
	assert_contains(err.text, "key");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_due_first_stands_first, setup, teardown),
		cmocka_unit_test_setup_teardown(an_incident_and_its_channels_are_there_once, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_record_says_which_channel_told_it_how_often_and_when, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_is_noted_for_later_than_now_counts_from_now, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_is_no_record_is_refused_and_leaves_nothing, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
