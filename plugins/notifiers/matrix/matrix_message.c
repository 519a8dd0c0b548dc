#include "matrix_message.h"

#include "post_text.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* Line ends as HTML; other control characters have no meaning there. */
static size_t line_ends(char piece[POST_PIECE_SIZE], const char *text, size_t len)
{
	if (len != 1 || (unsigned char)*text >= 0x20 || *text == '\t')
		return 0;
	if (*text != '\n') {
		piece[0] = ' ';
		return 1;
	}
	memcpy(piece, "<br>", 4);
	return 4;
}

static json_t *text_of(const char *text, post_escape *escape)
{
	char *clean = post_text(text, strlen(text), escape, POST_BYTES, 0);
	json_t *json = clean != NULL ? json_string(clean) : NULL;

	free(clean);
	return json;
}

/* m.mentions is there and empty: nobody is called by what a text happens to hold. */
static json_t *content_of(const struct matrix_message *message)
{
	return json_pack("{s:s, s:o, s:s, s:o, s:{}}", "msgtype", message->notice ? "m.notice" : "m.text",
		"body", text_of(message->plain, NULL), "format", "org.matrix.custom.html", "formatted_body",
		text_of(message->html, line_ends), "m.mentions");
}

static json_t *relation_of(const struct matrix_message *message)
{
	if (message->replaces != NULL)
		return json_pack("{s:s, s:s}", "rel_type", "m.replace", "event_id", message->replaces);
	return json_pack("{s:s, s:s, s:b, s:{s:s}}", "rel_type", "m.thread", "event_id", message->thread,
		"is_falling_back", 1, "m.in_reply_to", "event_id", message->thread);
}

char *matrix_message_build(const struct matrix_message *message)
{
	json_t *content = content_of(message);
	char *text = NULL;
	int rc = content != NULL ? 0 : -1;

	if (message->replaces != NULL) {
		/* What clients show that know no edits says the same. */
		json_t *whole =
			json_pack("{s:s, s:o, s:{}}", "msgtype", message->notice ? "m.notice" : "m.text",
				"body", text_of(message->plain, NULL), "m.mentions");

		rc |= json_object_set_new(whole, "m.new_content", content);
		content = whole;
	}
	if (message->replaces != NULL || message->thread != NULL)
		rc |= json_object_set_new(content, "m.relates_to", relation_of(message));
	if (rc == 0)
		text = json_dumps(content, JSON_COMPACT);
	json_decref(content);
	return text;
}

static int id_ok(const char *id, char sigil)
{
	size_t len = strlen(id);
	size_t i;

	if (len < 2 || len > MATRIX_ID_MAX || id[0] != sigil)
		return 0;
	for (i = 0; i < len; i++) {
		if (id[i] <= 0x20 || id[i] > 0x7e)
			return 0;
	}
	return 1;
}

int matrix_room_ok(const char *room)
{
	return id_ok(room, '!');
}

int matrix_event_ok(const char *event)
{
	return id_ok(event, '$');
}
