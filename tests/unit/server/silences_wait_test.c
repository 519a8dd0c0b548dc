/* Silences that begin while messages wait for the morning or for their group. */
#include "silences_world.h"

#include "config/instance.h"

#define EVERYTHING (1 << VS_ROUTE_INFO | 1 << VS_ROUTE_WARNING | 1 << VS_ROUTE_CRITICAL)

/* It is noon: the mail is quiet from 12:00 to 20:00 UTC, the pager never. */
static void quiet_mail(struct quiet *q)
{
	q->world->mail.conf.quiet = (struct vs_quiet_conf){EVERYTHING, 0x7f, 12 * 60, 20 * 60, "UTC"};
	q->world->mail.conf.route.severity = VS_ROUTE_WARNING;
	restart(q);
}

static void what_waits_for_the_morning_waits_for_the_silence_too(void **state)
{
	struct quiet *q = *state;

	quiet_mail(q);
	leak(q, "lab");
	assert_alerts(&q->world->pager, "opened bypass lab");
	silence(q, "{\"client\":\"lab\",\"for\":\"10h\"}");
	hush(q->world);
	advance(q->world->loop, 9 * HOUR);
	assert_alerts(&q->world->mail, "");
	assert_int_equal(stored(q->world, VS_TABLE_OUTBOX), 1);
	advance(q->world->loop, HOUR + MINUTE);
	assert_alerts(&q->world->mail, "opened bypass lab, opened tunnel_lost lab");
	assert_int_equal(stored(q->world, VS_TABLE_OUTBOX), 0);
}

static void whoever_was_told_before_is_not_told_again(void **state)
{
	struct quiet *q = *state;
	struct vs_err err = {0};

	quiet_mail(q);
	leak(q, "lab");
	silence(q, "{\"client\":\"lab\",\"for\":\"1d\"}");
	hush(q->world);
	fake_now.wall += 8 * HOUR;
	advance(q->world->loop, MINUTE);
	assert_alerts(&q->world->mail, "");
	assert_int_equal(vs_silences_end(q->silences, q->id, "ben", NULL, NULL, &err), 0);
	settle(q->world->loop);
	assert_alerts(&q->world->mail, "opened bypass lab");
	assert_contains(q->world->mail.alerts[0].body, "silenced until now");
	assert_alerts(&q->world->pager, "");
}

static void its_end_in_the_silence_is_told_to_those_alone_who_heard_of_it(void **state)
{
	struct quiet *q = *state;

	quiet_mail(q);
	leak(q, "lab");
	silence(q, "{\"client\":\"lab\",\"for\":\"1d\"}");
	hush(q->world);
	mend(q, "lab");
	assert_alerts(&q->world->pager, "resolved bypass lab");
	advance(q->world->loop, HOUR);
	assert_int_equal(stored(q->world, VS_TABLE_OUTBOX), 0);
	fake_now.wall += 8 * HOUR;
	advance(q->world->loop, MINUTE);
	assert_alerts(&q->world->mail, "");
}

static void a_silence_that_ends_before_the_morning_changes_nothing(void **state)
{
	struct quiet *q = *state;

	quiet_mail(q);
	leak(q, "lab");
	leak(q, "office");
	silence(q, "{\"client\":\"lab\",\"for\":\"1m\"}");
	advance(q->world->loop, 2 * MINUTE);
	assert_alerts(&q->world->mail, "");
	fake_now.wall += 8 * HOUR;
	advance(q->world->loop, MINUTE);
	assert_int_equal(q->world->mail.count, 1);
	assert_contains(q->world->mail.alerts[0].body, "lab");
	assert_contains(q->world->mail.alerts[0].body, "office");
}

static void a_restart_keeps_it_back(void **state)
{
	struct quiet *q = *state;

	quiet_mail(q);
	leak(q, "lab");
	silence(q, "{\"client\":\"lab\",\"for\":\"12h\"}");
	fake_now.wall += 8 * HOUR;
	restart(q);
	advance(q->world->loop, MINUTE);
	assert_alerts(&q->world->mail, "");
	fake_now.wall += 4 * HOUR;
	restart(q);
	advance(q->world->loop, MINUTE);
	assert_alerts(&q->world->mail, "opened bypass lab");
}

static void what_waits_for_its_group_is_held_back_and_the_others_go(void **state)
{
	struct quiet *q = *state;

	q->world->mail.conf.group = (struct vs_group_conf){VS_GROUP_BY_KIND, 2 * SECOND, MINUTE};
	q->world->mail.conf.route.severity = VS_ROUTE_WARNING;
	restart(q);
	leak(q, "first");
	leak(q, "lab");
	leak(q, "office");
	assert_alerts(&q->world->mail, "opened bypass first");
	silence(q, "{\"client\":\"lab\",\"for\":\"10m\"}");
	advance(q->world->loop, 2 * MINUTE);
	assert_alerts(&q->world->mail, "opened bypass first, opened bypass office");
	advance(q->world->loop, 8 * MINUTE);
	assert_alerts(&q->world->mail, "opened bypass first, opened bypass office, opened bypass lab");
}

static void one_that_begins_later_holds_back_what_waits_by_then(void **state)
{
	struct quiet *q = *state;

	quiet_mail(q);
	leak(q, "lab");
	silence(q, "{\"client\":\"lab\",\"starts_at\":\"2026-11-23T12:10:00Z\",\"for\":\"1d\"}");
	advance(q->world->loop, 10 * MINUTE);
	fake_now.wall += 8 * HOUR;
	advance(q->world->loop, MINUTE);
	assert_alerts(&q->world->mail, "");
	assert_int_equal(stored(q->world, VS_TABLE_OUTBOX), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_waits_for_the_morning_waits_for_the_silence_too),
		TEST(whoever_was_told_before_is_not_told_again),
		TEST(its_end_in_the_silence_is_told_to_those_alone_who_heard_of_it),
		TEST(a_silence_that_ends_before_the_morning_changes_nothing),
		TEST(a_restart_keeps_it_back),
		TEST(what_waits_for_its_group_is_held_back_and_the_others_go),
		TEST(one_that_begins_later_holds_back_what_waits_by_then),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
