/* What people say through a channel, through the border. */
#include <stdio.h>
#include <string.h>

#include "plug/notifier.h"
#include "plug/offer.h"
#include "support/world.h"
#include "vpn_sentinel/service/command.h"

#define SOURCE_MAX 128

/* What understands commands in a server. */
struct desk {
	unsigned ran;
	unsigned cancelled;
	unsigned released;
	uint32_t flags;
	char said[256]; /* the texts of the last one */
	char mark[32]; /* in state/1 when it ran */
	char stored[32]; /* in state/1 now; "": nothing */
	char source[SOURCE_MAX + 1]; /* that is claimed */
	char deafness[64]; /* why the channel says that it cannot hear */
	bool busy;
	void (*done)(void *arg, const struct vpns_command_answer *answer);
	void *arg;
};

static struct world *world;
static struct vs_instance *instance;
static struct desk desk;
static char told[600];
static unsigned times;

static int desk_claim(void *arg, const char *owner, const char *source)
{
	assert_ptr_equal(arg, &desk);
	assert_string_equal(owner, "notifier/it");
	if (desk.busy)
		return VS_ERR_BUSY;
	snprintf(desk.source, sizeof(desk.source), "%s", source);
	return 0;
}

static void desk_release(void *arg, const char *owner)
{
	assert_ptr_equal(arg, &desk);
	assert_string_equal(owner, "notifier/it");
	desk.released++;
}

static uint64_t desk_run(void *arg, const char *owner, const struct vpns_command *command,
	void (*done)(void *done_arg, const struct vpns_command_answer *answer), void *done_arg)
{
	assert_ptr_equal(arg, &desk);
	assert_string_equal(owner, "notifier/it");
	snprintf(desk.mark, sizeof(desk.mark), "%s", desk.stored);
	if (desk.busy)
		return 0;
	desk.ran++;
	desk.flags = command->flags;
	snprintf(desk.said, sizeof(desk.said), "%s|%s|%s|%s|%s|%s", command->text, command->addressee,
		command->chat, command->user, command->user_name, command->language);
	desk.done = done;
	desk.arg = done_arg;
	return desk.ran;
}

static void desk_cancel(void *arg, uint64_t handle)
{
	assert_ptr_equal(arg, &desk);
	assert_in_range(handle, 1, desk.ran);
	desk.cancelled++;
}

static int desk_describe(void *arg, uint32_t index, const char *language, struct vpns_command_help *help)
{
	assert_ptr_equal(arg, &desk);
	assert_non_null(language);
	if (index > 0)
		return VS_ERR_NOT_FOUND;
	*help = (struct vpns_command_help){sizeof(*help), 0, "ping", "is it there"};
	return 0;
}

static const char *desk_language(void *arg, uint32_t index)
{
	assert_ptr_equal(arg, &desk);
	return index == 0 ? "en" : NULL;
}

static void desk_deaf(void *arg, const char *owner, const char *reason)
{
	assert_ptr_equal(arg, &desk);
	assert_string_equal(owner, "notifier/it");
	snprintf(desk.deafness, sizeof(desk.deafness), "%s", reason != NULL ? reason : "");
}

static const char *stored_get(void *arg, const char *owner, const char *key)
{
	(void)arg;
	(void)owner;
	assert_string_equal(key, "mark");
	return desk.stored[0] != '\0' ? desk.stored : NULL;
}

static int stored_put(void *arg, const char *owner, const char *key, const char *text)
{
	(void)arg;
	(void)owner;
	assert_string_equal(key, "mark");
	snprintf(desk.stored, sizeof(desk.stored), "%s", text != NULL ? text : "");
	return 0;
}

static int setup(void **state)
{
	(void)state;
	world = world_open();
	memset(&desk, 0, sizeof(desk));
	world->env.command = (struct vs_command_backend){
		desk_claim, desk_release, desk_run, desk_cancel, desk_describe, desk_language, &desk, desk_deaf};
	world->env.state = (struct vs_state_backend){stored_get, stored_put, NULL};
	times = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_close(world);
	return 0;
}

