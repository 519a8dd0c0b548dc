#include "ntfy_message.h"

#include "post_text.h"

#include <jansson.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char word[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static json_t *text_of(const char *text, size_t len, enum post_unit unit, size_t max)
{
	char *cut = post_text(text, len, NULL, unit, max);
	json_t *json = cut != NULL ? json_string(cut) : NULL;

	free(cut);
	return json;
}

static json_t *tags_of(const struct vpns_list *tags)
{
	json_t *list = json_array();
	uint32_t i;

	for (i = 0; i < tags->count; i++) {
		if (json_array_append_new(list, json_string(tags->items[i])) < 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

/* The phone itself says so, and takes the message away once that was heard. */
static json_t *actions_of(const struct ntfy_message *message)
{
	json_t *headers = json_pack("{s:s, s:s}", "Authorization", message->ack_authorization, "Content-Type",
		"application/json");

	return json_pack("[{s:s, s:o, s:s, s:s, s:o, s:s, s:b}]", "action", "http", "label",
		text_of(message->ack_label, strlen(message->ack_label), POST_CHARS, NTFY_LABEL_MAX), "url",
		message->ack_url, "method", "POST", "headers", headers, "body", "{}", "clear", 1);
}

static char *build(const struct ntfy_message *message, size_t max)
{
	struct post_parts parts = post_split(message->text);
	json_t *body = json_object();
	char *text = NULL;
	int rc;

	/* Without a message a server would say "triggered". */
	if (parts.rest_len == 0) {
		parts.rest = parts.title;
		parts.rest_len = parts.title_len;
		parts.title_len = 0;
	}
	rc = json_object_set_new(body, "topic", json_string(message->topic));
	if (parts.title_len > 0)
		rc |= json_object_set_new(
			body, "title", text_of(parts.title, parts.title_len, POST_CHARS, NTFY_TITLE_MAX));
	rc |= json_object_set_new(body, "message", text_of(parts.rest, parts.rest_len, POST_BYTES, max));
	rc |= json_object_set_new(body, "priority", json_integer(message->priority));
	if (message->tags->count > 0)
		rc |= json_object_set_new(body, "tags", tags_of(message->tags));
	if (message->click != NULL)
		rc |= json_object_set_new(body, "click", json_string(message->click));
	if (message->ack_label != NULL)
		rc |= json_object_set_new(body, "actions", actions_of(message));
	if (message->sequence_id != NULL)
		rc |= json_object_set_new(body, "sequence_id", json_string(message->sequence_id));
	if (rc == 0)
		text = json_dumps(body, JSON_COMPACT);
	json_decref(body);
	return text;
}

char *ntfy_message_build(const struct ntfy_message *message)
{
	size_t max = NTFY_MESSAGE_MAX;
	char *text = build(message, max);

	/* Quotes, line ends and control characters are longer in JSON. */
	while (text != NULL && strlen(text) > NTFY_BODY_MAX && max > 100) {
		free(text);
		max = max * 3 / 4;
		text = build(message, max);
	}
	return text;
}

int ntfy_topic_ok(const char *topic)
{
	return ntfy_id_ok(topic);
}

int ntfy_id_ok(const char *id)
{
	size_t len = strlen(id);

	return len > 0 && len <= NTFY_ID_MAX && strspn(id, word) == len;
}

char *ntfy_authorization(const char *token, const char *user, const char *password)
{
	size_t size = token != NULL ? strlen(token) + sizeof("Bearer ")
				    : (strlen(user) + strlen(password) + 4) * 4 / 3 + sizeof("Basic ") + 4;
	char *value = malloc(size);
	char *pair = malloc(size);

	if (value != NULL && pair != NULL && token != NULL) {
		snprintf(value, size, "Bearer %s", token);
	} else if (value != NULL && pair != NULL) {
		snprintf(pair, size, "%s:%s", user, password);
		memcpy(value, "Basic ", sizeof("Basic "));
		EVP_EncodeBlock((unsigned char *)value + sizeof("Basic ") - 1, (const unsigned char *)pair,
			(int)strlen(pair));
	}
	if (pair == NULL) {
		free(value);
		value = NULL;
	}
	free(pair);
	return value;
}
