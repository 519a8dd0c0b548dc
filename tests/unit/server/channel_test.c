#include "server_test.h"

#include "fake_loop.h"
#include "fake_store.h"
#include "said.h"
#include "scripted_channel.h"
#include "transitions.h"

#include "base/id.h"
#include "model/names.h"
#include "server/channel.h"
#include "server/delivery.h"
#include "server/ledger.h"
#include "server/stats.h"
#include "server/unit.h"

struct fixture {
	struct vs_loop *loop;
	struct vs_store store;
	struct vs_names *names;
	struct vs_stats stats;
	struct vs_ledger *ledger;
	struct script script;
	struct vs_channel *channel;
	char last_id[VS_ULID_TEXT];
	unsigned rests;
	char broken[256]; /* what was said: "+it rains" broken, "-" works again */
};

static void on_broken(void *arg, const char *channel, bool broken, const char *reason)
{
	struct fixture *f = arg;
	size_t len = strlen(f->broken);

	assert_string_equal(channel, "oncall");
	snprintf(f->broken + len, sizeof(f->broken) - len, "%s%s", broken ? "+" : "-", broken ? reason : "");
}

static void on_rested(void *arg)
{
	struct fixture *f = arg;

	f->rests++;
}

static int setup(void **state)
{
	struct fixture *f = vs_zalloc(sizeof(*f));

	clock_reset();
	f->loop = vs_loop_create();
	fake_store_init(&f->store, f->loop);
	f->names = vs_names_create();
	f->ledger = vs_ledger_create(f->loop, &f->store, &fake_clock, f->names, &f->stats);
	script_init(&f->script, f->loop, "oncall");
	f->channel = vs_channel_create(&(struct vs_channel_parts){f->loop, &fake_clock, f->ledger, &f->stats,
					       on_broken, f, on_rested},
		&f->script.conf, &f->script.port);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	settle(f->loop);
	vs_channel_destroy(f->channel);
	script_fini(&f->script);
	settle(f->loop);
	vs_ledger_destroy(f->ledger);
	vs_names_destroy(f->names);
	fake_store_fini(&f->store);
	vs_loop_destroy(f->loop);
	vs_free(f);
	return 0;
}

/* Queues a delivery of transition (taken) and stores its row, as the outbox does. */
static void plan(struct fixture *f, struct vs_transition transition)
{
	struct vs_unit *unit = vs_unit_create();
	struct vs_delivery *delivery;
	struct vs_buf text;

	vs_ulid_next(f->last_id, fake_now.wall);
	delivery = vs_delivery_create(f->last_id, "oncall", &transition, fake_now.wall);
	vs_buf_init(&text);
	vs_delivery_encode(delivery, &text);
	vs_unit_put(unit, VS_TABLE_OUTBOX, f->last_id, NULL, vs_buf_view(&text));
	vs_buf_fini(&text);
	vs_channel_add(f->channel, delivery, unit);
	vs_ledger_commit(f->ledger, unit, NULL, NULL);
}

static void tell(struct fixture *f, struct vs_transition transition)
{
	plan(f, transition);
	vs_channel_release(f->channel, transition.id);
	vs_transition_fini(&transition);
}

static void tell_change(struct fixture *f, const struct vs_incident *incident, enum vs_change change)
{
	tell(f, change_of(incident, change));
}

static struct vs_channel_state look(const struct fixture *f)
{
	struct vs_channel_state state;

	vs_channel_state(f->channel, &state);
	return state;
}

static size_t rows(const struct fixture *f)
{
	return fake_store_count(&f->store, VS_TABLE_OUTBOX);
}

/* --- order ----------------------------------------------------------------------------- */

