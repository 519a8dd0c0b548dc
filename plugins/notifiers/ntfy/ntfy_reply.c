#include "ntfy_reply.h"

#include "ntfy_message.h"
#include "post_text.h"

#include <jansson.h>
#include <string.h>

/* The messages of a day are used up: asking each minute would not bring the next day nearer. */
enum { DAILY_LIMIT = 42908, DAILY_WAIT_MS = 15 * 60 * 1000 };

int ntfy_reply_parse(struct ntfy_reply *reply, const char *body, size_t len)
{
	json_t *object = json_loadb(body, len, 0, NULL);
	const char *id = json_string_value(json_object_get(object, "id"));
	const char *event = json_string_value(json_object_get(object, "event"));
	const char *error = json_string_value(json_object_get(object, "error"));
	const json_t *code = json_object_get(object, "code");
	int rc = -1;

	memset(reply, 0, sizeof(*reply));
	if (error != NULL && json_is_integer(code)) {
		rc = 0;
		post_words(reply->words, sizeof(reply->words), error, strlen(error));
		reply->wait_ms = json_integer_value(code) == DAILY_LIMIT ? DAILY_WAIT_MS : 0;
	} else if (id != NULL && ntfy_id_ok(id) && event != NULL && strcmp(event, "message") == 0) {
		rc = 0;
		memcpy(reply->id, id, strlen(id) + 1);
	}
	json_decref(object);
	return rc;
}
