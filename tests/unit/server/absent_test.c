/* Channels that left the configuration: what waits for them, what they told, and how long. */
#include "server_test.h"

#include "fake_loop.h"
#include "fake_store.h"
#include "said.h"
#include "scripted_channel.h"
#include "transitions.h"

#include "model/names.h"
#include "server/absent.h"
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
	struct script mail; /* always there */
	struct script pager; /* comes and goes */
	struct vs_outbox *outbox;
	struct vs_incident incident; /* told by both */
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

static void create_outbox(struct fixture *f, bool with_pager)
{
	f->outbox = vs_outbox_create(f->loop, &fake_clock, f->ledger, &f->stats);
	vs_outbox_add_channel(f->outbox, &f->mail.conf, &f->mail.port);
	if (with_pager)
		vs_outbox_add_channel(f->outbox, &f->pager.conf, &f->pager.port);
}

/* The pager has told a bypass, and two notices wait for it. */
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
	f->pager.ref = "message 7";
	create_outbox(f, true);
	vs_outbox_start(f->outbox, 30 * DAY);
	f->incident = incident_of(VS_KIND_BYPASS, "office");
	tell(f, change_of(&f->incident, VS_CHANGE_OPENED));
	f->pager.answer = SCRIPT_SILENCE;
	tell(f, notice_of("first"));
	tell(f, notice_of("second"));
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
	vs_names_destroy(f->names);
	fake_store_fini(&f->store);
	vs_loop_destroy(f->loop);
	vs_free(f);
	return 0;
}

static size_t rows(const struct fixture *f, enum vs_table table)
{
	return fake_store_count(&f->store, table);
}

static void take(struct fixture *f, enum vs_table table, struct vs_unit *unit)
{
	size_t i;

	for (i = 0; i < rows(f, table); i++) {
		const struct fake_record *record = &f->store.tables[table].records[i];
		struct vs_view key = {record->key, record->key_len};
		struct vs_view value = {record->value, record->value_len};

		if (table == VS_TABLE_TOLD)
			vs_outbox_restore_told(f->outbox, key, value);
		else
			assert_int_equal(vs_outbox_restore(f->outbox, key, value, unit, NULL), 0);
	}
}

static void restart(struct fixture *f, bool with_pager)
{
	struct vs_unit *unit = vs_unit_create();

	vs_outbox_destroy(f->outbox);
	settle(f->loop);
	f->mail.count = 0;
	f->pager.count = 0;
	f->pager.answer = SCRIPT_SENT;
	create_outbox(f, with_pager);
	take(f, VS_TABLE_TOLD, unit);
	take(f, VS_TABLE_OUTBOX, unit);
	vs_ledger_commit(f->ledger, unit, NULL, NULL);
	vs_outbox_start(f->outbox, 30 * DAY);
	settle(f->loop);
}

static void expect_rows(const struct fixture *f, size_t outbox, size_t told, size_t counts)
{
	assert_int_equal(rows(f, VS_TABLE_OUTBOX), outbox);
	assert_int_equal(rows(f, VS_TABLE_TOLD), told);
	assert_int_equal(rows(f, VS_TABLE_STATE), counts);
}

static void messages_for_a_channel_that_is_gone_are_given_up_one_by_one_after_a_day(void **state)
{
	struct fixture *f = *state;
	const char *said;

	said_begin();
	restart(f, false);
	said = said_end();
	assert_int_equal(
		said_times(said, "pager: 2 messages wait for this channel, which is not configured"), 1);
	said_begin();
	advance(f->loop, 23 * HOUR);
	assert_string_equal(said_end(), "");
	expect_rows(f, 2, 2, 1);
	said_begin();
	advance(f->loop, 2 * HOUR);
	said = said_end();
	expect_rows(f, 0, 2, 1);
	assert_int_equal(said_times(said, "pager: a message (connected notice of first) was never told"), 1);
	assert_int_equal(said_times(said, "pager: a message (connected notice of second) was never told"), 1);
	assert_int_equal(f->stats.count[VS_STAT_DELIVERY_DROPS], 2);
	assert_int_equal(f->mail.count, 0);
}

static void a_channel_that_comes_back_sends_what_waits_and_knows_what_it_told(void **state)
{
	struct fixture *f = *state;

	restart(f, false);
	advance(f->loop, 23 * HOUR);
	restart(f, true);
	assert_int_equal(f->pager.count, 2);
	assert_string_equal(f->pager.alerts[0].client, "first");
	assert_string_equal(f->pager.alerts[1].client, "second");
	tell(f, change_of(&f->incident, VS_CHANGE_RESOLVED));
	assert_int_equal(f->pager.count, 3);
	assert_string_equal(f->pager.alerts[2].replaces, "message 7");
	expect_rows(f, 0, 0, 0);
}