static void messages_are_sent_one_at_a_time_in_order_and_leave_the_store(void **state)
{
	struct fixture *f = *state;

	f->script.answer = SCRIPT_SILENCE;
	tell(f, notice_of("a"));
	tell(f, notice_of("b"));
	tell(f, notice_of("c"));
	advance(f->loop, MINUTE);
	assert_alerts(&f->script, "notice connected a");
	assert_int_equal(look(f).queued, 3);
	assert_int_equal(rows(f), 3);
	script_finish(&f->script, SCRIPT_SENT);
	settle(f->loop);
	assert_alerts(&f->script, "notice connected a, notice connected b");
	assert_int_equal(rows(f), 2);
	f->script.answer = SCRIPT_SENT;
	script_finish(&f->script, SCRIPT_SENT);
	settle(f->loop);
	assert_alerts(&f->script, "notice connected a, notice connected b, notice connected c");
	assert_int_equal(rows(f), 0);
	assert_int_equal(look(f).queued, 0);
	assert_int_equal(look(f).sent, 3);
	assert_int_equal(look(f).last_sent_at, NOON + MINUTE);
	assert_int_equal(f->stats.count[VS_STAT_DELIVERED], 3);
	assert_string_equal(look(f).state, "ok");
}

static void nothing_is_sent_before_it_is_released_nor_before_what_was_planned_first(void **state)
{
	struct fixture *f = *state;
	struct vs_transition a = notice_of("a");
	struct vs_transition b = notice_of("b");

	plan(f, a);
	plan(f, b);
	advance(f->loop, MINUTE);
	vs_channel_release(f->channel, b.id);
	vs_channel_release(f->channel, "01ARYZ6S411000000000000000"); /* nobody's */
	advance(f->loop, MINUTE);
	assert_int_equal(f->script.count, 0);
	vs_channel_release(f->channel, a.id);
	settle(f->loop);
	assert_alerts(&f->script, "notice connected a, notice connected b");
	vs_transition_fini(&a);
	vs_transition_fini(&b);
}

static void a_bypass_waits_behind_one_message_and_not_behind_hundreds(void **state)
{
	struct fixture *f = *state;
	struct vs_incident incident = incident_of(VS_KIND_BYPASS, "leaking");
	int i;

	f->script.answer = SCRIPT_SILENCE;
	for (i = 0; i < 600; i++)
		tell(f, notice_of("one of many"));
	settle(f->loop);
	tell_change(f, &incident, VS_CHANGE_OPENED);
	script_finish(&f->script, SCRIPT_RETRY); /* the first of them has to be tried again */
	advance(f->loop, SECOND);
	assert_alerts(&f->script, "notice connected one of many, opened bypass leaking");
	script_finish(&f->script, SCRIPT_SENT);
	settle(f->loop);
	/* The one that was tried before is still the first of its like, and marked. */
	assert_int_equal(f->script.alerts[2].attempt, 2);
	assert_int_equal(f->script.alerts[2].flags, VPNS_ALERT_POSSIBLE_DUPLICATE);
	f->script.answer = SCRIPT_SENT;
	script_finish(&f->script, SCRIPT_SENT);
	settle(f->loop);
	assert_int_equal(look(f).sent, 601);
	vs_incident_fini(&incident);
}

static void the_timeout_is_the_instances_or_half_a_minute(void **state)
{
	struct fixture *f = *state;

	tell(f, notice_of("a"));
	settle(f->loop);
	f->script.conf.timeout_ms = 1234;
	tell(f, notice_of("b"));
	settle(f->loop);
	assert_int_equal(f->script.alerts[0].timeout_ms, 30000);
	assert_int_equal(f->script.alerts[1].timeout_ms, 1234);
}

/* --- trying again ---------------------------------------------------------------------- */

static void a_wish_to_wait_is_honoured_to_the_millisecond(void **state)
{
	struct fixture *f = *state;

	f->script.answer = SCRIPT_RETRY;
	f->script.answers_left = 1;
	f->script.retry_after_ms = 7 * SECOND;
	f->script.unsent = true;
	tell(f, notice_of("a"));
	settle(f->loop);
	assert_string_equal(look(f).state, "retrying");
	assert_string_equal(look(f).last_error, "it rains");
	tell(f, notice_of("b")); /* neither sooner nor before */
	advance(f->loop, 7 * SECOND - 1);
	assert_int_equal(f->script.count, 1);
	advance(f->loop, 1);
	assert_alerts(&f->script, "notice connected a, notice connected a, notice connected b");
	assert_int_equal(f->script.alerts[0].attempt, 1);
	assert_int_equal(f->script.alerts[1].attempt, 2);
	assert_string_equal(f->script.alerts[0].delivery, f->script.alerts[1].delivery);
	/* It refused the message, so that it cannot come twice. */
	assert_int_equal(f->script.alerts[1].flags & VPNS_ALERT_POSSIBLE_DUPLICATE, 0);
	assert_int_equal(f->stats.count[VS_STAT_DELIVERY_RETRIES], 1);
	assert_string_equal(look(f).state, "ok");
	assert_string_equal(look(f).last_error, "");
}

