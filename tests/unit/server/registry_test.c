#include "server_test.h"

#include "model/names.h"
#include "server/registry.h"

static struct vs_registry *filled(size_t count)
{
	struct vs_registry *registry = vs_registry_create(1000);
	char id[32];
	size_t i;

	for (i = 0; i < count; i++) {
		snprintf(id, sizeof(id), "c%zu", i);
		assert_non_null(vs_registry_add(registry, id, NULL));
	}
	return registry;
}

/* The rest of the walk, as "c0 c1 c2 ". */
static void assert_walk(struct vs_registry_cursor *cursor, const char *expected)
{
	const struct vs_client *client;
	char text[256] = "";
	size_t len = 0;

	while ((client = vs_registry_cursor_next(cursor)) != NULL)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s ", client->id);
	assert_string_equal(text, expected);
}

static void remove_id(struct vs_registry *registry, const char *id)
{
	vs_registry_remove(registry, vs_registry_find(registry, id));
}

static void clients_are_found_by_id_and_walked_in_the_order_they_came(void **state)
{
	struct vs_registry *registry = filled(0);
	struct vs_registry_cursor *cursor;

	(void)state;
	assert_non_null(vs_registry_add(registry, "zebra", NULL));
	assert_non_null(vs_registry_add(registry, "Ant", NULL));
	assert_non_null(vs_registry_add(registry, "ant", NULL));
	assert_int_equal(vs_registry_count(registry), 3);
	assert_string_equal(vs_registry_find(registry, "Ant")->client.id, "Ant");
	assert_null(vs_registry_find(registry, "ANT"));
	assert_null(vs_registry_find(registry, ""));
	cursor = vs_registry_cursor_open(registry, NULL);
	assert_walk(cursor, "zebra Ant ant ");
	vs_registry_cursor_close(cursor);
	vs_registry_destroy(registry);
}

static void one_more_than_max_clients_is_refused_with_what_to_do(void **state)
{
	struct vs_registry *registry = vs_registry_create(2);
	struct vs_client stored;
	struct vs_err err;

	(void)state;
	assert_non_null(vs_registry_add(registry, "a", &err));
	assert_non_null(vs_registry_add(registry, "b", &err));
	assert_null(vs_registry_add(registry, "c", &err));
	assert_int_equal(err.code, VS_ERR_TOO_BIG);
	assert_contains(err.text, "2 clients are known already");
	assert_contains(err.text, "monitor.max_clients");
	vs_client_init(&stored, "d");
	assert_non_null(vs_registry_adopt(registry, &stored)); /* it was known before the limit was */
	assert_null(vs_registry_add(registry, "c", &err));
	assert_contains(err.text, "3 clients are known already, and monitor.max_clients allows 2");
	remove_id(registry, "a");
	assert_null(vs_registry_add(registry, "c", &err));
	remove_id(registry, "d");
	assert_non_null(vs_registry_add(registry, "c", &err));
	vs_registry_destroy(registry);
}

static void an_adopted_client_is_taken_whole(void **state)
{
	struct vs_registry *registry = vs_registry_create(2);
	struct vs_client stored;
	struct vs_entry *entry;

	(void)state;
	vs_client_init(&stored, "d");
	stored.first_seen = NOON;
	vs_names_replace(vs_registry_names(registry), &stored.version, vs_view_of("1.2"));
	entry = vs_registry_adopt(registry, &stored);
	assert_null(stored.id);
	assert_ptr_equal(vs_registry_find(registry, "d"), entry);
	assert_int_equal(entry->client.first_seen, NOON);
	assert_string_equal(vs_names_text(vs_registry_names(registry), entry->client.version), "1.2");
	vs_registry_destroy(registry);
}