static void what_it_told_is_known_for_as_long_as_a_client_and_then_nothing_is_left(void **state)
{
	struct fixture *f = *state;

	restart(f, false);
	advance(f->loop, 30 * DAY - HOUR);
	expect_rows(f, 0, 2, 1);
	advance(f->loop, 2 * HOUR);
	expect_rows(f, 0, 1, 0);
	advance(f->loop, 10 * DAY);
	expect_rows(f, 0, 1, 0);
	tell(f, change_of(&f->incident, VS_CHANGE_RESOLVED));
	expect_rows(f, 0, 0, 0);
}

static void time_counts_over_restarts_and_only_while_a_server_runs(void **state)
{
	struct fixture *f = *state;

	restart(f, false);
	advance(f->loop, 20 * HOUR);
	vs_outbox_destroy(f->outbox);
	settle(f->loop);
	create_outbox(f, false);
	pass(10 * DAY); /* nobody runs */
	restart(f, false);
	advance(f->loop, 2 * HOUR);
	expect_rows(f, 2, 2, 1);
	advance(f->loop, 3 * HOUR);
	expect_rows(f, 0, 2, 1);
}

static void a_jump_of_the_wall_clock_gives_up_and_forgets_nothing(void **state)
{
	struct fixture *f = *state;

	restart(f, false);
	fake_now.wall += 3653 * DAY;
	advance(f->loop, 2 * HOUR);
	restart(f, false);
	advance(f->loop, 2 * HOUR);
	expect_rows(f, 2, 2, 1);
	fake_now.wall -= 2 * 3653 * DAY;
	advance(f->loop, 22 * HOUR);
	expect_rows(f, 0, 2, 1);
}

static void a_channel_that_was_back_in_between_has_a_whole_day_again(void **state)
{
	struct fixture *f = *state;

	restart(f, false);
	advance(f->loop, 20 * HOUR);
	restart(f, true);
	expect_rows(f, 0, 2, 0);
	f->pager.answer = SCRIPT_SILENCE;
	tell(f, notice_of("third"));
	restart(f, false);
	advance(f->loop, 20 * HOUR);
	expect_rows(f, 1, 2, 1);
	advance(f->loop, 5 * HOUR);
	expect_rows(f, 0, 2, 1);
}

static void a_store_that_fails_gives_up_nothing_before_it_is_back(void **state)
{
	struct fixture *f = *state;

	restart(f, false);
	advance(f->loop, 23 * HOUR);
	f->store.mode = FAKE_REFUSE;
	tell(f, notice_of("more"));
	advance(f->loop, 5 * HOUR);
	expect_rows(f, 2, 2, 1);
	f->store.mode = FAKE_ACCEPT;
	advance(f->loop, HOUR);
	expect_rows(f, 0, 2, 1);
	assert_int_equal(f->stats.count[VS_STAT_DELIVERY_DROPS], 2);
}

static void what_is_under_way_when_the_server_ends_harms_nobody(void **state)
{
	struct fixture *f = *state;

	restart(f, false);
	advance(f->loop, 24 * HOUR - 1);
	f->store.hold = true;
	advance(f->loop, HOUR);
	vs_outbox_destroy(f->outbox);
	f->outbox = NULL;
	fake_store_let_all(&f->store);
	settle(f->loop);
	expect_rows(f, 2, 2, 1);
}

static void nothing_is_counted_when_every_channel_is_there(void **state)
{
	struct fixture *f = *state;
	unsigned scans;

	restart(f, true);
	scans = f->store.scans;
	advance(f->loop, 3 * DAY);
	assert_int_equal(f->store.scans, scans);
	expect_rows(f, 0, 2, 0);
}

static void more_than_a_thousand_go_in_several_steps(void **state)
{
	struct fixture *f = *state;
	char client[32];
	int i;

	for (i = 0; i < 2500; i++) {
		snprintf(client, sizeof(client), "client-%d", i);
		tell(f, notice_of(client));
	}
	restart(f, false);
	assert_int_equal(rows(f, VS_TABLE_OUTBOX), 2502);
	f->store.largest = 0;
	said_begin();
	advance(f->loop, 25 * HOUR);
	said_end();
	expect_rows(f, 0, 2, 1);
	assert_in_range(f->store.largest, 2, 1000);
	assert_int_equal(f->stats.count[VS_STAT_DELIVERY_DROPS], 2502);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(messages_for_a_channel_that_is_gone_are_given_up_one_by_one_after_a_day),
		TEST(a_channel_that_comes_back_sends_what_waits_and_knows_what_it_told),
		TEST(what_it_told_is_known_for_as_long_as_a_client_and_then_nothing_is_left),
		TEST(time_counts_over_restarts_and_only_while_a_server_runs),
		TEST(a_jump_of_the_wall_clock_gives_up_and_forgets_nothing),
		TEST(a_channel_that_was_back_in_between_has_a_whole_day_again),
		TEST(a_store_that_fails_gives_up_nothing_before_it_is_back),
		TEST(what_is_under_way_when_the_server_ends_harms_nobody),
		TEST(nothing_is_counted_when_every_channel_is_there),
		TEST(more_than_a_thousand_go_in_several_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