static void without_a_wish_the_pauses_double_up_to_a_minute(void **state)
{
	uint64_t longest[] = {1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000, 60000};
	struct fixture *f = *state;
	size_t i;

	f->script.answer = SCRIPT_RETRY;
	tell(f, notice_of("a"));
	settle(f->loop);
	for (i = 0; i < COUNT(longest); i++) {
		assert_int_equal(f->script.count, i + 1);
		advance(f->loop, (int64_t)longest[i] / 2 - 1);
		assert_int_equal(f->script.count, i + 1);
		/* Stops at the moment of the next attempt. */
		while (f->script.count == i + 1 && longest[i]-- > 0)
			advance(f->loop, 1);
	}
	f->script.answer = SCRIPT_SENT;
	advance(f->loop, MINUTE);
	assert_int_equal(look(f).sent, 1);
	/* After a success they begin anew. */
	f->script.count = 0;
	f->script.answer = SCRIPT_RETRY;
	tell(f, notice_of("b"));
	advance(f->loop, SECOND);
	assert_int_equal(f->script.count, 2);
}

static void an_attempt_without_an_answer_makes_the_next_a_possible_duplicate(void **state)
{
	struct fixture *f = *state;

	f->script.answer = SCRIPT_RETRY;
	f->script.answers_left = 1;
	tell(f, notice_of("a"));
	advance(f->loop, MINUTE);
	assert_int_equal(f->script.count, 2);
	assert_int_equal(f->script.alerts[0].flags, 0);
	assert_int_equal(f->script.alerts[1].flags, VPNS_ALERT_POSSIBLE_DUPLICATE);
}

static void an_attempt_that_never_began_is_none(void **state)
{
	struct fixture *f = *state;

	f->script.answer = SCRIPT_REFUSE;
	tell(f, notice_of("a"));
	settle(f->loop);
	assert_string_equal(look(f).state, "retrying");
	assert_string_equal(look(f).last_error, "it is still ending the last one");
	f->script.answer = SCRIPT_SENT;
	f->script.count = 0;
	advance(f->loop, MINUTE);
	assert_alerts(&f->script, "notice connected a");
	assert_int_equal(f->script.alerts[0].attempt, 1);
	assert_int_equal(f->script.alerts[0].flags, 0);
}

static void a_wish_to_wait_for_ever_is_not_granted(void **state)
{
	struct fixture *f = *state;

	f->script.answer = SCRIPT_RETRY;
	f->script.answers_left = 1;
	f->script.retry_after_ms = UINT64_MAX;
	tell(f, notice_of("a"));
	advance(f->loop, DAY - 11 * MINUTE);
	assert_alerts(&f->script, "notice connected a");
	advance(f->loop, 2 * MINUTE); /* before it expires it is tried once more */
	assert_alerts(&f->script, "notice connected a, notice connected a");
	assert_int_equal(look(f).dropped, 0);
}

static void a_channel_that_asks_for_a_day_again_and_again_is_asked_every_ten_minutes_at_most(void **state)
{
	struct fixture *f = *state;
	int i;

	f->script.answer = SCRIPT_RETRY;
	f->script.retry_after_ms = DAY;
	for (i = 0; i < 30; i++) { /* each of them expires a minute after the last one */
		tell(f, notice_of("a"));
		advance(f->loop, MINUTE);
	}
	advance(f->loop, DAY - HOUR);
	assert_int_equal(f->script.count, 1);
	advance(f->loop, HOUR);
	assert_int_equal(look(f).queued, 0);
	assert_int_equal(look(f).dropped, 30);
	assert_in_range(f->script.count, 3, 5);
}

