/* Many messages told as one: when, whom it names, and what a restart makes of it. */
#include "world.h"

#include "server/troubles.h"

#define TABLE_ROWS(world) stored(world, VS_TABLE_OUTBOX)

static void group_by_kind(struct script *script)
{
	script->conf.group = (struct vs_group_conf){VS_GROUP_BY_KIND, 2 * SECOND, MINUTE};
}

static int setup(void **state)
{
	int rc = world_setup(state);
	struct world *world = *state;

	group_by_kind(&world->mail);
	world->pager.conf.group.interval_ms = MINUTE; /* each alone */
	return rc;
}

static const char *name_of(int i)
{
	static char name[32];

	snprintf(name, sizeof(name), "lab-%04d", i);
	return name;
}

static void meet_all(struct world *world, int count)
{
	int i;

	for (i = 0; i < count; i++)
		keepalive(world, name_of(i));
	advance(world->loop, 5 * MINUTE);
	hush(world);
}

static void leak_all(struct world *world, int from, int to)
{
	for (; from < to; from++)
		keepalive_from(world, name_of(from), HOME);
}

static void one_alone_is_told_at_once(void **state)
{
	struct world *world = *state;

	meet_all(world, 1);
	leak_all(world, 0, 1);
	settle(world->loop);
	assert_alerts(&world->mail, "opened bypass lab-0000");
	assert_lacks(world->mail.alerts[0].title, "(+");
}

static void many_at_once_are_two_messages_and_all_are_told(void **state)
{
	struct world *world = *state;

	meet_all(world, 500);
	leak_all(world, 0, 500);
	advance(world->loop, 5 * SECOND);
	assert_true(world->mail.count >= 1 && world->mail.count <= 2);
	assert_int_equal(TABLE_ROWS(world), 0);
	assert_int_equal(stored(world, VS_TABLE_GROUPS), 0);
	assert_int_equal(stored(world, VS_TABLE_TOLD), 1000); /* by two channels */
	assert_contains(world->mail.alerts[world->mail.count - 1].title, "(+");
	assert_contains(world->mail.alerts[world->mail.count - 1].body, ", … (+");
	assert_int_equal(world->pager.count, 500);
}

static void a_message_about_many_says_since_when_and_what_to_do(void **state)
{
	struct world *world = *state;
	const struct script_alert *told = &world->mail.alerts[0];

	meet_all(world, 3);
	world->mail.answer = SCRIPT_RETRY; /* until all have come */
	world->mail.answers_left = 1;
	world->mail.unsent = true;
	leak_all(world, 0, 3);
	advance(world->loop, MINUTE);
	told = &world->mail.alerts[world->mail.count - 1];
	assert_contains(told->title, "VPN bypass: lab-0000 (+2)");
	assert_int_equal(strncmp(told->body, "lab-0000, lab-0001, lab-0002\nTraffic leaves", 43), 0);
	assert_int_equal(strncmp(told->fields, "Since: ", 7), 0);
	assert_contains(told->fields, "\nWhat to do: Stop what must not be seen");
	assert_lacks(told->fields, "Client");
	assert_lacks(told->fields, "Exit");
	assert_lacks(told->fields, "Sure");
}

static void of_what_has_only_its_severity_in_common_each_says_what_it_is(void **state)
{
	struct world *world = *state;
	struct vs_troubles *troubles = vs_monitor_troubles(world->monitor);
	const struct script_alert *told;

	world->mail.conf.group.by = VS_GROUP_BY_SEVERITY;
	vs_troubles_open(troubles, VS_KIND_PLUGIN_FAILING, "ipify", "ipify does not end");
	settle(world->loop);
	vs_troubles_open(troubles, VS_KIND_CERTIFICATE_EXPIRING, "", "it ends in 3d");
	vs_troubles_open(troubles, VS_KIND_PLUGIN_FAILING, "mmdb", "no such file");
	advance(world->loop, 10 * SECOND);
	assert_int_equal(world->mail.count, 2);
	told = &world->mail.alerts[1];
	assert_contains(told->title, "(+1)");
	assert_string_equal(told->body, "Certificate expires: it ends in 3d\nPlugin failing: no such file");
	assert_string_equal(told->fields, "");
}

static void the_servers_own_incidents_are_told_as_one_with_their_reasons(void **state)
{
	struct world *world = *state;
	struct vs_troubles *troubles = vs_monitor_troubles(world->monitor);

	vs_troubles_open(troubles, VS_KIND_PLUGIN_FAILING, "a", "a does not end");
	settle(world->loop);
	vs_troubles_open(troubles, VS_KIND_PLUGIN_FAILING, "b", "b does not end");
	vs_troubles_open(troubles, VS_KIND_PLUGIN_FAILING, "c", "c does not end");
	advance(world->loop, 10 * SECOND);
	assert_int_equal(world->mail.count, 2);
	assert_int_equal(
		strncmp(world->mail.alerts[1].body, "b does not end\nc does not end\nA plugin", 37), 0);
}

