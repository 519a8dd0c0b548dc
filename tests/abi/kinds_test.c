/* Sound plugins of every kind, in C and C++, of today's headers and of those of 1.0. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "plug/auth.h"
#include "plug/notifier.h"
#include "plug/probe.h"
#include "support/world.h"

static struct world *world;

static int setup(void **state)
{
	(void)state;
	world = world_open();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_close(world);
	return 0;
}

struct facts {
	char text[256]; /* "name=value " for each */
	unsigned times;
};

static void on_facts(void *arg, const struct vpns_probe_result *result)
{
	struct facts *facts = arg;
	size_t used = 0;
	uint32_t i;

	facts->times++;
	for (i = 0; i < result->fact_count; i++)
		used += (size_t)snprintf(facts->text + used, sizeof(facts->text) - used, "%s=%s ",
			result->facts[i].name, result->facts[i].value);
	vs_loop_stop(world->loop);
}

static void probe_and_expect(const char *plugin, const char *options, const char *expected)
{
	struct facts facts = {.text = ""};
	struct vs_instance *instance = world_instance(world, VPNS_KIND_PROBE, plugin, options);

	if (!instance)
		fail_msg("%s", world->err.text);
	assert_string_equal(vs_instance_name(instance), "it");
	assert_int_equal(vs_instance_kind(instance), VPNS_KIND_PROBE);
	assert_true(vs_probe_start(instance, 5000, on_facts, &facts, &world->err) != 0);
	world_run(world);
	assert_string_equal(facts.text, expected);
	assert_false(vs_probe_can_locate(instance));
	assert_int_equal(vs_probe_locate(instance, "192.0.2.1", 5000, on_facts, &facts, &world->err), 0);
	assert_non_null(strstr(world->err.text, "cannot tell about other addresses"));
	assert_int_equal(world_drain(world, instance, 5000), VS_DRAIN_CLEAN);
}

static void a_probe_written_in_cpp17_runs(void **state)
{
	(void)state;
	probe_and_expect("sky", NULL, "sky.colour=blue sky.clouds=2 ");
	probe_and_expect("sky", "{ colour: grey, clouds: [nimbus] }", "sky.colour=grey sky.clouds=1 ");
}

/* On a machine that does much else every plugin is slow at times: that line is about the machine. */
static void nothing_was_said_about_the_plugin(void)
{
	const char *line = world_log(world);

	for (; *line != '\0'; line += strcspn(line, "\n") + (strchr(line, '\n') != NULL)) {
		const char *slow = strstr(line, "held up everything else");

		if (slow == NULL || slow > line + strcspn(line, "\n"))
			fail_msg("said: %s", line);
	}
}

static void a_probe_built_from_the_headers_of_1_0_runs(void **state)
{
	(void)state;
	probe_and_expect("frozen_probe", NULL, "zoo.animals=17 ");
	nothing_was_said_about_the_plugin();
}

static const struct vpns_alert alert = {
	.size = sizeof(alert),
	.severity = VPNS_SEVERITY_CRITICAL,
	.transition = VPNS_TRANSITION_OPENED,
	.attempt = 1,
	.delivery_id = "d1",
	.incident_id = "i1",
	.kind = "bypass",
	.client_id = "attic",
	.title = "Traffic of attic leaves outside the tunnel",
	.body = "",
};

static int64_t render_title(void *arg, const char *timezone, const struct vpns_alert *what, uint32_t format,
	uint32_t max_utf16, char *buffer, uint64_t size)
{
	(void)arg;
	(void)max_utf16;
	return snprintf(buffer, size, "%s|%s|%u", timezone ? timezone : "-", what->title, (unsigned)format);
}

struct delivered {
	unsigned times;
	uint32_t status;
	uint32_t scope;
	uint64_t retry_after_ms;
	char ref[600];
	char reason[600];
};

static void on_delivered(void *arg, const struct vpns_delivery_result *result)
{
	struct delivered *delivered = arg;

	delivered->times++;
	delivered->status = result->status;
	delivered->scope = result->scope;
	delivered->retry_after_ms = result->retry_after_ms;
	snprintf(delivered->ref, sizeof(delivered->ref), "%s", result->ref);
	snprintf(delivered->reason, sizeof(delivered->reason), "%s", result->reason);
	vs_loop_stop(world->loop);
}

