/* A message that tries channels: who gets it, and what is made of each answer. */
#include "server_test.h"

#include "fake_loop.h"
#include "fake_store.h"
#include "scripted_channel.h"
#include "transitions.h"

#include "model/names.h"
#include "server/ledger.h"
#include "server/outbox.h"
#include "server/stats.h"
#include "server/trial.h"
#include "server/unit.h"

struct fixture {
	struct vs_loop *loop;
	struct vs_store store;
	struct vs_names *names;
	struct vs_stats stats;
	struct vs_ledger *ledger;
	struct script mail;
	struct script pager; /* critical only */
	struct vs_outbox *outbox;
	char told[1024]; /* "mail sent, pager refused (it rains)" */
	unsigned calls;
};

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
	f->outbox = vs_outbox_create(f->loop, &fake_clock, f->ledger, &f->stats);
	vs_outbox_add_channel(f->outbox, &f->mail.conf, &f->mail.port);
	vs_outbox_add_channel(f->outbox, &f->pager.conf, &f->pager.port);
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

static void on_tried(void *arg, const struct vs_trial_answer *answers, size_t count)
{
	struct fixture *f = arg;
	size_t len = 0;

	f->calls++;
	f->told[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		len += (size_t)snprintf(f->told + len, sizeof(f->told) - len, "%s%s %s", i > 0 ? ", " : "",
			answers[i].channel, answers[i].outcome);
		if (answers[i].reason[0] != '\0')
			len += (size_t)snprintf(
				f->told + len, sizeof(f->told) - len, " (%s)", answers[i].reason);
		if (answers[i].retry_after_ms > 0)
			len += (size_t)snprintf(f->told + len, sizeof(f->told) - len, " for %llu",
				(unsigned long long)answers[i].retry_after_ms);
	}
}

static void try_all(struct fixture *f)
{
	assert_non_null(vs_trial_start(f->outbox, NULL, "Is anybody\nthere?", on_tried, f));
	assert_int_equal(f->calls, 0); /* never from inside */
}

static void tell(struct fixture *f, struct vs_transition transition)
{
	struct vs_unit *unit = vs_unit_create();

	vs_outbox_plan(f->outbox, unit, &transition, "", NULL);
	vs_ledger_commit(f->ledger, unit, NULL, NULL);
	vs_outbox_release(f->outbox, transition.id);
	vs_transition_fini(&transition);
}

static void every_channel_gets_it_whatever_its_route_and_nothing_is_stored(void **state)
{
	struct fixture *f = *state;

	try_all(f);
	settle(f->loop);
	assert_int_equal(f->calls, 1);
	assert_string_equal(f->told, "mail sent, pager sent");
	assert_alerts(&f->mail, "notice test");
	assert_alerts(&f->pager, "notice test");
	assert_string_equal(f->mail.alerts[0].title, "🔔 Test message");
	assert_string_equal(f->mail.alerts[0].body, "Is anybody there?"); /* one line */
	assert_string_equal(f->mail.alerts[0].incident, "");
	assert_string_not_equal(f->mail.alerts[0].delivery, f->pager.alerts[0].delivery);
	assert_int_equal(f->mail.alerts[0].severity, VPNS_SEVERITY_INFO);
	assert_int_equal(f->mail.alerts[0].timeout_ms, VS_TRIAL_TIMEOUT_MS);
	assert_int_equal(fake_store_count(&f->store, VS_TABLE_OUTBOX), 0);
	assert_int_equal(fake_store_count(&f->store, VS_TABLE_TOLD), 0);
}

static void what_each_answers_is_told_and_none_is_tried_twice(void **state)
{
	struct fixture *f = *state;

	f->mail.answer = SCRIPT_DROP;
	f->pager.answer = SCRIPT_RETRY;
	f->pager.retry_after_ms = 30000;
	try_all(f);
	settle(f->loop);
	advance(f->loop, MINUTE);
	assert_int_equal(f->calls, 1);
	assert_string_equal(f->told, "mail refused (it rains), pager later (it rains) for 30000");
	assert_int_equal(f->mail.count, 1);
	assert_int_equal(f->pager.count, 1);
}

static void one_channel_may_be_named_and_another_name_is_refused(void **state)
{
	struct fixture *f = *state;

	assert_null(vs_trial_start(f->outbox, "fax", "x", on_tried, f));
	assert_non_null(vs_trial_start(f->outbox, "pager", "x", on_tried, f));
	settle(f->loop);
	assert_string_equal(f->told, "pager sent");
	assert_int_equal(f->mail.count, 0);
}

