#include "discord_reply.h"

#include "discord_message.h"
#include "post_answer.h"
#include "post_text.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

int discord_reply_parse(struct discord_reply *reply, const char *body, size_t len)
{
	json_t *object = json_loadb(body, len, 0, NULL);
	const char *id = json_string_value(json_object_get(object, "id"));
	const char *words = json_string_value(json_object_get(object, "message"));
	const json_t *code = json_object_get(object, "code");
	const json_t *wait = json_object_get(object, "retry_after");
	int rc = -1;

	memset(reply, 0, sizeof(*reply));
	if (words != NULL && (json_is_integer(code) || json_is_number(wait))) {
		rc = 0;
		post_words(reply->words, sizeof(reply->words), words, strlen(words));
		reply->code = json_integer_value(code);
		reply->wait_ms = post_wait_ms(json_number_value(wait));
		reply->global = json_is_true(json_object_get(object, "global"));
	} else if (id != NULL && discord_id_ok(id)) {
		rc = 0;
		memcpy(reply->id, id, strlen(id) + 1);
	}
	json_decref(object);
	return rc;
}

uint64_t discord_rest_ms(const char *remaining, const char *reset_after)
{
	if (remaining == NULL || reset_after == NULL || strcmp(remaining, "0") != 0)
		return 0;
	return post_wait_ms(strtod(reset_after, NULL));
}
