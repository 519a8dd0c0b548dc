/* What services answer to messages; and whatever people are told, requests say just that. */
#include "fuzz.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "base/view.h"
#include "notifiers/discord/discord_message.h"
#include "notifiers/discord/discord_reply.h"
#include "notifiers/gotify/gotify_message.h"
#include "notifiers/gotify/gotify_reply.h"
#include "notifiers/matrix/matrix_message.h"
#include "notifiers/matrix/matrix_reply.h"
#include "notifiers/ntfy/ntfy_message.h"
#include "notifiers/ntfy/ntfy_reply.h"
#include "notifiers/pushover/pushover_message.h"
#include "notifiers/pushover/pushover_reply.h"
#include "notifiers/slack/slack_message.h"
#include "notifiers/slack/slack_reply.h"
#include "notifiers/webhook/webhook_sign.h"
#include "post_answer.h"
#include "post_event.h"
#include "post_text.h"

void fuzz_begin(void)
{
}

static json_t *parsed(const char *body)
{
	json_t *json = json_loads(body, JSON_REJECT_DUPLICATES, NULL);

	VS_REQUIRE(json != NULL);
	return json;
}

static const char *member(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	VS_REQUIRE(text != NULL);
	return text;
}

/* --- what is shared -------------------------------------------------------------------- */

static size_t units_of(const char *text, enum post_unit unit)
{
	size_t units = 0;

	for (; *text != '\0'; text++) {
		if (unit == POST_BYTES)
			units++;
		else if (((unsigned char)*text & 0xc0) != 0x80)
			units += unit == POST_UTF16 && (unsigned char)*text >= 0xf0 ? 2 : 1;
	}
	return units;
}

static void check_words(const char *words, size_t size)
{
	fuzz_require_text(words, size);
	for (; *words != '\0'; words++)
		VS_REQUIRE((unsigned char)*words >= ' ' && *words != 0x7f);
}

static void check_texts(struct vs_view input)
{
	enum post_unit unit = (enum post_unit)fuzz_choice(input, 1, 3);
	size_t max = fuzz_choice(input, 2, 40);
	char *text = post_text(input.ptr, input.len, NULL, unit, max);
	char words[32];

	VS_REQUIRE(vs_utf8_valid(vs_view_of(text)));
	VS_REQUIRE(max == 0 || units_of(text, unit) <= max);
	free(text);
	memset(words, 0xee, sizeof(words));
	post_words(words, sizeof(words), input.ptr, input.len);
	check_words(words, sizeof(words));
}

static void check_urls(const char *text)
{
	char *percent = post_percent(text);
	char *masked = vs_strdup(text);

	VS_REQUIRE(strpbrk(percent, "/?#& \r\n\"@:") == NULL);
	if (post_header_ok(text))
		VS_REQUIRE(text[0] != '\0' && strpbrk(text, "\r\n\t") == NULL);
	post_mask(masked, "secret");
	VS_REQUIRE(strstr(masked, "secret") == NULL);
	free(percent);
	vs_free(masked);
}

/* --- what is sent ---------------------------------------------------------------------- */

/* As any text is when it is not UTF-8 everywhere. */
static char *clean(const char *text)
{
	return post_text(text, strlen(text), NULL, POST_BYTES, 0);
}

static struct vpns_alert alert_of(const char *text, const struct vpns_alert_field *field)
{
	struct vpns_alert alert = {
		.size = sizeof(alert),
		.severity = VPNS_SEVERITY_CRITICAL,
		.transition = VPNS_TRANSITION_OPENED,
		.attempt = 1,
		.fields = field,
		.field_count = 1,
		.delivery_id = "01JGK0000000000000000DELIV",
		.incident_id = "01JGK0000000000000000INCID",
		.kind = "tunnel_lost",
		.client_id = text,
		.title = text,
		.body = text,
		.at_ms = 1767323045000,
	};

	return alert;
}

