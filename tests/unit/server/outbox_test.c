#include "server_test.h"

#include "fake_loop.h"
#include "fake_store.h"
#include "scripted_channel.h"
#include "transitions.h"

#include "base/id.h"
#include "model/names.h"
#include "server/delivery.h"
#include "server/ledger.h"
#include "server/outbox.h"
#include "server/stats.h"
#include "server/unit.h"

struct fixture {
	struct vs_loop *loop;
	struct vs_store store;
	struct vs_names *names;
	struct vs_stats stats;
	struct vs_ledger *ledger;
	struct script mail; /* everything */
	struct script pager; /* critical only */
	struct vs_outbox *outbox;
	char broken[256];
};

static void create_outbox(struct fixture *f)
{
	f->outbox = vs_outbox_create(f->loop, &fake_clock, f->ledger, &f->stats);
	vs_outbox_add_channel(f->outbox, &f->mail.conf, &f->mail.port);
	vs_outbox_add_channel(f->outbox, &f->pager.conf, &f->pager.port);
}

static int setup(void **state)
{
	struct fixture *f = vs_zalloc(sizeof(*f));

	clock_reset();
	f->loop = vs_loop_create();
	fake_store_init(&f->store, f->loop);
	f->names = vs_names_create();
	f->ledger = vs_ledger_create(f->loop, &f->store, &fake_clock, f->names, &f->stats);
	script_init(&f->mail, f->loop, "mail");
	script_init(&f->pager, f->loop, "pager");
	f->pager.conf.route.severity = VS_ROUTE_CRITICAL;
	create_outbox(f);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	settle(f->loop);
	vs_outbox_destroy(f->outbox);
	settle(f->loop);
	vs_ledger_destroy(f->ledger);
	script_fini(&f->mail);
	script_fini(&f->pager);
	vs_names_destroy(f->names);
	fake_store_fini(&f->store);
	vs_loop_destroy(f->loop);
	vs_free(f);
	return 0;
}

/* transition is taken. Returns how many deliveries there are. */
static size_t tell(struct fixture *f, struct vs_transition transition, const char *except)
{
	struct vs_unit *unit = vs_unit_create();
	size_t planned = vs_outbox_plan(f->outbox, unit, &transition, "", except);

	assert_int_equal(unit->count, planned);
	vs_ledger_commit(f->ledger, unit, NULL, NULL);
	vs_outbox_release(f->outbox, transition.id);
	vs_transition_fini(&transition);
	return planned;
}

static size_t tell_change(struct fixture *f, enum vs_kind kind, enum vs_change change)
{
	struct vs_incident incident = incident_of(kind, "office");
	size_t planned = tell(f, change_of(&incident, change), NULL);

	vs_incident_fini(&incident);
	return planned;
}

static size_t rows(const struct fixture *f)
{
	return fake_store_count(&f->store, VS_TABLE_OUTBOX);
}

static void each_channel_gets_what_its_route_wants(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(tell(f, notice_of("office"), NULL), 1);
	assert_int_equal(tell_change(f, VS_KIND_DNS_LEAK, VS_CHANGE_OPENED), 1);
	assert_int_equal(tell_change(f, VS_KIND_BYPASS, VS_CHANGE_OPENED), 2);
	settle(f->loop);
	assert_alerts(&f->mail, "opened bypass office, opened dns_leak office, notice connected office");
	assert_alerts(&f->pager, "opened bypass office");
	assert_string_not_equal(f->mail.alerts[0].delivery, f->pager.alerts[0].delivery);
	assert_string_equal(f->mail.alerts[0].incident, f->pager.alerts[0].incident);
	assert_int_equal(rows(f), 0);
}

static void a_channel_can_be_left_out(void **state)
{
	struct fixture *f = *state;
	struct vs_incident incident = incident_of(VS_KIND_BYPASS, "office");

	assert_int_equal(tell(f, change_of(&incident, VS_CHANGE_OPENED), "mail"), 1);
	settle(f->loop);
	assert_alerts(&f->mail, "");
	assert_alerts(&f->pager, "opened bypass office");
	vs_incident_fini(&incident);
}

