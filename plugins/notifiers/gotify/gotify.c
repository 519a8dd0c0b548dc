/* Notifier gotify: a message of an application of a Gotify server. */
#include "vpn_sentinel/plugin.h"

#include "gotify_message.h"
#include "gotify_reply.h"
#include "post.h"
#include "post_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { QUIET = 3 }; /* from 4 on the app makes a sound */

struct config {
	const char *url;
	const char *token;
	int64_t priority[3]; /* by post_level() */
	const char *click;
};

#define LIVE VPNS_OPTION_LIVE

static const struct vpns_option options[] = {
	{"url", VPNS_URL(struct config, url), VPNS_OPTION_REQUIRED | LIVE, NULL, 0, 0, 0, NULL, "the server"},
	{"token", VPNS_TEXT(struct config, token), VPNS_OPTION_REQUIRED | VPNS_OPTION_SECRET | LIVE, NULL, 0,
		0, 0, NULL, "of an application there, which the messages are from"},
	{"priority_info", VPNS_INT(struct config, priority[0]), LIVE, "3", 0, 10, 0, NULL,
		"priority of what need not hurry, and of what is over"},
	{"priority_warning", VPNS_INT(struct config, priority[1]), LIVE, "6", 0, 10, 0, NULL,
		"priority of warnings"},
	{"priority_critical", VPNS_INT(struct config, priority[2]), LIVE, "9", 0, 10, 0, NULL,
		"priority of critical messages"},
	{"click", VPNS_URL(struct config, click), LIVE, NULL, 0, 0, 0, NULL,
		"what a tap on the message opens"},
};

static const char *const needs[] = {POST_NEEDS};

struct gotify {
	struct post post; /* first */
	const struct config *config;
};

static int judge(void *state, struct post_answer *answer, const struct vpns_http_reply *reply)
{
	struct gotify_reply said;

	(void)state;
	if (gotify_reply_parse(&said, reply->body, (size_t)reply->body_len) < 0)
		post_answer_stranger(answer, "Gotify", reply);
	else if (reply->status == 200 && said.id != 0)
		post_answer_sent(answer, NULL);
	else
		post_answer_status(answer, "Gotify", reply, said.words, 0);
	return 0;
}

static int64_t priority_of(const struct config *config, const struct vpns_alert *alert)
{
	int64_t priority = config->priority[post_level(alert)];

	return post_silent(alert) && priority > QUIET ? QUIET : priority;
}

static int32_t deliver(void *state, vpns_op op, const struct vpns_alert *alert)
{
	struct gotify *self = state;
	const struct config *config = self->config;
	struct vpns_http_header headers[2] = {
		{"Content-Type", "application/json"}, {"X-Gotify-Key", config->token}};
	struct gotify_message message = {NULL, priority_of(config, alert), config->click};
	char url[POST_URL_SIZE];
	struct post_letter letter = {"POST", url, headers, 2, NULL};
	char *text;
	char *body;

	post_begin(&self->post, op);
	text = post_render(&self->post, alert, VPNS_RENDER_PLAIN);
	if (text == NULL)
		return VPNS_OK;
	snprintf(url, sizeof(url), "%.*s/message", (int)post_base_len(config->url), config->url);
	message.text = text;
	body = gotify_message_build(&message);
	letter.body = body;
	post_send(&self->post, &letter);
	free(body);
	free(text);
	return VPNS_OK;
}

/* --- the self test: whether a token is good cannot be asked, but whether the server is well can ------ */

static int judge_test(void *state, struct post_answer *answer, const struct vpns_http_reply *reply)
{
	struct gotify_reply said;

	(void)state;
	if (reply->status == 200 && post_reply_says(reply, "health", "green"))
		post_answer_sent(answer, NULL);
	else if (gotify_reply_parse(&said, reply->body, (size_t)reply->body_len) < 0)
		post_answer_stranger(answer, "Gotify", reply);
	else
		post_answer_unwell(answer, "Gotify", reply, said.words);
	return 0;
}

static int32_t self_test(void *state, vpns_op op)
{
	struct gotify *self = state;
	char url[POST_URL_SIZE];
	const struct post_letter letter = {"GET", url, NULL, 0, ""};

	snprintf(url, sizeof(url), "%.*s/health", (int)post_base_len(self->config->url), self->config->url);
	post_begin_test(&self->post, op);
	post_send(&self->post, &letter);
	return VPNS_OK;
}

static const char *config_fault(const void *given)
{
	const struct config *config = given;

	if (!post_header_ok(config->token))
		return "the option token holds characters that none has";
	if (strlen(config->url) + sizeof("/message") > POST_URL_SIZE)
		return "the option url is too long";
	return NULL;
}

static int use(void *state, const void *given)
{
	struct gotify *self = state;
	const struct config *config = given;

	self->config = config;
	self->post.secrets[0] = config->token;
	return 0;
}

static const struct post_service service = {
	.name = "Gotify",
	.size = sizeof(struct gotify),
	.fault = config_fault,
	.use = use,
	.judge = judge,
	.judge_test = judge_test,
};

static void *create(const struct vpns_host *host, const void *config, struct vpns_error *error)
{
	return post_create(host, config, &service, error);
}

static const struct vpns_notifier_ops ops = {
	sizeof(ops),
	0,
	0,
	0,
	create,
	deliver,
	post_cancel,
	post_destroy,
	post_reconfigure,
	self_test,
};

VPNS_NOTIFIER_PLUGIN("gotify", "1.0.0", "messages of an application of Gotify", 0, VPNS_GRANT_NET,
	VPNS_OPTIONS(struct config, options), VPNS_NEEDS(needs), &ops);
