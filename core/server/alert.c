#include "server/alert_inside.h"

#include <stdio.h>
#include <string.h>

#include "vpn_sentinel/service/command.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/id.h"
#include "base/text.h"
#include "config/instance.h"
#include "model/tongue.h"
#include "model/words.h"
#include "server/delivery.h"
#include "server/template.h"
#include "server/zone.h"

_Static_assert(VS_SEVERITY_CRITICAL == VPNS_SEVERITY_CRITICAL, "the model's numbers are the ABI's");
_Static_assert(VS_CHANGE_RESOLVED == VPNS_TRANSITION_RESOLVED, "the model's numbers are the ABI's");

/* What can be done about an open incident, as what people could write themselves. */
static const struct {
	const char *id;
	const char *label;
	const char *before; /* the incident's id */
	const char *after;
	uint32_t flags;
	bool of_client;
} actions[VS_ALERT_ACTIONS] = {
	{"ack", VS_WORDS("I look after it"), "/ack ", "", VPNS_COMMAND_MAY_ACT, false},
	{"silence", VS_WORDS("Silence for 1h"), "/silence ", " 1h", VPNS_COMMAND_MAY_ACT, true},
	{"why", VS_WORDS("Why?"), "/why ", "", 0, true},
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

void vs_alert_add_line(struct vs_buf *to, const char *line)
{
	if (to->len > 0 && *line != '\0')
		vs_buf_add_char(to, '\n');
	vs_buf_add_text(to, line);
}

static void add_notes(struct vs_alert_text *text, const struct vs_delivery *delivery,
	const struct vs_tongue *tongue, bool late)
{
	struct vs_buf *notes = &text->notes;

	if (delivery->combined)
		vs_alert_add_line(
			notes, vs_tongue_text(tongue,
				       "This is the first message about it: it was over before one could be "
				       "delivered."));
	if (delivery->held_until != 0)
		vs_alert_add_line(
			notes, vs_tongue_text(tongue, "It was silenced until now, and is not over."));
	text->own_notes = notes->len;
	if (late)
		vs_alert_add_line(
			notes, vs_tongue_text(tongue,
				       "This message is late: the channel could not be reached earlier."));
	if (delivery->unsure)
		vs_alert_add_line(
			notes, vs_tongue_text(tongue,
				       "An earlier attempt may have arrived: this can be a duplicate."));
	vs_alert_add_line(&text->message.body, vs_buf_text(notes));
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
	vs_buf_init(&text->notes);
	vs_words_tell(&delivery->transition, &words_zone, tongue, &text->message);
	add_notes(text, delivery, tongue, late);
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
	for (i = 0; i < VS_ALERT_ACTIONS; i++) {
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

void vs_alert_text_update(struct vs_alert_text *text, const struct vs_delivery *by, int64_t wall_ms)
{
	vs_ulid(text->change_id, wall_ms);
	text->alert.flags |= VPNS_ALERT_UPDATE;
	text->alert.replaces_ref = text->replaces_ref;
	text->alert.delivery_id = text->change_id;
	text->alert.attempt = by->attempts;
	text->alert.silent = 1;
}

/* --- by templates ---------------------------------------------------------------------- */

static const char *field_of(const struct vs_message *message, const char *name)
{
	for (size_t i = 0; i < message->field_count; i++)
		if (strcmp(message->fields[i].name, name) == 0)
			return message->fields[i].value;
	return NULL;
}

/* A location ends in its country. */
static const char *country_of(const char *location)
{
	const char *comma = location != NULL ? strrchr(location, ',') : NULL;
	const char *last = comma != NULL ? comma + 1 + strspn(comma + 1, " ") : location;

	return last != NULL && strlen(last) == 2 ? last : NULL;
}

static void add_fields(struct vs_buf *out, const struct vpns_alert *alert)
{
	for (uint32_t i = 0; i < alert->field_count; i++)
		vs_buf_printf(
			out, "%s%s: %s", i > 0 ? "\n" : "", alert->fields[i].label, alert->fields[i].value);
}

/* What is to be freed when the values are not needed any more. */
struct pieces {
	struct vs_buf body, fields, evidence, client;
};

static void find_values(const struct vs_alert_text *text, const struct vs_delivery *delivery,
	const char *channel, struct pieces *pieces, struct vs_template_values *values)
{
	const struct vs_transition *transition = &delivery->transition;
	const struct vpns_alert *alert = &text->alert;
	bool many = alert->group_count > 1;

	vs_buf_add(&pieces->body, alert->body, strlen(alert->body) - text->notes.len);
	add_fields(&pieces->fields, alert);
	vs_buf_add_text(&pieces->client, transition->client);
	if (many)
		vs_buf_printf(&pieces->client, " (+%u)", (unsigned)alert->group_count - 1);
	else
		vs_text_add_plain(&pieces->evidence, vs_view_of(transition->evidence));
	for (size_t i = 0; i < VS_TEMPLATE_PLACE_COUNT && !many; i++)
		values->text[i] = field_of(&text->message, vs_template_place_name((enum vs_template_place)i));
	values->text[VS_TEMPLATE_PLACE_country] = country_of(values->text[VS_TEMPLATE_PLACE_location]);
	values->text[VS_TEMPLATE_PLACE_title] = alert->title;
	values->text[VS_TEMPLATE_PLACE_body] = vs_buf_text(&pieces->body);
	values->text[VS_TEMPLATE_PLACE_fields] = vs_buf_text(&pieces->fields);
	values->text[VS_TEMPLATE_PLACE_notes] = vs_buf_text(&text->notes);
	values->text[VS_TEMPLATE_PLACE_headline] = text->message.headline;
	values->text[VS_TEMPLATE_PLACE_evidence] = vs_buf_text(&pieces->evidence);
	values->text[VS_TEMPLATE_PLACE_kind] = alert->kind;
	values->text[VS_TEMPLATE_PLACE_severity] = vs_severity_name((enum vs_severity)transition->severity);
	values->text[VS_TEMPLATE_PLACE_change] = vs_change_name((enum vs_change)transition->change);
	values->text[VS_TEMPLATE_PLACE_channel] = channel;
	values->text[VS_TEMPLATE_PLACE_incident] = alert->incident_id;
	values->text[VS_TEMPLATE_PLACE_client] = vs_buf_text(&pieces->client);
}

/* to becomes made, unless that is empty. */
static void replace(struct vs_buf *to, struct vs_buf *made)
{
	struct vs_buf before = *to;

	if (made->len == 0)
		return;
	*to = *made;
	*made = before;
}

void vs_alert_text_apply(
	struct vs_alert_text *text, const struct vs_delivery *delivery, const struct vs_instance_conf *conf)
{
	const char *title = conf->templates.text[VS_TEMPLATE_TITLE];
	const char *body = vs_template_of(&conf->templates, text->alert.transition);
	struct vs_template_values values = {.text = {NULL}};
	struct pieces pieces = {.body = {0}};
	struct vs_buf new_title, new_body;

	if (title == NULL && body == NULL)
		return;
	vs_buf_init(&new_title);
	vs_buf_init(&new_body);
	find_values(text, delivery, conf->name, &pieces, &values);
	if (title != NULL)
		vs_template_fill(&new_title, title, &values);
	if (body != NULL) {
		vs_template_fill(&new_body, body, &values);
		if (!vs_template_has(body, VS_TEMPLATE_PLACE_notes))
			vs_alert_add_line(&new_body, vs_buf_text(&text->notes));
		text->alert.field_count = 0;
	}
	for (size_t i = 0; i < new_title.len; i++)
		if (new_title.ptr[i] == '\n')
			new_title.ptr[i] = ' ';
	replace(&text->message.title, &new_title);
	replace(&text->message.body, &new_body);
	text->alert.title = vs_buf_text(&text->message.title);
	text->alert.body = vs_buf_text(&text->message.body);
	vs_buf_fini(&new_title);
	vs_buf_fini(&new_body);
	vs_buf_fini(&pieces.body);
	vs_buf_fini(&pieces.fields);
	vs_buf_fini(&pieces.evidence);
	vs_buf_fini(&pieces.client);
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
	vs_buf_fini(&text->notes);
	vs_free(text->replaces_ref);
	vs_free(text);
}
