#include "silences_world.h"

#include "base/text.h"
#include "model/incident.h"
#include "model/kind.h"

static char lab[] = "lab";

static void on_stored(void *arg, bool durable)
{
	struct quiet *q = arg;

	q->answers++;
	q->durable = durable;
}

static void what_is_silenced_is_not_told_and_stays_visible(void **state)
{
	struct quiet *q = *state;

	meet(q->world, "lab");
	hush(q->world);
	silence(q, "{\"client\":\"lab\",\"for\":\"1h\"}");
	leak(q, "lab");
	assert_alerts(&q->world->mail, "");
	assert_alerts(&q->world->pager, "");
	assert_int_equal(vs_monitor_open_incidents(q->world->monitor), 1);
	assert_int_equal(vs_silences_held(q->silences), 1);
	assert_int_equal(stored(q->world, VS_TABLE_HELD), 1);
}

static void others_are_told(void **state)
{
	struct quiet *q = *state;

	meet(q->world, "office");
	hush(q->world);
	silence(q, "{\"client\":\"lab\",\"for\":\"1h\"}");
	leak(q, "office");
	assert_alerts(&q->world->pager, "opened bypass office");
}

static void what_is_open_at_its_end_is_told_once(void **state)
{
	struct quiet *q = *state;

	meet(q->world, "lab");
	hush(q->world);
	silence(q, "{\"client\":\"lab\",\"for\":\"1h\"}");
	leak(q, "lab");
	elapse(q, HOUR - SECOND);
	assert_alerts(&q->world->pager, "");
	elapse(q, SECOND);
	assert_alerts(&q->world->pager, "opened bypass lab");
	assert_alerts(&q->world->mail, "opened bypass lab");
	assert_int_equal(vs_silences_count(q->silences), 0);
	assert_int_equal(stored(q->world, VS_TABLE_SILENCES), 0);
	assert_int_equal(stored(q->world, VS_TABLE_HELD), 0);
	elapse(q, HOUR);
	assert_alerts(&q->world->pager, "opened bypass lab");
}

static void it_is_not_late_but_was_silenced(void **state)
{
	struct quiet *q = *state;

	meet(q->world, "lab");
	hush(q->world);
	silence(q, "{\"client\":\"lab\",\"for\":\"1h\"}");
	leak(q, "lab");
	elapse(q, HOUR);
	assert_alerts(&q->world->pager, "opened bypass lab");
	assert_int_equal(q->world->pager.alerts[0].flags, 0);
	assert_non_null(strstr(q->world->pager.alerts[0].body, "silenced until now"));
}

static void what_is_over_by_then_is_never_told(void **state)
{
	struct quiet *q = *state;

	meet(q->world, "lab");
	hush(q->world);
	silence(q, "{\"client\":\"lab\",\"for\":\"1h\"}");
	leak(q, "lab");
	mend(q, "lab");
	assert_int_equal(vs_silences_held(q->silences), 0);
	assert_int_equal(stored(q->world, VS_TABLE_HELD), 0);
	elapse(q, HOUR);
	assert_alerts(&q->world->mail, "");
	assert_alerts(&q->world->pager, "");
}

static void the_end_of_what_was_told_before_is_told(void **state)
{
	struct quiet *q = *state;

	meet(q->world, "lab");
	leak(q, "lab");
	hush(q->world);
	silence(q, "{\"client\":\"lab\",\"for\":\"1h\"}");
	mend(q, "lab");
	assert_alerts(&q->world->pager, "resolved bypass lab");
}

static void what_flaps_in_a_silence_is_told_as_its_beginning(void **state)
{
	struct quiet *q = *state;

	meet(q->world, "lab");
	hush(q->world);
	silence(q, "{\"client\":\"lab\",\"for\":\"1h\"}");
	leak(q, "lab");
	mend(q, "lab");
	leak(q, "lab");
	assert_alerts(&q->world->pager, "");
	elapse(q, HOUR);
	assert_int_equal(q->world->pager.count, 1);
	mend(q, "lab");
}

static void notices_of_the_silenced_are_not_told(void **state)
{
	struct quiet *q = *state;

	silence(q, "{\"client\":\"new-*\",\"for\":\"1h\"}");
	meet(q->world, "new-1");
	elapse(q, HOUR);
	assert_alerts(&q->world->mail, "");
}

