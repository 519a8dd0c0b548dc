#include "telegram_ask.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { HINT_CHARACTERS = 100 }; /* Telegram takes 200 units; a character is two at most */

static char *dump(json_t *body)
{
	char *text = body != NULL ? json_dumps(body, JSON_COMPACT) : NULL;

	json_decref(body);
	return text;
}

char *telegram_ask_updates(int64_t offset, uint32_t timeout_s, uint32_t limit)
{
	json_t *body = json_pack("{s:i, s:i, s:[s,s]}", "limit", (int)limit, "timeout", (int)timeout_s,
		"allowed_updates", "message", "callback_query");

	if (body != NULL && offset != 0)
		json_object_set_new(body, "offset", json_integer(offset));
	return dump(body);
}

static int add_scope(json_t *body, const struct telegram_scope *scope)
{
	json_int_t chat = strtoll(scope->chat, NULL, 10);
	json_t *json;

	if (scope->chat[0] == '\0')
		return 0;
	if (scope->user[0] == '\0')
		json = json_pack("{s:s, s:I}", "type", "chat", "chat_id", chat);
	else
		json = json_pack("{s:s, s:I, s:I}", "type", "chat_member", "chat_id", chat, "user_id",
			(json_int_t)strtoll(scope->user, NULL, 10));
	return json_object_set_new(body, "scope", json);
}

char *telegram_ask_commands(const struct telegram_word *words, uint32_t count,
	const struct telegram_scope *scope, const char *language)
{
	json_t *list = json_array();
	json_t *body;
	uint32_t i;

	for (i = 0; i < count; i++)
		json_array_append_new(list,
			json_pack("{s:s, s:s}", "command", words[i].name, "description", words[i].help));
	body = json_pack("{s:o}", "commands", list);
	if (body != NULL)
		add_scope(body, scope);
	if (body != NULL && language[0] != '\0')
		json_object_set_new(body, "language_code", json_string(language));
	return dump(body);
}

/* So many bytes of text show at most that many characters. */
static size_t length_shown(const char *text, size_t characters)
{
	size_t len = 0;

	while (text[len] != '\0' && characters > 0) {
		len++;
		while (((unsigned char)text[len] & 0xc0) == 0x80)
			len++;
		characters--;
	}
	return len;
}

char *telegram_ask_callback(const char *query, const char *text)
{
	json_t *body = json_pack("{s:s}", "callback_query_id", query);

	if (body != NULL && text[0] != '\0')
		json_object_set_new(body, "text", json_stringn(text, length_shown(text, HINT_CHARACTERS)));
	return dump(body);
}

char *telegram_ask_unbutton(const char *chat, int64_t message_id)
{
	return dump(json_pack("{s:I, s:I}", "chat_id", (json_int_t)strtoll(chat, NULL, 10), "message_id",
		(json_int_t)message_id));
}

char *telegram_escape(const char *text)
{
	char *html = malloc(strlen(text) * 5 + 1);
	char *out = html;

	if (html == NULL)
		return NULL;
	for (; *text != '\0'; text++) {
		const char *entity = *text == '&'   ? "&amp;"
				     : *text == '<' ? "&lt;"
				     : *text == '>' ? "&gt;"
						    : NULL;

		if (entity == NULL) {
			*out++ = *text;
		} else {
			memcpy(out, entity, strlen(entity));
			out += strlen(entity);
		}
	}
	*out = '\0';
	return html;
}