static void a_slow_channel_holds_up_no_other(void **state)
{
	struct fixture *f = *state;

	f->mail.answer = SCRIPT_SILENCE;
	tell_change(f, VS_KIND_BYPASS, VS_CHANGE_OPENED);
	tell_change(f, VS_KIND_TUNNEL_LOST, VS_CHANGE_OPENED);
	settle(f->loop);
	assert_alerts(&f->mail, "opened bypass office");
	assert_alerts(&f->pager, "opened bypass office, opened tunnel_lost office");
}

static void deliveries_of_one_moment_are_stored_in_the_order_they_were_planned(void **state)
{
	struct fixture *f = *state;
	struct vs_delivery *delivery;
	char client[32];
	size_t i;

	f->mail.answer = SCRIPT_SILENCE;
	for (i = 0; i < 50; i++) {
		snprintf(client, sizeof(client), "c%zu", i);
		tell(f, notice_of(client), NULL);
	}
	fake_now.wall -= HOUR; /* even when the clock is set back */
	tell(f, notice_of("c50"), NULL);
	settle(f->loop);
	assert_int_equal(rows(f), 51);
	for (i = 0; i < 51; i++) {
		const struct fake_record *record = &f->store.tables[VS_TABLE_OUTBOX].records[i];

		delivery = vs_delivery_decode(record->key, vs_view_of(record->value), NULL);
		assert_non_null(delivery);
		snprintf(client, sizeof(client), "c%zu", i);
		assert_string_equal(delivery->transition.client, client);
		vs_delivery_destroy(delivery);
	}
}

/* --- broken channels ------------------------------------------------------------------- */

static void on_broken(void *arg, const char *channel, bool broken, const char *reason)
{
	struct fixture *f = arg;
	size_t len = strlen(f->broken);

	snprintf(f->broken + len, sizeof(f->broken) - len, "%s%s:%s ", broken ? "+" : "-", channel, reason);
}

static void a_broken_channel_is_reported_by_name(void **state)
{
	struct fixture *f = *state;

	vs_outbox_watch(f->outbox, on_broken, f);
	f->pager.answer = SCRIPT_DROP;
	f->pager.answers_left = 1;
	tell_change(f, VS_KIND_BYPASS, VS_CHANGE_OPENED);
	settle(f->loop);
	assert_string_equal(f->broken, "+pager:it rains ");
	tell_change(f, VS_KIND_BYPASS, VS_CHANGE_OPENED);
	settle(f->loop);
	assert_string_equal(f->broken, "+pager:it rains -pager: ");
}

static void nobody_has_to_watch(void **state)
{
	struct fixture *f = *state;

	f->pager.answer = SCRIPT_DROP;
	vs_outbox_watch(f->outbox, on_broken, f);
	vs_outbox_watch(f->outbox, NULL, NULL);
	tell_change(f, VS_KIND_BYPASS, VS_CHANGE_OPENED);
	settle(f->loop);
	assert_string_equal(f->broken, "");
	assert_int_equal(f->pager.count, 1);
}

static void only_channels_that_exist_can_be_marked_as_broken(void **state)
{
	struct fixture *f = *state;
	struct vs_channel_state pager;

	assert_true(vs_outbox_mark_broken(f->outbox, "pager"));
	assert_false(vs_outbox_mark_broken(f->outbox, "page"));
	vs_outbox_channel(f->outbox, 1, &pager);
	assert_string_equal(pager.state, "broken");
}

static void the_state_of_every_channel_can_be_seen(void **state)
{
	struct fixture *f = *state;
	struct vs_channel_state mail;
	struct vs_channel_state pager;

	f->mail.answer = SCRIPT_RETRY;
	tell_change(f, VS_KIND_BYPASS, VS_CHANGE_OPENED);
	settle(f->loop);
	assert_int_equal(vs_outbox_channels(f->outbox), 2);
	vs_outbox_channel(f->outbox, 0, &mail);
	vs_outbox_channel(f->outbox, 1, &pager);
	assert_string_equal(mail.name, "mail");
	assert_string_equal(mail.plugin, "scripted");
	assert_string_equal(mail.state, "retrying");
	assert_string_equal(mail.last_error, "it rains");
	assert_int_equal(mail.queued, 1);
	assert_int_equal(mail.last_sent_at, 0);
	assert_string_equal(pager.name, "pager");
	assert_string_equal(pager.state, "ok");
	assert_int_equal(pager.queued, 0);
	assert_int_equal(pager.sent, 1);
	assert_int_equal(pager.last_sent_at, NOON);
}