static void what_is_reported_late_of_the_silenced_is_not_told(void **state)
{
	static const char *const late[] = {
		",\"late\":true,\"observed_at\":\"2026-11-23T11:50:00Z\"",
		",\"late\":true,\"observed_at\":\"2026-11-23T11:55:00Z\"",
	};
	struct quiet *q = *state;
	struct world *w = q->world;
	size_t before;

	meet(w, "lab");
	hush(w);
	before = stored(w, VS_TABLE_TRANSITIONS);
	silence(q, "{\"client\":\"lab\",\"for\":\"1h\"}");
	send_more(w, "lab", HOME, late[0], &w->answer);
	settle(w->loop);
	assert_int_equal(stored(w, VS_TABLE_TRANSITIONS), before + 1);
	elapse(q, HOUR);
	send_more(w, "lab", HOME, late[1], &w->answer);
	settle(w->loop);
	assert_alerts(&w->mail, "");
	assert_int_equal(stored(w, VS_TABLE_TRANSITIONS), before + 1);
}

static void a_silence_by_tag_asks_the_clients_own(void **state)
{
	struct quiet *q = *state;
	const struct vs_incident incident = {
		.kind = VS_KIND_BYPASS, .severity = VS_SEVERITY_CRITICAL, .client = lab};

	send_more(q->world, "lab", VPN, ",\"tags\":[\"test\"]", &q->world->answer);
	settle(q->world->loop);
	hush(q->world);
	assert_null(vs_silences_of(q->silences, &incident));
	silence(q, "{\"tag\":\"test\",\"for\":\"1h\"}");
	assert_non_null(vs_silences_of(q->silences, &incident));
	send_more(q->world, "lab", HOME, ",\"tags\":[\"test\"]", &q->world->answer);
	settle(q->world->loop);
	assert_alerts(&q->world->pager, "");
}

static void whoever_ends_it_hears_what_it_held_back(void **state)
{
	struct quiet *q = *state;
	struct vs_err err = {0};

	meet(q->world, "lab");
	hush(q->world);
	silence(q, "{\"client\":\"lab\",\"for\":\"1h\"}");
	leak(q, "lab");
	assert_int_equal(vs_silences_end(q->silences, q->id, "ben", NULL, NULL, &err), 0);
	settle(q->world->loop);
	assert_alerts(&q->world->pager, "opened bypass lab");
	assert_int_equal(vs_silences_end(q->silences, q->id, "ben", NULL, NULL, &err), VS_ERR_NOT_FOUND);
}

static void one_that_another_silences_too_stays_held(void **state)
{
	struct quiet *q = *state;
	struct vs_err err = {0};

	meet(q->world, "lab");
	hush(q->world);
	silence(q, "{\"kind\":\"bypass\",\"for\":\"2h\"}");
	silence(q, "{\"client\":\"lab\",\"for\":\"1h\"}");
	leak(q, "lab");
	assert_int_equal(vs_silences_end(q->silences, q->id, "ben", NULL, NULL, &err), 0);
	settle(q->world->loop);
	assert_alerts(&q->world->pager, "");
	elapse(q, 2 * HOUR);
	assert_alerts(&q->world->pager, "opened bypass lab");
}

static void a_restart_keeps_silences_and_what_they_hold(void **state)
{
	struct quiet *q = *state;

	meet(q->world, "lab");
	hush(q->world);
	silence(q, "{\"client\":\"lab\",\"for\":\"1h\",\"comment\":\"new kernel\"}");
	leak(q, "lab");
	restart(q);
	assert_alerts(&q->world->pager, "");
	assert_int_equal(vs_silences_held(q->silences), 1);
	assert_string_equal(vs_silences_find(q->silences, q->id)->comment, "new kernel");
	leak(q, "lab");
	assert_alerts(&q->world->pager, "");
	elapse(q, HOUR);
	assert_alerts(&q->world->pager, "opened bypass lab");
}

static void a_silence_that_ends_while_the_server_is_down_is_noticed(void **state)
{
	struct quiet *q = *state;

	meet(q->world, "lab");
	hush(q->world);
	silence(q, "{\"client\":\"lab\",\"for\":\"1h\"}");
	leak(q, "lab");
	pass(2 * HOUR);
	restart(q);
	assert_alerts(&q->world->pager, "opened bypass lab");
	assert_int_equal(stored(q->world, VS_TABLE_SILENCES), 0);
	restart(q);
	assert_alerts(&q->world->pager, "");
}