static void a_few_in_a_row_wait_two_seconds_at_most(void **state)
{
	struct world *world = *state;
	int i;

	meet_all(world, 4);
	for (i = 0; i < 4; i++) {
		leak_all(world, i, i + 1);
		advance(world->loop, 2 * SECOND);
		assert_int_equal(world->mail.count, i + 1);
	}
}

static void what_comes_beyond_that_waits_for_the_interval(void **state)
{
	struct world *world = *state;

	meet_all(world, 40);
	leak_all(world, 0, 10);
	advance(world->loop, 3 * SECOND);
	leak_all(world, 10, 20);
	advance(world->loop, 3 * SECOND);
	hush(world);
	leak_all(world, 20, 30);
	advance(world->loop, 20 * SECOND);
	leak_all(world, 30, 40);
	advance(world->loop, 20 * SECOND);
	assert_alerts(&world->mail, "");
	advance(world->loop, 20 * SECOND);
	assert_int_equal(world->mail.count, 1);
	assert_contains(world->mail.alerts[0].title, "(+19)");
	assert_contains(world->mail.alerts[0].body, "lab-0020, lab-0021");
	assert_int_equal(TABLE_ROWS(world), 0);
}

/* Ten of them wait: nobody was told of those. */
static void hold_ten(struct world *world)
{
	meet_all(world, 40);
	leak_all(world, 0, 10);
	advance(world->loop, 3 * SECOND);
	leak_all(world, 10, 20);
	advance(world->loop, 3 * SECOND);
	hush(world);
	leak_all(world, 20, 30);
	advance(world->loop, 3 * SECOND);
	assert_alerts(&world->mail, "");
}

static void what_waits_goes_at_once_when_messages_are_not_told_as_one_any_more(void **state)
{
	struct world *world = *state;

	world->mail.conf.group.interval_ms = DAY;
	hold_ten(world);
	vs_outbox_keep(world->outbox, &world->mail.conf, &world->mail.port, false);
	settle(world->loop);
	assert_alerts(&world->mail, ""); /* the same as before */
	world->mail.conf.group.by = VS_GROUP_BY_NONE;
	vs_outbox_keep(world->outbox, &world->mail.conf, &world->mail.port, false);
	settle(world->loop);
	assert_int_equal(world->mail.count, 10);
	assert_int_equal(TABLE_ROWS(world), 0);
}

static void what_waited_for_others_is_not_late(void **state)
{
	struct world *world = *state;

	world->mail.conf.group.interval_ms = 8 * MINUTE;
	hold_ten(world);
	advance(world->loop, 8 * MINUTE);
	assert_int_equal(world->mail.count, 1);
	assert_contains(world->mail.alerts[0].title, "(+9)");
	assert_int_equal(world->mail.alerts[0].flags & VPNS_ALERT_LATE, 0);
	assert_lacks(world->mail.alerts[0].body, "This message is late");
}

static void what_could_not_be_told_long_after_that_is_late(void **state)
{
	struct world *world = *state;

	world->mail.conf.group.interval_ms = 2 * MINUTE;
	hold_ten(world);
	world->mail.answer = SCRIPT_RETRY;
	world->mail.retry_after_ms = 6 * MINUTE;
	world->mail.answers_left = 1;
	advance(world->loop, 8 * MINUTE);
	assert_int_equal(world->mail.count, 2);
	assert_int_equal(world->mail.alerts[0].flags & VPNS_ALERT_LATE, 0);
	assert_int_equal(world->mail.alerts[1].flags & VPNS_ALERT_LATE, VPNS_ALERT_LATE);
}

static uint32_t programs_read(void *target)
{
	(void)target;
	return VPNS_NOTIFIER_EACH;
}

static void what_programs_read_is_told_one_by_one_unless_the_file_has_a_group(void **state)
{
	struct world *world = *state;

	world->mail.port.abilities = programs_read;
	vs_outbox_keep(world->outbox, &world->mail.conf, &world->mail.port, false);
	meet_all(world, 60);
	leak_all(world, 0, 30);
	settle(world->loop);
	assert_int_equal(world->mail.count, 30);
	assert_string_equal(world->mail.alerts[29].client, "lab-0029");
	hush(world);
	world->mail.conf.group_given = true;
	vs_outbox_keep(world->outbox, &world->mail.conf, &world->mail.port, false);
	leak_all(world, 30, 60);
	advance(world->loop, 5 * SECOND);
	assert_in_range(world->mail.count, 1, 2);
	assert_contains(world->mail.alerts[world->mail.count - 1].title, "(+");
	assert_int_equal(TABLE_ROWS(world), 0);
}