/* --- a restart ------------------------------------------------------------------------- */

/* What the store holds goes through the codec of the next process. */
static void restart(struct fixture *f)
{
	struct vs_unit *unit = vs_unit_create();
	size_t i;

	vs_outbox_destroy(f->outbox);
	settle(f->loop);
	f->mail.count = 0;
	f->mail.answer = SCRIPT_SENT;
	f->pager.count = 0;
	f->pager.answer = SCRIPT_SENT;
	create_outbox(f);
	for (i = 0; i < fake_store_count(&f->store, VS_TABLE_TOLD); i++) {
		const struct fake_record *record = &f->store.tables[VS_TABLE_TOLD].records[i];

		vs_outbox_restore_told(f->outbox, (struct vs_view){record->key, record->key_len},
			(struct vs_view){record->value, record->value_len});
	}
	for (i = 0; i < rows(f); i++) {
		const struct fake_record *record = &f->store.tables[VS_TABLE_OUTBOX].records[i];

		assert_int_equal(vs_outbox_restore(f->outbox, (struct vs_view){record->key, record->key_len},
					 (struct vs_view){record->value, record->value_len}, unit, NULL),
			0);
	}
	vs_ledger_commit(f->ledger, unit, NULL, NULL);
}

static void what_was_not_sent_is_sent_after_a_restart_in_order(void **state)
{
	struct fixture *f = *state;

	f->mail.answer = SCRIPT_SILENCE;
	tell(f, notice_of("a"), NULL);
	tell(f, notice_of("b"), NULL);
	tell_change(f, VS_KIND_BYPASS, VS_CHANGE_OPENED);
	settle(f->loop);
	restart(f);
	advance(f->loop, MINUTE);
	assert_int_equal(f->mail.count, 0); /* not before all is read */
	vs_outbox_start(f->outbox, 30 * DAY);
	settle(f->loop);
	assert_alerts(&f->mail, "opened bypass office, notice connected a, notice connected b");
	/* An attempt had begun of the first one only. */
	assert_int_equal(f->mail.alerts[0].flags, VPNS_ALERT_POSSIBLE_DUPLICATE);
	assert_int_equal(f->mail.alerts[0].attempt, 2);
	assert_int_equal(f->mail.alerts[1].flags, 0);
	assert_int_equal(f->mail.alerts[2].flags, 0);
	assert_alerts(&f->pager, "");
	assert_int_equal(rows(f), 0);
}

static void a_wish_to_wait_is_honoured_after_a_restart_too(void **state)
{
	struct fixture *f = *state;

	f->mail.answer = SCRIPT_RETRY;
	f->mail.retry_after_ms = 7 * SECOND;
	tell(f, notice_of("a"), NULL);
	settle(f->loop);
	f->mail.answer = SCRIPT_SILENCE;
	pass(2 * SECOND);
	restart(f);
	vs_outbox_start(f->outbox, 30 * DAY);
	tell(f, notice_of("b"), NULL);
	advance(f->loop, 5 * SECOND - 1);
	assert_alerts(&f->mail, "");
	advance(f->loop, 1);
	assert_alerts(&f->mail, "notice connected a, notice connected b");
}

static void an_incident_that_was_over_before_the_restart_is_one_message(void **state)
{
	struct fixture *f = *state;
	struct vs_incident incident = incident_of(VS_KIND_BYPASS, "office");

	f->mail.answer = SCRIPT_SILENCE;
	tell(f, notice_of("a"), NULL);
	tell(f, change_of(&incident, VS_CHANGE_OPENED), NULL);
	settle(f->loop);
	tell(f, change_of(&incident, VS_CHANGE_RESOLVED), NULL);
	settle(f->loop);
	assert_alerts(&f->pager, "opened bypass office, resolved bypass office");
	restart(f);
	vs_outbox_start(f->outbox, 30 * DAY);
	settle(f->loop);
	assert_alerts(&f->mail, "resolved bypass office, notice connected a");
	assert_contains(f->mail.alerts[0].body, "the first message about it");
	assert_alerts(&f->pager, "");
	vs_incident_fini(&incident);
}