static void on_delivered(void *arg, const struct vpns_delivery_result *result)
{
	(void)arg;
	times++;
	snprintf(told, sizeof(told), "%s", result->ref);
	vs_loop_stop(world->loop);
}

static void begin(const char *options)
{
	static const struct vpns_alert alert = {.size = sizeof(alert),
		.delivery_id = "d1",
		.incident_id = "i1",
		.kind = "bypass",
		.client_id = "attic",
		.title = "",
		.body = ""};

	instance = world_instance(world, VPNS_KIND_NOTIFIER, "speaker", options);
	if (!instance)
		fail_msg("%s", world->err.text);
	assert_int_not_equal(
		vs_notifier_deliver(instance, &alert, 20000, on_delivered, NULL, &world->err), 0);
}

static void end(enum vs_drained how)
{
	assert_int_equal(world_drain(world, instance, 5000), how);
}

/* Of a speaker that has nothing to wait for. */
static void begin_and_end(const char *options)
{
	begin(options);
	world_run(world);
	end(VS_DRAIN_CLEAN);
}

static void answer(void *arg)
{
	const struct vpns_command_button buttons[] = {{"Mute", "/mute 1h"}, {"Status", "/status"}};
	const struct vpns_command_answer said = {.size = sizeof(said), .button_count = 2, .text = "pong", .buttons = buttons};

	(void)arg;
	desk.done(desk.arg, &said);
}

static void what_is_said_runs_and_is_answered_once(void **state)
{
	(void)state;
	begin("{ text: /status anna }");
	assert_int_equal(times, 0);
	vs_post(world->loop, answer, NULL);
	world_run(world);
	assert_string_equal(told, "pong|2");
	assert_int_equal(times, 1);
	assert_string_equal(desk.said, "/status anna|||||");
	assert_int_equal(desk.flags, VPNS_COMMAND_MAY_ACT);
	end(VS_DRAIN_CLEAN);
	assert_int_equal(desk.cancelled, 0);
	assert_int_equal(desk.released, 0); /* it had claimed nothing */
	assert_string_equal(world_complaints(world), "");
}

static void texts_that_are_left_out_arrive_empty(void **state)
{
	(void)state;
	begin("{ mode: bare }");
	assert_string_equal(desk.said, "|||||");
	vs_post(world->loop, answer, NULL);
	world_run(world);
	end(VS_DRAIN_CLEAN);
}

static void the_mark_is_in_the_state_before_the_command_runs(void **state)
{
	(void)state;
	strcpy(desk.stored, "77");
	begin("{ mark: \"78\" }");
	assert_string_equal(desk.mark, "78");
	vs_post(world->loop, answer, NULL);
	world_run(world);
	end(VS_DRAIN_CLEAN);
	assert_string_equal(desk.stored, "78");
}

static void what_cannot_be_run_just_now_is_not_marked(void **state)
{
	(void)state;
	desk.busy = true;
	begin_and_end("{ mark: \"78\" }");
	assert_string_equal(told, "refused, mark -");
	assert_string_equal(desk.mark, "78"); /* the backend was asked */
	assert_string_equal(desk.stored, "");
	strcpy(desk.stored, "77");
	begin_and_end("{ mark: \"78\" }");
	assert_string_equal(told, "refused, mark 77");
	assert_string_equal(desk.stored, "77");
	assert_string_equal(world_complaints(world), "");
}

static void who_cannot_hear_says_why_and_when_that_is_over(void **state)
{
	(void)state;
	begin_and_end("{ mode: deaf, text: a webhook is set }");
	assert_string_equal(desk.deafness, "a webhook is set");
	begin_and_end("{ mode: hears }");
	assert_string_equal(desk.deafness, "");
	assert_string_equal(world_complaints(world), "");
}

static void four_at_once_are_all(void **state)
{
	(void)state;
	begin_and_end("{ mode: flood }");
	assert_string_equal(told, "4");
	assert_int_equal(desk.ran, 4);
	assert_int_equal(desk.cancelled, 4);
	assert_string_equal(world_complaints(world), "");
}

