#include "gotify_message.h"

#include "post_text.h"

#include <jansson.h>
#include <stdlib.h>

static json_t *text_of(const char *text, size_t len, size_t max)
{
	char *cut = post_text(text, len, NULL, POST_CHARS, max);
	json_t *json = cut != NULL ? json_string(cut) : NULL;

	free(cut);
	return json;
}

/* Said to be plain, so that no client takes it for Markdown. */
static json_t *extras_of(const struct gotify_message *message)
{
	json_t *extras = json_pack("{s:{s:s}}", "client::display", "contentType", "text/plain");

	if (message->click != NULL)
		json_object_set_new(extras, "client::notification",
			json_pack("{s:{s:s}}", "click", "url", message->click));
	return extras;
}

char *gotify_message_build(const struct gotify_message *message)
{
	struct post_parts parts = post_split(message->text);
	json_t *body = json_object();
	char *text = NULL;
	int rc = 0;

	/* A message without a text is refused; one without a title has the application's name. */
	if (parts.rest_len == 0) {
		parts.rest = parts.title_len > 0 ? parts.title : "-";
		parts.rest_len = parts.title_len > 0 ? parts.title_len : 1;
		parts.title_len = 0;
	}
	if (parts.title_len > 0)
		rc = json_object_set_new(
			body, "title", text_of(parts.title, parts.title_len, GOTIFY_TITLE_MAX));
	rc |= json_object_set_new(body, "message", text_of(parts.rest, parts.rest_len, GOTIFY_TEXT_MAX));
	rc |= json_object_set_new(body, "priority", json_integer(message->priority));
	rc |= json_object_set_new(body, "extras", extras_of(message));
	if (rc == 0)
		text = json_dumps(body, JSON_COMPACT);
	json_decref(body);
	return text;
}
