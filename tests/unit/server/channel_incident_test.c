/* Beginnings and ends of incidents, as one channel tells them. */
#include "channel_world.h"

static void an_end_is_told_where_the_beginning_was(void **state)
{
	struct fixture *f = *state;
	struct vs_incident incident = incident_of(VS_KIND_BYPASS, "a");

	tell_change(f, &incident, VS_CHANGE_OPENED);
	settle(f->loop);
	assert_int_equal(fake_store_count(&f->store, VS_TABLE_TOLD), 1);
	tell_change(f, &incident, VS_CHANGE_RESOLVED);
	settle(f->loop);
	assert_alerts(&f->script, "opened bypass a, resolved bypass a");
	assert_string_equal(f->script.alerts[0].replaces, "-");
	assert_string_equal(f->script.alerts[1].replaces, "msg-1");
	assert_int_equal(fake_store_count(&f->store, VS_TABLE_TOLD), 0);
	vs_incident_fini(&incident);
}

static void a_channel_that_names_no_messages_has_none_to_replace(void **state)
{
	struct fixture *f = *state;
	struct vs_incident incident = incident_of(VS_KIND_BYPASS, "a");

	f->script.ref = NULL;
	tell_change(f, &incident, VS_CHANGE_OPENED);
	tell_change(f, &incident, VS_CHANGE_ESCALATED);
	settle(f->loop);
	tell_change(f, &incident, VS_CHANGE_RESOLVED);
	settle(f->loop);
	assert_alerts(&f->script, "opened bypass a, escalated bypass a, resolved bypass a");
	assert_string_equal(f->script.alerts[1].replaces, "-");
	assert_string_equal(f->script.alerts[2].replaces, "-");
	vs_incident_fini(&incident);
}

static void an_end_whose_beginning_was_given_up_is_not_told(void **state)
{
	struct fixture *f = *state;
	struct vs_incident incident = incident_of(VS_KIND_BYPASS, "a");

	f->script.answer = SCRIPT_DROP;
	f->script.answers_left = 1;
	tell_change(f, &incident, VS_CHANGE_OPENED);
	settle(f->loop);
	tell_change(f, &incident, VS_CHANGE_RESOLVED);
	settle(f->loop);
	assert_alerts(&f->script, "opened bypass a");
	assert_int_equal(look(f).queued, 0);
	assert_int_equal(rows(f), 0);
	vs_incident_fini(&incident);
}

static void an_end_before_the_beginning_could_be_sent_makes_one_message_of_both(void **state)
{
	struct fixture *f = *state;
	struct vs_incident incident = incident_of(VS_KIND_BYPASS, "a");

	f->script.answer = SCRIPT_RETRY;
	f->script.answers_left = 1;
	f->script.retry_after_ms = 10 * SECOND;
	f->script.unsent = true;
	tell_change(f, &incident, VS_CHANGE_OPENED);
	tell(f, notice_of("b"));
	settle(f->loop);
	tell_change(f, &incident, VS_CHANGE_RESOLVED);
	advance(f->loop, 10 * SECOND);
	assert_alerts(&f->script, "opened bypass a, resolved bypass a, notice connected b");
	assert_contains(f->script.alerts[1].body, "the first message about it");
	assert_int_equal(f->script.alerts[1].flags, 0);
	assert_int_equal(rows(f), 0);
	assert_int_equal(fake_store_count(&f->store, VS_TABLE_TOLD), 0);
	vs_incident_fini(&incident);
}

static void a_combined_message_is_marked_when_the_beginning_may_have_arrived(void **state)
{
	struct fixture *f = *state;
	struct vs_incident incident = incident_of(VS_KIND_BYPASS, "a");

	f->script.answer = SCRIPT_RETRY;
	f->script.answers_left = 1;
	tell_change(f, &incident, VS_CHANGE_OPENED);
	settle(f->loop);
	tell_change(f, &incident, VS_CHANGE_RESOLVED);
	advance(f->loop, SECOND);
	assert_alerts(&f->script, "opened bypass a, resolved bypass a");
	assert_int_equal(f->script.alerts[1].flags, VPNS_ALERT_POSSIBLE_DUPLICATE);
	vs_incident_fini(&incident);
}

