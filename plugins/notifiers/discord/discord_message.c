#include "discord_message.h"

#include "post_text.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { ID_MAX = 20, FLAG_SILENT = 1 << 12 };

/* A backslash before whatever could begin markup, a mention or a link. */
static size_t escape(char piece[POST_PIECE_SIZE], const char *text, size_t len)
{
	if (len != 1 || strchr("\\*_~`|>#-+[]()<@", *text) == NULL)
		return 0;
	piece[0] = '\\';
	piece[1] = *text;
	return 2;
}

static json_t *text_of(const char *text, size_t len, size_t max)
{
	char *escaped = post_text(text, len, escape, POST_UTF16, max);
	json_t *json = escaped != NULL ? json_string(escaped) : NULL;

	free(escaped);
	return json;
}

static json_t *embeds_of(const struct discord_message *message)
{
	struct post_parts parts = post_split(message->text);
	json_t *embed = json_object();
	int rc = json_object_set_new(embed, "color", json_integer(message->color));

	rc |= json_object_set_new(embed, "title", text_of(parts.title, parts.title_len, DISCORD_TITLE_MAX));
	if (message->link != NULL)
		rc |= json_object_set_new(embed, "url", json_string(message->link));
	if (parts.rest_len > 0)
		rc |= json_object_set_new(
			embed, "description", text_of(parts.rest, parts.rest_len, DISCORD_TEXT_MAX));
	if (rc == 0)
		return json_pack("[o]", embed);
	json_decref(embed);
	return NULL;
}

/* Nobody is called but the role that the options name. */
static json_t *mentions_of(const struct discord_message *message)
{
	return message->role != NULL ? json_pack("{s:[], s:[s]}", "parse", "roles", message->role)
				     : json_pack("{s:[]}", "parse");
}

char *discord_message_build(const struct discord_message *message)
{
	json_t *body = json_object();
	char *text = NULL;
	char call[ID_MAX + 8];
	int rc;

	rc = json_object_set_new(body, "embeds", embeds_of(message));
	rc |= json_object_set_new(body, "allowed_mentions", mentions_of(message));
	if (message->role != NULL) {
		snprintf(call, sizeof(call), "<@&%s>", message->role);
		rc |= json_object_set_new(body, "content", json_string(call));
	}
	if (!message->edit && message->username != NULL)
		rc |= json_object_set_new(body, "username", json_string(message->username));
	if (!message->edit && message->avatar_url != NULL)
		rc |= json_object_set_new(body, "avatar_url", json_string(message->avatar_url));
	if (!message->edit && message->silent)
		rc |= json_object_set_new(body, "flags", json_integer(FLAG_SILENT));
	if (rc == 0)
		text = json_dumps(body, JSON_COMPACT);
	json_decref(body);
	return text;
}

int discord_id_ok(const char *id)
{
	size_t len = strlen(id);

	return len > 0 && len <= ID_MAX && strspn(id, "0123456789") == len;
}

int discord_username_ok(const char *name)
{
	return name[0] != '\0' && strlen(name) <= DISCORD_NAME_MAX && strcasestr(name, "discord") == NULL &&
	       strcasestr(name, "clyde") == NULL;
}
