#include "world.h"

#include "model/incident.h"
#include "server/forget.h"

static void the_record_goes_before_the_history_is_found(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	w->store.hold = true;
	vs_forget_stored(w->ledger, w->outbox, vs_registry_find(w->registry, "office"));
	fake_store_let(&w->store, 1);
	assert_int_equal(stored(w, VS_TABLE_CLIENTS), 0);
	assert_int_equal(stored(w, VS_TABLE_TRANSITIONS), 1);
	fake_store_let_all(&w->store);
	settle(w->loop);
	assert_int_equal(stored(w, VS_TABLE_TRANSITIONS), 0);
}

static void a_client_without_history_takes_one_batch(void **state)
{
	struct world *w = *state;
	unsigned commits;

	send_more(w, "office", VPN, ",\"late\":true,\"observed_at\":\"2026-11-23T11:50:00Z\"", &w->answer);
	settle(w->loop);
	commits = w->store.commits;
	vs_forget_stored(w->ledger, w->outbox, vs_registry_find(w->registry, "office"));
	settle(w->loop);
	assert_int_equal(stored(w, VS_TABLE_CLIENTS), 0);
	assert_int_equal(w->store.commits, commits + 1);
}

static void history_that_cannot_be_read_stays_and_the_record_goes_all_the_same(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	w->store.hold = true;
	vs_forget_stored(w->ledger, w->outbox, vs_registry_find(w->registry, "office"));
	fake_store_let(&w->store, 1);
	w->store.mode = FAKE_REFUSE;
	fake_store_let_all(&w->store);
	w->store.mode = FAKE_ACCEPT;
	settle(w->loop);
	assert_int_equal(stored(w, VS_TABLE_CLIENTS), 0);
	assert_int_equal(stored(w, VS_TABLE_TRANSITIONS), 1);
	meet(w, "lab");
	w->store.mode = FAKE_FULL;
	vs_forget_stored(w->ledger, w->outbox, vs_registry_find(w->registry, "lab"));
	w->store.mode = FAKE_ACCEPT;
	advance(w->loop, MINUTE);
	assert_int_equal(stored(w, VS_TABLE_CLIENTS), 0);
	assert_int_equal(stored(w, VS_TABLE_TRANSITIONS), 2);
}

static void history_that_cannot_be_understood_goes_too(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	fake_store_put(&w->store, VS_TABLE_TRANSITIONS, (struct vs_view){"office\0x", 8}, vs_view_of("?"));
	vs_forget_stored(w->ledger, w->outbox, vs_registry_find(w->registry, "office"));
	settle(w->loop);
	assert_int_equal(stored(w, VS_TABLE_TRANSITIONS), 0);
}

#define T(test) cmocka_unit_test_setup_teardown(test, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_record_goes_before_the_history_is_found),
		T(a_client_without_history_takes_one_batch),
		T(history_that_cannot_be_read_stays_and_the_record_goes_all_the_same),
		T(history_that_cannot_be_understood_goes_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