static struct delivered deliver_with(const char *plugin, const char *options, enum vs_drained end)
{
	uint64_t patience =
		end == VS_DRAIN_CLEAN ? 5000 : 100; /* all the time that one who never answers takes */
	struct delivered delivered = {.times = 0};
	struct vs_instance *instance;

	world->env.render.alert = render_title;
	instance = world_instance(world, VPNS_KIND_NOTIFIER, plugin, options);
	if (!instance)
		fail_msg("%s", world->err.text);
	assert_int_equal(vs_notifier_flags(instance), VPNS_NOTIFIER_EDIT);
	assert_int_equal(vs_notifier_max_utf16(instance), 4096);
	assert_true(
		vs_notifier_deliver(instance, &alert, patience, on_delivered, &delivered, &world->err) != 0);
	assert_int_equal(delivered.times, 0);
	world_run(world);
	assert_int_equal(delivered.times, 1);
	assert_int_equal(world_drain(world, instance, patience), end);
	return delivered;
}

static void a_notifier_delivers_with_the_hosts_rendering(void **state)
{
	struct delivered delivered;

	(void)state;
	delivered = deliver_with("courier", NULL, VS_DRAIN_CLEAN);
	assert_int_equal(delivered.status, VPNS_DELIVERY_SENT);
	assert_string_equal(delivered.ref, "-|Traffic of attic leaves outside the tunnel|3");
	assert_string_equal(delivered.reason, "");
	delivered = deliver_with("frozen_courier", NULL, VS_DRAIN_CLEAN);
	assert_int_equal(delivered.status, VPNS_DELIVERY_SENT);
}

static void a_notifiers_wish_to_retry_is_handed_on(void **state)
{
	struct delivered delivered = deliver_with("courier", "{ mode: retry }", VS_DRAIN_CLEAN);

	(void)state;
	assert_int_equal(delivered.status, VPNS_DELIVERY_RETRY);
	assert_int_equal(delivered.scope, VPNS_SCOPE_CHAT);
	assert_int_equal(delivered.retry_after_ms, 7000);
	assert_string_equal(delivered.reason, "too many messages");
	assert_string_equal(delivered.ref, "");
}

static void that_surely_nobody_got_it_is_handed_on_and_goes_with_a_retry_only(void **state)
{
	struct delivered delivered = deliver_with("courier", "{ mode: unsent }", VS_DRAIN_CLEAN);

	(void)state;
	assert_int_equal(delivered.status, VPNS_DELIVERY_RETRY | VPNS_DELIVERY_UNSENT);
	assert_string_equal(delivered.reason, "no way there");
	delivered = deliver_with("courier", "{ mode: unsent_sent }", VS_DRAIN_CLEAN);
	assert_int_equal(delivered.status, VPNS_DELIVERY_RETRY);
	assert_string_equal(delivered.reason, "the plugin gave a status that does not exist");
}

static void a_notifier_that_answers_nonsense_or_never_means_retry(void **state)
{
	struct delivered delivered;

	(void)state;
	delivered = deliver_with("courier", "{ mode: strange }", VS_DRAIN_CLEAN);
	assert_int_equal(delivered.status, VPNS_DELIVERY_RETRY);
	assert_string_equal(delivered.reason, "the plugin gave a status that does not exist");
	delivered = deliver_with("courier", "{ mode: never }", VS_DRAIN_ABANDONED);
	assert_int_equal(delivered.status, VPNS_DELIVERY_RETRY);
	assert_string_equal(delivered.reason, "timed out after 100 ms");
}

static void a_notifier_is_asked_whether_it_is_well_and_one_of_1_0_cannot_be(void **state)
{
	struct delivered delivered = {.times = 0};
	struct vs_instance *instance;

	(void)state;
	world->env.render.alert = render_title;
	instance = world_instance(world, VPNS_KIND_NOTIFIER, "courier", NULL);
	assert_non_null(instance);
	assert_true(vs_notifier_self_test(instance, 5000, on_delivered, &delivered, &world->err) != 0);
	assert_int_equal(delivered.times, 0);
	world_run(world);
	assert_int_equal(delivered.status, VPNS_DELIVERY_DROP);
	assert_string_equal(delivered.reason, "nobody knows this token");
	assert_int_equal(world_drain(world, instance, 20), VS_DRAIN_CLEAN);
	instance = world_instance(world, VPNS_KIND_NOTIFIER, "frozen_courier", NULL);
	assert_non_null(instance);
	assert_int_equal(vs_notifier_self_test(instance, 100, on_delivered, &delivered, &world->err), 0);
	assert_int_equal(world->err.code, VS_ERR_NOT_FOUND);
	assert_int_equal(world_drain(world, instance, 20), VS_DRAIN_CLEAN);
	assert_int_equal(delivered.times, 1);
}

