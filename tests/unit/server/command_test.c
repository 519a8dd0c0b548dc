/* Who may say what, how often, and when it is done; over a store in the test's hands. */
#include "world.h"

#include "said.h"

#include "plug/env.h"
#include "server/command.h"
#include "server/parts.h"
#include "server/state_book.h"
#include "server/wishes.h"
#include "vpn_sentinel/service/command.h"

#define OWNER "notifier/oncall"

struct desk {
	struct world *world;
	struct vs_parts parts;
	struct vs_state_book *book;
	struct vs_state_backend state;
	struct vs_commands *commands;
	struct vs_command_backend backend;
	unsigned answers;
	char text[4096];
	uint32_t buttons;
};

static int setup(void **state)
{
	struct desk *desk = vs_zalloc(sizeof(*desk));
	void *world;

	assert_int_equal(world_setup(&world), 0);
	desk->world = world;
	desk->book = vs_state_book_create(desk->world->loop, desk->world->ledger);
	desk->state = vs_state_book_backend(desk->book);
	desk->parts = (struct vs_parts){
		.clock = fake_clock,
		.registry = desk->world->registry,
		.ledger = desk->world->ledger,
		.monitor = desk->world->monitor,
		.wishes = vs_wishes_create(),
		.ready = true,
	};
	desk->commands = vs_commands_create(desk->world->loop, &desk->parts, desk->book);
	desk->backend = vs_commands_backend(desk->commands);
	meet(desk->world, "anna");
	*state = desk;
	return 0;
}

static int teardown(void **state)
{
	struct desk *desk = *state;
	void *world = desk->world;

	settle(desk->world->loop);
	vs_commands_destroy(desk->commands);
	vs_wishes_destroy(desk->parts.wishes);
	vs_state_book_destroy(desk->book);
	world_teardown(&world);
	vs_free(desk);
	return 0;
}

static void on_answer(void *arg, const struct vpns_command_answer *answer)
{
	struct desk *desk = arg;

	desk->answers++;
	desk->buttons = answer->button_count;
	snprintf(desk->text, sizeof(desk->text), "%s", answer->text);
}

static uint64_t begin(struct desk *desk, const char *text, const char *user, uint32_t flags)
{
	const struct vpns_command command = {
		.size = sizeof(command),
		.flags = flags,
		.text = text,
		.addressee = "our_bot",
		.chat = "-1001",
		.user = user,
		.user_name = "Ana",
		.language = "",
		.mark_key = "offset",
		.mark_text = "78",
	};

	desk->answers = 0;
	desk->text[0] = '\0';
	desk->state.put(desk->state.arg, OWNER, "offset", "78");
	return desk->backend.run(desk->backend.arg, OWNER, &command, on_answer, desk);
}

/* The answer to what the user 42 says. */
static const char *say(struct desk *desk, const char *text, uint32_t flags)
{
	assert_int_not_equal(begin(desk, text, "42", flags), 0);
	assert_int_equal(desk->answers, 0); /* never from inside */
	settle(desk->world->loop);
	assert_int_equal(desk->answers, 1);
	return desk->text;
}

static void assert_says(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", text, part);
}

static void a_command_is_done_when_its_mark_is_stored(void **state)
{
	struct desk *desk = *state;

	assert_says(say(desk, "/ping", 0), "pong");
	assert_int_equal(stored(desk->world, VS_TABLE_STATE), 1);
	assert_says(say(desk, "/status anna", 0), "anna: ");
	assert_int_equal(desk->buttons, 1); /* of what may be asked */
	(void)say(desk, "/status anna", VPNS_COMMAND_MAY_ACT);
	assert_int_equal(desk->buttons, 3);
}

static void with_a_store_that_refuses_people_may_ask_and_nothing_is_changed(void **state)
{
	struct desk *desk = *state;

	desk->world->store.mode = FAKE_REFUSE;
	assert_says(say(desk, "/probe anna", VPNS_COMMAND_MAY_ACT), "nothing was done");
	assert_int_equal(vs_wishes_count(desk->parts.wishes), 0);
	assert_says(say(desk, "/ping", VPNS_COMMAND_MAY_ACT), "pong");
	desk->world->store.mode = FAKE_ACCEPT;
}

static void who_may_only_ask_changes_nothing(void **state)
{
	struct desk *desk = *state;

	assert_says(say(desk, "/probe anna", 0), "not change anything");
	assert_int_equal(vs_wishes_count(desk->parts.wishes), 0);
	assert_says(say(desk, "/probe anna", VPNS_COMMAND_MAY_ACT), "asked to measure");
	assert_int_equal(vs_wishes_count(desk->parts.wishes), 1);
}

static void strangers_get_no_word(void **state)
{
	struct desk *desk = *state;

	assert_string_equal(say(desk, "/probe anna", VPNS_COMMAND_STRANGER | VPNS_COMMAND_MAY_ACT), "");
	assert_string_equal(say(desk, "/ping", VPNS_COMMAND_STRANGER), "");
	assert_int_equal(vs_wishes_count(desk->parts.wishes), 0);
}

static void one_person_cannot_ask_without_end_and_holds_up_nobody_else(void **state)
{
	struct desk *desk = *state;
	int i;

	for (i = 0; i < 10; i++)
		assert_says(say(desk, "/ping", 0), "pong");
	assert_says(say(desk, "/ping", 0), "Ask again in");
	assert_int_not_equal(begin(desk, "/ping", "43", 0), 0);
	settle(desk->world->loop);
	assert_says(desk->text, "pong");
	advance(desk->world->loop, 4 * SECOND);
	assert_says(say(desk, "/ping", 0), "pong");
}

