/* Messages that are changed in place: what joins them, what of them is over, and what a restart leaves. */
#include "bunch_world.h"

#include "transitions.h"

#include "model/json.h"
#include "server/acks.h"
#include "server/bunch.h"
#include "server/delivery.h"

static void who_comes_within_the_interval_joins_the_message(void **state)
{
	struct world *w = *state;

	bypass(w, 0, 1);
	assert_int_equal(w->mail.count, 1);
	bypass(w, 1, 1);
	assert_int_equal(w->mail.count, 1); /* the first change waits a little */
	advance(w->loop, 2 * SECOND);
	assert_int_equal(w->mail.count, 2);
	assert_true(is_update(newest(w)));
	assert_string_equal(newest(w)->replaces, "msg-1");
	assert_int_equal(newest(w)->transition, VPNS_TRANSITION_OPENED);
	assert_contains(newest(w)->title, "(+1)");
	assert_contains(newest(w)->body, "c00000, c00001");
	assert_string_equal(newest(w)->incident, "");
	bypass(w, 2, 498);
	advance(w->loop, MINUTE);
	assert_true(w->mail.count <= 6);
	assert_int_equal(messages(w), 1);
	assert_contains(newest(w)->title, "(+499)");
	assert_contains(newest(w)->body, "(+490)");
	assert_int_equal(stored(w, VS_TABLE_OUTBOX), 0);
	assert_int_equal(stored(w, VS_TABLE_GROUPS), 1);
}

static void the_message_goes_on_saying_who_looks_after_whom(void **state)
{
	struct world *w = *state;
	struct vs_acks *acks =
		vs_acks_create(&(struct vs_acks_parts){&fake_clock, w->ledger, w->outbox, w->monitor});
	struct vs_err err = {0};

	bypass(w, 0, 1);
	assert_int_equal(vs_acks_put(acks, newest(w)->incident, "ana", "", NULL, NULL, &err), 0);
	settle(w->loop);
	bypass(w, 1, 2);
	advance(w->loop, 2 * SECOND);
	assert_true(is_update(newest(w)));
	assert_contains(newest(w)->body, "c00000, c00001, c00002\nana looks after c00000.");
	assert_int_equal(vs_acks_put_client(acks, "c00002", "ana", ""), 1);
	assert_int_equal(vs_acks_put_client(acks, "c00001", "ben", ""), 1);
	bypass(w, 3, 1);
	advance(w->loop, MINUTE);
	assert_contains(newest(w)->body, "\nana looks after c00000, c00002.\nben looks after c00001.");
	come_back(w, 0, 1); /* who looks after what is over is of no interest */
	advance(w->loop, MINUTE);
	assert_true(is_update(newest(w)));
	assert_contains(newest(w)->body, "\nben looks after c00001.\nana looks after c00002.");
	vs_acks_destroy(acks);
}

static void a_restart_knows_who_looks_after_whom(void **state)
{
	struct world *w = *state;
	struct vs_acks_parts parts = {&fake_clock, w->ledger, w->outbox, w->monitor};
	struct vs_acks *acks;

	bypass(w, 0, 3);
	advance(w->loop, 2 * SECOND);
	world_restart(w);
	parts = (struct vs_acks_parts){&fake_clock, w->ledger, w->outbox, w->monitor};
	acks = vs_acks_create(&parts);
	assert_int_equal(vs_acks_put_client(acks, "c00001", "ana", ""), 1);
	come_back(w, 2, 1);
	advance(w->loop, MINUTE);
	assert_true(is_update(newest(w)));
	assert_contains(newest(w)->body, "1 of 3 are over.\nc00000, c00001, c00002\nana looks after c00001.");
	vs_acks_destroy(acks);
}

static void a_record_of_an_older_version_is_read(void **state)
{
	static const char record[] = "{\"ref\":\"msg-1\",\"count\":2,\"left\":0,\"begun_at\":1,\"names\":["
				     "\"a\",\"b\"],\"first\":%s}";
	struct vs_incident incident = incident_of(VS_KIND_BYPASS, "a");
	struct vs_transition transition = change_of(&incident, VS_CHANGE_OPENED);
	struct vs_delivery *first = vs_delivery_create(incident.id, "mail", &transition, NOON);
	struct vs_err err = {0};
	struct vs_bunch *bunch;
	struct vs_buf delivery;
	struct vs_buf quoted;
	struct vs_buf text;

	(void)state;
	vs_buf_init(&delivery);
	vs_buf_init(&quoted);
	vs_buf_init(&text);
	vs_delivery_encode(first, &delivery);
	vs_json_add_text(&quoted, vs_buf_view(&delivery));
	vs_buf_printf(&text, record, vs_buf_text(&quoted));
	bunch = vs_bunch_decode(incident.id, vs_buf_view(&text), 1000, NOON, &err);
	assert_non_null(bunch);
	assert_int_equal(bunch->name_count, 2);
	assert_string_equal(bunch->names[1], "b");
	assert_string_equal(bunch->incidents[1], "");
	vs_buf_clear(&text);
	vs_bunch_encode(bunch, 1000, NOON, &text);
	vs_bunch_destroy(bunch);
	bunch = vs_bunch_decode(incident.id, vs_buf_view(&text), 1000, NOON, &err);
	assert_non_null(bunch);
	vs_bunch_destroy(bunch);
	vs_delivery_destroy(first);
	vs_transition_fini(&transition);
	vs_incident_fini(&incident);
	vs_buf_fini(&delivery);
	vs_buf_fini(&quoted);
	vs_buf_fini(&text);
}

