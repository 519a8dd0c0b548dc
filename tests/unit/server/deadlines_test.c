#include "server_test.h"

#include "fake_loop.h"

#include "server/deadlines.h"
#include "server/registry.h"

struct fixture {
	struct vs_loop *loop;
	struct vs_registry *registry;
	struct vs_deadlines *deadlines;
	unsigned ticks;
};

static void on_tick(void *arg)
{
	struct fixture *f = arg;

	f->ticks++;
}

static int setup(void **state)
{
	struct fixture *f = vs_zalloc(sizeof(*f));

	clock_reset();
	f->loop = vs_loop_create();
	f->registry = vs_registry_create(100);
	f->deadlines = vs_deadlines_create(f->loop, fake_now.mono, on_tick, f);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	vs_deadlines_destroy(f->deadlines);
	vs_registry_destroy(f->registry);
	vs_loop_destroy(f->loop);
	vs_free(f);
	return 0;
}

static struct vs_entry *with_deadline(struct fixture *f, const char *id, int64_t in)
{
	struct vs_entry *entry = vs_registry_add(f->registry, id, NULL);

	vs_deadlines_set(f->deadlines, entry, fake_now.mono + (uint64_t)in);
	return entry;
}

static const char *next(struct fixture *f)
{
	const struct vs_entry *entry = vs_deadlines_next(f->deadlines, fake_now.mono);

	return entry != NULL ? entry->client.id : "";
}

static void it_ticks_a_few_times_a_second_and_at_once_when_there_is_more(void **state)
{
	struct fixture *f = *state;

	advance(f->loop, 10 * VS_DEADLINES_TICK_MS);
	assert_int_equal(f->ticks, 10);
	vs_deadlines_hurry(f->deadlines);
	settle(f->loop);
	assert_int_equal(f->ticks, 11);
	advance(f->loop, VS_DEADLINES_TICK_MS);
	assert_int_equal(f->ticks, 12);
}

static void a_deadline_is_due_once_and_never_early(void **state)
{
	struct fixture *f = *state;

	with_deadline(f, "a", 1000);
	pass(999);
	assert_string_equal(next(f), "");
	pass(VS_DEADLINES_TICK_MS);
	assert_string_equal(next(f), "a");
	assert_string_equal(next(f), "");
}

static void a_moved_deadline_is_due_at_its_new_time_only(void **state)
{
	struct fixture *f = *state;
	struct vs_entry *a = with_deadline(f, "a", 1000);
	struct vs_entry *b = with_deadline(f, "b", 1000);

	vs_deadlines_set(f->deadlines, a, fake_now.mono + 5000);
	vs_deadlines_drop(f->deadlines, b);
	vs_deadlines_drop(f->deadlines, b);
	pass(4000);
	assert_string_equal(next(f), "");
	pass(1200);
	assert_string_equal(next(f), "a");
}

static void everybody_can_be_given_more_time(void **state)
{
	struct fixture *f = *state;
	struct vs_entry *a = with_deadline(f, "a", 1000);
	struct vs_entry *idle = vs_registry_add(f->registry, "idle", NULL);

	a->heard_ms = 500;
	with_deadline(f, "past", 0);
	vs_deadlines_shift(f->deadlines, f->registry, 60000);
	assert_int_equal(a->heard_ms, 60500);
	assert_int_equal(idle->heard_ms, 60000);
	pass(59000);
	assert_string_equal(next(f), "");
	pass(1200);
	assert_string_equal(next(f), "past");
	assert_string_equal(next(f), "");
	pass(1000);
	assert_string_equal(next(f), "a");
	assert_string_equal(next(f), "");
	vs_deadlines_destroy(NULL);
}

static uint64_t in_an_hour(void *arg, const struct vs_entry *entry)
{
	(void)arg;
	return entry->heard_ms + HOUR;
}

static void everybody_gets_another_deadline_a_chunk_a_tick(void **state)
{
	struct fixture *f = *state;
	char id[16];
	size_t i;

	for (i = 0; i < 99; i++) {
		snprintf(id, sizeof(id), "c%zu", i);
		with_deadline(f, id, MINUTE)->heard_ms = fake_now.mono;
	}
	assert_non_null(vs_registry_add(f->registry, "being looked at", NULL));
	vs_deadlines_review(f->deadlines, f->registry, in_an_hour, f);
	settle(f->loop);
	advance(f->loop, 2 * MINUTE);
	assert_string_equal(next(f), "");
	advance(f->loop, HOUR);
	for (i = 0; i < 99; i++)
		assert_string_not_equal(next(f), "");
	assert_string_equal(next(f), "");
}

static void a_review_that_is_not_over_ends_with_the_deadlines(void **state)
{
	struct fixture *f = *state;

	vs_deadlines_drop(f->deadlines, with_deadline(f, "a", MINUTE));
	vs_deadlines_review(f->deadlines, f->registry, in_an_hour, f);
	vs_deadlines_review(f->deadlines, f->registry, in_an_hour, f);
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(it_ticks_a_few_times_a_second_and_at_once_when_there_is_more),
		T(a_deadline_is_due_once_and_never_early),
		T(a_moved_deadline_is_due_at_its_new_time_only),
		T(everybody_can_be_given_more_time),
		T(everybody_gets_another_deadline_a_chunk_a_tick),
		T(a_review_that_is_not_over_ends_with_the_deadlines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