static void that_a_message_tells_both_is_stored_before_the_beginning_is_deleted(void **state)
{
	struct fixture *f = *state;
	struct vs_incident incident = incident_of(VS_KIND_BYPASS, "a");
	struct vs_delivery *stored;

	f->script.answer = SCRIPT_RETRY;
	f->script.retry_after_ms = SECOND;
	tell_change(f, &incident, VS_CHANGE_OPENED);
	tell_change(f, &incident, VS_CHANGE_RESOLVED);
	advance(f->loop, 2 * SECOND);
	assert_int_equal(rows(f), 1);
	stored = vs_delivery_decode(
		f->last_id, vs_view_of(fake_store_text(&f->store, VS_TABLE_OUTBOX, f->last_id)), NULL);
	assert_non_null(stored);
	assert_int_equal(stored->transition.change, VS_CHANGE_RESOLVED);
	assert_true(stored->combined);
	vs_delivery_destroy(stored);
	vs_incident_fini(&incident);
}

static void a_beginning_too_old_to_send_is_told_by_its_end(void **state)
{
	struct fixture *f = *state;
	struct vs_incident incident = incident_of(VS_KIND_BYPASS, "a");

	f->script.answer = SCRIPT_RETRY;
	f->script.answers_left = 1;
	f->script.retry_after_ms = DAY;
	tell_change(f, &incident, VS_CHANGE_OPENED);
	advance(f->loop, 20 * HOUR);
	tell_change(f, &incident, VS_CHANGE_RESOLVED);
	advance(f->loop, 4 * HOUR);
	assert_alerts(&f->script, "opened bypass a, resolved bypass a");
	assert_int_equal(look(f).dropped, 0);
	vs_incident_fini(&incident);
}

static void an_end_that_is_given_up_leaves_nothing_behind(void **state)
{
	struct fixture *f = *state;
	struct vs_incident incident = incident_of(VS_KIND_BYPASS, "a");

	tell_change(f, &incident, VS_CHANGE_OPENED);
	settle(f->loop);
	f->script.answer = SCRIPT_DROP;
	tell_change(f, &incident, VS_CHANGE_RESOLVED);
	settle(f->loop);
	assert_int_equal(fake_store_count(&f->store, VS_TABLE_TOLD), 0);
	vs_incident_fini(&incident);
}

static void a_forgotten_incident_is_told_no_end(void **state)
{
	struct fixture *f = *state;
	struct vs_incident incident = incident_of(VS_KIND_BYPASS, "a");
	struct vs_unit *unit = vs_unit_create();

	tell_change(f, &incident, VS_CHANGE_OPENED);
	settle(f->loop);
	vs_channel_forget(f->channel, incident.id, unit);
	assert_int_equal(unit->count, 1);
	vs_channel_forget(f->channel, incident.id, unit);
	assert_int_equal(unit->count, 1);
	vs_ledger_commit(f->ledger, unit, NULL, NULL);
	tell_change(f, &incident, VS_CHANGE_RESOLVED);
	settle(f->loop);
	assert_alerts(&f->script, "opened bypass a");
	assert_int_equal(fake_store_count(&f->store, VS_TABLE_TOLD), 0);
	vs_incident_fini(&incident);
}

static void an_incident_that_comes_back_is_told_again_and_ends_again(void **state)
{
	struct fixture *f = *state;
	struct vs_incident incident = incident_of(VS_KIND_BYPASS, "a");

	tell_change(f, &incident, VS_CHANGE_OPENED);
	settle(f->loop);
	f->script.answer = SCRIPT_RETRY;
	f->script.answers_left = 1;
	f->script.retry_after_ms = SECOND;
	tell_change(f, &incident, VS_CHANGE_RESOLVED);
	tell_change(f, &incident, VS_CHANGE_ESCALATED);
	tell_change(f, &incident, VS_CHANGE_RESOLVED);
	advance(f->loop, SECOND);
	assert_alerts(&f->script, "opened bypass a, resolved bypass a, resolved bypass a, escalated bypass "
				  "a, resolved bypass a");
	vs_incident_fini(&incident);
}

#define T(test) cmocka_unit_test_setup_teardown(test, channel_setup, channel_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_end_is_told_where_the_beginning_was),
		T(a_channel_that_names_no_messages_has_none_to_replace),
		T(an_end_whose_beginning_was_given_up_is_not_told),
		T(an_end_before_the_beginning_could_be_sent_makes_one_message_of_both),
		T(a_combined_message_is_marked_when_the_beginning_may_have_arrived),
		T(that_a_message_tells_both_is_stored_before_the_beginning_is_deleted),
		T(a_beginning_too_old_to_send_is_told_by_its_end),
		T(an_end_that_is_given_up_leaves_nothing_behind),
		T(a_forgotten_incident_is_told_no_end),
		T(an_incident_that_comes_back_is_told_again_and_ends_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
