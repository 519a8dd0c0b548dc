#include "telegram_message.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { CHAT_ID_MAX = 40, TOKEN_MAX = 128 };

static json_t *chat_of(const char *chat_id)
{
	return chat_id[0] == '@' ? json_string(chat_id) : json_integer(strtoll(chat_id, NULL, 10));
}

char *telegram_message_build(const struct telegram_message *message)
{
	json_t *body = json_object();
	char *text = NULL;
	int rc;

	rc = json_object_set_new(body, "chat_id", chat_of(message->chat_id));
	if (message->thread_id > 0)
		rc |= json_object_set_new(body, "message_thread_id", json_integer(message->thread_id));
	rc |= json_object_set_new(body, "text", json_string(message->text));
	if (message->html)
		rc |= json_object_set_new(body, "parse_mode", json_string("HTML"));
	rc |= json_object_set_new(body, "link_preview_options", json_pack("{s:b}", "is_disabled", 1));
	if (message->silent)
		rc |= json_object_set_new(body, "disable_notification", json_true());
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
