/* Notifier slack: a message through an incoming webhook of a channel. */
#include "vpn_sentinel/plugin.h"

#include "post.h"
#include "slack_message.h"
#include "slack_reply.h"

#include <stdlib.h>
#include <string.h>

struct config {
	const char *url;
	const char *link;
	uint32_t mention; /* SLACK_MENTION_* */
};

static const struct vpns_option options[] = {
	{"url", VPNS_URL(struct config, url), VPNS_OPTION_REQUIRED | VPNS_OPTION_SECRET | VPNS_OPTION_LIVE,
		NULL, 0, 0, 0, NULL, "the incoming webhook's URL"},
	{"link", VPNS_URL(struct config, link), VPNS_OPTION_LIVE, NULL, 0, 0, 0, NULL,
		"a link below each message"},
	{"mention", VPNS_CHOICE(struct config, mention), VPNS_OPTION_LIVE, "nobody", 0, 0, 0,
		"nobody|here|channel", "whom critical messages call"},
};

static const char *const needs[] = {POST_NEEDS};

struct slack {
	struct post post; /* first */
	const struct config *config;
	char *body; /* of the message under way */
};

/* More than one a second are refused in the long run. */
enum { SPACING_MS = 1000 };

static void end(void *state)
{
	struct slack *self = state;

	free(self->body);
	self->body = NULL;
}

static int judge(void *state, struct post_answer *answer, const struct vpns_http_reply *reply)
{
	struct slack *self = state;
	struct slack_reply said;

	end(self);
	post_rest(&self->post, SPACING_MS);
	if (slack_reply_parse(&said, reply->body, (size_t)reply->body_len) < 0)
		post_answer_stranger(answer, "Slack", reply);
	else if (reply->status == 200 && said.ok)
		post_answer_sent(answer, NULL);
	else
		post_answer_status(answer, "Slack", reply, said.words, 0);
	if (reply->status == 429)
		answer->scope = VPNS_SCOPE_CHAT;
	return 0;
}

static const char *color_of(const struct vpns_alert *alert)
{
	static const char *const colors[] = {"#3b82f6", "#f59e0b", "#dc2626"};

	return alert->transition == VPNS_TRANSITION_RESOLVED ? "#16a34a" : colors[post_level(alert)];
}

static void send_body(void *state)
{
	static const struct vpns_http_header type = {"Content-Type", "application/json"};
	struct slack *self = state;
	const struct post_letter letter = {"POST", self->config->url, &type, 1, self->body};

	post_send(&self->post, &letter);
}

static int32_t deliver(void *state, vpns_op op, const struct vpns_alert *alert)
{
	struct slack *self = state;
	struct slack_message message = {NULL, color_of(alert), self->config->link,
		post_level(alert) == 2 && !post_silent(alert) ? self->config->mention : SLACK_MENTION_NOBODY};
	char *text;

	end(self);
	post_begin(&self->post, op);
	text = post_render(&self->post, alert, VPNS_RENDER_PLAIN);
	if (text == NULL)
		return VPNS_OK;
	message.text = text;
	self->body = slack_message_build(&message);
	free(text);
	post_in_turn(&self->post, send_body);
	return VPNS_OK;
}

/* --- the self test: a webhook that is good refuses a message without a text, and says so ----------- */

static int judge_test(void *state, struct post_answer *answer, const struct vpns_http_reply *reply)
{
	struct slack_reply said;

	(void)state;
	if (slack_reply_parse(&said, reply->body, (size_t)reply->body_len) < 0)
		post_answer_stranger(answer, "Slack", reply);
	else if (reply->status == 400 && strcmp(said.words, "no_text") == 0)
		post_answer_sent(answer, NULL);
	else
		post_answer_unwell(answer, "Slack", reply, said.words);
	return 0;
}

static int32_t self_test(void *state, vpns_op op)
{
	static const struct vpns_http_header type = {"Content-Type", "application/json"};
	struct slack *self = state;
	const struct post_letter letter = {"POST", self->config->url, &type, 1, "{}"};

	post_begin_test(&self->post, op);
	post_send(&self->post, &letter);
	return VPNS_OK;
}

static int use(void *state, const void *given)
{
	struct slack *self = state;
	const struct config *config = given;

	self->config = config;
	self->post.secrets[0] = config->url;
	return 0;
}

static const char *config_fault(const void *given)
{
	const struct config *config = given;

	if (config->link != NULL && !slack_link_ok(config->link))
		return "the option link holds characters that stand in no link, or is longer than 2,000 "
		       "bytes";
	return NULL;
}

static const struct post_service service = {
	.name = "Slack",
	.size = sizeof(struct slack),
	.fault = config_fault,
	.use = use,
	.end = end,
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

VPNS_NOTIFIER_PLUGIN("slack", "1.0.0", "messages through an incoming webhook of Slack", 0, VPNS_GRANT_NET,
	VPNS_OPTIONS(struct config, options), VPNS_NEEDS(needs), &ops);
