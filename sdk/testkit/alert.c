/* A ready alert, and a copy that dies with the call it is lent to. */
#include "kit.h"

#include <stdlib.h>

static const struct vpns_alert_field alert_fields[] = {
	{"Last seen", "2026-01-02 02:59:00 UTC"},
	{"Exit", "185.211.32.87 (Bucure\xc8\x99ti, RO)"},
};

struct vpns_alert vpnt_alert(void)
{
	struct vpns_alert alert = {0};

	alert.size = sizeof(alert);
	alert.severity = VPNS_SEVERITY_CRITICAL;
	alert.transition = VPNS_TRANSITION_OPENED;
	alert.attempt = 1;
	alert.fields = alert_fields;
	alert.field_count = 2;
	alert.delivery_id = "01JGK0000000000000000DELIV";
	alert.incident_id = "01JGK0000000000000000INCID";
	alert.kind = "tunnel_lost";
	alert.client_id = "anna";
	alert.title = "anna lost its tunnel";
	alert.body = "No keepalive for 5 minutes.";
	alert.at_ms = INT64_C(1767323045000);
	return alert;
}

/* The texts of an alert that are never NULL, as one list. */
#define ALERT_TEXTS(X) X(delivery_id) X(incident_id) X(kind) X(client_id) X(title) X(body)

struct vpns_alert *alert_lend(const struct vpns_alert *alert)
{
	struct vpns_alert *copy = kit_alloc(sizeof(*copy));
	struct vpns_alert_field *fields = kit_alloc(alert->field_count * sizeof(*fields));
	struct vpns_alert_action *actions = kit_alloc(alert->action_count * sizeof(*actions));
	uint32_t i;

	*copy = *alert;
#define LEND(member) copy->member = kit_copy(alert->member);
	ALERT_TEXTS(LEND)
#undef LEND
	copy->replaces_ref = alert->replaces_ref != NULL ? kit_copy(alert->replaces_ref) : NULL;
	for (i = 0; i < alert->field_count; i++) {
		fields[i].label = kit_copy(alert->fields[i].label);
		fields[i].value = kit_copy(alert->fields[i].value);
	}
	copy->fields = fields;
	for (i = 0; i < alert->action_count; i++) {
		actions[i] = alert->actions[i];
		actions[i].id = kit_copy(alert->actions[i].id);
		actions[i].label = kit_copy(alert->actions[i].label);
		actions[i].text = kit_copy(alert->actions[i].text);
	}
	copy->actions = actions;
	return copy;
}

static void text_end(const char *text)
{
	free((void *)(uintptr_t)text);
}

void alert_end(struct vpns_alert *alert)
{
	uint32_t i;

#define END(member) text_end(alert->member);
	ALERT_TEXTS(END)
#undef END
	text_end(alert->replaces_ref);
	for (i = 0; i < alert->field_count; i++) {
		text_end(alert->fields[i].label);
		text_end(alert->fields[i].value);
	}
	free((void *)(uintptr_t)alert->fields);
	for (i = 0; i < alert->action_count; i++) {
		text_end(alert->actions[i].id);
		text_end(alert->actions[i].label);
		text_end(alert->actions[i].text);
	}
	free((void *)(uintptr_t)alert->actions);
	free(alert);
}
