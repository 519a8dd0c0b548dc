/* Notifier exec: what a program is told, and every way in which it can end. */
#include "kit_test.h"

#include "notifiers/exec/exec_event.h"

#include <jansson.h>
#include <stdio.h>

#define UNSENT (VPNS_DELIVERY_RETRY | VPNS_DELIVERY_UNSENT)

static int setup(void **state)
{
	struct vpnt *kit = vpnt_create(vpnt_load(VPNS_TEST_PLUGINS "/notifiers", "exec"));

	vpnt_start(kit, VPNT_OPTIONS("command", "/bin/tell, it all", "environment", "TOKEN=abcdef"));
	*state = kit;
	return 0;
}

static int setup_bare(void **state)
{
	*state = vpnt_create(vpnt_load(VPNS_TEST_PLUGINS "/notifiers", "exec"));
	return 0;
}

static int teardown(void **state)
{
	vpnt_destroy(*state);
	return 0;
}

static const struct vpns_delivery_result *deliver(struct vpnt *kit, const struct vpnt_run *run)
{
	struct vpns_alert alert = vpnt_alert();
	vpns_op op;

	vpnt_expect_run(kit, run);
	op = vpnt_deliver(kit, &alert);
	vpnt_advance(kit, 11000);
	return vpnt_delivery_result(kit, op);
}

static void each_way_to_end_is_told_apart(void **state)
{
	static const struct {
		struct vpnt_run run;
		uint32_t status;
		const char *reason;
	} rows[] = {
		{{.exit_code = 0, .errors = "a warning"}, VPNS_DELIVERY_SENT, NULL},
		{{.exit_code = 75, .errors = "\n  full \nmore"}, UNSENT, "the program ended with 75: full"},
		{{.exit_code = 1, .errors = "no \x1b[2Jroom\xff\nmore"}, VPNS_DELIVERY_DROP,
			"ended with 1: no "},
		{{.exit_code = 127}, VPNS_DELIVERY_DROP, "the program ended with 127"},
		{{.exit_code = 2, .errors = "bad TOKEN abcdef"}, VPNS_DELIVERY_DROP, "bad TOKEN *"},
		{{.error = VPNS_SPAWN_E_PROGRAM}, VPNS_DELIVERY_DROP, "/bin/tell: "},
		{{.error = VPNS_SPAWN_E_SIGNAL}, VPNS_DELIVERY_RETRY, "/bin/tell: "},
		{{.error = VPNS_SPAWN_E_SYSTEM}, UNSENT, "/bin/tell: "},
		{{.never = 1}, VPNS_DELIVERY_RETRY, "/bin/tell: "},
	};
	const struct vpns_delivery_result *result;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		result = deliver(*state, &rows[i].run);
		if (result->status != rows[i].status)
			fail_msg("row %zu: status %u", i, (unsigned)result->status);
		if (rows[i].reason != NULL)
			assert_contains(result->reason, rows[i].reason);
		assert_lacks(result->reason, "more");
		assert_lacks(result->reason, "abcdef");
	}
}

static void arguments_are_handed_over_as_they_stand(void **state)
{
	assert_int_equal(deliver(*state, &(struct vpnt_run){.command = "/bin/tell it all"})->status,
		VPNS_DELIVERY_SENT);
}

static void a_cancelled_delivery_kills_the_program_and_is_tried_again(void **state)
{
	struct vpns_alert alert = vpnt_alert();
	vpns_op op;

	vpnt_expect_run(*state, &(struct vpnt_run){.never = 1});
	op = vpnt_deliver(*state, &alert);
	vpnt_cancel(*state, op);
	assert_int_equal(vpnt_delivery_result(*state, op)->status, VPNS_DELIVERY_RETRY);
	assert_int_equal(deliver(*state, &(struct vpnt_run){0})->status, VPNS_DELIVERY_SENT);
}

