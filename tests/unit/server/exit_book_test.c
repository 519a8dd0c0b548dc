/* Who shares an exit: when all of them fall silent it is the exit, else it is the client. */
#include "world.h"

#include "model/cause.h"
#include "model/client.h"
#include "model/incident.h"
#include "server/exit_book.h"
#include "server/registry.h"

#define OTHER "198.51.100.99"

static uint8_t cause_of(struct world *w, const char *id)
{
	struct vs_entry *entry = vs_registry_find(w->registry, id);
	struct vs_incident *lost;

	assert_non_null(entry);
	lost = vs_client_incident(&entry->client, VS_KIND_TUNNEL_LOST);
	assert_non_null(lost);
	return lost->cause;
}

static void all_clients_of_an_exit_that_fall_silent_are_told_so(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	meet(w, "lab");
	advance(w->loop, 20 * MINUTE);
	assert_int_equal(cause_of(w, "office"), VS_CAUSE_EXIT_SILENT);
	assert_int_equal(cause_of(w, "lab"), VS_CAUSE_EXIT_SILENT);
}

static void one_that_falls_silent_while_another_of_its_exit_is_heard_is_silent_alone(void **state)
{
	struct world *w = *state;
	int i;

	meet(w, "office");
	meet(w, "lab");
	for (i = 0; i < 10; i++) {
		advance(w->loop, 2 * MINUTE);
		keepalive(w, "lab");
	}
	assert_int_equal(cause_of(w, "office"), VS_CAUSE_CLIENT_SILENT);
}

static void one_that_is_alone_behind_its_exit_is_silent_alone(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	keepalive_from(w, "lab", OTHER);
	settle(w->loop);
	advance(w->loop, 20 * MINUTE);
	assert_int_equal(cause_of(w, "office"), VS_CAUSE_CLIENT_SILENT);
	assert_int_equal(cause_of(w, "lab"), VS_CAUSE_CLIENT_SILENT);
}

static void who_was_deleted_shares_no_exit(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	meet(w, "lab");
	assert_int_equal(vs_monitor_forget(w->monitor, "lab"), 0);
	advance(w->loop, 20 * MINUTE);
	assert_int_equal(cause_of(w, "office"), VS_CAUSE_CLIENT_SILENT);
}

static void exits_are_shared_over_a_restart(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	meet(w, "lab");
	advance(w->loop, MINUTE);
	world_restart(w);
	advance(w->loop, 20 * MINUTE);
	assert_int_equal(cause_of(w, "office"), VS_CAUSE_EXIT_SILENT);
}

static struct vs_entry *add(struct vs_registry *registry, const char *id)
{
	struct vs_entry *entry = vs_registry_add(registry, id, NULL);

	assert_non_null(entry);
	entry->client.liveness = VS_LIVENESS_ALIVE;
	return entry;
}

static void counts_follow_moves_and_silence(void **state)
{
	struct vs_registry *registry = vs_registry_create(10);
	struct vs_exit_book *book = vs_exit_book_create();
	struct vs_entry *a = add(registry, "a"), *b = add(registry, "b");

	(void)state;
	vs_exit_book_note(book, a); /* its exit is not known */
	assert_int_equal(a->exit, 0);
	assert_false(vs_exit_book_is_silent(book, a));
	a->client.told_exit = b->client.told_exit = addr(VPN);
	vs_exit_book_note(book, a);
	vs_exit_book_note(book, b);
	assert_int_equal(a->exit, b->exit);
	assert_int_not_equal(a->exit, 0);
	a->client.liveness = VS_LIVENESS_LATE;
	vs_exit_book_note(book, a);
	assert_false(vs_exit_book_is_silent(book, a));
	b->client.liveness = VS_LIVENESS_LOST;
	vs_exit_book_note(book, b);
	vs_exit_book_note(book, b);
	assert_true(vs_exit_book_is_silent(book, a));
	b->client.told_exit = addr(OTHER);
	vs_exit_book_note(book, b);
	assert_false(vs_exit_book_is_silent(book, a));
	vs_exit_book_drop(book, a);
	vs_exit_book_drop(book, a);
	assert_int_equal(a->exit, 0);
	vs_exit_book_destroy(book, registry);
	assert_int_equal(b->exit, 0);
	vs_exit_book_destroy(NULL, registry);
	vs_registry_destroy(registry);
}

/* The first one's entry holds the exit while it is alone, and may go before the others. */
static void an_exit_outlives_the_client_that_came_first(void **state)
{
	struct vs_registry *registry = vs_registry_create(10);
	struct vs_exit_book *book = vs_exit_book_create();
	struct vs_entry *a = add(registry, "a"), *b, *c;

	(void)state;
	a->client.told_exit = addr(VPN);
	vs_exit_book_note(book, a);
	a->client.liveness = VS_LIVENESS_LOST;
	vs_exit_book_note(book, a);
	assert_false(vs_exit_book_is_silent(book, a)); /* alone */
	b = add(registry, "b");
	b->client.told_exit = addr(VPN);
	b->client.liveness = VS_LIVENESS_LOST;
	vs_exit_book_note(book, b);
	assert_true(vs_exit_book_is_silent(book, a));
	assert_true(vs_exit_book_is_silent(book, b));
	vs_exit_book_drop(book, a);
	vs_registry_remove(registry, a);
	assert_false(vs_exit_book_is_silent(book, b)); /* alone now */
	c = add(registry, "c");
	c->client.told_exit = addr(VPN);
	vs_exit_book_note(book, c);
	assert_false(vs_exit_book_is_silent(book, b)); /* the other one is heard */
	c->client.liveness = VS_LIVENESS_LATE;
	vs_exit_book_note(book, c);
	assert_true(vs_exit_book_is_silent(book, b));
	vs_exit_book_drop(book, b);
	vs_exit_book_drop(book, c);
	b->client.liveness = VS_LIVENESS_ALIVE;
	vs_exit_book_note(book, b); /* the first of an exit that was gone */
	vs_exit_book_note(book, c);
	assert_false(vs_exit_book_is_silent(book, c));
	vs_exit_book_destroy(book, registry);
	vs_registry_destroy(registry);
}

#define T(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(all_clients_of_an_exit_that_fall_silent_are_told_so),
		T(one_that_falls_silent_while_another_of_its_exit_is_heard_is_silent_alone),
		T(one_that_is_alone_behind_its_exit_is_silent_alone),
		T(who_was_deleted_shares_no_exit),
		T(exits_are_shared_over_a_restart),
		cmocka_unit_test(counts_follow_moves_and_silence),
		cmocka_unit_test(an_exit_outlives_the_client_that_came_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
