#include "server_test.h"

#include <stdio.h>

#include "vpn_sentinel/notifier.h"
#include "vpn_sentinel/service/command.h"

#include "base/id.h"
#include "config/instance.h"
#include "server/alert.h"
#include "server/delivery.h"
#include "server/zone.h"
#include "transitions.h"

#define ID "01ARYZ6S411000000000000000"

static struct vs_delivery *bypass(void)
{
	struct vs_incident incident = incident_of(VS_KIND_BYPASS, "office");
	struct vs_transition transition = change_of(&incident, VS_CHANGE_OPENED);
	struct vs_delivery *delivery = vs_delivery_create(ID, "oncall", &transition, NOON);

	vs_transition_fini(&transition);
	vs_incident_fini(&incident);
	return delivery;
}

static const char *field(const struct vpns_alert *alert, const char *label)
{
	uint32_t i;

	for (i = 0; i < alert->field_count; i++) {
		if (strcmp(alert->fields[i].label, label) == 0)
			return alert->fields[i].value;
	}
	return "";
}

static void an_alert_says_what_who_and_when_in_the_plugins_numbers(void **state)
{
	struct vs_delivery *delivery = bypass();
	struct vs_zone *zone = vs_zone_create(NULL);
	struct vs_alert_text *text;
	const struct vpns_alert *alert;

	(void)state;
	delivery->attempts = 2;
	text = vs_alert_text_create(delivery, zone, NULL, NULL, false);
	alert = vs_alert_text_get(text);
	assert_int_equal(alert->size, sizeof(*alert));
	assert_int_equal(alert->severity, VPNS_SEVERITY_CRITICAL);
	assert_int_equal(alert->transition, VPNS_TRANSITION_OPENED);
	assert_int_equal(alert->attempt, 2);
	assert_int_equal(alert->flags, 0);
	assert_string_equal(alert->delivery_id, ID);
	assert_string_equal(alert->incident_id, delivery->transition.incident);
	assert_string_equal(alert->kind, "bypass");
	assert_string_equal(alert->client_id, "office");
	assert_int_equal(alert->at_ms, NOON);
	assert_null(alert->replaces_ref);
	assert_contains(alert->title, "office");
	assert_contains(alert->body, "something was seen");
	assert_lacks(alert->body, "duplicate");
	assert_lacks(alert->body, "late");
	assert_string_equal(field(alert, "At"), "2026-11-23 12:00:00 UTC");
	vs_alert_text_destroy(text);
	vs_delivery_destroy(delivery);
	vs_zone_destroy(zone);
}

static void what_is_late_repeated_or_combined_says_so(void **state)
{
	struct vs_delivery *delivery = bypass();
	struct vs_zone *zone = vs_zone_create(NULL);
	struct vs_alert_text *text;
	const struct vpns_alert *alert;
	char ref[] = "msg-1";

	(void)state;
	delivery->unsure = true;
	delivery->combined = true;
	text = vs_alert_text_create(delivery, zone, NULL, ref, true);
	ref[0] = 'x'; /* it was copied */
	alert = vs_alert_text_get(text);
	assert_int_equal(alert->flags, VPNS_ALERT_POSSIBLE_DUPLICATE | VPNS_ALERT_LATE);
	assert_string_equal(alert->replaces_ref, "msg-1");
	assert_contains(alert->body, "can be a duplicate");
	assert_contains(alert->body, "This message is late");
	assert_contains(alert->body, "it was over before one could be delivered");
	vs_alert_text_destroy(text);
	vs_alert_text_destroy(NULL);
	vs_delivery_destroy(delivery);
	vs_zone_destroy(zone);
}

static void a_template_takes_the_place_of_the_text_and_not_of_what_must_be_told(void **state)
{
	const struct vs_instance_conf conf = {.name = "oncall",
		.templates = {.text = {
				      [VS_TEMPLATE_TITLE] = "[{severity}] {headline}\n{client}",
				      [VS_TEMPLATE_OPENED] = "{channel}: {kind} of {client} at {at}\n"
							     "verdict {verdict}\n{evidence}\nto do: {hint}",
			      }}};
	struct vs_delivery *delivery = bypass();
	struct vs_zone *zone = vs_zone_create(NULL);
	struct vs_alert_text *text;
	const struct vpns_alert *alert;

	(void)state;
	delivery->unsure = true;
	text = vs_alert_text_create(delivery, zone, NULL, NULL, false);
	vs_alert_text_apply(text, delivery, &conf);
	alert = vs_alert_text_get(text);
	assert_string_equal(alert->title, "[critical] VPN bypass office");
	assert_string_equal(alert->body,
		"oncall: bypass of office at 2026-11-23 12:00:00 UTC\n"
		"something was seen\n"
		"to do: Stop what must not be seen, then restart the VPN and check its kill switch.\n"
		"An earlier attempt may have arrived: this can be a duplicate.");
	assert_int_equal(alert->field_count, 0);
	vs_alert_text_destroy(text);
	vs_delivery_destroy(delivery);
	vs_zone_destroy(zone);
}

