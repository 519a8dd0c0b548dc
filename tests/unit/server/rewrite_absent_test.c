/* A store that is damaged while channels are absent: what only it held is lost, and that is said. */
#include "world.h"

#include "said.h"

#include "server/rewrite.h"
#include "server/state_book.h"

static struct vs_state_book *book;
static struct vs_rewrite *rewrite;

static int setup(void **state)
{
	struct world *w;

	world_setup(state);
	w = *state;
	w->store.loses = true;
	w->store.said = "the database was set aside as x.corrupt";
	book = vs_state_book_create(w->loop, w->ledger);
	rewrite = vs_rewrite_create(&(struct vs_rewrite_parts){
		w->ledger, w->registry, w->monitor, w->outbox, book, NULL, NULL, NULL, NULL});
	return 0;
}

static int teardown(void **state)
{
	vs_rewrite_destroy(rewrite);
	vs_state_book_destroy(book);
	return world_teardown(state);
}

static bool is_failing(const struct world *w)
{
	return vs_ledger_is_failing(w->ledger, NULL, NULL);
}

static void nobody(void *arg)
{
	(void)arg;
}

/* The pager leaves with one message that was told and one that waits. */
static void leave_with_messages(struct world *w)
{
	meet(w, "office");
	keepalive_from(w, "office", HOME);
	settle(w->loop);
	meet(w, "lab");
	w->pager.answer = SCRIPT_RETRY;
	keepalive_from(w, "lab", HOME);
	settle(w->loop);
	vs_outbox_leave(w->outbox, "pager", nobody, NULL);
	settle(w->loop);
	hush(w);
	w->pager.answer = SCRIPT_SENT;
}

static void what_only_the_old_store_held_for_absent_channels_is_said_to_be_lost(void **state)
{
	struct world *w = *state;
	const char *text;

	leave_with_messages(w);
	w->store.damaged = true;
	said_begin();
	keepalive(w, "new");
	settle(w->loop);
	text = said_end();
	assert_contains(text, "pager: the store lost 1 message for this channel");
	advance(w->loop, 2 * TICK);
	assert_contains(w->mail.alerts[1].body, "Nor are 1 messages and 1 told incidents");
	assert_contains(w->mail.alerts[1].body, "(pager)");
	vs_outbox_join(w->outbox, &w->pager.conf, &w->pager.port);
	meet(w, "office");
	assert_int_equal(w->pager.count, 0);
}

static void a_channel_that_is_not_all_back_loses_the_same(void **state)
{
	struct world *w = *state;
	const char *text;

	leave_with_messages(w);
	w->store.damaged = true;
	w->store.will_not_open = 1;
	vs_outbox_join(w->outbox, &w->pager.conf, &w->pager.port);
	said_begin();
	advance(w->loop, MINUTE);
	text = said_end();
	assert_contains(text, "pager: the store lost 1 message for this channel");
	assert_false(is_failing(w));
	assert_int_equal(w->pager.count, 0);
}

static void a_channel_that_leaves_a_damaged_store_takes_nothing_with_it(void **state)
{
	struct world *w = *state;
	const char *text;

	meet(w, "office");
	keepalive_from(w, "office", HOME);
	settle(w->loop);
	w->pager.answer = SCRIPT_RETRY;
	keepalive_from(w, "lab", HOME);
	settle(w->loop);
	hush(w);
	w->store.damaged = true;
	w->store.will_not_open = 1;
	keepalive(w, "new");
	settle(w->loop);
	said_begin();
	vs_outbox_leave(w->outbox, "pager", nobody, NULL);
	advance(w->loop, MINUTE);
	text = said_end();
	assert_false(is_failing(w));
	assert_null(strstr(text, "the store lost"));
	w->pager.answer = SCRIPT_SENT;
	hush(w);
	vs_outbox_join(w->outbox, &w->pager.conf, &w->pager.port);
	settle(w->loop);
	assert_alerts(&w->pager, "opened bypass lab");
	meet(w, "office");
	assert_alerts(&w->pager, "opened bypass lab, resolved bypass office");
}

static void nothing_is_said_to_be_lost_when_no_channel_is_absent(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	w->store.hold = true;
	w->store.damaged = true;
	keepalive(w, "new");
	fake_store_let_all(&w->store);
	assert_null(vs_ledger_loss(w->ledger));
	settle(w->loop);
	assert_null(strstr(vs_ledger_loss(w->ledger), "Nor are"));
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_only_the_old_store_held_for_absent_channels_is_said_to_be_lost),
		T(a_channel_that_is_not_all_back_loses_the_same),
		T(a_channel_that_leaves_a_damaged_store_takes_nothing_with_it),
		T(nothing_is_said_to_be_lost_when_no_channel_is_absent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