static void another_kind_need_not_wait_with_them(void **state)
{
	struct world *world = *state;

	what_comes_beyond_that_waits_for_the_interval(state);
	leak_all(world, 0, 0);
	keepalive(world, "new-one");
	settle(world->loop);
	assert_string_equal(world->mail.alerts[world->mail.count - 1].kind, "connected");
}

static void their_recoveries_are_told_as_one(void **state)
{
	struct world *world = *state;
	int i;

	meet_all(world, 30);
	leak_all(world, 0, 30);
	advance(world->loop, 5 * MINUTE);
	hush(world);
	for (i = 0; i < 30; i++)
		keepalive(world, name_of(i));
	advance(world->loop, 5 * SECOND);
	assert_true(world->mail.count <= 2);
	assert_int_equal(world->mail.alerts[0].transition, VPNS_TRANSITION_RESOLVED);
	assert_int_equal(stored(world, VS_TABLE_TOLD), 0);
	assert_int_equal(TABLE_ROWS(world), 0);
}

static void one_recovery_of_many_does_not_take_their_message_away(void **state)
{
	struct world *world = *state;

	meet_all(world, 30);
	leak_all(world, 0, 30);
	advance(world->loop, 5 * MINUTE);
	hush(world);
	keepalive(world, name_of(29));
	settle(world->loop);
	assert_alerts(&world->mail, "resolved bypass lab-0029");
	assert_string_equal(world->mail.alerts[0].replaces, "-");
}

static void what_is_over_while_it_waits_is_told_in_one(void **state)
{
	struct world *world = *state;
	int i;

	meet_all(world, 30);
	leak_all(world, 0, 10);
	advance(world->loop, 3 * SECOND);
	leak_all(world, 10, 20);
	advance(world->loop, 3 * SECOND);
	hush(world);
	leak_all(world, 20, 30);
	advance(world->loop, 5 * SECOND);
	for (i = 20; i < 30; i++)
		keepalive(world, name_of(i));
	advance(world->loop, MINUTE);
	for (i = 0; i < (int)world->mail.count; i++)
		assert_int_equal(world->mail.alerts[i].transition, VPNS_TRANSITION_RESOLVED);
	assert_true(world->mail.count >= 1 && world->mail.count <= 2);
	assert_int_equal(TABLE_ROWS(world), 0);
}

/* A message about many leaves, and nobody says whether it arrived. */
static void leave(struct world *world)
{
	meet_all(world, 30);
	leak_all(world, 0, 1);
	settle(world->loop);
	leak_all(world, 1, 30);
	world->mail.answer = SCRIPT_SILENCE;
	advance(world->loop, 3 * SECOND);
	assert_int_equal(world->mail.count, 2);
	assert_int_equal(stored(world, VS_TABLE_GROUPS), 1);
}

static void after_a_kill_on_its_way_it_is_told_again_as_a_possible_duplicate(void **state)
{
	struct world *world = *state;

	leave(world);
	world_restart(world);
	advance(world->loop, 5 * SECOND);
	assert_int_equal(world->mail.count, 1);
	assert_contains(world->mail.alerts[0].title, "(+28)");
	assert_int_equal(
		world->mail.alerts[0].flags & VPNS_ALERT_POSSIBLE_DUPLICATE, VPNS_ALERT_POSSIBLE_DUPLICATE);
	assert_int_equal(TABLE_ROWS(world), 0);
	assert_int_equal(stored(world, VS_TABLE_GROUPS), 0);
}

static void after_a_kill_behind_its_end_nobody_is_told_twice(void **state)
{
	struct world *world = *state;

	leave(world);
	world->store.hold = true;
	script_finish(&world->mail, SCRIPT_SENT);
	fake_store_let(&world->store, 1); /* that it was sent; its rows stay */
	assert_true(TABLE_ROWS(world) >= 29);
	world_stop(world);
	world->store.hold = false;
	world->mail.count = 0;
	world->mail.answer = SCRIPT_SENT;
	world_start(world);
	world_restore(world);
	advance(world->loop, 5 * SECOND);
	assert_alerts(&world->mail, "");
	assert_int_equal(TABLE_ROWS(world), 0);
	assert_int_equal(stored(world, VS_TABLE_GROUPS), 0);
	assert_int_equal(stored(world, VS_TABLE_TOLD), 60);
}

