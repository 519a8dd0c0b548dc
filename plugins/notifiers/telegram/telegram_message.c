#include "telegram_message.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHAT_ID_MAX = 40, TOKEN_MAX = 128 };

static json_t *chat_of(const char *chat_id)
{
	return chat_id[0] == '@' ? json_string(chat_id) : json_integer(strtoll(chat_id, NULL, 10));
}

/* Rows of buttons below the message. */
static int add_buttons(json_t *body, const struct telegram_message *message)
{
	json_t *rows = json_array();
	json_t *row = NULL;
	int rc = 0;
	uint32_t i;

	for (i = 0; i < message->button_count && i < TELEGRAM_BUTTONS_MAX; i++) {
		const struct telegram_button *button = &message->buttons[i];
		size_t len = strlen(button->data);

		if (len == 0 || len > TELEGRAM_DATA_MAX)
			continue;
		if (row == NULL || json_array_size(row) == TELEGRAM_ROW) {
			row = json_array();
			rc |= json_array_append_new(rows, row);
		}
		rc |= json_array_append_new(
			row, json_pack("{s:s, s:s}", "text", button->label, "callback_data", button->data));
	}
	if (json_array_size(rows) == 0) {
		json_decref(rows);
		return rc;
	}
	return rc | json_object_set_new(body, "reply_markup", json_pack("{s:o}", "inline_keyboard", rows));
}

/* What only a message that is new can have. */
static int add_new(json_t *body, const struct telegram_message *message)
{
	int rc = 0;

	if (message->thread_id > 0)
		rc |= json_object_set_new(body, "message_thread_id", json_integer(message->thread_id));
	if (message->silent)
		rc |= json_object_set_new(body, "disable_notification", json_true());
	if (message->reply_to > 0)
		rc |= json_object_set_new(body, "reply_parameters",
			json_pack("{s:I, s:b}", "message_id", (json_int_t)message->reply_to,
				"allow_sending_without_reply", 1));
	return rc;
}

char *telegram_message_build(const struct telegram_message *message)
{
	json_t *body = json_object();
	char *text = NULL;
	int rc;

	rc = json_object_set_new(body, "chat_id", chat_of(message->chat_id));
	if (message->message_id != 0)
		rc |= json_object_set_new(body, "message_id", json_integer(message->message_id));
	else
		rc |= add_new(body, message);
	rc |= json_object_set_new(body, "text", json_string(message->text));
	if (message->html)
		rc |= json_object_set_new(body, "parse_mode", json_string("HTML"));
	if (!message->html && message->entities != NULL)
		rc |= json_object_set_new(body, "entities", json_loads(message->entities, 0, NULL));
	rc |= json_object_set_new(body, "link_preview_options", json_pack("{s:b}", "is_disabled", 1));
	rc |= add_buttons(body, message);
	if (rc == 0)
		text = json_dumps(body, JSON_COMPACT);
	json_decref(body);
	return text;
}

int telegram_chat_id_ok(const char *chat_id)
{
	static const char digits[] = "0123456789";
	static const char word[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
	size_t len = strlen(chat_id);

	if (len > CHAT_ID_MAX)
		return 0;
	if (chat_id[0] == '@')
		return len > 1 && strspn(chat_id + 1, word) == len - 1;
	if (chat_id[0] == '-') {
		chat_id++;
		len--;
	}
	return len > 0 && len < 19 && strspn(chat_id, digits) == len;
}

int telegram_token_ok(const char *token)
{
	static const char known[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-:";
	size_t len = strlen(token);

	return len > 0 && len <= TOKEN_MAX && strspn(token, known) == len;
}

void telegram_ref_format(char *ref, uint64_t size, const char *chat_id, const struct telegram_ref *messages)
{
	if (messages->last == messages->first)
		snprintf(ref, size, "%s/%lld", chat_id, (long long)messages->first);
	else
		snprintf(ref, size, "%s/%lld-%lld", chat_id, (long long)messages->first,
			(long long)messages->last);
}

/* 0 when there is none; rest is what stands behind it. */
static int64_t read_id(const char *text, const char **rest)
{
	size_t digits = strspn(text, "0123456789");

	*rest = text + digits;
	return digits > 0 && digits < 19 ? strtoll(text, NULL, 10) : 0;
}

struct telegram_ref telegram_ref_read(const char *ref, const char *chat_id)
{
	static const struct telegram_ref none = {0, 0};
	size_t len = strlen(chat_id);
	struct telegram_ref messages;

	if (strncmp(ref, chat_id, len) != 0 || ref[len] != '/')
		return none;
	messages.first = read_id(ref + len + 1, &ref);
	messages.last = *ref == '-' ? read_id(ref + 1, &ref) : messages.first;
	return messages.first != 0 && messages.last != 0 && *ref == '\0' ? messages : none;
}