static void an_unreadable_record_is_passed_over(void **state)
{
	struct quiet *q = *state;

	silence(q, "{\"client\":\"lab\",\"for\":\"1h\"}");
	fake_store_put(&q->world->store, VS_TABLE_SILENCES, vs_view_of("x"), vs_view_of("{}"));
	fake_store_put(&q->world->store, VS_TABLE_HELD, vs_view_of("y"), vs_view_of("[]"));
	restart(q);
	assert_int_equal(vs_silences_count(q->silences), 1);
	assert_int_equal(vs_silences_held(q->silences), 0);
}

static void a_client_that_is_deleted_leaves_nothing_held(void **state)
{
	struct quiet *q = *state;

	meet(q->world, "lab");
	hush(q->world);
	silence(q, "{\"client\":\"lab\",\"for\":\"1h\"}");
	leak(q, "lab");
	assert_int_equal(vs_monitor_forget(q->world->monitor, "lab"), 0);
	settle(q->world->loop);
	assert_int_equal(vs_silences_held(q->silences), 0);
	elapse(q, HOUR);
	assert_alerts(&q->world->pager, "");
}

/* NOON is that of Monday, 2026-11-23, in UTC; in Bucharest it is 14:00. */
static void one_that_recurs_goes_by_its_own_zone(void **state)
{
	struct quiet *q = *state;

	meet(q->world, "lab");
	hush(q->world);
	silence(q,
		"{\"client\":\"lab\",\"recurring\":{\"weekdays\":\"mon\",\"from\":\"13:30\",\"to\":\"14:30\","
		"\"zone\":\"Europe/Bucharest\"}}");
	leak(q, "lab");
	assert_alerts(&q->world->pager, "");
	elapse(q, 30 * MINUTE);
	assert_alerts(&q->world->pager, "opened bypass lab");
	assert_int_equal(vs_silences_count(q->silences), 1);
}

static int64_t at(const char *text)
{
	int64_t wall;

	assert_int_equal(vs_time_parse(&wall, vs_view_of(text)), 0);
	return wall;
}

static bool counts_at(struct quiet *q, const char *time)
{
	const struct vs_incident incident = {
		.kind = VS_KIND_BYPASS, .severity = VS_SEVERITY_CRITICAL, .client = lab};

	fake_now.wall = at(time);
	vs_silences_tick(q->silences);
	return vs_silences_of(q->silences, &incident) != NULL;
}

static void a_change_of_clocks_moves_its_hours_with_them(void **state)
{
	struct quiet *q = *state;

	silence(q, "{\"client\":\"lab\",\"recurring\":{\"from\":\"02:30\",\"to\":\"04:30\","
		   "\"zone\":\"Europe/Madrid\"}}");
	/* 2027-03-28: 02:00 becomes 03:00, at 01:00 UTC; so half an hour of it does not happen. */
	assert_false(counts_at(q, "2027-03-28T00:59:59Z"));
	assert_true(counts_at(q, "2027-03-28T01:00:00Z"));
	assert_true(counts_at(q, "2027-03-28T02:29:00Z"));
	assert_false(counts_at(q, "2027-03-28T02:30:00Z"));
	/* 2027-10-31: 03:00 becomes 02:00, at 01:00 UTC; so half an hour comes twice. */
	assert_true(counts_at(q, "2027-10-31T00:30:00Z"));
	assert_false(counts_at(q, "2027-10-31T01:00:00Z"));
	assert_true(counts_at(q, "2027-10-31T01:30:00Z"));
	assert_true(counts_at(q, "2027-10-31T03:29:00Z"));
	assert_false(counts_at(q, "2027-10-31T03:30:00Z"));
}

static void a_zone_that_does_not_exist_is_refused(void **state)
{
	struct quiet *q = *state;
	struct vs_err err = {0};

	assert_int_equal(
		vs_silences_add_json(q->silences,
			vs_view_of("{\"client\":\"*\",\"recurring\":{\"from\":\"01:00\",\"to\":\"02:00\","
				   "\"zone\":\"Mars/Olympus\"}}"),
			"ana", q->id, NULL, NULL, &err),
		VS_ERR_INVALID);
	assert_non_null(strstr(err.text, "recurring.zone: there is no time zone \"Mars/Olympus\""));
	assert_int_equal(vs_silences_count(q->silences), 0);
}

