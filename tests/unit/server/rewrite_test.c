/* A store that is damaged while the server runs: opened anew, and written anew, without a restart. */
#include "world.h"

#include "said.h"
#include "transitions.h"

#include "server/half.h"
#include "server/rewrite.h"
#include "server/state_book.h"

#define SAID "the database was set aside as x.corrupt"
#define FLEET 1500 /* more than two chunks */
#define INCIDENTS 700 /* among them, one chunk full of messages */

static struct vs_state_book *book;
static struct vs_rewrite *rewrite;

static void begin(struct world *w)
{
	book = vs_state_book_create(w->loop, w->ledger);
	rewrite = vs_rewrite_create(&(struct vs_rewrite_parts){
		w->ledger, w->registry, w->monitor, w->outbox, book, NULL, NULL, NULL, NULL});
}

static void end(void)
{
	vs_rewrite_destroy(rewrite);
	rewrite = NULL;
	vs_state_book_destroy(book);
	book = NULL;
}

static int setup(void **state)
{
	struct world *w;

	world_setup(state);
	w = *state;
	w->store.loses = true;
	w->store.said = SAID;
	begin(w);
	return 0;
}

static int teardown(void **state)
{
	end();
	return world_teardown(state);
}

/* Killed, and started again on what is there then: a file that is damaged is set aside at the start, too. */
static void kill_and_restart(struct world *w)
{
	end();
	if (w->store.damaged)
		fake_empty(&w->store);
	w->store.damaged = false;
	w->store.damaged_after = 0;
	w->store.will_not_open = 0;
	w->store.hold = false;
	world_restart(w);
	begin(w);
}

static bool is_failing(const struct world *w)
{
	return vs_ledger_is_failing(w->ledger, NULL, NULL);
}

/* One client that is well, one that was lost and told so, one whose bypass could not be told on mail yet. */
static void live(struct world *w)
{
	struct vs_state_backend backend = vs_state_book_backend(book);

	meet(w, "gone");
	advance(w->loop, LOST_AFTER + TICK);
	backend.put(backend.arg, "notifier/mail", "offset", "41");
	meet(w, "well");
	meet(w, "office");
	advance(w->loop, 2 * SECOND);
	hush(w);
	w->mail.answer = SCRIPT_SILENCE;
	keepalive_from(w, "office", HOME);
	settle(w->loop);
	assert_int_equal(stored(w, VS_TABLE_OUTBOX), 1);
	assert_int_equal(stored(w, VS_TABLE_TOLD), 3);
	assert_in_range(stored(w, VS_TABLE_STATE), 1, 2); /* the server notes its clock */
}

static void assert_all_is_known_after_a_kill(struct world *w)
{
	struct vs_state_backend backend;

	kill_and_restart(w);
	assert_int_equal(vs_registry_count(w->registry), 3);
	assert_int_equal(vs_monitor_open_incidents(w->monitor), 2);
	assert_non_null(strstr(w->mail.alerts[0].kind, "bypass")); /* what waited */
	assert_int_equal(vs_state_book_load(book, world_on_restored, w), 0);
	w->restored = false;
	settle(w->loop);
	backend = vs_state_book_backend(book);
	assert_string_equal(backend.get(backend.arg, "notifier/mail", "offset"), "41");
	hush(w);
	meet(w, "well");
	assert_int_equal(w->mail.count, 0); /* nobody is connected again */
	meet(w, "gone");
	assert_alerts(&w->mail, "resolved tunnel_lost gone");
	assert_alerts(&w->pager, "resolved tunnel_lost gone");
}

static void what_the_server_knows_is_written_into_the_new_store(void **state)
{
	struct world *w = *state;

	live(w);
	w->store.damaged = true;
	keepalive(w, "new");
	settle(w->loop);
	assert_true(w->answer.came);
	assert_false(w->answer.durable);
	assert_false(is_failing(w));
	assert_int_equal(w->store.reopenings, 1);
	assert_int_equal(stored(w, VS_TABLE_CLIENTS), 4);
	keepalive(w, "new");
	assert_true(w->answer.durable);
	assert_int_equal(vs_monitor_forget(w->monitor, "new"), 0);
	settle(w->loop);
	assert_all_is_known_after_a_kill(w);
}

static void people_are_told_what_happened_to_the_store_and_what_is_lost(void **state)
{
	struct world *w = *state;
	const char *text;

	meet(w, "office");
	hush(w);
	w->store.damaged = true;
	said_begin();
	keepalive_from(w, "office", HOME);
	settle(w->loop);
	text = said_end();
	assert_int_equal(said_times(text, SAID), 1);
	assert_int_equal(said_times(text, "Closed incidents and the history of before are not"), 1);
	advance(w->loop, 2 * TICK);
	assert_int_equal(w->mail.count, 3);
	assert_string_equal(w->mail.alerts[1].kind, "store_failing");
	assert_non_null(strstr(w->mail.alerts[1].body, SAID));
	assert_string_equal(w->mail.alerts[2].kind, "store_failing");
	assert_int_equal(w->mail.alerts[2].transition, VPNS_TRANSITION_RESOLVED);
	assert_int_equal(vs_monitor_open_incidents(w->monitor), 1);
	advance(w->loop, MINUTE);
	assert_int_equal(w->mail.count, 3);
}

