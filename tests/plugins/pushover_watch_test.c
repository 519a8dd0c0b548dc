/* Notifier pushover: who answers an emergency on a phone has acknowledged it here. */
#include "kit_test.h"

#include "notifiers/pushover/pushover_reply.h"

#include <stdio.h>

#define TOKEN "azGDORePK8gMaC0QOYAMyEEuzJnyUi"
#define USER "uQiRzpo4DXghDmr9QzzfQu27cmVRsG"
#define RECEIPT "rLqVuqTRh62UzxtmqiaLzQmVcPgiCy"
#define INCIDENT "01JGK0000000000000000INCID"
#define API "https://api.pushover.net/1/"
#define ASKED API "receipts/" RECEIPT ".json?token=" TOKEN
#define OPTIONS VPNT_OPTIONS("token", TOKEN, "user", USER, "priority_critical", "2", "expire", "10m")

static const char rings[] = "{\"status\":1,\"request\":\"x\",\"acknowledged\":0,\"expired\":0}";
static const char answered[] =
	"{\"status\":1,\"request\":\"x\",\"acknowledged\":1,\"acknowledged_by\":\"" USER
	"\",\"acknowledged_by_device\":\"annas-phone\",\"expired\":0}";
static const char expired[] = "{\"status\":1,\"request\":\"x\",\"acknowledged\":0,\"expired\":1}";
static const char unknown[] = "{\"status\":0,\"request\":\"x\",\"errors\":[\"receipt not found\"]}";

static int setup(void **state)
{
	*state = vpnt_create(vpnt_load(VPNS_TEST_PLUGINS "/notifiers", "pushover"));
	vpnt_offer_commands(*state);
	return 0;
}

static int teardown(void **state)
{
	vpnt_destroy(*state);
	return 0;
}

/* An emergency that rings from now on. */
static void ring(struct vpnt *kit, const char *receipt, const char *incident)
{
	struct vpns_alert alert = vpnt_alert();
	char reply[128];
	vpns_op op;

	snprintf(reply, sizeof(reply), "{\"status\":1,\"request\":\"x\",\"receipt\":\"%s\"}", receipt);
	alert.incident_id = incident;
	vpnt_expect(kit, &(struct vpnt_http){.url = API "messages.json", .reply = reply});
	op = vpnt_deliver(kit, &alert);
	vpnt_advance(kit, 0);
	assert_int_equal(vpnt_delivery_result(kit, op)->status, VPNS_DELIVERY_SENT);
}

static void next_answer(struct vpnt *kit, const char *url, uint32_t status, const char *body)
{
	vpnt_expect(kit, &(struct vpnt_http){.method = "GET", .url = url, .status = status, .reply = body});
	vpnt_advance(kit, 6000);
}

static void an_answer_on_a_phone_acknowledges_the_incident(void **state)
{
	struct vpnt *kit = *state;

	vpnt_start(kit, OPTIONS);
	ring(kit, RECEIPT, INCIDENT);
	next_answer(kit, ASKED, 200, rings);
	next_answer(kit, ASKED, 502, "<html>");
	assert_int_equal(vpnt_said_count(kit), 0);
	next_answer(kit, ASKED, 200, answered);
	vpnt_advance(kit, 0);
	assert_int_equal(vpnt_said_count(kit), 1);
	assert_contains(vpnt_said(kit), "/ack " INCIDENT "|");
	assert_contains(vpnt_said(kit), "|annas-phone|Pushover|");
	assert_lacks(vpnt_state(kit, "receipts"), RECEIPT);
	vpnt_advance(kit, 60000);
}

static void what_rings_is_asked_about_after_a_restart(void **state)
{
	struct vpnt *kit = *state;

	vpnt_start(kit, OPTIONS);
	ring(kit, RECEIPT, INCIDENT);
	assert_contains(vpnt_state(kit, "receipts"), RECEIPT " " INCIDENT " ");
	vpnt_stop(kit);
	vpnt_start(kit, OPTIONS);
	next_answer(kit, ASKED, 200, answered);
	vpnt_advance(kit, 0);
	assert_contains(vpnt_said(kit), "/ack " INCIDENT "|");
}

static void a_server_that_cannot_listen_just_now_is_told_again(void **state)
{
	struct vpnt *kit = *state;

	vpnt_start(kit, OPTIONS);
	ring(kit, RECEIPT, INCIDENT);
	vpnt_answer_commands(kit, &(struct vpnt_commands){.is_busy = 1});
	next_answer(kit, ASKED, 200, answered);
	assert_contains(vpnt_state(kit, "receipts"), RECEIPT);
	vpnt_answer_commands(kit, &(struct vpnt_commands){.text = "done"});
	next_answer(kit, ASKED, 200, answered);
	vpnt_advance(kit, 0);
	assert_contains(vpnt_said(kit), "/ack " INCIDENT "|");
}

