/* Many clients at once: what it costs must grow with their number and no faster. */
#include "world.h"

#include <time.h>

#include "base/log.h"

#define MANY 10000
#define SOME 2000
#define CPU_SECONDS_MAX 30 /* a guard only, with sanitizers and on a slow machine */

static double cpu_seconds(void)
{
	return (double)clock() / CLOCKS_PER_SEC;
}

static void meet_many(struct world *w, int count)
{
	char id[16];
	int i;

	for (i = 0; i < count; i++) {
		snprintf(id, sizeof(id), "c%05d", i);
		keepalive(w, id);
		if (i % 100 == 99)
			settle(w->loop);
	}
	settle(w->loop);
	assert_int_equal(vs_registry_count(w->registry), count);
	assert_int_equal(w->mail.count, count);
}

static void ten_thousand_clients_lost_at_once_are_told_once_each_in_few_batches(void **state)
{
	struct world *w = *state;
	double since;
	unsigned commits;

	meet_many(w, MANY);
	hush(w);
	since = cpu_seconds();
	advance(w->loop, LOST_AFTER - SECOND);
	assert_int_equal(w->mail.count, 0);
	w->mail.answer = SCRIPT_SILENCE; /* what is sent has commits of its own */
	w->pager.answer = SCRIPT_SILENCE;
	commits = w->store.commits;
	w->store.largest = 0;
	advance(w->loop, SECOND + TICK);
	assert_int_equal(vs_monitor_open_incidents(w->monitor), MANY);
	assert_int_equal(stored(w, VS_TABLE_OUTBOX), 2 * MANY);
	assert_int_equal(stored(w, VS_TABLE_TRANSITIONS), 2 * MANY);
	/* Besides, each channel stores that its first attempt begins. */
	assert_true(w->store.commits - commits <= MANY / 32 + 1 + 2);
	assert_true(w->store.largest <= 256 * 4); /* client, transition, two messages */
	w->mail.answer = SCRIPT_SENT;
	w->pager.answer = SCRIPT_SENT;
	script_finish(&w->mail, SCRIPT_SENT);
	script_finish(&w->pager, SCRIPT_SENT);
	advance(w->loop, HOUR);
	assert_int_equal(w->mail.count, MANY);
	assert_int_equal(w->pager.count, MANY);
	assert_int_equal(stored(w, VS_TABLE_OUTBOX), 0);
	assert_true(cpu_seconds() - since < CPU_SECONDS_MAX);
}

/* Connected and bypassed: a notice and an incident for mail, an incident for the pager. */
static void bypass_many(struct world *w, char name, int count)
{
	char id[16];
	int i;

	for (i = 0; i < count; i++) {
		snprintf(id, sizeof(id), "%c%05d", name, i);
		keepalive_from(w, id, HOME);
		if (i % 100 == 99)
			settle(w->loop);
	}
	settle(w->loop);
}

static void a_full_queue_costs_the_same_for_each_message_more(void **state)
{
	struct world *w = *state;
	struct vs_channel_state mail;
	double since;

	w->mail.answer = SCRIPT_SILENCE;
	w->pager.answer = SCRIPT_SILENCE;
	bypass_many(w, 'a', 5000);
	vs_outbox_channel(w->outbox, 0, &mail);
	assert_int_equal(mail.queued, 10000);
	assert_int_equal(mail.dropped, 0);
	since = cpu_seconds();
	bypass_many(w, 'b', SOME);
	assert_true(cpu_seconds() - since < CPU_SECONDS_MAX);
	vs_outbox_channel(w->outbox, 0, &mail);
	assert_int_equal(mail.queued, 10000);
	assert_int_equal(mail.dropped, 2 * SOME);
	assert_int_equal(stored(w, VS_TABLE_OUTBOX), 10000 + 5000 + SOME);
}

static void after_an_outage_of_the_server_nobody_of_thousands_is_lost(void **state)
{
	struct world *w = *state;

	meet_many(w, SOME);
	hush(w);
	witness_round(&w->watch, 2);
	advance(w->loop, 3 * HOUR);
	assert_true(vs_monitor_is_offline(w->monitor));
	hush(w);
	witness_round(&w->watch, 0);
	assert_false(vs_monitor_is_offline(w->monitor));
	advance(w->loop, LOST_AFTER - SECOND);
	assert_alerts(&w->mail, "resolved server_offline");
}

static void thousands_of_clients_are_restored(void **state)
{
	struct world *w = *state;
	double since;

	meet_many(w, SOME);
	since = cpu_seconds();
	world_restart(w);
	assert_int_equal(vs_registry_count(w->registry), SOME);
	assert_int_equal(w->mail.count, 0);
	assert_true(cpu_seconds() - since < CPU_SECONDS_MAX);
}

#define T(test) cmocka_unit_test_setup_teardown(test, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(ten_thousand_clients_lost_at_once_are_told_once_each_in_few_batches),
		T(a_full_queue_costs_the_same_for_each_message_more),
		T(after_an_outage_of_the_server_nobody_of_thousands_is_lost),
		T(thousands_of_clients_are_restored),
	};

	vs_log_setup(VS_LOG_ERROR, VS_LOG_HUMAN, 2); /* a line for each of them is too much */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
