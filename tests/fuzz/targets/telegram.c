/*
 * What the Bot API answers; and whatever people are told, the request with it is JSON that says just that, in
 * parts that fit.
 */
#include "fuzz.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "notifiers/telegram/telegram_message.h"
#include "notifiers/telegram/telegram_reply.h"
#include "notifiers/telegram/telegram_split.h"

#define DAY_S 86400

void fuzz_begin(void)
{
}

static void check_reply(struct vs_view input)
{
	struct telegram_reply reply;

	memset(&reply, 0xee, sizeof(reply));
	if (telegram_reply_parse(&reply, input.ptr, input.len) != 0)
		return;
	VS_REQUIRE(reply.ok == 0 || reply.ok == 1);
	VS_REQUIRE(reply.retry_after_s <= DAY_S);
	fuzz_require_text(reply.description, sizeof(reply.description));
	for (const char *at = reply.description; *at != '\0'; at++)
		VS_REQUIRE((unsigned char)*at >= ' ' && *at != 0x7f);
}

static void check_message(const char *text)
{
	struct telegram_message message = {.chat_id = "-100123", .text = text, .html = 1, .thread_id = 7};
	char *body = telegram_message_build(&message);
	json_t *json;

	VS_REQUIRE((body != NULL) == vs_utf8_valid(vs_view_of(text)));
	if (body == NULL)
		return;
	json = json_loads(body, JSON_REJECT_DUPLICATES, NULL);
	VS_REQUIRE(json != NULL);
	VS_REQUIRE(strcmp(json_string_value(json_object_get(json, "text")), text) == 0);
	VS_REQUIRE(json_integer_value(json_object_get(json, "chat_id")) == -100123);
	json_decref(json);
	free(body);
}

/* Neither gets a character through that means something in a URL. */
static void check_options(const char *text)
{
	if (telegram_chat_id_ok(text))
		VS_REQUIRE(text[0] != '\0' && strpbrk(text, "/?#%& \r\n\"") == NULL);
	if (telegram_token_ok(text))
		VS_REQUIRE(text[0] != '\0' && strpbrk(text, "/?#%& \r\n\"@") == NULL);
}

/* Whatever the text: each part fits, and together they show nothing that was not there. */
static void check_split(const char *text)
{
	struct telegram_split split;
	char *part = vs_alloc(TELEGRAM_PART_SIZE);
	uint64_t units = 0;

	telegram_split_begin(&split, text);
	while (telegram_split_next(&split, part)) {
		uint64_t shown = telegram_split_units(part);

		VS_REQUIRE(strlen(part) < TELEGRAM_PART_SIZE);
		VS_REQUIRE(shown > 0 && shown <= TELEGRAM_UNITS_MAX);
		units += shown;
		telegram_split_plain(part);
		VS_REQUIRE(strlen(part) < TELEGRAM_PART_SIZE);
	}
	VS_REQUIRE(units <= telegram_split_units(text));
	vs_free(part);
}

void fuzz_one(struct vs_view input)
{
	char *text = vs_strndup(input.ptr, input.len);

	check_reply(input);
	check_message(text);
	check_options(text);
	check_split(text);
	vs_free(text);
}