static void a_silence_of_ten_minutes_breaks_the_channel_at_once_and_says_for_how_long(void **state)
{
	struct fixture *f = *state;

	f->script.answer = SCRIPT_RETRY;
	f->script.answers_left = 1;
	f->script.retry_after_ms = 10 * MINUTE - 1;
	tell(f, notice_of("a"));
	settle(f->loop);
	assert_string_equal(f->broken, "");
	assert_string_equal(look(f).state, "retrying");
	advance(f->loop, 10 * MINUTE);
	f->script.answer = SCRIPT_RETRY;
	f->script.answers_left = 1;
	f->script.retry_after_ms = HOUR;
	tell(f, notice_of("b"));
	settle(f->loop);
	assert_string_equal(look(f).state, "broken");
	assert_string_equal(
		f->broken, "+it rains; it asks to be left alone for 1h, the next attempt is in 1h");
	advance(f->loop, HOUR);
	assert_int_equal(look(f).sent, 2);
	assert_string_equal(look(f).state, "ok");
	assert_int_equal(f->broken[strlen(f->broken) - 1], '-');
}

static void a_message_is_marked_late_after_five_minutes(void **state)
{
	struct fixture *f = *state;

	f->script.answer = SCRIPT_RETRY;
	f->script.answers_left = 2;
	f->script.retry_after_ms = 5 * MINUTE;
	f->script.unsent = true;
	tell(f, notice_of("a"));
	advance(f->loop, 5 * MINUTE);
	assert_int_equal(f->script.alerts[1].flags, 0);
	advance(f->loop, 5 * MINUTE);
	assert_int_equal(f->script.alerts[2].flags, VPNS_ALERT_LATE);
	assert_contains(f->script.alerts[2].body, "late");
}

static void a_message_expires_after_a_day_and_that_is_counted(void **state)
{
	struct fixture *f = *state;

	f->script.answer = SCRIPT_RETRY;
	f->script.retry_after_ms = HOUR;
	tell(f, notice_of("a"));
	advance(f->loop, DAY - 1);
	assert_int_equal(f->script.count, 25); /* every hour, and ten minutes before the end */
	assert_int_equal(look(f).queued, 1);
	advance(f->loop, 1);
	assert_int_equal(f->script.count, 25);
	assert_int_equal(look(f).queued, 0);
	assert_int_equal(look(f).dropped, 1);
	assert_int_equal(f->stats.count[VS_STAT_DELIVERY_DROPS], 1);
	assert_int_equal(rows(f), 0);
}

static void a_jump_of_the_wall_clock_expires_nothing(void **state)
{
	struct fixture *f = *state;

	f->script.answer = SCRIPT_RETRY;
	f->script.answers_left = 1;
	f->script.retry_after_ms = MINUTE;
	tell(f, notice_of("a"));
	settle(f->loop);
	fake_now.wall += 40 * 365 * DAY; /* a clock that began in 1970 */
	advance(f->loop, MINUTE);
	assert_int_equal(look(f).sent, 1);
	f->script.answer = SCRIPT_RETRY;
	f->script.answers_left = 1;
	tell(f, notice_of("b"));
	settle(f->loop);
	fake_now.wall -= 50 * 365 * DAY;
	advance(f->loop, MINUTE);
	assert_int_equal(look(f).sent, 2);
	assert_int_equal(look(f).dropped, 0);
	assert_string_equal(f->broken, "");
}

static void thousands_of_expired_messages_are_deleted_in_few_batches(void **state)
{
	struct fixture *f = *state;
	unsigned before;
	int i;

	f->script.answer = SCRIPT_RETRY;
	f->script.retry_after_ms = DAY;
	for (i = 0; i < 5000; i++)
		tell(f, notice_of("a"));
	settle(f->loop);
	before = f->store.commits;
	advance(f->loop, DAY);
	assert_int_equal(look(f).dropped, 5000);
	assert_int_equal(rows(f), 0);
	assert_true(f->store.commits - before <= 5000 / 256 + 2); /* one of them about the second attempt */
	assert_int_equal(f->script.count, 2);
}