static void a_channel_with_a_message_under_way_gets_it_afterwards(void **state)
{
	struct fixture *f = *state;

	f->mail.answer = SCRIPT_SILENCE;
	tell(f, notice_of("office"));
	settle(f->loop);
	assert_int_equal(f->mail.count, 1);
	try_all(f);
	advance(f->loop, SECOND);
	assert_int_equal(f->calls, 0);
	assert_int_equal(f->mail.count, 1);
	f->mail.answer = SCRIPT_SENT;
	script_finish(&f->mail, SCRIPT_SENT);
	advance(f->loop, SECOND);
	assert_string_equal(f->told, "mail sent, pager sent");
	assert_alerts(&f->mail, "notice connected office, notice test");
}

static void a_channel_that_stays_busy_is_said_to_be(void **state)
{
	struct fixture *f = *state;

	f->mail.answer = SCRIPT_SILENCE;
	tell(f, notice_of("office"));
	settle(f->loop);
	try_all(f);
	advance(f->loop, VS_TRIAL_BUSY_MS + SECOND);
	assert_string_equal(f->told, "mail busy (another message is under way there), pager sent");
	script_finish(&f->mail, SCRIPT_SENT);
}

static void a_plugin_that_does_not_begin_is_busy(void **state)
{
	struct fixture *f = *state;

	f->mail.answer = SCRIPT_REFUSE;
	try_all(f);
	advance(f->loop, VS_TRIAL_BUSY_MS + SECOND);
	assert_string_equal(f->told, "mail busy (another message is under way there), pager sent");
}

static void a_channel_that_wants_to_be_left_alone_is(void **state)
{
	struct fixture *f = *state;

	f->mail.answer = SCRIPT_RETRY;
	f->mail.retry_after_ms = 60000;
	tell(f, notice_of("office"));
	settle(f->loop);
	assert_int_equal(f->mail.count, 1);
	f->mail.answer = SCRIPT_SENT;
	try_all(f);
	settle(f->loop);
	assert_string_equal(f->told,
		"mail later (it asked to be left alone, after an earlier message) for 60000, pager sent");
	assert_int_equal(f->mail.count, 1);
}

static void a_message_that_comes_meanwhile_is_delivered_soon(void **state)
{
	struct fixture *f = *state;

	f->mail.answer = SCRIPT_SILENCE;
	try_all(f);
	settle(f->loop);
	f->mail.answer = SCRIPT_REFUSE; /* as the plugin's host does while one is under way */
	tell(f, notice_of("office"));
	settle(f->loop);
	f->mail.answer = SCRIPT_SENT;
	script_finish(&f->mail, SCRIPT_SENT);
	advance(f->loop, 2 * SECOND);
	assert_string_equal(f->told, "mail sent, pager sent");
	assert_string_equal(f->mail.alerts[f->mail.count - 1].kind, "connected");
}

static void the_end_of_the_outbox_answers_and_a_late_result_harms_nobody(void **state)
{
	struct fixture *f = *state;

	f->mail.answer = SCRIPT_SILENCE;
	try_all(f);
	settle(f->loop);
	vs_outbox_destroy(f->outbox);
	assert_int_equal(f->calls, 1);
	assert_string_equal(f->told, "mail busy (it has not answered yet), pager sent");
	script_finish(&f->mail, SCRIPT_SENT);
	f->outbox = vs_outbox_create(f->loop, &fake_clock, f->ledger, &f->stats);
}

static void without_channels_the_answer_is_empty(void **state)
{
	struct fixture *f = *state;
	struct vs_outbox *none = vs_outbox_create(f->loop, &fake_clock, f->ledger, &f->stats);

	assert_non_null(vs_trial_start(none, NULL, "x", on_tried, f));
	settle(f->loop);
	assert_int_equal(f->calls, 1);
	assert_string_equal(f->told, "");
	vs_outbox_destroy(none);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(every_channel_gets_it_whatever_its_route_and_nothing_is_stored),
		TEST(what_each_answers_is_told_and_none_is_tried_twice),
		TEST(one_channel_may_be_named_and_another_name_is_refused),
		TEST(a_channel_with_a_message_under_way_gets_it_afterwards),
		TEST(a_channel_that_stays_busy_is_said_to_be),
		TEST(a_plugin_that_does_not_begin_is_busy),
		TEST(a_channel_that_wants_to_be_left_alone_is),
		TEST(a_message_that_comes_meanwhile_is_delivered_soon),
		TEST(the_end_of_the_outbox_answers_and_a_late_result_harms_nobody),
		TEST(without_channels_the_answer_is_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