static void a_store_that_was_damaged_while_it_was_read_is_mended_too(void **state)
{
	struct world *w = *state;

	live(w);
	w->store.damaged = true;
	assert_int_equal(
		vs_ledger_read(w->ledger, VS_TABLE_TRANSITIONS, NULL, 0, false, NULL, world_on_restored, w),
		0);
	settle(w->loop);
	assert_true(w->restored);
	assert_false(w->restored_ok);
	assert_false(is_failing(w));
	assert_all_is_known_after_a_kill(w);
}

static void after_a_false_alarm_only_what_waited_is_written(void **state)
{
	struct world *w = *state;
	size_t writes;

	live(w);
	writes = w->store.writes;
	w->store.loses = false;
	w->store.damaged = true;
	keepalive(w, "new");
	settle(w->loop);
	assert_false(w->answer.durable);
	assert_false(is_failing(w));
	assert_int_equal(w->store.reopenings, 1);
	assert_in_range(w->store.writes - writes, 3, 5); /* the client, its transition, its message */
	assert_null(vs_ledger_loss(w->ledger));
	assert_int_equal(vs_monitor_forget(w->monitor, "new"), 0);
	settle(w->loop);
	assert_all_is_known_after_a_kill(w);
}

static void a_store_that_began_empty_without_a_word_is_written_too(void **state)
{
	struct world *w = *state;

	live(w);
	w->store.said = NULL;
	w->store.damaged = true;
	keepalive_from(w, "well", HOME);
	settle(w->loop);
	keepalive(w, "well");
	keepalive(w, "well");
	settle(w->loop);
	assert_false(is_failing(w));
	assert_non_null(strstr(vs_ledger_loss(w->ledger), "is empty"));
	assert_int_equal(stored(w, VS_TABLE_CLIENTS), 3);
}

static void a_store_that_cannot_be_opened_again_is_tried_until_it_can(void **state)
{
	struct world *w = *state;
	const char *why;

	live(w);
	w->store.damaged = true;
	w->store.will_not_open = 4;
	keepalive(w, "new");
	settle(w->loop);
	assert_true(vs_ledger_is_failing(w->ledger, &why, NULL));
	assert_string_equal(why, "the disk is away");
	keepalive(w, "well");
	assert_true(w->answer.came);
	assert_false(w->answer.durable);
	assert_true(vs_ledger_is_rewriting(w->ledger));
	advance(w->loop, 10 * SECOND);
	assert_false(is_failing(w));
	assert_int_equal(w->store.reopenings, 1);
	assert_int_equal(vs_monitor_forget(w->monitor, "new"), 0);
	settle(w->loop);
	assert_all_is_known_after_a_kill(w);
}

static void damage_in_the_middle_of_the_writing_begins_it_again(void **state)
{
	struct world *w = *state;
	char id[16];
	int i;

	live(w);
	for (i = 0; i < FLEET; i++) {
		snprintf(id, sizeof(id), "c%04d", i);
		keepalive(w, id);
	}
	settle(w->loop);
	w->store.damaged = true;
	w->store.damaged_after = 5; /* refused, what waited, two chunks of the fleet */
	keepalive_from(w, "well", HOME);
	advance(w->loop, 10 * SECOND);
	assert_int_equal(w->store.reopenings, 1);
	assert_true(is_failing(w));
	advance(w->loop, MINUTE);
	assert_int_equal(w->store.reopenings, 2);
	assert_false(is_failing(w));
	assert_int_equal(stored(w, VS_TABLE_CLIENTS), FLEET + 3);
}

static unsigned alerts_of(const struct script *script, const char *kind)
{
	unsigned count = 0;
	size_t i;

	for (i = 0; i < script->count && i < SCRIPT_ALERTS_MAX; i++)
		count += strcmp(script->alerts[i].kind, kind) == 0;
	return count;
}