static void a_crash_between_two_commits_forgets_no_incident_that_is_over(void **state)
{
	struct fixture *f = *state;
	struct vs_incident incident = incident_of(VS_KIND_BYPASS, "office");

	f->mail.answer = SCRIPT_RETRY;
	f->mail.answers_left = 1;
	f->mail.retry_after_ms = SECOND;
	f->pager.answer = SCRIPT_SILENCE;
	tell(f, change_of(&incident, VS_CHANGE_OPENED), NULL);
	settle(f->loop); /* put off */
	tell(f, change_of(&incident, VS_CHANGE_RESOLVED), "pager");
	settle(f->loop);
	f->store.hold = true;
	advance(f->loop, SECOND);
	fake_store_let(&f->store, 1); /* the beginning is deleted, and no more */
	f->store.mode = FAKE_REFUSE;
	fake_store_let_all(&f->store);
	f->store.mode = FAKE_ACCEPT;
	restart(f);
	vs_outbox_start(f->outbox, 30 * DAY);
	settle(f->loop);
	assert_alerts(&f->mail, "resolved bypass office");
	assert_contains(f->mail.alerts[0].body, "the first message about it");
	vs_incident_fini(&incident);
}

static void what_was_told_before_a_restart_is_resolved_after_it(void **state)
{
	struct fixture *f = *state;
	struct vs_incident incident = incident_of(VS_KIND_BYPASS, "office");

	f->pager.answer = SCRIPT_DROP;
	tell(f, change_of(&incident, VS_CHANGE_OPENED), NULL);
	settle(f->loop);
	restart(f);
	vs_outbox_start(f->outbox, 30 * DAY);
	tell(f, change_of(&incident, VS_CHANGE_RESOLVED), NULL);
	settle(f->loop);
	assert_alerts(&f->mail, "resolved bypass office");
	assert_string_equal(f->mail.alerts[0].replaces, "msg-1");
	assert_alerts(&f->pager, "");
	vs_incident_fini(&incident);
}

static void new_deliveries_sort_behind_those_of_before_the_restart(void **state)
{
	struct fixture *f = *state;
	char before[VS_ULID_TEXT];

	f->mail.answer = SCRIPT_SILENCE;
	tell(f, notice_of("a"), NULL);
	settle(f->loop);
	memcpy(before, f->store.tables[VS_TABLE_OUTBOX].records[0].key, sizeof(before));
	fake_now.wall -= DAY;
	restart(f);
	f->mail.answer = SCRIPT_SILENCE;
	tell(f, notice_of("b"), NULL);
	settle(f->loop);
	assert_int_equal(rows(f), 2);
	assert_string_equal(f->store.tables[VS_TABLE_OUTBOX].records[0].key, before);
}

static void a_message_planned_by_a_clock_that_was_ahead_lives_a_day_and_no_longer(void **state)
{
	struct fixture *f = *state;
	struct vs_channel_state mail;

	f->mail.answer = SCRIPT_SILENCE;
	tell(f, notice_of("a"), NULL);
	settle(f->loop);
	fake_now.wall -= 10 * DAY;
	restart(f);
	f->mail.answer = SCRIPT_RETRY;
	f->mail.retry_after_ms = HOUR;
	vs_outbox_start(f->outbox, 30 * DAY);
	advance(f->loop, DAY - 1);
	vs_outbox_channel(f->outbox, 0, &mail);
	assert_int_equal(mail.queued, 1);
	advance(f->loop, 1);
	vs_outbox_channel(f->outbox, 0, &mail);
	assert_int_equal(mail.queued, 0);
	assert_int_equal(mail.dropped, 1);
}

