#include "world.h"

#include "model/incident.h"
#include "server/acks.h"
#include "server/troubles.h"

struct desk {
	struct world *world;
	struct vs_acks *acks;
	char incident[VS_ULID_TEXT]; /* the open one that was seen last */
	bool acknowledged;
	bool loaded;
	unsigned stored;
};

static void on_loaded(void *arg, bool ok, const char *reason)
{
	(void)reason;
	assert_true(ok);
	*(bool *)arg = true;
}

static void on_stored(void *arg, bool durable)
{
	assert_true(durable);
	++*(unsigned *)arg;
}

static void begin(struct desk *desk)
{
	desk->acks = vs_acks_create(&(struct vs_acks_parts){
		&fake_clock, desk->world->ledger, desk->world->outbox, desk->world->monitor});
	desk->loaded = false;
	assert_int_equal(vs_acks_load(desk->acks, on_loaded, &desk->loaded), 0);
	settle(desk->world->loop);
	assert_true(desk->loaded);
}

static int setup(void **state)
{
	struct desk *desk = vs_zalloc(sizeof(*desk));
	void *world;

	world_setup(&world);
	desk->world = world;
	begin(desk);
	*state = desk;
	return 0;
}

static int teardown(void **state)
{
	struct desk *desk = *state;
	void *world = desk->world;

	vs_acks_destroy(desk->acks);
	vs_free(desk);
	return world_teardown(&world);
}

static void note(void *arg, const struct vs_incident *incident)
{
	struct desk *desk = arg;

	memcpy(desk->incident, incident->id, sizeof(desk->incident));
	desk->acknowledged = incident->acknowledged;
}

static void look(struct desk *desk)
{
	desk->incident[0] = '\0';
	vs_monitor_each_incident(desk->world->monitor, NULL, note, desk);
}

static void leak(struct desk *desk, const char *id)
{
	keepalive_from(desk->world, id, HOME);
	settle(desk->world->loop);
	look(desk);
}

static void meet_and_leak(struct desk *desk, const char *id)
{
	meet(desk->world, id);
	leak(desk, id);
	hush(desk->world);
}

static int ack(struct desk *desk, const char *who, const char *text, struct vs_err *err)
{
	int rc = vs_acks_put(desk->acks, desk->incident, who, text, on_stored, &desk->stored, err);

	settle(desk->world->loop);
	return rc;
}

static void an_acknowledgment_is_told_with_who_and_note(void **state)
{
	struct desk *desk = *state;

	meet_and_leak(desk, "office");
	assert_int_equal(ack(desk, "ana", "I am on it", NULL), 0);
	assert_alerts(&desk->world->pager, "acknowledged bypass office");
	assert_contains(desk->world->pager.alerts[0].body, "\nana looks after it.\nNote: I am on it");
	assert_null(strstr(desk->world->pager.alerts[0].body, "Evidence"));
	assert_int_equal(desk->stored, 1);
	look(desk);
	assert_true(desk->acknowledged);
	assert_string_equal(vs_acks_find(desk->acks, desk->incident)->who, "ana");
	assert_string_equal(vs_acks_find(desk->acks, desk->incident)->note, "I am on it");
	assert_int_equal(vs_acks_find(desk->acks, desk->incident)->at, fake_now.wall);
}

static void a_second_one_hears_who_was_first(void **state)
{
	struct desk *desk = *state;
	struct vs_err err = {0};

	meet_and_leak(desk, "office");
	assert_int_equal(ack(desk, "ana", "", NULL), 0);
	assert_int_equal(ack(desk, "ben", "", &err), VS_ERR_BUSY);
	assert_contains(err.text, "already, by ana");
	assert_int_equal(desk->world->pager.count, 1);
}