/* --- beginnings and ends --------------------------------------------------------------- */

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

/* --- a broken channel ------------------------------------------------------------------ */

static void a_permanent_refusal_breaks_the_channel_once_and_the_next_success_mends_it(void **state)
{
	struct fixture *f = *state;

	f->script.answer = SCRIPT_DROP;
	tell(f, notice_of("a"));
	tell(f, notice_of("b"));
	settle(f->loop);
	assert_string_equal(f->broken, "+it rains");
	assert_string_equal(look(f).state, "broken");
	assert_int_equal(look(f).dropped, 2);
	assert_int_equal(rows(f), 0);
	f->script.answer = SCRIPT_SENT;
	tell(f, notice_of("c"));
	settle(f->loop);
	assert_string_equal(f->broken, "+it rains-");
	assert_string_equal(look(f).state, "ok");
}

static void ten_minutes_of_failing_break_the_channel_too(void **state)
{
	struct fixture *f = *state;

	f->script.answer = SCRIPT_RETRY;
	f->script.retry_after_ms = MINUTE;
	tell(f, notice_of("a"));
	advance(f->loop, 10 * MINUTE - 1);
	assert_string_equal(f->broken, "");
	advance(f->loop, 1);
	assert_string_equal(f->broken, "+it rains");
	f->script.answer = SCRIPT_SENT;
	advance(f->loop, MINUTE);
	assert_string_equal(f->broken, "+it rains-");
}

static void a_channel_that_was_broken_before_a_restart_is_mended_by_a_success(void **state)
{
	struct fixture *f = *state;

	vs_channel_mark_broken(f->channel);
	assert_string_equal(look(f).state, "broken");
	assert_string_equal(f->broken, "");
	tell(f, notice_of("a"));
	settle(f->loop);
	assert_string_equal(f->broken, "-");
}

/* --- bounds ---------------------------------------------------------------------------- */

static void fill(struct fixture *f, size_t count, const char *client)
{
	size_t i;

	for (i = 0; i < count; i++)
		tell(f, notice_of(client));
}

static void a_full_queue_gives_up_its_oldest_notice_and_counts_it(void **state)
{
	struct fixture *f = *state;
	struct vs_incident incident = incident_of(VS_KIND_BYPASS, "i");

	f->script.answer = SCRIPT_SILENCE;
	tell(f, notice_of("on its way"));
	settle(f->loop);
	tell_change(f, &incident, VS_CHANGE_OPENED);
	tell(f, notice_of("oldest"));
	fill(f, VS_CHANNEL_QUEUE_MAX - 3, "other");
	assert_int_equal(look(f).dropped, 0);
	tell(f, notice_of("newest"));
	settle(f->loop);
	assert_int_equal(look(f).queued, VS_CHANNEL_QUEUE_MAX);
	assert_int_equal(look(f).dropped, 1);
	assert_int_equal(f->stats.count[VS_STAT_DELIVERY_DROPS], 1);
	assert_int_equal(rows(f), VS_CHANNEL_QUEUE_MAX);
	f->script.answer = SCRIPT_SENT;
	script_finish(&f->script, SCRIPT_SENT);
	settle(f->loop);
	assert_string_equal(f->script.alerts[1].client, "i");
	assert_string_equal(f->script.alerts[2].client, "other");
	assert_int_equal(look(f).sent, VS_CHANNEL_QUEUE_MAX);
	vs_incident_fini(&incident);
}

static void a_queue_full_of_incidents_keeps_them_and_gives_up_what_is_new(void **state)
{
	struct fixture *f = *state;
	size_t i;

	f->script.answer = SCRIPT_SILENCE;
	for (i = 0; i < VS_CHANNEL_QUEUE_MAX + 3; i++) {
		struct vs_incident incident = incident_of(VS_KIND_BYPASS, i == 0 ? "first" : "i");

		tell_change(f, &incident, VS_CHANGE_OPENED);
		vs_incident_fini(&incident);
	}
	settle(f->loop);
	tell(f, notice_of("notice"));
	assert_int_equal(look(f).queued, VS_CHANNEL_QUEUE_MAX);
	assert_int_equal(look(f).dropped, 4);
	assert_string_equal(f->script.alerts[0].client, "first");
	settle(f->loop);
	assert_int_equal(rows(f), VS_CHANNEL_QUEUE_MAX);
}