static void a_message_does_not_wait_for_a_self_test(void **state)
{
	struct delivered test = {.times = 0}, message = {.times = 0};
	struct vs_instance *instance;

	(void)state;
	world->env.render.alert = render_title;
	instance = world_instance(world, VPNS_KIND_NOTIFIER, "courier", "{ mode: patient }");
	assert_non_null(instance);
	assert_true(vs_notifier_self_test(instance, 60000, on_delivered, &test, &world->err) != 0);
	assert_true(vs_notifier_deliver(instance, &alert, 5000, on_delivered, &message, &world->err) != 0);
	assert_int_equal(test.times, 1);
	assert_int_equal(test.status, VPNS_DELIVERY_RETRY);
	assert_string_equal(test.reason, VS_NOTIFIER_YIELDED);
	world_run(world); /* on_delivered stopped it before it began */
	if (message.times == 0)
		world_run(world);
	assert_int_equal(message.status, VPNS_DELIVERY_SENT);
	assert_int_equal(test.times, 1);
	assert_int_equal(world_drain(world, instance, 20), VS_DRAIN_CLEAN);
}

static void a_ref_too_long_to_keep_is_none(void **state)
{
	struct delivered delivered = deliver_with("courier", "{ mode: long_ref }", VS_DRAIN_CLEAN);

	(void)state;
	assert_int_equal(delivered.status, VPNS_DELIVERY_SENT);
	assert_string_equal(delivered.ref, "");
}

static void a_notifier_needs_a_renderer_that_this_command_may_not_have(void **state)
{
	(void)state;
	assert_null(world_instance(world, VPNS_KIND_NOTIFIER, "courier", NULL));
	assert_string_equal(world->err.text,
		"notifier 'it' needs the service render/1, which this command does not provide");
}

static const char *wish; /* the value of X-Porter */

static const char *header(const struct vpns_auth_request *request, const char *name)
{
	(void)request;
	return strcasecmp(name, "x-porter") == 0 ? wish : NULL;
}

struct answered {
	unsigned times;
	uint32_t status;
	uint32_t deny;
	uint32_t roles;
	bool has_principal;
	char principal[200];
	char reason[300];
};

static void on_answer(void *arg, const struct vpns_auth_result *result)
{
	struct answered *answered = arg;

	answered->times++;
	answered->status = result->status;
	answered->deny = result->deny;
	answered->roles = result->roles;
	answered->has_principal = result->principal != NULL;
	snprintf(answered->principal, sizeof(answered->principal), "%s",
		result->principal ? result->principal : "");
	snprintf(answered->reason, sizeof(answered->reason), "%s", result->reason);
	vs_loop_stop(world->loop);
}

static const struct vpns_auth_request request = {
	.size = sizeof(request), .method = "GET", .path = "/", .address = "192.0.2.1", .header = header};

static struct answered ask(struct vs_instance *instance, const char *value)
{
	struct answered answered = {.times = 0};

	wish = value;
	assert_int_equal(vs_auth_check(instance, &request, 1000, on_answer, &answered), 0);
	assert_int_equal(answered.times, 1);
	return answered;
}

static struct vs_instance *make_porter(const char *plugin)
{
	struct vs_instance *instance = world_instance(world, VPNS_KIND_AUTH, plugin, NULL);

	if (!instance)
		fail_msg("%s", world->err.text);
	return instance;
}