static void one_that_is_refused_for_now_is_told_again_with_whoever_came(void **state)
{
	struct world *world = *state;

	meet_all(world, 30);
	world->mail.answer = SCRIPT_RETRY;
	world->mail.unsent = true;
	world->mail.answers_left = 2;
	leak_all(world, 0, 20);
	settle(world->loop);
	leak_all(world, 20, 30);
	advance(world->loop, 2 * MINUTE);
	assert_contains(world->mail.alerts[world->mail.count - 1].title, "(+");
	assert_int_equal(world->mail.alerts[world->mail.count - 1].flags & VPNS_ALERT_POSSIBLE_DUPLICATE, 0);
	assert_int_equal(TABLE_ROWS(world), 0);
	assert_int_equal(stored(world, VS_TABLE_GROUPS), 0);
}

static void one_that_may_have_arrived_is_marked_when_it_is_told_again(void **state)
{
	struct world *world = *state;

	leave(world);
	script_finish(&world->mail, SCRIPT_RETRY);
	world->mail.answer = SCRIPT_SENT;
	advance(world->loop, 2 * MINUTE);
	assert_int_equal(world->mail.count, 3);
	assert_contains(world->mail.alerts[2].title, "(+28)");
	assert_int_equal(
		world->mail.alerts[2].flags & VPNS_ALERT_POSSIBLE_DUPLICATE, VPNS_ALERT_POSSIBLE_DUPLICATE);
	assert_int_equal(TABLE_ROWS(world), 0);
	assert_int_equal(stored(world, VS_TABLE_GROUPS), 0);
}

static void one_that_is_refused_for_good_is_given_up_whole(void **state)
{
	struct world *world = *state;

	leave(world);
	script_finish(&world->mail, SCRIPT_DROP);
	world->mail.answer = SCRIPT_SENT;
	advance(world->loop, 2 * MINUTE);
	assert_int_equal(TABLE_ROWS(world), 0);
	assert_int_equal(stored(world, VS_TABLE_GROUPS), 0);
}

static void a_client_that_is_deleted_meanwhile_harms_nobody(void **state)
{
	struct world *world = *state;

	leave(world);
	assert_int_equal(vs_monitor_forget(world->monitor, "lab-0007"), 0);
	script_finish(&world->mail, SCRIPT_SENT);
	world->mail.answer = SCRIPT_SENT;
	advance(world->loop, 2 * MINUTE);
	assert_int_equal(TABLE_ROWS(world), 0);
	assert_int_equal(stored(world, VS_TABLE_GROUPS), 0);
}

static void ten_thousand_are_told_in_at_most_five_messages(void **state)
{
	struct world *world = *state;

	world->pager.conf.route.severity = VS_ROUTE_CRITICAL + 1; /* nothing */
	meet_all(world, 10000);
	leak_all(world, 0, 10000);
	advance(world->loop, SECOND);
	assert_true(world->mail.count >= 1);
	advance(world->loop, 2 * MINUTE);
	assert_true(world->mail.count <= 5);
	assert_int_equal(TABLE_ROWS(world), 0);
	assert_int_equal(stored(world, VS_TABLE_TOLD), 10000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_alone_is_told_at_once),
		TEST(many_at_once_are_two_messages_and_all_are_told),
		TEST(a_message_about_many_says_since_when_and_what_to_do),
		TEST(of_what_has_only_its_severity_in_common_each_says_what_it_is),
		TEST(the_servers_own_incidents_are_told_as_one_with_their_reasons),
		TEST(a_few_in_a_row_wait_two_seconds_at_most),
		TEST(what_comes_beyond_that_waits_for_the_interval),
		TEST(what_waits_goes_at_once_when_messages_are_not_told_as_one_any_more),
		TEST(what_waited_for_others_is_not_late),
		TEST(what_could_not_be_told_long_after_that_is_late),
		TEST(what_programs_read_is_told_one_by_one_unless_the_file_has_a_group),
		TEST(another_kind_need_not_wait_with_them),
		TEST(their_recoveries_are_told_as_one),
		TEST(one_recovery_of_many_does_not_take_their_message_away),
		TEST(what_is_over_while_it_waits_is_told_in_one),
		TEST(after_a_kill_on_its_way_it_is_told_again_as_a_possible_duplicate),
		TEST(after_a_kill_behind_its_end_nobody_is_told_twice),
		TEST(one_that_is_refused_for_now_is_told_again_with_whoever_came),
		TEST(one_that_may_have_arrived_is_marked_when_it_is_told_again),
		TEST(one_that_is_refused_for_good_is_given_up_whole),
		TEST(a_client_that_is_deleted_meanwhile_harms_nobody),
		TEST(ten_thousand_are_told_in_at_most_five_messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