static void giving_up_the_head_does_not_stop_what_is_behind_it(void **state)
{
	struct fixture *f = *state;
	struct vs_transition head = notice_of("head");
	struct vs_transition last = notice_of("last");

	plan(f, head); /* its unit is still under way */
	fill(f, VS_CHANNEL_QUEUE_MAX - 1, "other");
	settle(f->loop);
	assert_int_equal(f->script.count, 0);
	plan(f, last);
	settle(f->loop);
	assert_int_equal(f->script.count, VS_CHANNEL_QUEUE_MAX - 1);
	vs_transition_fini(&last);
	vs_transition_fini(&head);
}

/* --- what a restart will know ---------------------------------------------------------- */

/* The row as the next process would read it. */
static uint32_t stored_attempts(const struct fixture *f)
{
	struct vs_delivery *stored = vs_delivery_decode(
		f->last_id, vs_view_of(fake_store_text(&f->store, VS_TABLE_OUTBOX, f->last_id)), NULL);
	uint32_t attempts;

	assert_non_null(stored);
	attempts = stored->attempts;
	vs_delivery_destroy(stored);
	return attempts;
}

static void the_first_attempt_is_stored_before_it_is_made(void **state)
{
	struct fixture *f = *state;

	f->script.answer = SCRIPT_SILENCE;
	tell(f, notice_of("a"));
	fake_store_let(&f->store, 1);
	assert_int_equal(stored_attempts(f), 0);
	f->store.hold = true;
	advance(f->loop, 4 * SECOND); /* a store that takes longer is one that fails */
	assert_int_equal(f->script.count, 0);
	fake_store_let(&f->store, 1);
	assert_int_equal(f->script.count, 1);
	assert_int_equal(stored_attempts(f), 1);
	assert_int_equal(f->script.alerts[0].attempt, 1);
	fake_store_let_all(&f->store);
}

static bool restored_unsure(const struct fixture *f)
{
	struct vs_delivery *stored = vs_delivery_decode(
		f->last_id, vs_view_of(fake_store_text(&f->store, VS_TABLE_OUTBOX, f->last_id)), NULL);
	bool unsure;

	assert_non_null(stored);
	unsure = stored->unsure;
	vs_delivery_destroy(stored);
	return unsure;
}

static void the_store_knows_whether_any_attempt_may_have_arrived(void **state)
{
	struct fixture *f = *state;

	f->script.answer = SCRIPT_SILENCE;
	f->script.unsent = true;
	tell(f, notice_of("a"));
	settle(f->loop);
	assert_true(restored_unsure(f)); /* a kill now leaves it open */
	script_finish(&f->script, SCRIPT_RETRY);
	settle(f->loop);
	assert_false(restored_unsure(f));
	advance(f->loop, 2 * SECOND);
	assert_int_equal(f->script.alerts[1].flags, 0);
	assert_true(restored_unsure(f));
	f->script.unsent = false;
	script_finish(&f->script, SCRIPT_RETRY);
	settle(f->loop);
	assert_true(restored_unsure(f));
	advance(f->loop, 5 * SECOND);
	assert_int_equal(f->script.alerts[2].flags, VPNS_ALERT_POSSIBLE_DUPLICATE);
	f->script.unsent = true; /* which takes nothing back */
	script_finish(&f->script, SCRIPT_RETRY);
	advance(f->loop, 10 * SECOND);
	assert_int_equal(f->script.alerts[3].flags, VPNS_ALERT_POSSIBLE_DUPLICATE);
	assert_true(restored_unsure(f));
	f->script.answer = SCRIPT_SENT;
	script_finish(&f->script, SCRIPT_SENT);
}

