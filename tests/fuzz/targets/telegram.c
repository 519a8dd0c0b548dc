/* What the Bot API answers; and whatever people are told, the request with it is JSON that says just that. */
#include "fuzz.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "notifiers/telegram/telegram_message.h"
#include "notifiers/telegram/telegram_reply.h"

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

void fuzz_one(struct vs_view input)
{
	char *text = vs_strndup(input.ptr, input.len);

	check_reply(input);
	check_message(text);
	check_options(text);
	vs_free(text);
}
