#include "telegram_ask.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

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

char *telegram_ask_commands(const struct telegram_word *words, uint32_t count, const char *language)
{
	json_t *list = json_array();
	json_t *body;
	uint32_t i;

	for (i = 0; i < count; i++)
		json_array_append_new(list,
			json_pack("{s:s, s:s}", "command", words[i].name, "description", words[i].help));
	body = json_pack("{s:o}", "commands", list);
	if (body != NULL && language[0] != '\0')
		json_object_set_new(body, "language_code", json_string(language));
	return dump(body);
}

char *telegram_ask_callback(const char *query)
{
	return dump(json_pack("{s:s}", "callback_query_id", query));
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
