#include "server/alert.h"

#include "vpn_sentinel/notifier.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "model/tongue.h"
#include "model/words.h"
#include "server/delivery.h"
#include "server/zone.h"

_Static_assert(VS_SEVERITY_CRITICAL == VPNS_SEVERITY_CRITICAL, "the model's numbers are the ABI's");
_Static_assert(VS_CHANGE_RESOLVED == VPNS_TRANSITION_RESOLVED, "the model's numbers are the ABI's");

struct vs_alert_text {
	struct vpns_alert alert;
	struct vs_message message;
	struct vpns_alert_field fields[VS_MESSAGE_FIELDS_MAX];
	char *replaces_ref;
};

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
