/* Channels that come, change and go while the server runs. */
#include "server_test.h"

#include "fake_loop.h"
#include "fake_store.h"
#include "said.h"
#include "scripted_channel.h"
#include "transitions.h"

#include "model/names.h"
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
	struct script mail;
	struct script pager;
	struct script other; /* another instance of the pager's name */
	struct vs_outbox *outbox;
	struct vs_incident incident; /* told by both */
	unsigned left;
	char broken[128];
};

static void tell(struct fixture *f, struct vs_transition transition)
{
	struct vs_unit *unit = vs_unit_create();

	vs_outbox_plan(f->outbox, unit, &transition, "", NULL);
	vs_ledger_commit(f->ledger, unit, NULL, NULL);
	vs_outbox_release(f->outbox, transition.id);
	vs_transition_fini(&transition);
	settle(f->loop);
}

static void on_broken(void *arg, const char *channel, bool broken, const char *reason)
{
	struct fixture *f = arg;

	(void)reason;
	snprintf(f->broken, sizeof(f->broken), "%s %s", channel, broken ? "is broken" : "works");
}

/* Both have told a bypass. */
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
	script_init(&f->other, f->loop, "pager");
	f->outbox = vs_outbox_create(f->loop, &fake_clock, f->ledger, &f->stats);
	vs_outbox_watch(f->outbox, on_broken, f);
	vs_outbox_add_channel(f->outbox, &f->mail.conf, &f->mail.port);
	vs_outbox_add_channel(f->outbox, &f->pager.conf, &f->pager.port);
	vs_outbox_start(f->outbox, 30 * DAY);
	f->incident = incident_of(VS_KIND_BYPASS, "office");
	tell(f, change_of(&f->incident, VS_CHANGE_OPENED));
	f->pager.count = 0;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	vs_outbox_destroy(f->outbox);
	settle(f->loop);
	vs_ledger_destroy(f->ledger);
	vs_incident_fini(&f->incident);
	script_fini(&f->mail);
	script_fini(&f->pager);
	script_fini(&f->other);
	vs_names_destroy(f->names);
	fake_store_fini(&f->store);
	vs_loop_destroy(f->loop);
	vs_free(f);
	return 0;
}

static void on_left(void *arg)
{
	struct fixture *f = arg;

	f->left++;
}

static bool leave(struct fixture *f)
{
	return vs_outbox_leave(f->outbox, "pager", on_left, f);
}

static bool change(struct fixture *f, const struct vs_channel_port *port)
{
	return vs_outbox_change(f->outbox, &f->other.conf, port, on_left, f);
}

static size_t rows(const struct fixture *f)
{
	return fake_store_count(&f->store, VS_TABLE_OUTBOX);
}

static void an_attempt_under_way_ends_on_the_old_instance_and_counts(void **state)
{
	struct fixture *f = *state;
	struct vs_channel_state channel;

	f->pager.answer = SCRIPT_SILENCE;
	tell(f, notice_of("first"));
	tell(f, notice_of("second"));
	assert_true(change(f, &f->other.port));
	settle(f->loop);
	assert_alerts(&f->other, "");
	assert_int_equal(f->left, 0);
	script_finish(&f->pager, SCRIPT_SENT);
	settle(f->loop);
	assert_int_equal(f->left, 1);
	assert_alerts(&f->pager, "notice connected first");
	assert_alerts(&f->other, "notice connected second");
	assert_int_equal(rows(f), 0);
	vs_outbox_channel(f->outbox, 1, &channel);
	assert_int_equal(channel.sent, 3);
}

static void nothing_under_way_is_told_at_once(void **state)
{
	struct fixture *f = *state;

	assert_false(change(f, &f->other.port));
	tell(f, notice_of("first"));
	assert_alerts(&f->pager, "");
	assert_alerts(&f->other, "notice connected first");
	assert_int_equal(f->left, 0);
}

static void a_channel_without_a_port_waits_for_one(void **state)
{
	static const struct vs_channel_port none;
	struct fixture *f = *state;

	assert_false(change(f, &none));
	tell(f, notice_of("first"));
	tell(f, notice_of("second"));
	advance(f->loop, 2 * HOUR);
	assert_alerts(&f->pager, "");
	assert_int_equal(rows(f), 2);
	assert_false(change(f, &f->other.port));
	settle(f->loop);
	assert_alerts(&f->other, "notice connected first, notice connected second");
	assert_int_equal(f->other.alerts[0].attempt, 1);
	assert_int_equal(rows(f), 0);
}

static void a_port_that_goes_while_an_attempt_is_being_stored_is_not_used(void **state)
{
	static const struct vs_channel_port none;
	struct fixture *f = *state;

	f->store.hold = true;
	tell(f, notice_of("first"));
	fake_store_let(&f->store, 1); /* the plan; what is stored next is that the attempt begins */
	settle(f->loop);
	assert_false(change(f, &none));
	f->store.hold = false;
	fake_store_let_all(&f->store);
	settle(f->loop);
	assert_alerts(&f->pager, "");
	change(f, &f->other.port);
	settle(f->loop);
	assert_alerts(&f->other, "notice connected first");
	assert_int_equal(f->other.alerts[0].attempt, 1);
}

