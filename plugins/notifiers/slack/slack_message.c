#include "slack_message.h"

#include "post_text.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The three characters that Slack reads in any text. */
static size_t escape(char piece[POST_PIECE_SIZE], const char *text, size_t len)
{
	const char *entity = len != 1       ? NULL
			     : *text == '&' ? "&amp;"
			     : *text == '<' ? "&lt;"
			     : *text == '>' ? "&gt;"
					    : NULL;

	if (entity == NULL)
		return 0;
	memcpy(piece, entity, strlen(entity));
	return strlen(entity);
}

/* mention stands before it as it is. */
static json_t *text_of(const char *mention, const char *text, size_t len, size_t max)
{
	char *escaped = post_text(text, len, escape, POST_UTF16, max);
	size_t size = escaped != NULL ? strlen(mention) + strlen(escaped) + 1 : 0;
	char *whole = size > 0 ? malloc(size) : NULL;
	json_t *json = NULL;

	if (whole != NULL) {
		snprintf(whole, size, "%s%s", mention, escaped);
		json = json_string(whole);
	}
	free(whole);
	free(escaped);
	return json;
}

/* In a block of plain text * _ ~ ` and :names: are what they are. */
static json_t *text_block(const struct post_parts *parts)
{
	json_t *text = json_pack("{s:s, s:o, s:b}", "type", "plain_text", "text",
		text_of("", parts->rest, parts->rest_len, SLACK_TEXT_MAX), "emoji", 0);

	return json_pack("{s:s, s:o}", "type", "section", "text", text);
}

static json_t *link_block(const char *link)
{
	char *escaped = post_text(link, strlen(link), escape, POST_BYTES, 0);
	json_t *text = escaped != NULL ? json_sprintf("<%s>", escaped) : NULL;

	free(escaped);
	return json_pack(
		"{s:s, s:[{s:s, s:o}]}", "type", "context", "elements", "type", "mrkdwn", "text", text);
}

static json_t *attachments_of(const struct slack_message *message, const struct post_parts *parts)
{
	json_t *blocks = json_array();
	int rc = 0;

	if (parts->rest_len > 0)
		rc |= json_array_append_new(blocks, text_block(parts));
	if (message->link != NULL)
		rc |= json_array_append_new(blocks, link_block(message->link));
	if (rc == 0)
		return json_pack("[{s:s, s:o}]", "color", message->color, "blocks", blocks);
	json_decref(blocks);
	return NULL;
}

int slack_link_ok(const char *link)
{
	return strlen(link) <= SLACK_LINK_MAX && strpbrk(link, "<>|") == NULL && post_header_ok(link);
}

char *slack_message_build(const struct slack_message *message)
{
	static const char *const mentions[] = {"", "<!here> ", "<!channel> "};
	struct post_parts parts = post_split(message->text);
	const char *mention = mentions[message->mention <= SLACK_MENTION_CHANNEL ? message->mention : 0];
	json_t *body = json_object();
	char *text = NULL;
	int rc;

	/* A message without a text is refused. */
	if (parts.title_len == 0) {
		parts.title = "-";
		parts.title_len = 1;
	}
	rc = json_object_set_new(
		body, "text", text_of(mention, parts.title, parts.title_len, SLACK_TITLE_MAX));
	rc |= json_object_set_new(body, "mrkdwn", json_false());
	rc |= json_object_set_new(body, "link_names", json_false());
	rc |= json_object_set_new(body, "unfurl_links", json_false());
	rc |= json_object_set_new(body, "unfurl_media", json_false());
	if (parts.rest_len > 0 || message->link != NULL)
		rc |= json_object_set_new(body, "attachments", attachments_of(message, &parts));
	if (rc == 0)
		text = json_dumps(body, JSON_COMPACT);
	json_decref(body);
	return text;
}
