#include "matrix_reply.h"

#include "matrix_message.h"
#include "post_answer.h"
#include "post_text.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* "M_FORBIDDEN: you are not in this room" */
static void take_words(struct matrix_reply *reply, const char *code, const char *error)
{
	char both[512];

	snprintf(both, sizeof(both), "%.100s%s%.400s", code, error != NULL ? ": " : "",
		error != NULL ? error : "");
	post_words(reply->words, sizeof(reply->words), both, strlen(both));
}

/* Whether there is such a member, printable and short enough; to gets it. */
static int take_text(char *to, size_t size, const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	if (text == NULL || strlen(text) >= size || !post_header_ok(text))
		return 0;
	memcpy(to, text, strlen(text) + 1);
	return 1;
}

int matrix_reply_parse(struct matrix_reply *reply, const char *body, size_t len)
{
	json_t *object = json_loadb(body, len, 0, NULL);
	const char *code = json_string_value(json_object_get(object, "errcode"));
	const char *event = json_string_value(json_object_get(object, "event_id"));
	const json_t *wait = json_object_get(object, "retry_after_ms");
	int rc = -1;

	memset(reply, 0, sizeof(*reply));
	if (code != NULL) {
		rc = 0;
		take_words(reply, code, json_string_value(json_object_get(object, "error")));
		reply->wait_ms = post_wait_ms(json_number_value(wait) / 1000);
	} else if (event != NULL && matrix_event_ok(event)) {
		rc = 0;
		memcpy(reply->event, event, strlen(event) + 1);
	} else if (take_text(reply->user, sizeof(reply->user), object, "user_id") ||
		   take_text(reply->membership, sizeof(reply->membership), object, "membership")) {
		rc = 0;
	}
	json_decref(object);
	return rc;
}