static void a_gateway_that_asks_for_patience_may_have_let_the_message_through(void **state)
{
	struct fixture *f = *state;

	f->script.answer = SCRIPT_RETRY;
	f->script.answers_left = 1;
	f->script.retry_after_ms = 7 * SECOND;
	tell(f, notice_of("a"));
	settle(f->loop);
	assert_true(restored_unsure(f));
	advance(f->loop, 7 * SECOND);
	assert_int_equal(f->script.count, 2);
	assert_int_equal(f->script.alerts[1].flags, VPNS_ALERT_POSSIBLE_DUPLICATE);
}

static void later_attempts_of_a_message_that_may_have_arrived_cost_no_writes(void **state)
{
	struct fixture *f = *state;
	unsigned commits;

	f->script.answer = SCRIPT_RETRY;
	tell(f, notice_of("a"));
	settle(f->loop);
	commits = f->store.commits;
	advance(f->loop, 10 * MINUTE);
	assert_true(f->script.count > 10);
	assert_int_equal(f->store.commits, commits);
	f->script.answer = SCRIPT_SENT;
	advance(f->loop, MINUTE);
	assert_int_equal(f->store.commits, commits + 1);
}

static void a_store_that_refuses_keeps_nobody_from_being_told(void **state)
{
	struct fixture *f = *state;

	f->store.mode = FAKE_REFUSE;
	tell(f, notice_of("a"));
	settle(f->loop);
	assert_alerts(&f->script, "notice connected a");
	f->store.mode = FAKE_FULL;
	tell(f, notice_of("b"));
	settle(f->loop);
	assert_alerts(&f->script, "notice connected a, notice connected b");
	f->store.mode = FAKE_ACCEPT;
	advance(f->loop, MINUTE);
	assert_int_equal(rows(f), 0);
}

static void a_channel_may_go_while_an_attempt_is_being_stored(void **state)
{
	struct fixture *f = *state;

	tell(f, notice_of("a"));
	fake_store_let(&f->store, 1);
	f->store.hold = true;
	settle(f->loop);
	assert_int_equal(f->store.waiting, 1);
	vs_channel_destroy(f->channel);
	f->channel = NULL;
	fake_store_let_all(&f->store);
	settle(f->loop);
	assert_int_equal(f->script.count, 0);
	assert_int_equal(rows(f), 1);
}

static void destroying_a_channel_cancels_what_is_on_its_way_and_leaves_the_store_alone(void **state)
{
	struct fixture *f = *state;

	f->script.answer = SCRIPT_SILENCE;
	tell(f, notice_of("a"));
	tell(f, notice_of("b"));
	settle(f->loop);
	assert_non_null(f->script.done);
	vs_channel_destroy(f->channel);
	f->channel = NULL;
	assert_int_equal(f->script.cancels, 1);
	settle(f->loop);
	assert_int_equal(rows(f), 2);
}

/* --- the end --------------------------------------------------------------------------- */

static void an_attempt_that_takes_long_is_no_longer_ok(void **state)
{
	struct fixture *f = *state;

	f->script.answer = SCRIPT_SILENCE;
	tell(f, notice_of("a"));
	advance(f->loop, 5 * SECOND);
	assert_string_equal(look(f).state, "ok");
	advance(f->loop, 1);
	assert_string_equal(look(f).state, "sending");
	script_finish(&f->script, SCRIPT_SENT);
	assert_string_equal(look(f).state, "ok");
}

static void at_the_end_what_is_on_its_way_may_arrive_and_nothing_else_begins(void **state)
{
	struct fixture *f = *state;

	f->script.answer = SCRIPT_SILENCE;
	tell(f, notice_of("a"));
	tell(f, notice_of("b"));
	settle(f->loop);
	assert_true(vs_channel_quit(f->channel));
	advance(f->loop, SECOND);
	assert_int_equal(f->rests, 0);
	script_finish(&f->script, SCRIPT_SENT);
	assert_int_equal(f->rests, 1);
	tell(f, notice_of("c"));
	advance(f->loop, MINUTE);
	assert_alerts(&f->script, "notice connected a");
	assert_int_equal(rows(f), 2);
	assert_false(vs_channel_quit(f->channel));
}