static void check_webhook(const char *text)
{
	struct vpns_alert_field field = {text, text};
	struct vpns_alert alert = alert_of(text, &field);
	char signature[WEBHOOK_SIGNATURE_SIZE];
	char *body;
	char *same = clean(text);
	json_t *json;

	alert.at_ms = (int64_t)strlen(text) * INT64_C(1000000000007);
	body = post_event_build(&alert, "hook", text);
	json = parsed(body);
	VS_REQUIRE(strcmp(member(json, "title"), same) == 0);
	VS_REQUIRE(strcmp(member(json, "text"), same) == 0);
	VS_REQUIRE(strlen(member(json, "at")) == sizeof("2026-01-02T03:04:05.678Z") - 1);
	VS_REQUIRE(webhook_sign(signature, 1767323045, body, "0123456789abcdef", text) == 0);
	VS_REQUIRE(strlen(signature) == sizeof("t=1767323045,v1=,v1=") - 1 + 128);
	json_decref(json);
	free(body);
	free(same);
}

static void check_ntfy(struct vs_view input, const char *text)
{
	static const struct vpns_list no_tags = {NULL, 0, 0};
	const struct ntfy_message message = {
		.topic = "alerts", .text = text, .priority = 3, .tags = &no_tags};
	struct ntfy_reply reply;
	char *body = ntfy_message_build(&message);
	json_t *json = parsed(body);

	VS_REQUIRE(strlen(body) <= NTFY_BODY_MAX);
	VS_REQUIRE(strlen(member(json, "message")) <= NTFY_MESSAGE_MAX);
	json_decref(json);
	free(body);
	body = ntfy_authorization(NULL, "user", text);
	VS_REQUIRE(post_header_ok(body));
	free(body);
	memset(&reply, 0xee, sizeof(reply));
	if (ntfy_reply_parse(&reply, input.ptr, input.len) < 0)
		return;
	VS_REQUIRE(reply.id[0] == '\0' || ntfy_id_ok(reply.id));
	check_words(reply.words, sizeof(reply.words));
}

/* Nothing that begins markup is without its backslash. */
static void check_markdown(const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '\\')
			VS_REQUIRE(*++text != '\0');
		else
			VS_REQUIRE(strchr("*_~`|<>[]()@#", *text) == NULL);
	}
}

static void check_discord(struct vs_view input, const char *text)
{
	const struct discord_message message = {.text = text, .silent = 1, .role = "42"};
	struct discord_reply reply;
	char *body = discord_message_build(&message);
	json_t *json = parsed(body);
	const json_t *embed = json_array_get(json_object_get(json, "embeds"), 0);
	const char *rest = json_string_value(json_object_get(embed, "description"));

	VS_REQUIRE(units_of(member(embed, "title"), POST_UTF16) <= DISCORD_TITLE_MAX);
	check_markdown(member(embed, "title"));
	VS_REQUIRE(rest == NULL || units_of(rest, POST_UTF16) <= DISCORD_TEXT_MAX);
	check_markdown(rest != NULL ? rest : "");
	json_decref(json);
	free(body);
	memset(&reply, 0xee, sizeof(reply));
	if (discord_reply_parse(&reply, input.ptr, input.len) < 0)
		return;
	VS_REQUIRE(reply.id[0] == '\0' || discord_id_ok(reply.id));
	VS_REQUIRE(reply.wait_ms <= POST_WAIT_MAX_MS);
	check_words(reply.words, sizeof(reply.words));
}

static void check_slack(struct vs_view input, const char *text)
{
	const struct slack_message message = {.text = text, .color = "#dc2626"};
	struct slack_reply reply;
	char *body = slack_message_build(&message);
	json_t *json = parsed(body);

	VS_REQUIRE(strpbrk(member(json, "text"), "<>") == NULL);
	VS_REQUIRE(units_of(member(json, "text"), POST_UTF16) <= SLACK_TITLE_MAX);
	VS_REQUIRE(strpbrk(body, "<>") == NULL);
	json_decref(json);
	free(body);
	memset(&reply, 0xee, sizeof(reply));
	if (slack_reply_parse(&reply, input.ptr, input.len) == 0)
		check_words(reply.words, sizeof(reply.words));
}