static void a_check_is_answered_at_once(void **state)
{
	struct vs_instance *instance = make_porter("porter");
	struct answered answered;

	(void)state;
	answered = ask(instance, "allow");
	assert_int_equal(answered.status, VPNS_AUTH_ALLOW);
	assert_string_equal(answered.principal, "ann");
	assert_int_equal(answered.roles,
		VPNS_AUTH_ROLE_REPORT | VPNS_AUTH_ROLE_READ | VPNS_AUTH_ROLE_ADMIN | VPNS_AUTH_ROLE_OPERATE);
	answered = ask(instance, NULL);
	assert_int_equal(answered.status, VPNS_AUTH_DENY);
	assert_int_equal(answered.deny, VPNS_DENY_NO_CREDENTIALS);
	assert_false(answered.has_principal);
	assert_string_equal(answered.reason, "because");
	answered = ask(instance, "abstain");
	assert_int_equal(answered.status, VPNS_AUTH_ABSTAIN);
	answered = ask(instance, "strange_deny");
	assert_int_equal(answered.deny, VPNS_DENY_FORBIDDEN);
	assert_int_equal(world_drain(world, instance, 1000), VS_DRAIN_CLEAN);
	instance = make_porter("frozen_porter");
	assert_int_equal(ask(instance, "allow").status, VPNS_AUTH_ALLOW);
	assert_int_equal(world_drain(world, instance, 1000), VS_DRAIN_CLEAN);
}

static void a_check_that_is_broken_never_lets_anybody_in(void **state)
{
	static const char *const broken[] = {"long", "control", "strange", "error"};
	struct vs_instance *instance = make_porter("porter");
	struct answered answered;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		answered = ask(instance, broken[i]);
		assert_int_equal(answered.status, VPNS_AUTH_ERROR);
		assert_false(answered.has_principal);
		assert_int_equal(answered.roles, 0);
		assert_true(answered.reason[0] != '\0');
	}
	assert_int_equal(world_drain(world, instance, 1000), VS_DRAIN_CLEAN);
}

static void a_check_that_answers_later_is_awaited(void **state)
{
	struct vs_instance *instance = make_porter("porter");
	struct answered answered = {.times = 0};

	(void)state;
	wish = "later";
	assert_true(vs_auth_check(instance, &request, 5000, on_answer, &answered) != 0);
	assert_int_equal(answered.times, 0);
	world_run(world);
	assert_string_equal(answered.principal, "later");
	assert_int_equal(world_drain(world, instance, 1000), VS_DRAIN_CLEAN);
}

static void a_thousand_checks_may_wait_and_one_more_is_an_error(void **state)
{
	struct vs_instance *instance = make_porter("porter");
	static struct answered answered[1025];
	unsigned errors = 0;
	unsigned i;

	(void)state;
	memset(answered, 0, sizeof(answered));
	wish = "never";
	for (i = 0; i < 1024; i++)
		assert_true(vs_auth_check(instance, &request, 200, on_answer, &answered[i]) != 0);
	assert_int_equal(vs_auth_check(instance, &request, 200, on_answer, &answered[1024]), 0);
	assert_int_equal(answered[1024].status, VPNS_AUTH_ERROR);
	assert_non_null(strstr(answered[1024].reason, "still has 1024 operations running"));
	while (errors < 1024) {
		world_run(world);
		for (errors = 0, i = 0; i < 1024; i++)
			errors += answered[i].status == VPNS_AUTH_ERROR;
	}
	for (i = 0; i < 1024; i++)
		assert_int_equal(answered[i].times, 1);
	assert_int_equal(ask(instance, "allow").status, VPNS_AUTH_ALLOW); /* it has recovered */
	assert_int_equal(world_drain(world, instance, 1000), VS_DRAIN_CLEAN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_probe_written_in_cpp17_runs),
		TEST(a_probe_built_from_the_headers_of_1_0_runs),
		TEST(a_notifier_delivers_with_the_hosts_rendering),
		TEST(a_notifiers_wish_to_retry_is_handed_on),
		TEST(that_surely_nobody_got_it_is_handed_on_and_goes_with_a_retry_only),
		TEST(a_notifier_that_answers_nonsense_or_never_means_retry),
		TEST(a_notifier_is_asked_whether_it_is_well_and_one_of_1_0_cannot_be),
		TEST(a_message_does_not_wait_for_a_self_test),
		TEST(a_ref_too_long_to_keep_is_none),
		TEST(a_notifier_needs_a_renderer_that_this_command_may_not_have),
		TEST(a_check_is_answered_at_once),
		TEST(a_check_that_is_broken_never_lets_anybody_in),
		TEST(a_check_that_answers_later_is_awaited),
		TEST(a_thousand_checks_may_wait_and_one_more_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