static void who_comes_after_the_interval_is_a_message_of_its_own(void **state)
{
	struct world *w = *state;

	bypass(w, 0, 1);
	advance(w->loop, MINUTE);
	bypass(w, 1, 1);
	advance(w->loop, 2 * SECOND);
	assert_int_equal(messages(w), 2);
	assert_false(is_update(newest(w)));
	assert_string_equal(newest(w)->replaces, "-");
}

static void the_message_says_how_many_are_over_and_the_end_of_all_is_told_once(void **state)
{
	struct world *w = *state;

	bypass(w, 0, 500);
	advance(w->loop, MINUTE);
	hush(w);
	come_back(w, 0, 412);
	advance(w->loop, MINUTE);
	assert_int_equal(messages(w), 0);
	assert_contains(newest(w)->body, "412 of 500 are over.");
	assert_string_equal(newest(w)->replaces, "msg-1");
	assert_int_equal(stored(w, VS_TABLE_OUTBOX), 0);
	come_back(w, 412, 88);
	advance(w->loop, MINUTE);
	assert_int_equal(messages(w), 1);
	assert_int_equal(newest(w)->transition, VPNS_TRANSITION_RESOLVED);
	assert_false(is_update(newest(w)));
	assert_contains(newest(w)->title, "(+499)");
	assert_contains(newest(w)->body, "All 500 are over.");
	assert_contains(w->mail.alerts[w->mail.count - 2].body, "All 500 are over."); /* the old one too */
	assert_string_not_equal(w->mail.alerts[w->mail.count - 2].delivery, newest(w)->delivery);
	assert_int_equal(stored(w, VS_TABLE_OUTBOX), 0);
	assert_int_equal(stored(w, VS_TABLE_GROUPS), 0);
	assert_int_equal(stored(w, VS_TABLE_TOLD), 0);
}

static void the_message_about_one_is_ended_as_ever(void **state)
{
	struct world *w = *state;

	bypass(w, 0, 1);
	come_back(w, 0, 1);
	advance(w->loop, MINUTE);
	assert_alerts(&w->mail, "opened bypass c00000, resolved bypass c00000");
	assert_string_equal(newest(w)->replaces, "msg-1");
	assert_int_equal(stored(w, VS_TABLE_GROUPS), 0);
}

static void what_cannot_be_changed_is_told_anew_and_the_channel_is_not_broken(void **state)
{
	struct world *w = *state;
	struct vs_channel_state mail;

	bypass(w, 0, 1);
	w->mail.answer = SCRIPT_DROP;
	w->mail.answers_left = 1;
	bypass(w, 1, 2);
	advance(w->loop, 2 * SECOND);
	advance(w->loop, MINUTE);
	assert_int_equal(messages(w), 2);
	assert_contains(newest(w)->title, "(+1)");
	assert_string_equal(newest(w)->replaces, "-");
	assert_int_equal(newest(w)->flags, 0);
	vs_outbox_channel(w->outbox, 0, &mail);
	assert_string_equal(mail.state, "ok");
	assert_int_equal(mail.dropped, 0);
	assert_int_equal(stored(w, VS_TABLE_OUTBOX), 0);
}

static void a_change_that_may_have_arrived_is_made_again_without_a_mark(void **state)
{
	struct world *w = *state;

	bypass(w, 0, 1);
	w->mail.answer = SCRIPT_RETRY;
	w->mail.answers_left = 1;
	bypass(w, 1, 1);
	advance(w->loop, MINUTE);
	assert_int_equal(messages(w), 1);
	assert_int_equal(w->mail.count, 3);
	assert_int_equal(newest(w)->flags, VPNS_ALERT_UPDATE);
	assert_int_equal(newest(w)->attempt, 2);
	assert_string_not_equal(newest(w)->delivery, w->mail.alerts[1].delivery);
}