static void what_was_called_off_is_not_answered(void **state)
{
	struct desk *desk = *state;
	uint64_t handle = begin(desk, "/ping", "42", 0);

	desk->backend.cancel(desk->backend.arg, handle);
	desk->backend.cancel(desk->backend.arg, handle);
	settle(desk->world->loop);
	assert_int_equal(desk->answers, 0);
}

static void a_server_that_is_not_ready_runs_nothing(void **state)
{
	struct desk *desk = *state;

	desk->parts.ready = false;
	assert_int_equal(begin(desk, "/ping", "42", 0), 0);
	desk->parts.ready = true;
	assert_int_not_equal(begin(desk, "/ping", "42", 0), 0);
	desk->parts.ready = false; /* it stops meanwhile */
	settle(desk->world->loop);
	assert_says(desk->text, "stopping");
}

static void one_owner_listens_at_a_source_until_it_lets_go(void **state)
{
	struct desk *desk = *state;
	const struct vs_command_backend *backend = &desk->backend;

	assert_int_equal(backend->claim(backend->arg, OWNER, "telegram/1"), 0);
	assert_int_equal(backend->claim(backend->arg, OWNER, "telegram/1"), 0);
	assert_true(backend->claim(backend->arg, "notifier/other", "telegram/1") < 0);
	assert_int_equal(backend->claim(backend->arg, "notifier/other", "telegram/2"), 0);
	backend->release(backend->arg, OWNER);
	assert_int_equal(backend->claim(backend->arg, "notifier/other", "telegram/1"), 0);
}

static void a_channel_that_cannot_hear_says_so_in_health_and_once_in_the_log(void **state)
{
	struct desk *desk = *state;
	const struct vs_command_backend *backend = &desk->backend;
	const char *text;
	int i;

	assert_string_equal(vs_commands_deafness(desk->commands, "oncall"), "");
	said_begin();
	backend->deaf(backend->arg, OWNER, NULL);
	for (i = 0; i < 5; i++) { /* two who take turns */
		backend->deaf(backend->arg, OWNER, "another one polls");
		assert_string_equal(vs_commands_deafness(desk->commands, "oncall"), "another one polls");
		backend->deaf(backend->arg, OWNER, "another one polls");
		backend->deaf(backend->arg, OWNER, NULL);
		assert_string_equal(vs_commands_deafness(desk->commands, "oncall"), "");
		advance(desk->world->loop, 20 * SECOND);
	}
	text = said_end();
	assert_int_equal(said_times(text, "oncall: what people say cannot be read: another one polls"), 1);
	assert_int_equal(said_times(text, "oncall: what people say is read again"), 1);
	said_begin();
	advance(desk->world->loop, 31 * MINUTE);
	backend->deaf(backend->arg, OWNER, "a webhook");
	assert_int_equal(said_times(said_end(), "cannot be read: a webhook"), 1);
	backend->release(backend->arg, OWNER);
	assert_string_equal(vs_commands_deafness(desk->commands, "oncall"), "");
}

static void who_hides_may_ask_only_whatever_else_is_said(void **state)
{
	struct desk *desk = *state;

	assert_says(
		say(desk, "/probe anna", VPNS_COMMAND_MAY_ACT | VPNS_COMMAND_ANONYMOUS), "write as yourself");
	assert_int_equal(vs_wishes_count(desk->parts.wishes), 0);
	assert_says(say(desk, "/ping", VPNS_COMMAND_ANONYMOUS), "pong");
}

static void a_long_past_has_pages(void **state)
{
	struct desk *desk = *state;
	char last[sizeof(desk->text)];
	int i;

	for (i = 0; i < 7; i++) { /* each time it is lost, and comes back */
		advance(desk->world->loop, 3 * HOUR);
		keepalive(desk->world, "anna");
		settle(desk->world->loop);
	}
	(void)say(desk, "/history anna", 0);
	assert_int_equal(desk->buttons, 1);
	snprintf(last, sizeof(last), "%s", desk->text);
	assert_null(strstr(last, "Connected"));
	assert_says(say(desk, "/history anna #2", 0), "Connected: anna");
	assert_int_equal(desk->buttons, 1);
	assert_says(say(desk, "/history anna #3", 0), "nothing so old");
}

static void the_past_of_a_client_is_read_from_the_store(void **state)
{
	struct desk *desk = *state;

	assert_says(say(desk, "/history anna", 0), "Connected: anna");
	desk->world->store.mode = FAKE_REFUSE;
	assert_says(say(desk, "/history anna", 0), "cannot be read");
	desk->world->store.mode = FAKE_ACCEPT;
}

static void every_command_is_described_once(void **state)
{
	struct desk *desk = *state;
	struct vpns_command_help help;
	uint32_t i;

	for (i = 0; desk->backend.describe(desk->backend.arg, i, "en", &help) == 0; i++)
		assert_int_equal(help.size, sizeof(help));
	assert_true(i >= 9);
	assert_string_equal(desk->backend.language(desk->backend.arg, 0), "en");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_command_is_done_when_its_mark_is_stored),
		TEST(with_a_store_that_refuses_people_may_ask_and_nothing_is_changed),
		TEST(who_may_only_ask_changes_nothing),
		TEST(strangers_get_no_word),
		TEST(one_person_cannot_ask_without_end_and_holds_up_nobody_else),
		TEST(what_was_called_off_is_not_answered),
		TEST(a_server_that_is_not_ready_runs_nothing),
		TEST(one_owner_listens_at_a_source_until_it_lets_go),
		TEST(a_channel_that_cannot_hear_says_so_in_health_and_once_in_the_log),
		TEST(who_hides_may_ask_only_whatever_else_is_said),
		TEST(a_long_past_has_pages),
		TEST(the_past_of_a_client_is_read_from_the_store),
		TEST(every_command_is_described_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
