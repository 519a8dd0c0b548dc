/* Places that are kept: bounded, stale after a while, and counted when they change. */
#include "model_test.h"

#include "model/atlas.h"
#include "model/step.h"

static struct vs_place place(const char *country, int64_t at)
{
	struct vs_place made;

	vs_place_init(&made);
	snprintf(made.country, sizeof(made.country), "%s", country);
	made.at = at;
	made.org = "M247";
	return made;
}

static void put(struct vs_atlas *atlas, const char *address, const char *country, int64_t at)
{
	struct vs_place made = place(country, at);
	struct vs_addr where = addr(address);

	vs_atlas_put(atlas, &where, &made);
}

static const struct vs_place *find(struct vs_atlas *atlas, const char *address, int64_t now)
{
	struct vs_addr where = addr(address);

	return vs_atlas_find(atlas, &where, now);
}

static void what_was_put_is_found_as_a_copy(void **state)
{
	struct vs_atlas *atlas = vs_atlas_create(0);
	struct vs_place made = place("RO", NOON);
	struct vs_addr where = addr("198.51.100.7"), nowhere = {0};
	char org[] = "M247";

	(void)state;
	made.org = org;
	vs_atlas_put(atlas, &where, &made);
	memset(org, 'x', sizeof(org) - 1);
	assert_string_equal(find(atlas, "198.51.100.7", NOON)->org, "M247");
	assert_null(find(atlas, "198.51.100.8", NOON));
	vs_atlas_put(atlas, &nowhere, &made);
	assert_int_equal(vs_atlas_count(atlas), 1);
	put(atlas, "2001:db8::7", "DE", NOON);
	assert_string_equal(find(atlas, "2001:db8::7", NOON)->country, "DE");
	vs_atlas_destroy(atlas);
}

static void a_later_word_replaces_the_earlier_one(void **state)
{
	struct vs_atlas *atlas = vs_atlas_create(0);

	(void)state;
	put(atlas, "198.51.100.7", "RO", NOON);
	put(atlas, "198.51.100.7", "DE", NOON + 1);
	assert_int_equal(vs_atlas_count(atlas), 1);
	assert_string_equal(find(atlas, "198.51.100.7", NOON)->country, "DE");
	vs_atlas_destroy(atlas);
}

struct dropped {
	char text[3][VS_ADDR_TEXT];
	size_t count;
};

static void on_dropped(void *arg, const struct vs_addr *gone)
{
	struct dropped *dropped = arg;

	assert_true(dropped->count < COUNT(dropped->text));
	vs_addr_format(gone, dropped->text[dropped->count++]);
}

static void when_it_is_full_what_was_looked_at_longest_ago_goes_and_is_told(void **state)
{
	struct vs_atlas *atlas = vs_atlas_create(2);
	struct dropped dropped = {.count = 0};

	(void)state;
	vs_atlas_watch(atlas, on_dropped, &dropped);
	put(atlas, "198.51.100.1", "RO", NOON);
	put(atlas, "198.51.100.2", "RO", NOON);
	assert_non_null(find(atlas, "198.51.100.1", NOON));
	put(atlas, "198.51.100.3", "RO", NOON);
	put(atlas, "198.51.100.3", "DE", NOON); /* known: nobody goes */
	assert_int_equal(dropped.count, 1);
	assert_string_equal(dropped.text[0], "198.51.100.2");
	assert_null(find(atlas, "198.51.100.2", NOON));
	assert_non_null(find(atlas, "198.51.100.1", NOON));
	assert_int_equal(vs_atlas_count(atlas), 2);
	vs_atlas_destroy(atlas);
}

