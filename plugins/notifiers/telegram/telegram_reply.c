#include "telegram_reply.h"

#include <jansson.h>
#include <string.h>

enum { DAY_S = 86400 };

/* Copies as much as fits, cut at a whole character, control characters as blanks. */
static void take_description(char *out, size_t size, const char *text)
{
	size_t len = strlen(text);
	size_t i;

	if (len >= size) {
		len = size - 1;
		while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
			len--;
	}
	for (i = 0; i < len; i++)
		out[i] = (unsigned char)text[i] < 0x20 || text[i] == 0x7f ? ' ' : text[i];
	out[len] = '\0';
}

static void take_parameters(struct telegram_reply *reply, const json_t *parameters)
{
	double seconds = json_number_value(json_object_get(parameters, "retry_after"));

	if (seconds > 0)
		reply->retry_after_s = seconds < DAY_S ? (uint64_t)(seconds + 0.999) : DAY_S;
	reply->migrate_to = json_integer_value(json_object_get(parameters, "migrate_to_chat_id"));
}

int telegram_reply_parse(struct telegram_reply *reply, const char *body, size_t len)
{
	json_t *object = json_loadb(body, len, 0, NULL);
	const json_t *ok = json_object_get(object, "ok");
	const char *description = json_string_value(json_object_get(object, "description"));
	int rc = -1;

	memset(reply, 0, sizeof(*reply));
	if (json_is_boolean(ok)) {
		rc = 0;
		reply->ok = json_is_true(ok);
		reply->message_id =
			json_integer_value(json_object_get(json_object_get(object, "result"), "message_id"));
		if (description != NULL)
			take_description(reply->description, sizeof(reply->description), description);
		take_parameters(reply, json_object_get(object, "parameters"));
	}
	json_decref(object);
	return rc;
}