static void what_is_not_open_cannot_be_acknowledged(void **state)
{
	struct desk *desk = *state;
	struct vs_err err = {0};

	strcpy(desk->incident, "01JDB9K3Z7Q4T2W8X5Y6V0R1S2");
	assert_int_equal(ack(desk, "ana", "", &err), VS_ERR_NOT_FOUND);
	assert_contains(err.text, "no open incident");
	strcpy(desk->incident, "nonsense");
	assert_int_equal(ack(desk, "ana", "", &err), VS_ERR_NOT_FOUND);
	meet_and_leak(desk, "office");
	keepalive(desk->world, "office");
	settle(desk->world->loop);
	assert_int_equal(ack(desk, "ana", "", &err), VS_ERR_NOT_FOUND);
	assert_int_equal(stored(desk->world, VS_TABLE_ACKS), 0);
}

static void a_note_has_a_limit_and_a_name_is_needed(void **state)
{
	struct desk *desk = *state;
	char text[VS_ACK_TEXT_MAX + 2];
	struct vs_err err = {0};

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	meet_and_leak(desk, "office");
	assert_int_equal(ack(desk, "ana", text, &err), VS_ERR_INVALID);
	assert_contains(err.text, "note:");
	assert_int_equal(ack(desk, "ana", "\xff", &err), VS_ERR_INVALID);
	assert_int_equal(ack(desk, "", "", &err), VS_ERR_INVALID);
	assert_contains(err.text, "needs a name");
}

static void it_ends_with_the_incident(void **state)
{
	struct desk *desk = *state;

	meet_and_leak(desk, "office");
	assert_int_equal(ack(desk, "ana", "", NULL), 0);
	assert_int_equal(stored(desk->world, VS_TABLE_ACKS), 1);
	keepalive(desk->world, "office");
	settle(desk->world->loop);
	assert_null(vs_acks_find(desk->acks, desk->incident));
	assert_int_equal(stored(desk->world, VS_TABLE_ACKS), 0);
	assert_alerts(&desk->world->pager, "acknowledged bypass office, resolved bypass office");
}

static void what_comes_back_has_to_be_acknowledged_again(void **state)
{
	struct desk *desk = *state;

	meet_and_leak(desk, "office");
	assert_int_equal(ack(desk, "ana", "", NULL), 0);
	keepalive(desk->world, "office");
	settle(desk->world->loop);
	leak(desk, "office");
	assert_false(desk->acknowledged);
	assert_int_equal(ack(desk, "ben", "", NULL), 0);
	assert_string_equal(vs_acks_find(desk->acks, desk->incident)->who, "ben");
}

static void a_restart_keeps_it(void **state)
{
	struct desk *desk = *state;
	struct vs_err err = {0};

	meet_and_leak(desk, "office");
	assert_int_equal(ack(desk, "ana", "on it", NULL), 0);
	vs_acks_destroy(desk->acks);
	world_restart(desk->world);
	begin(desk);
	look(desk);
	assert_true(desk->acknowledged);
	assert_string_equal(vs_acks_find(desk->acks, desk->incident)->note, "on it");
	assert_int_equal(ack(desk, "ben", "", &err), VS_ERR_BUSY);
	assert_alerts(&desk->world->pager, "");
}

static void an_unreadable_record_is_passed_over(void **state)
{
	struct desk *desk = *state;

	fake_store_put(&desk->world->store, VS_TABLE_ACKS, vs_view_of("x"), vs_view_of("{\"who\":\"a\"}"));
	fake_store_put(&desk->world->store, VS_TABLE_ACKS, vs_view_of("01JDB9K3Z7Q4T2W8X5Y6V0R1S2"),
		vs_view_of("{"));
	vs_acks_destroy(desk->acks);
	begin(desk);
	assert_null(vs_acks_find(desk->acks, "x"));
	assert_null(vs_acks_find(desk->acks, "01JDB9K3Z7Q4T2W8X5Y6V0R1S2"));
}

static void all_of_a_client_can_be_acknowledged_at_once(void **state)
{
	struct desk *desk = *state;

	meet_and_leak(desk, "office");
	assert_int_equal(vs_acks_put_client(desk->acks, "office", "ana", ""), 1);
	assert_int_equal(vs_acks_put_client(desk->acks, "office", "ana", ""), 0);
	assert_int_equal(vs_acks_put_client(desk->acks, "nobody", "ana", ""), 0);
	settle(desk->world->loop);
	assert_alerts(&desk->world->pager, "acknowledged bypass office");
}