static void there_is_a_limit_to_their_number(void **state)
{
	struct quiet *q = *state;
	struct vs_err err = {0};
	int i;

	for (i = 0; i < VS_SILENCES_MAX; i++)
		assert_int_equal(vs_silences_add_client(q->silences, "lab", HOUR, "ana", "", q->id, &err), 0);
	assert_int_equal(
		vs_silences_add_client(q->silences, "lab", HOUR, "ana", "", q->id, &err), VS_ERR_TOO_BIG);
	assert_int_equal(
		vs_silences_add_client(q->silences, "lab", 0, "ana", "", q->id, &err), VS_ERR_INVALID);
	assert_int_equal(
		vs_silences_add_client(q->silences, "a,b", HOUR, "ana", "", q->id, &err), VS_ERR_INVALID);
}

static void a_crowd_that_was_held_is_told_whole(void **state)
{
	struct quiet *q = *state;
	char id[16];
	int i;

	silence(q, "{\"client\":\"lab-*\",\"for\":\"1h\"}");
	for (i = 0; i < 200; i++) {
		snprintf(id, sizeof(id), "lab-%d", i);
		leak(q, id);
	}
	assert_int_equal(vs_silences_held(q->silences), 200);
	assert_int_equal(q->world->pager.count, 0);
	elapse(q, HOUR);
	assert_int_equal(q->world->pager.count, 200);
	assert_int_equal(stored(q->world, VS_TABLE_HELD), 0);
	assert_int_equal(stored(q->world, VS_TABLE_OUTBOX), 0);
}

static void a_store_that_begins_empty_gets_all_of_them(void **state)
{
	struct quiet *q = *state;
	struct vs_unit *unit = vs_unit_create();

	meet(q->world, "lab");
	silence(q, "{\"client\":\"lab\",\"for\":\"1h\"}");
	leak(q, "lab");
	vs_silences_rewrite(q->silences, unit);
	assert_int_equal(unit->count, 2);
	vs_unit_destroy(unit);
}

static void a_store_that_refuses_keeps_nobody_from_silencing_nor_from_being_told(void **state)
{
	struct quiet *q = *state;
	struct vs_err err;

	meet(q->world, "lab");
	hush(q->world);
	q->world->store.mode = FAKE_REFUSE;
	assert_int_equal(vs_silences_add_json(q->silences, vs_view_of("{\"client\":\"lab\",\"for\":\"1h\"}"),
				 "ana", q->id, on_stored, q, &err),
		0);
	settle(q->world->loop);
	assert_int_equal(q->answers, 1);
	assert_false(q->durable);
	leak(q, "lab");
	assert_alerts(&q->world->pager, "");
	assert_int_equal(vs_silences_end(q->silences, q->id, "ana", on_stored, q, &err), 0);
	settle(q->world->loop);
	assert_int_equal(q->answers, 2);
	assert_false(q->durable);
	assert_alerts(&q->world->pager, "opened bypass lab");
	q->world->store.mode = FAKE_ACCEPT;
	advance(q->world->loop, 5 * SECOND);
	assert_int_equal(stored(q->world, VS_TABLE_SILENCES), 0);
	assert_int_equal(stored(q->world, VS_TABLE_HELD), 0);
	assert_alerts(&q->world->pager, "opened bypass lab");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_silenced_is_not_told_and_stays_visible),
		TEST(others_are_told),
		TEST(what_is_open_at_its_end_is_told_once),
		TEST(it_is_not_late_but_was_silenced),
		TEST(what_is_over_by_then_is_never_told),
		TEST(the_end_of_what_was_told_before_is_told),
		TEST(what_flaps_in_a_silence_is_told_as_its_beginning),
		TEST(notices_of_the_silenced_are_not_told),
		TEST(what_is_reported_late_of_the_silenced_is_not_told),
		TEST(a_silence_by_tag_asks_the_clients_own),
		TEST(whoever_ends_it_hears_what_it_held_back),
		TEST(one_that_another_silences_too_stays_held),
		TEST(a_restart_keeps_silences_and_what_they_hold),
		TEST(a_silence_that_ends_while_the_server_is_down_is_noticed),
		TEST(an_unreadable_record_is_passed_over),
		TEST(a_client_that_is_deleted_leaves_nothing_held),
		TEST(one_that_recurs_goes_by_its_own_zone),
		TEST(a_change_of_clocks_moves_its_hours_with_them),
		TEST(a_zone_that_does_not_exist_is_refused),
		TEST(there_is_a_limit_to_their_number),
		TEST(a_crowd_that_was_held_is_told_whole),
		TEST(a_store_that_begins_empty_gets_all_of_them),
		TEST(a_store_that_refuses_keeps_nobody_from_silencing_nor_from_being_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
