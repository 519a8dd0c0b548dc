#include "client/reply.h"

#include <string.h>

#include "base/err.h"
#include "model/json.h"

#define INTERVAL_MAX_S 86400

static const struct {
	enum vs_question question;
	const char *name;
} questions[] = {
#define QUESTION_ROW(id, text) {VS_QUESTION_##id, text},
	VS_QUESTION_ROWS(QUESTION_ROW)
#undef QUESTION_ROW
};

/* Copies valid UTF-8, cut before the character that does not fit. */
static void copy_cut(char target[VS_REPLY_TEXT], const char *text)
{
	size_t len = strlen(text);

	if (len >= VS_REPLY_TEXT) {
		len = VS_REPLY_TEXT - 1;
		while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
			len--;
	}
	memcpy(target, text, len);
	target[len] = '\0';
}

static bool parse_verdict(enum vs_verdict *verdict, const json_t *value)
{
	uint8_t parsed;

	if (!json_is_string(value) || vs_verdict_parse(&parsed, vs_view_of(json_string_value(value))) < 0)
		return false;
	*verdict = (enum vs_verdict)parsed;
	return true;
}

/* An answer is a verdict's name, or an object with evidence. */
static void parse_answer(struct vs_reply_answer *answer, const json_t *value)
{
	const json_t *verdict = json_is_object(value) ? json_object_get(value, "verdict") : value;
	uint8_t confidence;

	answer->given = parse_verdict(&answer->verdict, verdict);
	if (!answer->given || !json_is_object(value))
		return;
	if (vs_confidence_parse(&confidence, vs_view_of(vs_json_get_text(value, "confidence"))) == 0)
		answer->confidence = (enum vs_confidence)confidence;
	copy_cut(answer->evidence, vs_json_get_text(value, "evidence"));
}

static uint64_t parse_interval(const json_t *root)
{
	json_t *value = json_object_get(root, "interval_seconds");
	double seconds = json_number_value(value);

	if (!(seconds > 0))
		return 0;
	return seconds > INTERVAL_MAX_S ? UINT64_C(1000) * INTERVAL_MAX_S : (uint64_t)(seconds * 1000);
}

/* Nothing else may become a header's secret. */
static void parse_token(char token[VS_REPLY_TOKEN], const json_t *canary)
{
	const char *text = vs_json_get_text(canary, "token");

	if (strlen(text) == VS_REPLY_TOKEN - 1 && strspn(text, "0123456789abcdef") == VS_REPLY_TOKEN - 1)
		memcpy(token, text, VS_REPLY_TOKEN);
}

/* Of what the server may ask for, what is not known here is left alone. */
static bool wants_probe(const json_t *requests)
{
	const json_t *request;
	size_t i;

	json_array_foreach (requests, i, request)
		if (json_is_string(request) && strcmp(json_string_value(request), "probe") == 0)
			return true;
	return false;
}

int vs_reply_parse(struct vs_reply *reply, struct vs_view body, struct vs_err *err)
{
	json_t *root = vs_json_parse(body, err);
	const json_t *verdicts;
	const char *status;
	size_t i;

	*reply = (struct vs_reply){.durable = true};
	if (root == NULL)
		return VS_ERR_INVALID;
	status = vs_json_get_text(root, "status");
	if (!json_is_object(root) || strcmp(status, "ok") != 0) {
		json_decref(root);
		return vs_err_set(err, VS_ERR_INVALID, "its answer does not say \"status\": \"ok\"");
	}
	reply->judged = parse_verdict(&reply->overall, json_object_get(root, "verdict"));
	verdicts = json_object_get(root, "verdicts");
	for (i = 0; i < sizeof(questions) / sizeof(questions[0]); i++)
		parse_answer(
			&reply->answers[questions[i].question], json_object_get(verdicts, questions[i].name));
	reply->interval_ms = parse_interval(root);
	reply->durable = !json_is_false(json_object_get(root, "durable"));
	reply->probe = wants_probe(json_object_get(root, "requests"));
	parse_token(reply->canary, json_object_get(root, "canary"));
	json_decref(root);
	return 0;
}

void vs_reply_detail(char detail[VS_REPLY_TEXT], struct vs_view body)
{
	static const char *const names[] = {"detail", "title", "message", "error"};
	json_t *root = vs_json_parse(body, NULL);
	size_t i;

	detail[0] = '\0';
	for (i = 0; i < sizeof(names) / sizeof(names[0]) && detail[0] == '\0'; i++)
		copy_cut(detail, vs_json_get_text(root, names[i]));
	json_decref(root);
}