static void at_the_end_an_attempt_that_failed_is_not_made_again(void **state)
{
	struct fixture *f = *state;

	f->script.answer = SCRIPT_SILENCE;
	tell(f, notice_of("a"));
	settle(f->loop);
	assert_true(vs_channel_quit(f->channel));
	script_finish(&f->script, SCRIPT_RETRY);
	assert_int_equal(f->rests, 1);
	advance(f->loop, HOUR);
	assert_int_equal(f->script.count, 1);
}

static void what_was_not_delivered_is_named_by_kind_and_whether_it_is_lost(void **state)
{
	struct fixture *f = *state;
	struct vs_incident incident = incident_of(VS_KIND_BYPASS, "a");
	const char *said;

	said_begin();
	vs_channel_say_rest(f->channel, false); /* nothing to say */
	f->script.answer = SCRIPT_SILENCE;
	tell(f, notice_of("a"));
	vs_channel_say_rest(f->channel, true);
	tell(f, notice_of("b"));
	tell_change(f, &incident, VS_CHANGE_OPENED);
	vs_channel_say_rest(f->channel, false);
	said = said_end();
	assert_int_equal(
		said_times(said, "oncall: 1 message was not delivered (1 connected): stored, and sent "
				 "after the next start"),
		1);
	assert_int_equal(
		said_times(said, "oncall: 3 messages were not delivered (1 bypass, 2 connected): lost"), 1);
	assert_int_equal(said_times(said, "not delivered"), 2);
	vs_incident_fini(&incident);
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(messages_are_sent_one_at_a_time_in_order_and_leave_the_store),
		T(nothing_is_sent_before_it_is_released_nor_before_what_was_planned_first),
		T(a_bypass_waits_behind_one_message_and_not_behind_hundreds),
		T(the_timeout_is_the_instances_or_half_a_minute),
		T(a_wish_to_wait_is_honoured_to_the_millisecond),
		T(without_a_wish_the_pauses_double_up_to_a_minute),
		T(an_attempt_without_an_answer_makes_the_next_a_possible_duplicate),
		T(an_attempt_that_never_began_is_none),
		T(a_wish_to_wait_for_ever_is_not_granted),
		T(a_channel_that_asks_for_a_day_again_and_again_is_asked_every_ten_minutes_at_most),
		T(a_silence_of_ten_minutes_breaks_the_channel_at_once_and_says_for_how_long),
		T(a_message_is_marked_late_after_five_minutes),
		T(a_message_expires_after_a_day_and_that_is_counted),
		T(a_jump_of_the_wall_clock_expires_nothing),
		T(thousands_of_expired_messages_are_deleted_in_few_batches),
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
		T(a_permanent_refusal_breaks_the_channel_once_and_the_next_success_mends_it),
		T(ten_minutes_of_failing_break_the_channel_too),
		T(a_channel_that_was_broken_before_a_restart_is_mended_by_a_success),
		T(a_full_queue_gives_up_its_oldest_notice_and_counts_it),
		T(a_queue_full_of_incidents_keeps_them_and_gives_up_what_is_new),
		T(giving_up_the_head_does_not_stop_what_is_behind_it),
		T(the_first_attempt_is_stored_before_it_is_made),
		T(the_store_knows_whether_any_attempt_may_have_arrived),
		T(a_gateway_that_asks_for_patience_may_have_let_the_message_through),
		T(later_attempts_of_a_message_that_may_have_arrived_cost_no_writes),
		T(a_store_that_refuses_keeps_nobody_from_being_told),
		T(a_channel_may_go_while_an_attempt_is_being_stored),
		T(an_attempt_that_takes_long_is_no_longer_ok),
		T(at_the_end_what_is_on_its_way_may_arrive_and_nothing_else_begins),
		T(at_the_end_an_attempt_that_failed_is_not_made_again),
		T(what_was_not_delivered_is_named_by_kind_and_whether_it_is_lost),
		T(destroying_a_channel_cancels_what_is_on_its_way_and_leaves_the_store_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