static void what_rings_no_longer_is_forgotten(void **state)
{
	static const struct {
		uint32_t status;
		const char *body;
	} rows[] = {{200, expired}, {404, unknown}};
	struct vpnt *kit = *state;
	size_t i;

	vpnt_start(kit, OPTIONS);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ring(kit, RECEIPT, INCIDENT);
		next_answer(kit, ASKED, rows[i].status, rows[i].body);
		assert_null(vpnt_state(kit, "receipts"));
		vpnt_advance(kit, 60000);
	}
	/* Nobody says so, and it must have ended by now. */
	ring(kit, RECEIPT, INCIDENT);
	vpnt_stop(kit);
	vpnt_advance(kit, 700000);
	vpnt_start(kit, OPTIONS);
	vpnt_advance(kit, 6000);
	assert_null(vpnt_state(kit, "receipts"));
	assert_int_equal(vpnt_said_count(kit), 0);
}

static void what_is_over_here_is_not_asked_about(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();

	vpnt_start(kit, OPTIONS);
	ring(kit, RECEIPT, INCIDENT);
	vpnt_expect(kit, &(struct vpnt_http){.url = ASKED, .never = 1});
	vpnt_advance(kit, 6000);
	alert.transition = VPNS_TRANSITION_RESOLVED;
	vpnt_expect(kit, &(struct vpnt_http){.url = API "receipts/cancel_by_tag/" INCIDENT ".json",
				 .reply = "{\"status\":1,\"request\":\"x\"}"});
	vpnt_expect(kit,
		&(struct vpnt_http){.url = API "messages.json", .reply = "{\"status\":1,\"request\":\"x\"}"});
	vpnt_deliver(kit, &alert);
	vpnt_advance(kit, 60000);
	assert_null(vpnt_state(kit, "receipts"));
}

static void several_are_asked_about_in_turn_and_too_many_forgotten(void **state)
{
	struct vpnt *kit = *state;
	char receipt[32];
	char incident[32];
	char url[160];
	int i;

	vpnt_start(kit, OPTIONS);
	for (i = 0; i < 18; i++) {
		snprintf(receipt, sizeof(receipt), "%030d", i);
		snprintf(incident, sizeof(incident), "INCIDENT%d", i);
		ring(kit, receipt, incident);
	}
	for (i = 2; i < 19; i++) {
		snprintf(url, sizeof(url), API "receipts/%030d.json?token=" TOKEN, i < 18 ? i : 2);
		next_answer(kit, url, 200, rings);
	}
	snprintf(url, sizeof(url), API "receipts/%030d.json?token=" TOKEN, 3);
	next_answer(kit, url, 200, answered);
	vpnt_advance(kit, 0);
	assert_contains(vpnt_said(kit), "/ack INCIDENT3|");
	assert_lacks(vpnt_state(kit, "receipts"), "INCIDENT3 ");
	assert_contains(vpnt_state(kit, "receipts"), "INCIDENT17 ");
}

static void nobody_is_asked_where_that_is_not_wanted(void **state)
{
	struct vpnt *kit = *state;

	vpnt_start(kit,
		VPNT_OPTIONS("token", TOKEN, "user", USER, "priority_critical", "2", "acknowledge", "no"));
	ring(kit, RECEIPT, INCIDENT);
	vpnt_advance(kit, 60000);
	assert_int_equal(vpnt_reconfigure(kit, OPTIONS), 0);
	next_answer(kit, ASKED, 200, answered);
	vpnt_advance(kit, 0);
	assert_int_equal(vpnt_said_count(kit), 1);
}

static void what_was_kept_in_another_form_is_passed_over(void **state)
{
	static const char *const kept[] = {"", "x", RECEIPT, RECEIPT " i", "short i 1767323945000",
		RECEIPT " i 99999999999999999999999999", "\n\n\n"};
	struct vpnt *kit = *state;
	size_t i;

	for (i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		vpnt_state_set(kit, "receipts", kept[i]);
		vpnt_start(kit, VPNT_OPTIONS("token", TOKEN, "user", USER, "acknowledge", "no"));
		vpnt_advance(kit, 20000);
		vpnt_stop(kit);
	}
}

static void an_answer_with_any_byte_changed_does_no_harm(void **state)
{
	struct pushover_receipt receipt;
	size_t at;
	int value;

	(void)state;
	for (at = 0; at < sizeof(answered) - 1; at++) {
		for (value = 0; value < 256; value += 5) {
			char *bytes = exact_copy(answered, sizeof(answered) - 1);

			bytes[at] = (char)value;
			if (pushover_receipt_parse(&receipt, bytes, sizeof(answered) - 1) < 0)
				assert_int_equal(receipt.acknowledged, 0);
			free(bytes);
		}
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_answer_on_a_phone_acknowledges_the_incident),
		TEST(what_rings_is_asked_about_after_a_restart),
		TEST(a_server_that_cannot_listen_just_now_is_told_again),
		TEST(what_rings_no_longer_is_forgotten),
		TEST(what_is_over_here_is_not_asked_about),
		TEST(several_are_asked_about_in_turn_and_too_many_forgotten),
		TEST(nobody_is_asked_where_that_is_not_wanted),
		TEST(what_was_kept_in_another_form_is_passed_over),
		cmocka_unit_test(an_answer_with_any_byte_changed_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