static void a_cancelled_delivery_cancels_its_command(void **state)
{
	(void)state;
	begin("{}");
	end(VS_DRAIN_CLEAN);
	assert_int_equal(desk.ran, 1);
	assert_int_equal(desk.cancelled, 1);
	assert_string_equal(world_complaints(world), "");
}

static void what_is_left_behind_is_cancelled_and_named(void **state)
{
	(void)state;
	begin("{ mode: leave }");
	world_run(world);
	assert_string_equal(told, "left, mark -");
	end(VS_DRAIN_LEAKED);
	assert_int_equal(world_logged(world, "left 1 command behind"), 1);
	assert_int_equal(desk.cancelled, 1);
	assert_int_equal(times, 1);
}

static void ill_use_is_refused_and_reported(void **state)
{
	static const char *const modes[] = {"{ mode: ill }", "{ mode: small }"};
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		begin_and_end(modes[i]);
		assert_string_equal(told, "refused, mark -");
		assert_int_equal(world_logged(world, "wants to run a command that is none"), i + 1);
	}
	assert_int_equal(desk.ran, 0);
}

static void a_source_is_claimed_for_as_long_as_the_instance_lives(void **state)
{
	(void)state;
	begin("{ mode: claim, text: \"bot 12\" }");
	world_run(world);
	assert_string_equal(told, "0");
	assert_string_equal(desk.source, "bot 12");
	assert_int_equal(desk.released, 0);
	end(VS_DRAIN_CLEAN);
	assert_int_equal(desk.released, 1);
	assert_string_equal(world_complaints(world), "");
}

static void a_source_of_another_or_that_is_none_is_not_claimed(void **state)
{
	char options[SOURCE_MAX + 64];

	(void)state;
	desk.busy = true;
	begin_and_end("{ mode: claim, text: bot }");
	assert_string_equal(told, "-3");
	desk.busy = false;
	begin_and_end("{ mode: claim_nothing }");
	assert_string_equal(told, "-1 -1");
	snprintf(options, sizeof(options), "{ mode: claim, text: \"%0*d\" }", SOURCE_MAX + 1, 0);
	begin_and_end(options);
	assert_string_equal(told, "-1");
	assert_string_equal(desk.source, "");
	snprintf(options, sizeof(options), "{ mode: claim, text: \"%0*d\" }", SOURCE_MAX, 0);
	begin_and_end(options);
	assert_string_equal(told, "0");
	assert_int_equal(strlen(desk.source), SOURCE_MAX);
}

static void the_commands_there_are_can_be_listed(void **state)
{
	(void)state;
	begin_and_end("{ mode: describe }");
	assert_string_equal(told, "0 -1 -1 ping is it there en -");
}

static void where_nobody_understands_commands_there_is_no_such_service(void **state)
{
	(void)state;
	world->env.command.run = NULL;
	begin_and_end("{}");
	assert_string_equal(told, "none");
	assert_true(vs_service_is_offered(VPNS_KIND_NOTIFIER, VPNS_COMMAND_1));
	assert_false(vs_service_is_offered(VPNS_KIND_PROBE, VPNS_COMMAND_1));
	assert_false(vs_service_is_offered(VPNS_KIND_AUTH, VPNS_COMMAND_1));
	assert_false(vs_service_is_offered(VPNS_KIND_STORE, VPNS_COMMAND_1));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_said_runs_and_is_answered_once),
		TEST(texts_that_are_left_out_arrive_empty),
		TEST(the_mark_is_in_the_state_before_the_command_runs),
		TEST(what_cannot_be_run_just_now_is_not_marked),
		TEST(four_at_once_are_all),
		TEST(who_cannot_hear_says_why_and_when_that_is_over),
		TEST(a_cancelled_delivery_cancels_its_command),
		TEST(what_is_left_behind_is_cancelled_and_named),
		TEST(ill_use_is_refused_and_reported),
		TEST(a_source_is_claimed_for_as_long_as_the_instance_lives),
		TEST(a_source_of_another_or_that_is_none_is_not_claimed),
		TEST(the_commands_there_are_can_be_listed),
		TEST(where_nobody_understands_commands_there_is_no_such_service),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
