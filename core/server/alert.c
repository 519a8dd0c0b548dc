#include "server/alert.h"

#include <stdio.h>

#include "vpn_sentinel/notifier.h"
#include "vpn_sentinel/service/command.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "model/tongue.h"
#include "model/words.h"
#include "server/delivery.h"
#include "server/zone.h"

_Static_assert(VS_SEVERITY_CRITICAL == VPNS_SEVERITY_CRITICAL, "the model's numbers are the ABI's");
_Static_assert(VS_CHANGE_RESOLVED == VPNS_TRANSITION_RESOLVED, "the model's numbers are the ABI's");

#define ACTIONS 3
#define ACTION_TEXT 64 /* what a button may say, by the ABI */

/* What can be done about an open incident, as what people could write themselves. */
static const struct {
	const char *id;
	const char *label;
	const char *before; /* the incident's id */
	const char *after;
	uint32_t flags;
	bool of_client;
} actions[ACTIONS] = {
	{"ack", VS_WORDS("I look after it"), "/ack ", "", VPNS_COMMAND_MAY_ACT, false},
	{"silence", VS_WORDS("Silence for 1h"), "/silence ", " 1h", VPNS_COMMAND_MAY_ACT, true},
	{"why", VS_WORDS("Why?"), "/why ", "", 0, true},
};

struct vs_alert_text {
	struct vpns_alert alert;
	struct vs_message message;
	struct vpns_alert_field fields[VS_MESSAGE_FIELDS_MAX];
	char *replaces_ref;
	struct vpns_alert_action actions[ACTIONS];
	char said[ACTIONS][ACTION_TEXT + 1];
};

static bool is_open(const struct vs_transition *transition)
{
	return transition->change == VS_CHANGE_OPENED || transition->change == VS_CHANGE_ESCALATED ||
	       transition->change == VS_CHANGE_REMINDED;
}

static uint32_t priority_of(const struct vs_transition *transition)
{
	if (transition->severity == VS_SEVERITY_INFO || transition->change == VS_CHANGE_ACKNOWLEDGED)
		return VPNS_PRIORITY_LOW;
	if (transition->severity == VS_SEVERITY_CRITICAL && transition->change != VS_CHANGE_RESOLVED)
		return VPNS_PRIORITY_HIGH;
	return VPNS_PRIORITY_NORMAL;
}

static void fill(struct vs_alert_text *text, const struct vs_delivery *delivery, bool late)
{
	const struct vs_transition *transition = &delivery->transition;

	text->alert = (struct vpns_alert){
		.size = sizeof(text->alert),
		.severity = transition->severity,
		.transition = transition->change,
		.attempt = delivery->attempts,
		.flags =
			(delivery->unsure ? VPNS_ALERT_POSSIBLE_DUPLICATE : 0) | (late ? VPNS_ALERT_LATE : 0),
		.field_count = (uint32_t)text->message.field_count,
		.fields = text->fields,
		.delivery_id = delivery->id,
		.incident_id = transition->incident,
		.kind = vs_kind_name(transition->kind),
		.client_id = transition->client,
		.title = vs_buf_text(&text->message.title),
		.body = vs_buf_text(&text->message.body),
		.at_ms = transition->at,
		.replaces_ref = text->replaces_ref,
		.silent = transition->change == VS_CHANGE_ACKNOWLEDGED,
		.priority = priority_of(transition),
		.actions = text->actions,
	};
}

static void add_sentence(struct vs_buf *body, const struct vs_tongue *tongue, const char *sentence)
{
	if (body->len > 0)
		vs_buf_add_char(body, '\n');
	vs_buf_add_text(body, vs_tongue_text(tongue, sentence));
}

static void show_time(void *arg, char *text, size_t size, int64_t wall_ms)
{
	vs_zone_words(arg, text, size, wall_ms);
}

struct vs_alert_text *vs_alert_text_create(const struct vs_delivery *delivery, const struct vs_zone *zone,
	const struct vs_tongue *tongue, const char *replaces_ref, bool late)
{
	struct vs_alert_text *text = vs_zalloc(sizeof(*text));
	struct vs_words_zone words_zone = {show_time, (void *)(uintptr_t)zone};
	size_t i;

	vs_message_init(&text->message);
	vs_words_tell(&delivery->transition, &words_zone, tongue, &text->message);
	if (delivery->combined)
		add_sentence(&text->message.body, tongue,
			VS_WORDS("This is the first message about it: it was over before one could be "
				 "delivered."));
	if (delivery->held_until != 0)
		add_sentence(
			&text->message.body, tongue, VS_WORDS("It was silenced until now, and is not over."));
	if (late)
		add_sentence(&text->message.body, tongue,
			VS_WORDS("This message is late: the channel could not be reached earlier."));
	if (delivery->unsure)
		add_sentence(&text->message.body, tongue,
			VS_WORDS("An earlier attempt may have arrived: this can be a duplicate."));
	for (i = 0; i < text->message.field_count; i++) {
		text->fields[i].label = text->message.fields[i].label;
		text->fields[i].value = text->message.fields[i].value;
	}
	text->replaces_ref = vs_strdup_or_null(replaces_ref);
	fill(text, delivery, late);
	return text;
}

void vs_alert_text_offer(
	struct vs_alert_text *text, const struct vs_delivery *delivery, const struct vs_tongue *tongue)
{
	const struct vs_transition *transition = &delivery->transition;
	size_t i;

	if (!is_open(transition) || transition->incident[0] == '\0')
		return;
	for (i = 0; i < ACTIONS; i++) {
		uint32_t n = text->alert.action_count;

		if (actions[i].of_client && transition->client[0] == '\0')
			continue;
		snprintf(text->said[n], sizeof(text->said[n]), "%s%s%s", actions[i].before,
			transition->incident, actions[i].after);
		text->actions[n] = (struct vpns_alert_action){.id = actions[i].id,
			.label = vs_tongue_text(tongue, actions[i].label),
			.text = text->said[n],
			.flags = actions[i].flags};
		text->alert.action_count = n + 1;
	}
}

/* Numbers and names alone, whatever the language. */
void vs_alert_text_group(struct vs_alert_text *text, const struct vs_group_text *group)
{
	struct vs_buf body;
	size_t i;

	vs_buf_init(&body);
	vs_buf_printf(&text->message.title, " (+%zu)", group->count - 1);
	for (i = 0; i < group->name_count; i++)
		vs_buf_printf(&body, "%s%s", i == 0 ? "" : ", ", group->names[i]);
	if (group->count > group->name_count)
		vs_buf_printf(&body, ", … (+%zu)", group->count - group->name_count);
	if (text->message.body.len > 0)
		vs_buf_printf(&body, "\n%s", vs_buf_text(&text->message.body));
	vs_buf_clear(&text->message.body);
	vs_buf_add(&text->message.body, body.ptr, body.len);
	vs_buf_fini(&body);
	text->alert.title = vs_buf_text(&text->message.title);
	text->alert.body = vs_buf_text(&text->message.body);
	text->alert.client_id = "";
	text->alert.incident_id = "";
	text->alert.replaces_ref = NULL;
	text->alert.field_count = 0;
	text->alert.group_count = (uint32_t)group->count;
	text->alert.action_count = 0; /* each would be about one of them */
}

const struct vpns_alert *vs_alert_text_get(const struct vs_alert_text *text)
{
	return &text->alert;
}

void vs_alert_text_destroy(struct vs_alert_text *text)
{
	if (text == NULL)
		return;
	vs_message_fini(&text->message);
	vs_free(text->replaces_ref);
	vs_free(text);
}