static void the_servers_own_incidents_too(void **state)
{
	struct desk *desk = *state;
	struct vs_troubles *troubles = vs_monitor_troubles(desk->world->monitor);
	struct vs_err err = {0};

	vs_troubles_open(troubles, VS_KIND_STORE_FAILING, "", "the disk is full");
	settle(desk->world->loop);
	look(desk);
	assert_int_equal(ack(desk, "ana", "a larger one is on its way", NULL), 0);
	assert_int_equal(desk->stored, 1);
	assert_alerts(&desk->world->mail, "opened store_failing, acknowledged store_failing");
	assert_contains(
		desk->world->mail.alerts[1].body, "ana looks after it.\nNote: a larger one is on its way");
	assert_contains(desk->world->mail.alerts[1].fields, "Reason: the disk is full");
	assert_int_equal(ack(desk, "ben", "", &err), VS_ERR_BUSY);
	vs_troubles_escalate(troubles, VS_KIND_STORE_FAILING, "", "the disk is gone");
	settle(desk->world->loop);
	look(desk);
	assert_false(desk->acknowledged);
	assert_int_equal(ack(desk, "ben", "", NULL), 0);
	vs_troubles_resolve(troubles, VS_KIND_STORE_FAILING, "");
	settle(desk->world->loop);
	assert_int_equal(stored(desk->world, VS_TABLE_ACKS), 0);
}

static void a_client_that_is_deleted_takes_it_along(void **state)
{
	struct desk *desk = *state;

	meet_and_leak(desk, "office");
	assert_int_equal(ack(desk, "ana", "", NULL), 0);
	assert_int_equal(vs_monitor_forget(desk->world->monitor, "office"), 0);
	settle(desk->world->loop);
	assert_int_equal(stored(desk->world, VS_TABLE_ACKS), 0);
}

static void a_store_that_begins_empty_gets_it(void **state)
{
	struct desk *desk = *state;
	struct vs_unit *unit = vs_unit_create();

	meet_and_leak(desk, "office");
	assert_int_equal(ack(desk, "ana", "", NULL), 0);
	vs_acks_rewrite(desk->acks, unit);
	assert_int_equal(unit->count, 1);
	assert_int_equal(unit->records[0].key[0], VS_TABLE_ACKS);
	vs_unit_destroy(unit);
}

static void on_refused(void *arg, bool durable)
{
	assert_false(durable);
	++*(unsigned *)arg;
}

static void a_store_that_refuses_keeps_nobody_from_acknowledging(void **state)
{
	struct desk *desk = *state;

	meet_and_leak(desk, "office");
	desk->world->store.mode = FAKE_REFUSE;
	assert_int_equal(
		vs_acks_put(desk->acks, desk->incident, "ana", "", on_refused, &desk->stored, NULL), 0);
	settle(desk->world->loop);
	assert_int_equal(desk->stored, 1);
	assert_alerts(&desk->world->pager, "acknowledged bypass office");
	assert_string_equal(vs_acks_find(desk->acks, desk->incident)->who, "ana");
	desk->world->store.mode = FAKE_ACCEPT;
	advance(desk->world->loop, 5 * SECOND);
	assert_int_equal(stored(desk->world, VS_TABLE_ACKS), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_acknowledgment_is_told_with_who_and_note),
		TEST(a_second_one_hears_who_was_first),
		TEST(what_is_not_open_cannot_be_acknowledged),
		TEST(a_note_has_a_limit_and_a_name_is_needed),
		TEST(it_ends_with_the_incident),
		TEST(what_comes_back_has_to_be_acknowledged_again),
		TEST(a_restart_keeps_it),
		TEST(an_unreadable_record_is_passed_over),
		TEST(all_of_a_client_can_be_acknowledged_at_once),
		TEST(the_servers_own_incidents_too),
		TEST(a_client_that_is_deleted_takes_it_along),
		TEST(a_store_that_begins_empty_gets_it),
		TEST(a_store_that_refuses_keeps_nobody_from_acknowledging),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
