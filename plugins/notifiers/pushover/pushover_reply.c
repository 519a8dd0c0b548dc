#include "pushover_reply.h"

#include "pushover_message.h"
#include "post_text.h"

#include <jansson.h>
#include <string.h>

/* "user identifier is invalid; message cannot be blank" */
static void take_words(struct pushover_reply *reply, const json_t *errors)
{
	char all[512] = "";
	const char *text;
	json_t *error;
	size_t len = 0;
	size_t i;

	json_array_foreach((json_t *)(uintptr_t)errors, i, error)
	{
		text = json_string_value(error);
		if (text == NULL || len + strlen(text) + 3 > sizeof(all))
			continue;
		if (len > 0) {
			memcpy(all + len, "; ", 2);
			len += 2;
		}
		memcpy(all + len, text, strlen(text) + 1);
		len += strlen(text);
	}
	post_words(reply->words, sizeof(reply->words), all, len);
}

int pushover_reply_parse(struct pushover_reply *reply, const char *body, size_t len)
{
	json_t *object = json_loadb(body, len, 0, NULL);
	const json_t *status = json_object_get(object, "status");
	const char *receipt = json_string_value(json_object_get(object, "receipt"));
	int rc = -1;

	memset(reply, 0, sizeof(*reply));
	if (json_is_integer(status) && json_is_string(json_object_get(object, "request"))) {
		rc = 0;
		reply->ok = json_integer_value(status) == 1;
		if (receipt != NULL && pushover_key_ok(receipt))
			memcpy(reply->receipt, receipt, strlen(receipt) + 1);
		take_words(reply, json_object_get(object, "errors"));
	}
	json_decref(object);
	return rc;
}

int pushover_receipt_parse(struct pushover_receipt *receipt, const char *body, size_t len)
{
	json_t *object = json_loadb(body, len, 0, NULL);
	const char *device = json_string_value(json_object_get(object, "acknowledged_by_device"));
	int rc = -1;

	memset(receipt, 0, sizeof(*receipt));
	if (json_is_integer(json_object_get(object, "status")) &&
		json_is_string(json_object_get(object, "request"))) {
		rc = 0;
		receipt->acknowledged = json_integer_value(json_object_get(object, "acknowledged")) == 1;
		receipt->expired = json_integer_value(json_object_get(object, "expired")) == 1;
		if (device != NULL)
			post_words(receipt->device, sizeof(receipt->device), device, strlen(device));
	}
	json_decref(object);
	return rc;
}