static void check_gotify(struct vs_view input, const char *text)
{
	const struct gotify_message message = {text, 5, NULL};
	struct gotify_reply reply;
	char *body = gotify_message_build(&message);
	json_t *json = parsed(body);

	VS_REQUIRE(member(json, "message")[0] != '\0');
	VS_REQUIRE(units_of(member(json, "message"), POST_CHARS) <= GOTIFY_TEXT_MAX);
	json_decref(json);
	free(body);
	memset(&reply, 0xee, sizeof(reply));
	if (gotify_reply_parse(&reply, input.ptr, input.len) == 0)
		check_words(reply.words, sizeof(reply.words));
}

static void check_matrix(struct vs_view input, const char *text)
{
	const struct matrix_message message = {text, text, 0, "$event", NULL};
	struct matrix_reply reply;
	char *body = matrix_message_build(&message);
	char *same = clean(text);
	json_t *json = parsed(body);

	VS_REQUIRE(strcmp(member(json, "body"), same) == 0);
	VS_REQUIRE(strpbrk(member(json_object_get(json, "m.new_content"), "formatted_body"),
			   "\n\r\x01\x1b") == NULL);
	json_decref(json);
	free(body);
	free(same);
	if (matrix_room_ok(text) || matrix_event_ok(text))
		VS_REQUIRE(strlen(text) <= MATRIX_ID_MAX && strpbrk(text, " \r\n\t") == NULL);
	memset(&reply, 0xee, sizeof(reply));
	if (matrix_reply_parse(&reply, input.ptr, input.len) < 0)
		return;
	VS_REQUIRE(reply.event[0] == '\0' || matrix_event_ok(reply.event));
	VS_REQUIRE(reply.wait_ms <= POST_WAIT_MAX_MS);
	check_words(reply.user, sizeof(reply.user));
	check_words(reply.membership, sizeof(reply.membership));
	check_words(reply.words, sizeof(reply.words));
}

/* An answer to a self test: what a member says, it says whoever asks; and it is not two things at once. */
static void check_health(struct vs_view input, const char *text)
{
	struct vpns_http_reply reply = {
		.size = sizeof(reply), .status = 200, .body = text, .body_len = input.len};
	int named = post_reply_says(&reply, "username", NULL);
	int green = post_reply_says(&reply, "health", "green");

	if (green)
		VS_REQUIRE(
			post_reply_says(&reply, "health", NULL) && !post_reply_says(&reply, "health", "red"));
	if (post_reply_says(&reply, "healthy", "true"))
		VS_REQUIRE(!post_reply_says(&reply, "healthy", "false"));
	if (named || green)
		VS_REQUIRE(memchr(text, '{', input.len) != NULL);
}

/* Whatever the text is, the form has the members that it was given, and no more. */
static void check_pushover(struct vs_view input, const char *text)
{
	const struct pushover_message message = {
		.token = "t", .user = "u", .text = text, .sound = text, .priority = 1};
	struct pushover_receipt receipt;
	struct pushover_reply reply;
	char *body = pushover_message_build(&message);
	size_t members = 1;

	VS_REQUIRE(body != NULL && strpbrk(body, " \r\n\"<>") == NULL);
	for (const char *at = body; (at = strchr(at, '&')) != NULL; at++)
		members++;
	VS_REQUIRE(members == 5 || members == 6); /* with a title, and without */
	free(body);
	if (pushover_key_ok(text) || pushover_name_ok(text))
		VS_REQUIRE(strpbrk(text, "&=% /") == NULL);
	memset(&receipt, 0xee, sizeof(receipt));
	if (pushover_receipt_parse(&receipt, input.ptr, input.len) == 0)
		check_words(receipt.device, sizeof(receipt.device));
	memset(&reply, 0xee, sizeof(reply));
	if (pushover_reply_parse(&reply, input.ptr, input.len) < 0)
		return;
	VS_REQUIRE(reply.receipt[0] == '\0' || pushover_key_ok(reply.receipt));
	check_words(reply.words, sizeof(reply.words));
}

void fuzz_one(struct vs_view input)
{
	char *text = vs_strndup(input.ptr, input.len);

	check_texts(input);
	check_urls(text);
	check_webhook(text);
	check_ntfy(input, text);
	check_discord(input, text);
	check_slack(input, text);
	check_gotify(input, text);
	check_matrix(input, text);
	check_pushover(input, text);
	check_health(input, text);
	vs_free(text);
}