static void the_same_instance_with_other_options_is_tried_at_once(void **state)
{
	struct fixture *f = *state;

	f->pager.answer = SCRIPT_RETRY;
	tell(f, notice_of("first"));
	advance(f->loop, 10 * MINUTE);
	f->pager.answer = SCRIPT_SENT;
	f->pager.count = 0;
	vs_outbox_keep(f->outbox, &f->pager.conf, &f->pager.port, true);
	settle(f->loop);
	assert_alerts(&f->pager, "notice connected first");
}

static void a_wish_to_be_left_alone_holds_whatever_the_options(void **state)
{
	struct fixture *f = *state;

	f->pager.answer = SCRIPT_RETRY;
	f->pager.retry_after_ms = HOUR;
	tell(f, notice_of("first"));
	f->pager.answer = SCRIPT_SENT;
	vs_outbox_keep(f->outbox, &f->pager.conf, &f->pager.port, true);
	advance(f->loop, 59 * MINUTE);
	assert_int_equal(f->pager.count, 1);
	advance(f->loop, 2 * MINUTE);
	assert_int_equal(f->pager.count, 2);
}

static void another_route_counts_from_the_next_message_on(void **state)
{
	struct fixture *f = *state;

	f->pager.conf.route.severity = VS_ROUTE_CRITICAL;
	vs_outbox_keep(f->outbox, &f->pager.conf, &f->pager.port, false);
	tell(f, notice_of("first"));
	assert_alerts(&f->pager, "");
	tell(f, change_of(&f->incident, VS_CHANGE_RESOLVED));
	assert_alerts(&f->pager, "resolved bypass office");
}

static void a_channel_that_leaves_keeps_what_waits_and_gets_nothing_new(void **state)
{
	struct fixture *f = *state;
	const char *said;

	f->pager.answer = SCRIPT_RETRY;
	tell(f, notice_of("first"));
	said_begin();
	assert_false(leave(f));
	said = said_end();
	assert_contains(said, "pager: 1 message waits for this channel, which is not configured any more");
	assert_int_equal(vs_outbox_channels(f->outbox), 1);
	tell(f, notice_of("second"));
	assert_int_equal(rows(f), 1);
	advance(f->loop, 25 * HOUR);
	assert_int_equal(rows(f), 0);
	assert_int_equal(f->pager.count, 1);
}

static void a_channel_that_leaves_ends_its_attempt_and_is_no_trouble_any_more(void **state)
{
	struct fixture *f = *state;

	f->pager.answer = SCRIPT_SILENCE;
	tell(f, notice_of("first"));
	tell(f, notice_of("second"));
	assert_true(leave(f));
	assert_string_equal(f->broken, "pager works");
	assert_int_equal(f->left, 0);
	script_finish(&f->pager, SCRIPT_SENT);
	settle(f->loop);
	assert_int_equal(f->left, 1);
	assert_int_equal(rows(f), 1);
	assert_alerts(&f->pager, "notice connected first");
}

static void the_end_waits_for_the_attempt_of_a_channel_that_leaves(void **state)
{
	struct fixture *f = *state;

	f->pager.answer = SCRIPT_SILENCE;
	tell(f, notice_of("first"));
	assert_true(leave(f));
	assert_true(vs_outbox_quit(f->outbox, on_left, f));
	script_finish(&f->pager, SCRIPT_SENT);
	settle(f->loop);
	assert_int_equal(f->left, 2);
}

static void a_channel_that_comes_back_tells_what_waited_before_what_is_new(void **state)
{
	struct fixture *f = *state;

	f->pager.answer = SCRIPT_RETRY;
	tell(f, notice_of("first"));
	tell(f, notice_of("second"));
	leave(f);
	tell(f, notice_of("nobody hears of this"));
	f->store.hold = true;
	vs_outbox_join(f->outbox, &f->other.conf, &f->other.port);
	tell(f, notice_of("third"));
	tell(f, change_of(&f->incident, VS_CHANGE_RESOLVED));
	f->store.hold = false;
	fake_store_let_all(&f->store);
	advance(f->loop, SECOND);
	assert_alerts(&f->other, "resolved bypass office, notice connected first, notice connected second, "
				 "notice connected third");
	assert_int_equal(rows(f), 0);
	assert_int_equal(fake_store_count(&f->store, VS_TABLE_TOLD), 0);
	advance(f->loop, 30 * HOUR);
	assert_int_equal(f->other.count, 4);
}