static void a_store_that_is_damaged_whenever_it_is_written_to_is_opened_once_a_minute(void **state)
{
	struct world *w = *state;
	int i;

	meet(w, "well");
	hush(w);
	w->store.rots = true;
	for (i = 0; i < 600; i++) {
		keepalive(w, "well");
		assert_true(w->answer.came);
		assert_int_equal(w->answer.durable, i == 0);
		advance(w->loop, SECOND);
	}
	assert_true(is_failing(w));
	assert_int_equal(alerts_of(&w->pager, "store_failing"), 0); /* a warning is not for it */
	assert_int_equal(alerts_of(&w->mail, "store_failing"), 1);
	assert_in_range(w->store.reopenings, 8, 11); /* once a minute: each leaves a file behind */
	w->store.rots = false;
	advance(w->loop, 2 * MINUTE);
	assert_false(is_failing(w));
	kill_and_restart(w);
	assert_int_equal(vs_registry_count(w->registry), 1);
}

/* Whoever is in the new store has there what was told of it, or what is to be. */
static void assert_nobody_stands_without_what_belongs_to_it(struct world *w)
{
	struct vs_registry_cursor *cursor = vs_registry_cursor_open(w->registry, NULL);
	const struct vs_client *client;
	uint32_t i;

	while ((client = vs_registry_cursor_next(cursor)) != NULL) {
		for (i = 0; i < client->incident_count; i++) {
			struct vs_buf key;

			vs_buf_init(&key);
			vs_buf_add(&key, "mail", sizeof("mail"));
			vs_buf_add_text(&key, client->incidents[i].id);
			assert_non_null(fake_store_get(&w->store, VS_TABLE_TOLD, vs_buf_view(&key)));
			vs_buf_fini(&key);
		}
	}
	vs_registry_cursor_close(cursor);
}

static void grow(struct world *w)
{
	char id[16];
	int i;

	for (i = 0; i < FLEET; i++) {
		snprintf(id, sizeof(id), "c%04d", i);
		keepalive(w, id);
	}
	settle(w->loop);
	for (i = 0; i < INCIDENTS; i++) {
		if (i == 40)
			w->mail.answer = SCRIPT_SILENCE; /* what follows was not told there yet */
		snprintf(id, sizeof(id), "c%04d", i * 2);
		keepalive_from(w, id, HOME);
		settle(w->loop);
	}
	settle(w->loop);
	assert_int_equal(stored(w, VS_TABLE_OUTBOX), INCIDENTS - 40);
}

static bool is_marked(const struct world *w)
{
	static const char key[] = VS_HALF_OWNER "\0" VS_HALF_KEY;

	return fake_store_get(&w->store, VS_TABLE_STATE, (struct vs_view){key, sizeof(key) - 1}) != NULL;
}

static void killed_at_any_moment_of_the_writing_no_incident_is_torn(void **state)
{
	struct world *w = *state;
	bool whole = false;
	size_t incidents;
	unsigned lets;

	for (lets = 0; !whole; lets++) {
		unsigned i;

		teardown(state);
		setup(state);
		w = *state;
		grow(w);
		w->store.hold = true;
		w->store.damaged = true;
		keepalive_from(w, "c0001", HOME); /* a transition among it */
		for (i = 0; i < lets; i++) {
			advance(w->loop, 1);
			fake_store_let(&w->store, 1);
		}
		advance(w->loop, 1);
		whole = w->store.reopenings > 0 && !is_failing(w);
		kill_and_restart(w);
		settle(w->loop);
		assert_nobody_stands_without_what_belongs_to_it(w);
		if (vs_registry_count(w->registry) > 1 && vs_registry_count(w->registry) < FLEET)
			assert_true(is_marked(w));
		incidents = vs_monitor_open_incidents(w->monitor);
		/* Behind the one that waited, whoever is in trouble comes first. */
		if (vs_registry_count(w->registry) > INCIDENTS + 1)
			assert_in_range(incidents, INCIDENTS, INCIDENTS + 2);
		if (whole) {
			assert_int_equal(vs_registry_count(w->registry), FLEET);
			assert_false(is_marked(w));
		}
		assert_true(lets < 50);
	}
	assert_true(lets > 5);
}

/* Some of the fleet are in the new store, and the server is dead. */
static void be_killed_half_way(struct world *w)
{
	char id[16];
	int i;

	for (i = 0; i < FLEET; i++) {
		snprintf(id, sizeof(id), "c%04d", i);
		keepalive(w, id);
	}
	settle(w->loop);
	w->store.hold = true;
	w->store.damaged = true;
	keepalive_from(w, "c0001", HOME);
	while (!is_marked(w)) {
		advance(w->loop, 1);
		fake_store_let(&w->store, 1);
	}
	kill_and_restart(w);
	settle(w->loop);
	assert_in_range(vs_registry_count(w->registry), 1, FLEET - 1);
	w->mail.count = 0;
}

static uint32_t flags_of_a_meeting(struct world *w, const char *id)
{
	w->mail.count = 0;
	keepalive(w, id);
	settle(w->loop);
	assert_int_equal(w->mail.count, 1);
	assert_string_equal(w->mail.alerts[0].kind, "connected");
	return w->mail.alerts[0].flags;
}