static void a_place_is_stale_after_a_day_and_fresh_when_it_was_asked_for_anew(void **state)
{
	struct vs_atlas *atlas = vs_atlas_create(0);

	(void)state;
	put(atlas, "198.51.100.7", "RO", NOON);
	assert_false(find(atlas, "198.51.100.7", NOON + 24 * HOUR - 1)->stale);
	assert_true(find(atlas, "198.51.100.7", NOON + 24 * HOUR)->stale);
	put(atlas, "198.51.100.7", "RO", NOON + 24 * HOUR);
	assert_false(find(atlas, "198.51.100.7", NOON + 24 * HOUR)->stale);
	vs_atlas_set_fresh(atlas, 2000);
	assert_int_equal(vs_atlas_fresh(atlas), 2000);
	assert_true(find(atlas, "198.51.100.7", NOON + 24 * HOUR + 2100)->stale);
	vs_atlas_set_fresh(atlas, 0);
	assert_int_equal(vs_atlas_fresh(atlas), 1000);
	vs_atlas_destroy(atlas);
}

static void the_edition_changes_exactly_when_a_known_place_may_read_otherwise(void **state)
{
	struct vs_atlas *atlas = vs_atlas_create(0);
	struct vs_step step = {NOON - HOUR, NOON, HOUR};
	uint64_t edition = vs_atlas_edition(atlas, NOON);

	(void)state;
	assert_int_equal(vs_atlas_edition(NULL, NOON), 0);
	put(atlas, "198.51.100.7", "RO", NOON);
	assert_true(vs_atlas_edition(atlas, NOON) == edition); /* who missed it judges again anyway */
	put(atlas, "198.51.100.7", "DE", NOON);
	assert_true(vs_atlas_edition(atlas, NOON) != edition);
	edition = vs_atlas_edition(atlas, NOON);
	assert_true(vs_atlas_edition(atlas, NOON + 59 * MINUTE) == edition);
	assert_true(vs_atlas_edition(atlas, NOON + HOUR) != edition);
	vs_atlas_step(atlas, &step);
	assert_true(vs_atlas_edition(atlas, NOON) != edition);
	assert_int_equal(find(atlas, "198.51.100.7", NOON)->at, NOON + HOUR);
	vs_atlas_destroy(atlas);
}

/* While the edition stays, so does what is found. */
static void nothing_turns_stale_within_one_edition(void **state)
{
	struct vs_atlas *atlas = vs_atlas_create(0);
	uint64_t edition = 0;
	bool stale = false;

	(void)state;
	put(atlas, "198.51.100.7", "RO", NOON + 17 * MINUTE);
	for (int64_t now = NOON + 20 * HOUR; now < NOON + 30 * HOUR; now += MINUTE) {
		const struct vs_place *found = find(atlas, "198.51.100.7", now);

		if (vs_atlas_edition(atlas, now) == edition)
			assert_int_equal(found->stale, stale);
		edition = vs_atlas_edition(atlas, now);
		stale = found->stale;
	}
	assert_true(stale);
	vs_atlas_destroy(atlas);
}

static void count_one(void *arg, const struct vs_addr *where, const struct vs_place *found)
{
	size_t *count = arg;

	assert_int_not_equal(where->family, 0);
	assert_string_equal(found->country, "RO");
	++*count;
}

static void all_places_can_be_gone_through(void **state)
{
	struct vs_atlas *atlas = vs_atlas_create(0);
	size_t count = 0;

	(void)state;
	vs_atlas_each(atlas, count_one, &count);
	assert_int_equal(count, 0);
	put(atlas, "198.51.100.7", "RO", NOON);
	put(atlas, "198.51.100.8", "RO", NOON);
	vs_atlas_each(atlas, count_one, &count);
	assert_int_equal(count, 2);
	vs_atlas_destroy(atlas);
	vs_atlas_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_put_is_found_as_a_copy),
		cmocka_unit_test(a_later_word_replaces_the_earlier_one),
		cmocka_unit_test(when_it_is_full_what_was_looked_at_longest_ago_goes_and_is_told),
		cmocka_unit_test(a_place_is_stale_after_a_day_and_fresh_when_it_was_asked_for_anew),
		cmocka_unit_test(the_edition_changes_exactly_when_a_known_place_may_read_otherwise),
		cmocka_unit_test(nothing_turns_stale_within_one_edition),
		cmocka_unit_test(all_places_can_be_gone_through),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