static void a_channel_that_cannot_edit_tells_in_messages(void **state)
{
	struct world *w = *state;
	size_t i;

	bypass(w, 0, 500);
	advance(w->loop, 2 * MINUTE);
	assert_true(w->pager.count <= 3);
	come_back(w, 0, 500);
	advance(w->loop, 2 * MINUTE);
	assert_true(w->pager.count <= 6);
	for (i = 0; i < w->pager.count; i++)
		assert_false(is_update(&w->pager.alerts[i]));
}

static void a_restart_goes_on_with_the_message(void **state)
{
	struct world *w = *state;

	bypass(w, 0, 300);
	advance(w->loop, 10 * SECOND);
	world_restart(w);
	bypass(w, 300, 200);
	advance(w->loop, MINUTE);
	assert_int_equal(messages(w), 0);
	assert_contains(newest(w)->title, "(+499)");
	assert_string_equal(newest(w)->replaces, "msg-1");
	world_restart(w);
	come_back(w, 0, 499);
	advance(w->loop, MINUTE);
	assert_int_equal(messages(w), 0);
	assert_contains(newest(w)->body, "499 of 500 are over.");
	world_restart(w);
	come_back(w, 499, 1);
	advance(w->loop, MINUTE);
	assert_int_equal(messages(w), 1);
	assert_contains(newest(w)->body, "All 500 are over.");
	assert_int_equal(stored(w, VS_TABLE_GROUPS), 0);
	assert_int_equal(stored(w, VS_TABLE_TOLD), 0);
}

/* The store heard that the change begins, and no more. */
static void a_crash_before_the_store_knows_the_message_tells_it_with_a_mark(void **state)
{
	struct world *w = *state;

	bypass(w, 0, 1);
	bypass(w, 1, 1);
	w->mail.answer = SCRIPT_SILENCE;
	advance(w->loop, 2 * SECOND);
	assert_true(is_update(newest(w)));
	assert_int_equal(stored(w, VS_TABLE_GROUPS), 1);
	world_restart(w);
	advance(w->loop, MINUTE);
	/* The message about one is not remembered: the second is told by a message of its own, with a mark.
	 */
	assert_int_equal(w->mail.count, 1);
	assert_int_equal(newest(w)->flags, VPNS_ALERT_POSSIBLE_DUPLICATE);
	assert_string_equal(newest(w)->client, "c00001");
	assert_int_equal(stored(w, VS_TABLE_OUTBOX), 0);
}

static void a_crash_in_the_middle_of_an_end_makes_the_change_again(void **state)
{
	struct world *w = *state;

	bypass(w, 0, 20);
	advance(w->loop, MINUTE);
	hush(w);
	w->mail.answer = SCRIPT_SILENCE;
	come_back(w, 0, 7);
	advance(w->loop, MINUTE);
	assert_int_equal(w->mail.count, 1);
	world_restart(w);
	advance(w->loop, MINUTE);
	assert_int_equal(w->mail.count, 1);
	assert_contains(newest(w)->body, "7 of 20 are over.");
	assert_int_equal(newest(w)->flags, VPNS_ALERT_UPDATE);
	assert_int_equal(stored(w, VS_TABLE_OUTBOX), 0);
	assert_int_equal(stored(w, VS_TABLE_GROUPS), 1);
}

static void a_client_that_is_deleted_is_neither_over_nor_missed(void **state)
{
	struct world *w = *state;

	bypass(w, 0, 3);
	advance(w->loop, MINUTE);
	come_back(w, 0, 1);
	assert_int_equal(vs_monitor_forget(w->monitor, "c00001"), 0);
	advance(w->loop, MINUTE);
	come_back(w, 2, 1);
	advance(w->loop, MINUTE);
	assert_false(is_update(newest(w)));
	assert_int_equal(newest(w)->transition, VPNS_TRANSITION_RESOLVED);
	assert_int_equal(stored(w, VS_TABLE_GROUPS), 0);
	assert_int_equal(stored(w, VS_TABLE_TOLD), 0);
}

#define T(test) cmocka_unit_test_setup_teardown(test, bunch_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(who_comes_within_the_interval_joins_the_message),
		T(the_message_goes_on_saying_who_looks_after_whom),
		T(a_restart_knows_who_looks_after_whom),
		cmocka_unit_test(a_record_of_an_older_version_is_read),
		T(who_comes_after_the_interval_is_a_message_of_its_own),
		T(the_message_says_how_many_are_over_and_the_end_of_all_is_told_once),
		T(the_message_about_one_is_ended_as_ever),
		T(what_cannot_be_changed_is_told_anew_and_the_channel_is_not_broken),
		T(a_change_that_may_have_arrived_is_made_again_without_a_mark),
		T(a_channel_that_cannot_edit_tells_in_messages),
		T(a_restart_goes_on_with_the_message),
		T(a_crash_before_the_store_knows_the_message_tells_it_with_a_mark),
		T(a_crash_in_the_middle_of_an_end_makes_the_change_again),
		T(a_client_that_is_deleted_is_neither_over_nor_missed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