static void a_template_of_a_message_about_many_is_of_none_of_them_alone(void **state)
{
	const struct vs_instance_conf conf = {.name = "oncall",
		.templates = {.text = {
				      [VS_TEMPLATE_TITLE] = "{since}",
				      [VS_TEMPLATE_MESSAGE] = "{client}\n{hint}\n{evidence}\n{notes}\n{body}",
			      }}};
	struct vs_group_text group = {.count = 500};
	struct vs_delivery *delivery = bypass();
	struct vs_zone *zone = vs_zone_create(NULL);
	struct vs_alert_text *text;
	const struct vpns_alert *alert;

	(void)state;
	text = vs_alert_text_create(delivery, zone, NULL, NULL, true);
	vs_group_text_add(&group, vs_strdup("office"));
	vs_group_text_add(&group, vs_strdup("home"));
	vs_group_text_add(&group, vs_strdup("office"));
	assert_int_equal(group.name_count, 2);
	vs_alert_text_group(text, &group, NULL);
	vs_group_text_fini(&group);
	vs_alert_text_apply(text, delivery, &conf);
	alert = vs_alert_text_get(text);
	assert_contains(alert->title, "(+499)"); /* an empty one would be none */
	assert_int_equal(strncmp(alert->body, "office (+499)\nThis message is late", 34), 0);
	assert_contains(alert->body, "office, home");
	assert_null(strstr(strstr(alert->body, "is late") + 1, "is late"));
	vs_alert_text_destroy(text);
	vs_delivery_destroy(delivery);
	vs_zone_destroy(zone);
}

static const struct vpns_alert_action *action(const struct vpns_alert *alert, const char *id)
{
	uint32_t i;

	for (i = 0; i < alert->action_count; i++)
		if (strcmp(alert->actions[i].id, id) == 0)
			return &alert->actions[i];
	return NULL;
}

static void what_can_be_done_about_an_open_incident_says_a_command(void **state)
{
	struct vs_delivery *delivery = bypass();
	struct vs_zone *zone = vs_zone_create(NULL);
	struct vs_alert_text *text = vs_alert_text_create(delivery, zone, NULL, NULL, false);
	const struct vpns_alert *alert = vs_alert_text_get(text);
	char said[80];

	(void)state;
	assert_int_equal(alert->action_count, 0);
	assert_int_equal(alert->priority, VPNS_PRIORITY_HIGH);
	assert_int_equal(alert->silent, 0);
	assert_int_equal(alert->group_count, 0);
	vs_alert_text_offer(text, delivery, NULL);
	assert_int_equal(alert->action_count, 3);
	snprintf(said, sizeof(said), "/ack %s", delivery->transition.incident);
	assert_string_equal(action(alert, "ack")->text, said);
	assert_int_equal(action(alert, "ack")->flags, VPNS_COMMAND_MAY_ACT);
	snprintf(said, sizeof(said), "/silence %s 1h", delivery->transition.incident);
	assert_string_equal(action(alert, "silence")->text, said);
	snprintf(said, sizeof(said), "/why %s", delivery->transition.incident);
	assert_string_equal(action(alert, "why")->text, said);
	assert_int_equal(action(alert, "why")->flags, 0);
	vs_alert_text_destroy(text);
	vs_delivery_destroy(delivery);
	vs_zone_destroy(zone);
}

static void nothing_can_be_done_about_what_is_over(void **state)
{
	struct vs_delivery *delivery = bypass();
	struct vs_zone *zone = vs_zone_create(NULL);
	struct vs_alert_text *text;

	(void)state;
	delivery->transition.change = VS_CHANGE_RESOLVED;
	text = vs_alert_text_create(delivery, zone, NULL, NULL, false);
	vs_alert_text_offer(text, delivery, NULL);
	assert_int_equal(vs_alert_text_get(text)->action_count, 0);
	assert_int_equal(vs_alert_text_get(text)->priority, VPNS_PRIORITY_NORMAL);
	vs_alert_text_destroy(text);
	delivery->transition.change = VS_CHANGE_ACKNOWLEDGED;
	text = vs_alert_text_create(delivery, zone, NULL, NULL, false);
	assert_int_equal(vs_alert_text_get(text)->silent, 1);
	assert_int_equal(vs_alert_text_get(text)->priority, VPNS_PRIORITY_LOW);
	vs_alert_text_destroy(text);
	vs_delivery_destroy(delivery);
	vs_zone_destroy(zone);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_alert_says_what_who_and_when_in_the_plugins_numbers),
		cmocka_unit_test(what_is_late_repeated_or_combined_says_so),
		cmocka_unit_test(a_template_takes_the_place_of_the_text_and_not_of_what_must_be_told),
		cmocka_unit_test(a_template_of_a_message_about_many_is_of_none_of_them_alone),
		cmocka_unit_test(what_can_be_done_about_an_open_incident_says_a_command),
		cmocka_unit_test(nothing_can_be_done_about_what_is_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
