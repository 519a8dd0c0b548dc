#include "world.h"

#include "server/telling.h"
#include "transitions.h"

struct done {
	unsigned times;
	bool durable;
};

static void on_done(void *arg, bool durable)
{
	struct done *done = arg;

	done->times++;
	done->durable = durable;
}

static struct vs_monitor_parts parts_of(struct world *w)
{
	return (struct vs_monitor_parts){.loop = w->loop,
		.clock = fake_clock,
		.registry = w->registry,
		.ledger = w->ledger,
		.outbox = w->outbox,
		.stats = &w->stats};
}

static void push_notice(struct vs_transitions *transitions, const char *client)
{
	*vs_transitions_push(transitions) = notice_of(client);
}

static void clients_and_transitions_are_one_unit_told_in_order(void **state)
{
	struct world *w = *state;
	struct vs_monitor_parts parts = parts_of(w);
	struct vs_tellings among = {0};
	struct vs_transitions transitions = {0};
	struct vs_entry *a = vs_registry_add(w->registry, "a", NULL);
	struct vs_entry *b = vs_registry_add(w->registry, "b", NULL);
	struct vs_telling *telling = vs_telling_create(&parts, vs_registry_names(w->registry), &among);
	struct done done = {0};
	unsigned commits = w->store.commits;

	push_notice(&transitions, "a");
	vs_telling_add(telling, &a->client, &transitions);
	assert_int_equal(transitions.count, 0);
	push_notice(&transitions, "b");
	vs_telling_add(telling, &b->client, &transitions);
	vs_telling_commit(telling, on_done, &done);
	assert_int_equal(done.times, 0);
	assert_int_equal(w->store.commits, commits + 1);
	settle(w->loop);
	assert_int_equal(done.times, 1);
	assert_true(done.durable);
	assert_null(among.first);
	assert_int_equal(stored(w, VS_TABLE_CLIENTS), 2);
	assert_int_equal(stored(w, VS_TABLE_TRANSITIONS), 2);
	assert_alerts(&w->mail, "notice connected a, notice connected b");
	assert_int_equal(w->stats.count[VS_STAT_TRANSITIONS], 2);
}

static void an_empty_one_costs_nothing_and_says_nothing(void **state)
{
	struct world *w = *state;
	struct vs_monitor_parts parts = parts_of(w);
	struct vs_tellings among = {0};
	struct done done = {0};

	vs_telling_commit(vs_telling_create(&parts, vs_registry_names(w->registry), &among), on_done, &done);
	settle(w->loop);
	assert_int_equal(done.times, 0);
	assert_int_equal(w->store.commits, 0);
}

static void what_is_not_durable_is_told_and_its_client_written_again(void **state)
{
	struct world *w = *state;
	struct vs_monitor_parts parts = parts_of(w);
	struct vs_tellings among = {0};
	struct vs_transitions transitions = {0};
	struct vs_entry *a = vs_registry_add(w->registry, "a", NULL);
	struct vs_telling *telling = vs_telling_create(&parts, vs_registry_names(w->registry), &among);
	struct done done = {0};

	w->store.mode = FAKE_REFUSE;
	push_notice(&transitions, "a");
	vs_telling_add(telling, &a->client, &transitions);
	vs_telling_commit(telling, on_done, &done);
	settle(w->loop);
	assert_int_equal(done.times, 1);
	assert_false(done.durable);
	assert_alerts(&w->mail, "notice connected a");
	assert_true(a->dirty);
	vs_ledger_untouch(w->ledger, a);
}

static void a_detached_one_is_answered_and_tells_nobody(void **state)
{
	struct world *w = *state;
	struct vs_monitor_parts *parts = vs_alloc(sizeof(*parts));
	struct vs_tellings among = {0};
	struct vs_transitions transitions = {0};
	struct vs_entry *a = vs_registry_add(w->registry, "a", NULL);
	struct vs_telling *telling;
	struct done done = {0};

	*parts = parts_of(w);
	telling = vs_telling_create(parts, vs_registry_names(w->registry), &among);
	push_notice(&transitions, "a");
	vs_telling_add(telling, &a->client, &transitions);
	vs_telling_commit(telling, on_done, &done);
	vs_tellings_detach(&among);
	vs_free(parts);
	settle(w->loop);
	assert_int_equal(done.times, 1);
	assert_int_equal(w->mail.count, 0);
	assert_int_equal(stored(w, VS_TABLE_OUTBOX), 1);
}

#define T(test) cmocka_unit_test_setup_teardown(test, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(clients_and_transitions_are_one_unit_told_in_order),
		T(an_empty_one_costs_nothing_and_says_nothing),
		T(what_is_not_durable_is_told_and_its_client_written_again),
		T(a_detached_one_is_answered_and_tells_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