static void a_store_that_refuses_holds_up_a_channel_that_comes_back_only_so_long(void **state)
{
	struct fixture *f = *state;
	const char *said;

	f->pager.answer = SCRIPT_RETRY;
	tell(f, notice_of("first"));
	leave(f);
	f->store.mode = FAKE_REFUSE;
	f->store.refusal = VS_STORE_FAILED;
	f->store.reason = "the disk is full";
	said_begin();
	vs_outbox_join(f->outbox, &f->other.conf, &f->other.port);
	settle(f->loop);
	said = said_end();
	assert_contains(said, "pager: what waits in the store for this channel cannot be read yet");
	tell(f, notice_of("second"));
	assert_alerts(&f->other, "notice connected second");
	f->store.mode = FAKE_ACCEPT;
	advance(f->loop, 2 * MINUTE);
	assert_alerts(&f->other, "notice connected second, notice connected first");
	assert_int_equal(rows(f), 0);
}

static void a_channel_that_goes_again_before_all_is_back_loses_nothing(void **state)
{
	struct fixture *f = *state;
	const char *said;

	f->pager.answer = SCRIPT_RETRY;
	tell(f, notice_of("first"));
	leave(f);
	f->store.hold = true;
	vs_outbox_join(f->outbox, &f->other.conf, &f->other.port);
	tell(f, notice_of("second"));
	said_begin();
	assert_false(leave(f));
	said = said_end();
	assert_contains(said, "pager: 2 messages wait for this channel");
	f->store.hold = false;
	fake_store_let_all(&f->store);
	advance(f->loop, SECOND);
	assert_int_equal(rows(f), 2);
	vs_outbox_join(f->outbox, &f->other.conf, &f->other.port);
	advance(f->loop, SECOND);
	assert_alerts(&f->other, "notice connected first, notice connected second");
}

static void a_channel_that_was_never_here_begins_at_once(void **state)
{
	struct fixture *f = *state;
	struct script sms;

	script_init(&sms, f->loop, "sms");
	vs_outbox_join(f->outbox, &sms.conf, &sms.port);
	tell(f, notice_of("first"));
	assert_alerts(&sms, "notice connected first");
	assert_alerts(&f->pager, "notice connected first");
	vs_outbox_leave(f->outbox, "sms", on_left, f);
	script_fini(&sms);
}

static void what_waits_in_memory_for_a_channel_that_goes_and_comes_back_is_sent_when_the_store_is_whole(
	void **state)
{
	struct fixture *f = *state;

	f->pager.answer = SCRIPT_RETRY;
	f->store.mode = FAKE_REFUSE;
	tell(f, notice_of("first"));
	assert_int_equal(rows(f), 0);
	leave(f);
	vs_outbox_join(f->outbox, &f->other.conf, &f->other.port);
	settle(f->loop);
	assert_alerts(&f->other, "");
	f->store.mode = FAKE_ACCEPT;
	advance(f->loop, 2 * MINUTE);
	assert_alerts(&f->other, "notice connected first");
	assert_int_equal(rows(f), 0);
}

static void what_is_refused_while_a_channel_comes_back_is_waited_for(void **state)
{
	struct fixture *f = *state;

	f->pager.answer = SCRIPT_RETRY;
	tell(f, notice_of("first"));
	f->store.hold = true;
	tell(f, notice_of("second")); /* given to the store, and not answered yet */
	leave(f);
	vs_outbox_join(f->outbox, &f->other.conf, &f->other.port);
	settle(f->loop);
	f->store.fail_next = (unsigned)f->store.waiting - 1; /* all but the reading */
	fake_store_let_all(&f->store);
	settle(f->loop);
	assert_alerts(&f->other, "");
	advance(f->loop, MINUTE);
	assert_alerts(&f->other, "notice connected first, notice connected second");
	assert_int_equal(rows(f), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_attempt_under_way_ends_on_the_old_instance_and_counts),
		TEST(nothing_under_way_is_told_at_once),
		TEST(a_channel_without_a_port_waits_for_one),
		TEST(a_port_that_goes_while_an_attempt_is_being_stored_is_not_used),
		TEST(the_same_instance_with_other_options_is_tried_at_once),
		TEST(a_wish_to_be_left_alone_holds_whatever_the_options),
		TEST(another_route_counts_from_the_next_message_on),
		TEST(a_channel_that_leaves_keeps_what_waits_and_gets_nothing_new),
		TEST(a_channel_that_leaves_ends_its_attempt_and_is_no_trouble_any_more),
		TEST(the_end_waits_for_the_attempt_of_a_channel_that_leaves),
		TEST(a_channel_that_comes_back_tells_what_waited_before_what_is_new),
		TEST(a_store_that_refuses_holds_up_a_channel_that_comes_back_only_so_long),
		TEST(a_channel_that_goes_again_before_all_is_back_loses_nothing),
		TEST(a_channel_that_was_never_here_begins_at_once),
		TEST(what_waits_in_memory_for_a_channel_that_goes_and_comes_back_is_sent_when_the_store_is_whole),
		TEST(what_is_refused_while_a_channel_comes_back_is_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
