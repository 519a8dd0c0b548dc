#include "gotify_reply.h"

#include "post_text.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* "Unauthorized: you need to provide a valid access token" */
static void take_words(struct gotify_reply *reply, const char *error, const char *description)
{
	char both[512];

	snprintf(both, sizeof(both), "%.200s%s%.300s", error, description != NULL ? ": " : "",
		description != NULL ? description : "");
	post_words(reply->words, sizeof(reply->words), both, strlen(both));
}

int gotify_reply_parse(struct gotify_reply *reply, const char *body, size_t len)
{
	json_t *object = json_loadb(body, len, 0, NULL);
	const char *error = json_string_value(json_object_get(object, "error"));
	const json_t *code = json_object_get(object, "errorCode");
	json_int_t id = json_integer_value(json_object_get(object, "id"));
	int rc = -1;

	memset(reply, 0, sizeof(*reply));
	if (error != NULL && json_is_integer(code)) {
		rc = 0;
		take_words(reply, error, json_string_value(json_object_get(object, "errorDescription")));
	} else if (id > 0 && json_is_integer(json_object_get(object, "appid"))) {
		rc = 0;
		reply->id = id;
	}
	json_decref(object);
	return rc;
}
