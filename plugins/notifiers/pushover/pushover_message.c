#include "pushover_message.h"

#include "post_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/* A form that grows; text is NULL once memory was short. */
struct form {
	char *text;
	size_t len;
};

/* value is written as it is: the caller has made it fit for a form. */
static void add_raw(struct form *form, const char *name, const char *value)
{
	size_t more = strlen(name) + strlen(value) + 2;
	char *text = form->text != NULL ? realloc(form->text, form->len + more + 1) : NULL;

	if (text == NULL) {
		free(form->text);
		form->text = NULL;
		return;
	}
	form->text = text;
	snprintf(text + form->len, more + 1, "%s%s=%s", form->len > 0 ? "&" : "", name, value);
	form->len += strlen(text + form->len);
}

static void add(struct form *form, const char *name, const char *value)
{
	char *percent = value != NULL ? post_percent(value) : NULL;

	if (value == NULL)
		return;
	if (percent == NULL) {
		free(form->text);
		form->text = NULL;
		return;
	}
	add_raw(form, name, percent);
	free(percent);
}

static void add_text(struct form *form, const char *name, const char *text, size_t len, size_t max)
{
	char *cut = post_text(text, len, NULL, POST_CHARS, max);

	add(form, name, cut != NULL ? cut : "");
	free(cut);
}

static void add_number(struct form *form, const char *name, int64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)value);
	add_raw(form, name, text);
}

static void add_priority(struct form *form, const struct pushover_message *message)
{
	add_number(form, "priority", message->priority);
	if (message->priority == PUSHOVER_EMERGENCY) {
		add_number(form, "retry", message->retry_s);
		add_number(form, "expire", message->expire_s);
		add(form, "tags", message->tag);
	} else if (message->ttl_s > 0) {
		add_number(form, "ttl", message->ttl_s);
	}
}

char *pushover_message_build(const struct pushover_message *message)
{
	struct post_parts parts = post_split(message->text);
	struct form form = {calloc(1, 1), 0};

	/* A message without a text is refused. */
	if (parts.rest_len == 0) {
		parts.rest = parts.title_len > 0 ? parts.title : "-";
		parts.rest_len = parts.title_len > 0 ? parts.title_len : 1;
		parts.title_len = 0;
	}
	add(&form, "token", message->token);
	add(&form, "user", message->user);
	if (parts.title_len > 0)
		add_text(&form, "title", parts.title, parts.title_len, PUSHOVER_TITLE_MAX);
	add_text(&form, "message", parts.rest, parts.rest_len, PUSHOVER_TEXT_MAX);
	add_priority(&form, message);
	if (message->at_s > 0)
		add_number(&form, "timestamp", message->at_s);
	add(&form, "device", message->device);
	add(&form, "sound", message->sound);
	add(&form, "url", message->url);
	return form.text;
}

int pushover_key_ok(const char *key)
{
	return strlen(key) == PUSHOVER_KEY_SIZE && strspn(key, letters) == PUSHOVER_KEY_SIZE;
}

int pushover_name_ok(const char *name)
{
	size_t len = strlen(name);
	size_t i;

	if (len == 0 || len > 250)
		return 0;
	for (i = 0; i < len; i++) {
		if (strchr(letters, name[i]) == NULL && strchr("_-,", name[i]) == NULL)
			return 0;
	}
	return 1;
}