static void an_unreadable_row_is_refused_and_left_alone(void **state)
{
	struct fixture *f = *state;
	struct vs_unit *unit = vs_unit_create();
	struct vs_err err = {0};

	assert_int_equal(vs_outbox_restore(f->outbox, vs_view_of("01ARYZ6S411000000000000000"),
				 vs_view_of("{}"), unit, &err),
		VS_ERR_INVALID);
	assert_contains(err.text, "01ARYZ6S411000000000000000");
	assert_int_equal(unit->count, 0);
	vs_unit_destroy(unit);
	/* Neither a channel that is not there, nor a key without an incident. */
	vs_outbox_restore_told(f->outbox,
		(struct vs_view){"x\0"
				 "01ARYZ6S411000000000000000",
			28},
		vs_view_of("ref"));
	vs_outbox_restore_told(f->outbox, vs_view_of("mail"), vs_view_of("ref"));
}

static void an_incident_is_forgotten_on_every_channel(void **state)
{
	struct fixture *f = *state;
	struct vs_incident incident = incident_of(VS_KIND_BYPASS, "office");
	struct vs_unit *unit = vs_unit_create();

	tell(f, change_of(&incident, VS_CHANGE_OPENED), NULL);
	settle(f->loop);
	assert_int_equal(fake_store_count(&f->store, VS_TABLE_TOLD), 2);
	vs_outbox_forget(f->outbox, incident.id, unit);
	vs_ledger_commit(f->ledger, unit, NULL, NULL);
	settle(f->loop);
	assert_int_equal(fake_store_count(&f->store, VS_TABLE_TOLD), 0);
	vs_incident_fini(&incident);
}

static void a_channel_whose_route_has_changed_remembers_no_incident_that_is_over(void **state)
{
	struct fixture *f = *state;
	struct vs_incident incident = incident_of(VS_KIND_DNS_LEAK, "office");
	struct vs_transition end;
	struct vs_unit *unit;

	tell(f, change_of(&incident, VS_CHANGE_OPENED), NULL);
	settle(f->loop);
	assert_int_equal(fake_store_count(&f->store, VS_TABLE_TOLD), 1);
	f->mail.conf.route.severity = VS_ROUTE_CRITICAL;
	restart(f);
	vs_outbox_start(f->outbox, 30 * DAY);
	settle(f->loop);
	end = change_of(&incident, VS_CHANGE_RESOLVED);
	unit = vs_unit_create();
	assert_int_equal(vs_outbox_plan(f->outbox, unit, &end, "", NULL), 0);
	vs_ledger_commit(f->ledger, unit, NULL, NULL);
	settle(f->loop);
	assert_int_equal(fake_store_count(&f->store, VS_TABLE_TOLD), 0);
	vs_transition_fini(&end);
	vs_incident_fini(&incident);
}

static void destroying_it_cancels_what_every_channel_is_doing(void **state)
{
	struct fixture *f = *state;

	f->mail.answer = SCRIPT_SILENCE;
	f->pager.answer = SCRIPT_SILENCE;
	tell_change(f, VS_KIND_BYPASS, VS_CHANGE_OPENED);
	settle(f->loop);
	vs_outbox_destroy(f->outbox);
	f->outbox = NULL;
	assert_int_equal(f->mail.cancels, 1);
	assert_int_equal(f->pager.cancels, 1);
	assert_int_equal(rows(f), 2);
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(each_channel_gets_what_its_route_wants),
		T(a_channel_can_be_left_out),
		T(a_slow_channel_holds_up_no_other),
		T(deliveries_of_one_moment_are_stored_in_the_order_they_were_planned),
		T(a_broken_channel_is_reported_by_name),
		T(nobody_has_to_watch),
		T(only_channels_that_exist_can_be_marked_as_broken),
		T(the_state_of_every_channel_can_be_seen),
		T(what_was_not_sent_is_sent_after_a_restart_in_order),
		T(a_wish_to_wait_is_honoured_after_a_restart_too),
		T(an_incident_that_was_over_before_the_restart_is_one_message),
		T(a_crash_between_two_commits_forgets_no_incident_that_is_over),
		T(what_was_told_before_a_restart_is_resolved_after_it),
		T(new_deliveries_sort_behind_those_of_before_the_restart),
		T(a_message_planned_by_a_clock_that_was_ahead_lives_a_day_and_no_longer),
		T(an_unreadable_row_is_refused_and_left_alone),
		T(an_incident_is_forgotten_on_every_channel),
		T(a_channel_whose_route_has_changed_remembers_no_incident_that_is_over),
		T(destroying_it_cancels_what_every_channel_is_doing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
