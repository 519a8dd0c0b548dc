/* Notifier mqtt: options, topics, and a broker that is not there. Real brokers: tests/scenario. */
#include "kit_test.h"

#include "notifiers/mqtt/mqtt_topic.h"

#include <stdio.h>

#define UNSENT (VPNS_DELIVERY_RETRY | VPNS_DELIVERY_UNSENT)

static int setup(void **state)
{
	*state = vpnt_create(vpnt_load(VPNS_TEST_PLUGINS "/notifiers", "mqtt"));
	return 0;
}

static int teardown(void **state)
{
	vpnt_destroy(*state);
	return 0;
}

static void a_broker_that_has_no_address_is_tried_again_and_no_message_is_lost(void **state)
{
	struct vpns_alert alert = vpnt_alert();
	struct vpnt *kit = *state;
	int i;

	vpnt_start(kit, VPNT_OPTIONS("host", "256.256.256.256"));
	vpnt_advance(kit, 0);
	for (i = 0; i < 3; i++) {
		vpns_op op = vpnt_deliver(kit, &alert);

		vpnt_advance(kit, 0);
		assert_int_equal(vpnt_delivery_result(kit, op)->status, UNSENT);
		assert_contains(vpnt_delivery_result(kit, op)->reason, "no broker: ");
	}
	vpnt_advance(kit, 200000);
}

static void a_delivery_that_is_cancelled_before_there_is_a_broker_is_unsent(void **state)
{
	struct vpns_alert alert = vpnt_alert();
	vpns_op op;

	vpnt_start(*state, VPNT_OPTIONS("host", "256.256.256.256"));
	op = vpnt_deliver(*state, &alert);
	vpnt_cancel(*state, op);
	assert_int_equal(vpnt_delivery_result(*state, op)->status, UNSENT);
	vpnt_advance(*state, 0);
}

static void what_the_library_refuses_is_told_like_a_failed_attempt(void **state)
{
	struct vpns_alert alert = vpnt_alert();
	vpns_op op;

	/* A name that is no UTF-8. */
	vpnt_start(*state, VPNT_OPTIONS("host", "127.0.0.1", "user", "\xff\xfe", "password", "x"));
	op = vpnt_deliver(*state, &alert);
	vpnt_advance(*state, 0);
	assert_int_equal(vpnt_delivery_result(*state, op)->status, UNSENT);
	assert_contains(vpnt_delivery_result(*state, op)->reason, "UTF-8");
}

static void options_that_cannot_be_right_are_refused(void **state)
{
	struct vpnt *kit = *state;
	const char *said;

	assert_contains(
		vpnt_start_refused(kit, VPNT_OPTIONS("host", "h", "prefix", "a/#")), "the option prefix");
	assert_contains(vpnt_start_refused(kit, VPNT_OPTIONS("host", "h", "tls", "yes", "cert_file", "/x")),
		"there is only one");
	assert_contains(
		vpnt_start_refused(kit, VPNT_OPTIONS("host", "h", "ca_file", "/x")), "tls is not set");
	assert_contains(
		vpnt_start_refused(kit, VPNT_OPTIONS("host", "h", "tls", "yes", "ca_file", "/no/such/file")),
		"cannot be read");
	said = vpnt_start_refused(kit, VPNT_OPTIONS("host", "h", "password", "so secret"));
	assert_contains(said, "user is not set");
	assert_lacks(said, "so secret");
}

static void a_name_is_one_level_of_a_topic_whatever_it_is(void **state)
{
	static const struct {
		const char *client, *kind, *topic;
	} rows[] = {
		{"office-vpn", "bypass", "p/clients/office-vpn/bypass"},
		{"a/b+#", "bypass", "p/clients/a%2Fb%2B%23/bypass"},
		{"\xc3\xa9 \n", "dns_leak", "p/clients/%C3%A9%20%0A/dns_leak"},
		{"", "server_offline", "p/server/server_offline"},
	};
	struct vpns_alert alert = vpnt_alert();
	char topic[MQTT_TOPIC];
	char small[16];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		alert.client_id = rows[i].client;
		alert.kind = rows[i].kind;
		assert_int_equal(mqtt_topic_state(topic, sizeof(topic), "p", &alert), 0);
		assert_string_equal(topic, rows[i].topic);
	}
	assert_int_equal(mqtt_topic_state(small, sizeof(small), "p", &alert), -1);
	alert.incident_id = "";
	assert_int_equal(mqtt_topic_state(topic, sizeof(topic), "p", &alert), -1);
}

static void prefixes_are_good_or_not(void **state)
{
	static const char *const bad[] = {"", "/a", "a/", "a//b", "a/+", "#", "$SYS", "a b", "\xc3\xa9"};
	size_t i;

	(void)state;
	assert_true(mqtt_prefix_ok("vpn-sentinel"));
	assert_true(mqtt_prefix_ok("home/vpn"));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(mqtt_prefix_ok(bad[i]));
}

static void what_is_kept_says_how_things_are(void **state)
{
	static const struct {
		uint32_t transition;
		const char *state;
	} rows[] = {
		{VPNS_TRANSITION_OPENED, "\"state\":\"problem\""},
		{VPNS_TRANSITION_REMINDED, "\"state\":\"problem\""},
		{VPNS_TRANSITION_ACKNOWLEDGED, "\"state\":\"acknowledged\""},
		{VPNS_TRANSITION_RESOLVED, "\"state\":\"ok\""},
	};
	struct vpns_alert alert = vpnt_alert();
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *kept;

		alert.transition = rows[i].transition;
		kept = mqtt_state_build(&alert);
		assert_contains(kept, rows[i].state);
		assert_contains(kept, "\"at\":\"2026-01-02T03:04:05.000Z\"");
		free(kept);
	}
}

static void the_readme_names_the_options(void **state)
{
	(void)state;
	vpnt_check_readme(vpnt_load(VPNS_TEST_PLUGINS "/notifiers", "mqtt"),
		VPNS_TEST_SOURCE "/plugins/notifiers/mqtt/README.md");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_broker_that_has_no_address_is_tried_again_and_no_message_is_lost),
		TEST(a_delivery_that_is_cancelled_before_there_is_a_broker_is_unsent),
		TEST(what_the_library_refuses_is_told_like_a_failed_attempt),
		TEST(options_that_cannot_be_right_are_refused),
		cmocka_unit_test(a_name_is_one_level_of_a_topic_whatever_it_is),
		cmocka_unit_test(prefixes_are_good_or_not),
		cmocka_unit_test(what_is_kept_says_how_things_are),
		cmocka_unit_test(the_readme_names_the_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