static void a_cursor_passes_over_clients_that_were_removed(void **state)
{
	struct vs_registry *registry = filled(6);
	struct vs_registry_cursor *cursor = vs_registry_cursor_open(registry, NULL);
	struct vs_registry_cursor *other = vs_registry_cursor_open(registry, "c1");

	(void)state;
	assert_string_equal(vs_registry_cursor_next(cursor)->id, "c0");
	remove_id(registry, "c0"); /* behind it */
	remove_id(registry, "c1"); /* what comes next */
	remove_id(registry, "c2"); /* and next again */
	remove_id(registry, "c4");
	assert_walk(cursor, "c3 c5 ");
	assert_walk(other, "c3 c5 ");
	vs_registry_cursor_close(other);
	vs_registry_cursor_close(cursor);
	vs_registry_destroy(registry);
}

static void a_cursor_survives_that_all_clients_go(void **state)
{
	struct vs_registry *registry = filled(2);
	struct vs_registry_cursor *cursor = vs_registry_cursor_open(registry, NULL);

	(void)state;
	remove_id(registry, "c1");
	remove_id(registry, "c0");
	assert_null(vs_registry_cursor_next(cursor));
	vs_registry_cursor_close(cursor);
	vs_registry_destroy(registry);
}

static void a_cursor_sees_clients_added_meanwhile_once(void **state)
{
	struct vs_registry *registry = filled(1);
	struct vs_registry_cursor *cursor = vs_registry_cursor_open(registry, NULL);
	struct vs_registry_cursor *early = vs_registry_cursor_open(registry, NULL);

	(void)state;
	assert_string_equal(vs_registry_cursor_next(cursor)->id, "c0");
	vs_registry_add(registry, "late", NULL);
	vs_registry_add(registry, "later", NULL);
	assert_walk(cursor, "late later ");
	assert_walk(early, "c0 late later ");
	vs_registry_cursor_close(cursor);
	vs_registry_cursor_close(early);
	vs_registry_destroy(registry);
}

static void a_walk_begins_behind_a_given_client(void **state)
{
	struct vs_registry *registry = filled(4);
	struct vs_registry_cursor *cursor = vs_registry_cursor_open(registry, "c1");

	(void)state;
	assert_walk(cursor, "c2 c3 ");
	vs_registry_cursor_close(cursor);
	cursor = vs_registry_cursor_open(registry, "c3");
	assert_walk(cursor, "");
	vs_registry_cursor_close(cursor);
	assert_null(vs_registry_cursor_open(registry, "nobody"));
	vs_registry_cursor_close(NULL);
	vs_registry_destroy(registry);
	vs_registry_destroy(NULL);
}

static void who_comes_next_takes_the_place_of_who_went_and_nothing_else(void **state)
{
	struct vs_registry *registry = filled(3);
	const struct vs_entry *place = vs_registry_find(registry, "c1");
	struct vs_entry *entry;

	(void)state;
	vs_registry_find(registry, "c1")->client.last_seen = 7;
	vs_registry_find(registry, "c1")->heard_ms = 7;
	remove_id(registry, "c1");
	entry = vs_registry_add(registry, "later", NULL);
	assert_ptr_equal(entry, place);
	assert_string_equal(entry->client.id, "later");
	assert_int_equal(entry->client.last_seen, 0);
	assert_int_equal(entry->heard_ms, 0);
	assert_ptr_not_equal(vs_registry_add(registry, "last", NULL), place);
	vs_registry_destroy(registry);
}

static void an_entry_costs_no_more_than_a_kibibyte(void **state)
{
	(void)state;
	assert_true(sizeof(struct vs_entry) <= 640); /* leaves room for facts and texts of their own */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clients_are_found_by_id_and_walked_in_the_order_they_came),
		cmocka_unit_test(one_more_than_max_clients_is_refused_with_what_to_do),
		cmocka_unit_test(an_adopted_client_is_taken_whole),
		cmocka_unit_test(a_cursor_passes_over_clients_that_were_removed),
		cmocka_unit_test(a_cursor_survives_that_all_clients_go),
		cmocka_unit_test(a_cursor_sees_clients_added_meanwhile_once),
		cmocka_unit_test(a_walk_begins_behind_a_given_client),
		cmocka_unit_test(who_comes_next_takes_the_place_of_who_went_and_nothing_else),
		cmocka_unit_test(an_entry_costs_no_more_than_a_kibibyte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
