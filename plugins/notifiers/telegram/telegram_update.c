#include "telegram_update.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* Cut at a whole character; control characters become blanks. */
static void take_name(char out[TELEGRAM_NAME_SIZE], const char *text)
{
	size_t len = strlen(text);
	size_t i;

	if (len >= TELEGRAM_NAME_SIZE) {
		len = TELEGRAM_NAME_SIZE - 1;
		while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
			len--;
	}
	for (i = 0; i < len; i++)
		out[i] = (unsigned char)text[i] < 0x20 || text[i] == 0x7f ? ' ' : text[i];
	out[len] = '\0';
}

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL ? text : "";
}

static int64_t number_of(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

static void take_user(struct telegram_update *update, const json_t *from)
{
	const char *name = text_of(from, "username");

	update->user = number_of(from, "id");
	take_name(update->name, name[0] != '\0' ? name : text_of(from, "first_name"));
	take_name(update->language, text_of(from, "language_code"));
}

/* Who writes in the name of a group or a channel, or is a program, is no one person. */
static void take_anonymity(struct telegram_update *update, const json_t *message, const json_t *from)
{
	update->is_anonymous = json_is_object(json_object_get(message, "sender_chat")) ||
			       json_is_true(json_object_get(from, "is_bot"));
}

/* What people see of the message with the button. */
static void take_shown(struct telegram_update *update, const json_t *message)
{
	const char *text = json_string_value(json_object_get(message, "text"));
	json_t *entities = json_object_get(message, "entities");

	if (text == NULL || strlen(text) > TELEGRAM_SHOWN_MAX)
		return;
	if (json_array_size(entities) > TELEGRAM_ENTITIES_MAX)
		return;
	update->shown = strdup(text);
	if (json_array_size(entities) > 0)
		update->entities = json_dumps(entities, JSON_COMPACT);
}

static void take_place(struct telegram_update *update, const json_t *message)
{
	const json_t *chat = json_object_get(message, "chat");

	update->chat = number_of(chat, "id");
	update->is_private = strcmp(text_of(chat, "type"), "private") == 0;
	update->message_id = number_of(message, "message_id");
	if (json_is_true(json_object_get(message, "is_topic_message")))
		update->thread_id = number_of(message, "message_thread_id");
}

static void take_text(struct telegram_update *update, const char *text)
{
	size_t len = strlen(text);

	if (len < sizeof(update->text))
		memcpy(update->text, text, len + 1);
}

static void take_update(struct telegram_update *update, const json_t *json)
{
	const json_t *message = json_object_get(json, "message");
	const json_t *query = json_object_get(json, "callback_query");
	const char *id = text_of(query, "id");

	if (json_is_object(message)) {
		take_place(update, message);
		take_user(update, json_object_get(message, "from"));
		take_anonymity(update, message, json_object_get(message, "from"));
		take_text(update, text_of(message, "text"));
	} else if (id[0] != '\0' && strlen(id) < sizeof(update->query)) {
		take_place(update, json_object_get(query, "message"));
		take_user(update, json_object_get(query, "from"));
		take_anonymity(update, NULL, json_object_get(query, "from"));
		take_shown(update, json_object_get(query, "message"));
		take_text(update, text_of(query, "data"));
		take_name(update->query, id);
	}
}

static json_t *result_of(json_t *object)
{
	return json_is_true(json_object_get(object, "ok")) ? json_object_get(object, "result") : NULL;
}

int telegram_updates_parse(struct telegram_updates *updates, const char *body, size_t len)
{
	json_t *object = json_loadb(body, len, 0, NULL);
	json_t *result = result_of(object);
	int rc = json_is_array(result) ? 0 : -1;
	size_t i;

	memset(updates, 0, sizeof(*updates));
	for (i = 0; i < json_array_size(result) && updates->count < TELEGRAM_UPDATES_MAX; i++) {
		const json_t *json = json_array_get(result, i);
		struct telegram_update *update = &updates->items[updates->count];

		update->id = number_of(json, "update_id");
		if (update->id <= 0)
			continue;
		take_update(update, json);
		updates->count++;
		if (update->id > updates->last)
			updates->last = update->id;
	}
	json_decref(object);
	return rc;
}

void telegram_updates_fini(struct telegram_updates *updates)
{
	uint32_t i;

	for (i = 0; i < updates->count; i++) {
		free(updates->items[i].shown);
		free(updates->items[i].entities);
		updates->items[i].shown = NULL;
		updates->items[i].entities = NULL;
	}
}

int telegram_me_parse(char name[TELEGRAM_NAME_SIZE], const char *body, size_t len)
{
	json_t *object = json_loadb(body, len, 0, NULL);
	const char *text = text_of(result_of(object), "username");
	int rc = text[0] != '\0' ? 0 : -1;

	take_name(name, text);
	json_decref(object);
	return rc;
}