static void after_a_half_it_is_said_and_who_seems_new_is_told_with_a_mark(void **state)
{
	struct world *w = *state;
	const char *said;

	be_killed_half_way(w);
	assert_int_equal(flags_of_a_meeting(w, "unknown") & VPNS_ALERT_POSSIBLE_DUPLICATE,
		VPNS_ALERT_POSSIBLE_DUPLICATE);
	said_begin();
	kill_and_restart(w);
	settle(w->loop);
	said = said_end();
	assert_int_equal(
		said_times(said, "WARN  [ledger] the store holds only a part of what the server knew"), 1);
	assert_int_equal(said_times(said, "What happened before: " SAID), 1);
	assert_int_equal(flags_of_a_meeting(w, "stranger") & VPNS_ALERT_POSSIBLE_DUPLICATE,
		VPNS_ALERT_POSSIBLE_DUPLICATE);
}

static void a_half_of_long_ago_marks_nobody(void **state)
{
	struct world *w = *state;

	be_killed_half_way(w);
	advance(w->loop, FORGET_AFTER + DAY);
	assert_int_equal(flags_of_a_meeting(w, "new") & VPNS_ALERT_POSSIBLE_DUPLICATE, 0);
	assert_true(is_marked(w));
	kill_and_restart(w);
	settle(w->loop);
	assert_false(is_marked(w));
	assert_int_equal(flags_of_a_meeting(w, "newer") & VPNS_ALERT_POSSIBLE_DUPLICATE, 0);
}

static void keepalives_are_answered_between_chunks_of_a_bounded_size(void **state)
{
	struct world *w = *state;

	grow(w);
	w->store.largest = 0;
	w->store.hold = true;
	w->store.damaged = true;
	keepalive_from(w, "c0001", HOME);
	while (!w->answer.came || is_failing(w)) {
		fake_store_let(&w->store, 1);
		advance(w->loop, 1);
		keepalive(w, "c0003");
		assert_true(w->answer.came);
	}
	assert_in_range(w->store.largest, 256, 520);
	assert_int_equal(stored(w, VS_TABLE_CLIENTS), FLEET);
}

static void on_flushed(void *arg)
{
	*(bool *)arg = true;
}

static void damage_at_the_end_is_mended_before_the_server_is_gone(void **state)
{
	struct world *w = *state;
	bool flushed = false;

	live(w);
	w->store.damaged = true;
	keepalive(w, "well"); /* a routine state, which only the flush writes */
	vs_ledger_flush(w->ledger, on_flushed, &flushed);
	settle(w->loop);
	assert_true(flushed);
	assert_int_equal(w->store.reopenings, 1);
	assert_false(is_failing(w));
	assert_all_is_known_after_a_kill(w);
}

static void a_flush_ends_although_the_damaged_store_cannot_be_opened_again(void **state)
{
	struct world *w = *state;
	bool flushed = false;

	live(w);
	w->store.damaged = true;
	w->store.will_not_open = 1000;
	keepalive_from(w, "well", HOME);
	vs_ledger_flush(w->ledger, on_flushed, &flushed);
	settle(w->loop);
	assert_true(flushed);
	assert_true(is_failing(w));
}

static void without_the_parts_that_know_everything_a_damaged_store_just_refuses(void **state)
{
	struct world *w = *state;
	bool flushed = false;

	live(w);
	vs_rewrite_destroy(rewrite);
	rewrite = NULL;
	w->store.damaged = true;
	keepalive_from(w, "well", HOME);
	vs_ledger_flush(w->ledger, on_flushed, &flushed);
	settle(w->loop);
	assert_true(flushed);
	assert_int_equal(w->store.reopenings, 0);
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_the_server_knows_is_written_into_the_new_store),
		T(people_are_told_what_happened_to_the_store_and_what_is_lost),
		T(a_store_that_was_damaged_while_it_was_read_is_mended_too),
		T(after_a_false_alarm_only_what_waited_is_written),
		T(a_store_that_began_empty_without_a_word_is_written_too),
		T(a_store_that_cannot_be_opened_again_is_tried_until_it_can),
		T(damage_in_the_middle_of_the_writing_begins_it_again),
		T(a_store_that_is_damaged_whenever_it_is_written_to_is_opened_once_a_minute),
		T(killed_at_any_moment_of_the_writing_no_incident_is_torn),
		T(after_a_half_it_is_said_and_who_seems_new_is_told_with_a_mark),
		T(a_half_of_long_ago_marks_nobody),
		T(keepalives_are_answered_between_chunks_of_a_bounded_size),
		T(damage_at_the_end_is_mended_before_the_server_is_gone),
		T(a_flush_ends_although_the_damaged_store_cannot_be_opened_again),
		T(without_the_parts_that_know_everything_a_damaged_store_just_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