static void options_that_cannot_be_right_are_refused(void **state)
{
	static const char *const bad[] = {"X", "=x", "1X=x", "X Y=x", "PATH=/tmp", "VPN_SENTINEL_TEXT=x"};
	struct vpnt *kit = *state;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_contains(
			vpnt_start_refused(kit, VPNT_OPTIONS("command", "/bin/x", "environment", bad[i])),
			"not NAME=value");
	vpnt_start(kit, VPNT_OPTIONS("command", "/bin/x", "environment", "HOME=/root, X_1="));
	assert_int_equal(
		vpnt_reconfigure(kit, VPNT_OPTIONS("command", "/bin/y", "environment", "X")), VPNS_E_INVALID);
	assert_int_equal(deliver(kit, &(struct vpnt_run){.command = "/bin/x"})->status, VPNS_DELIVERY_SENT);
	assert_int_equal(vpnt_reconfigure(kit, VPNT_OPTIONS("command", "/bin/y")), VPNS_OK);
	assert_int_equal(deliver(kit, &(struct vpnt_run){.command = "/bin/y"})->status, VPNS_DELIVERY_SENT);
}

/* --- the pure parts ------------------------------------------------------------------------- */

static void the_environment_says_what_the_event_says(void **state)
{
	static const char *const wanted[] = {"VPN_SENTINEL_EVENT=opened", "VPN_SENTINEL_SEVERITY=critical",
		"VPN_SENTINEL_KIND=tunnel_lost", "VPN_SENTINEL_CLIENT=anna",
		"VPN_SENTINEL_TITLE=a\n$(b) `c` \xf0\x9f\x94\xa5", "VPN_SENTINEL_TEXT=words",
		"VPN_SENTINEL_CHANNEL=here", "VPN_SENTINEL_DUPLICATE=1",
		"VPN_SENTINEL_AT=2026-01-02T03:04:05.000Z", "VPN_SENTINEL_PRIORITY=high",
		"VPN_SENTINEL_SILENT=0", "VPN_SENTINEL_COUNT=1", "X=y"};
	const char *const items[] = {"X=y"};
	const struct vpns_list more = {items, 1, 0};
	struct vpns_alert alert = vpnt_alert();
	char **environment;
	size_t i;
	size_t k;

	(void)state;
	alert.title = "a\n$(b) `c` \xf0\x9f\x94\xa5";
	alert.flags = VPNS_ALERT_POSSIBLE_DUPLICATE;
	environment = exec_environment(&alert, "here", "words", &more);
	for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		for (k = 0; environment[k] != NULL && strcmp(environment[k], wanted[i]) != 0; k++)
			continue;
		if (environment[k] == NULL)
			fail_msg("there is no %s", wanted[i]);
	}
	exec_environment_free(environment);
}

static void an_alert_of_any_length_fits(void **state)
{
	const struct vpns_list none = {NULL, 0, 0};
	struct vpns_alert alert = vpnt_alert();
	char *longer = malloc(200001);
	char **environment;
	char *input;
	size_t i;
	json_t *json;

	(void)state;
	assert_non_null(longer);
	memset(longer, '\x01', 200000); /* six bytes each in JSON */
	longer[200000] = '\0';
	alert.title = alert.body = alert.client_id = alert.kind = alert.incident_id = alert.delivery_id =
		longer;
	input = exec_input(&alert, longer, longer);
	assert_in_range(strlen(input), 1, EXEC_INPUT_MAX);
	json = json_loads(input, 0, NULL);
	assert_non_null(json);
	json_decref(json);
	free(input);
	environment = exec_environment(&alert, longer, longer, &none);
	for (i = 0; environment[i] != NULL; i++)
		assert_in_range(strlen(environment[i]), 1, EXEC_VALUE_MAX + 64);
	exec_environment_free(environment);
	free(longer);
}

static void the_readme_names_the_options(void **state)
{
	(void)state;
	vpnt_check_readme(vpnt_load(VPNS_TEST_PLUGINS "/notifiers", "exec"),
		VPNS_TEST_SOURCE "/plugins/notifiers/exec/README.md");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define TEST_BARE(name) cmocka_unit_test_setup_teardown(name, setup_bare, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_way_to_end_is_told_apart),
		TEST(arguments_are_handed_over_as_they_stand),
		TEST(a_cancelled_delivery_kills_the_program_and_is_tried_again),
		TEST_BARE(options_that_cannot_be_right_are_refused),
		cmocka_unit_test(the_environment_says_what_the_event_says),
		cmocka_unit_test(an_alert_of_any_length_fits),
		cmocka_unit_test(the_readme_names_the_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
