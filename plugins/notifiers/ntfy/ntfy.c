/* Notifier ntfy: a push message on a topic of ntfy.sh or of a server of one's own. */
#include "vpn_sentinel/plugin.h"

#include "ntfy_message.h"
#include "ntfy_reply.h"
#include "post.h"
#include "post_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { QUIET = 2, KEY_MAX = 256, ACK_URL_MAX = 1024 };

struct config {
	const char *url;
	const char *topic;
	const char *token;
	const char *user;
	const char *password;
	int64_t priority[3]; /* by post_level() */
	struct vpns_list tags;
	const char *click;
	const char *ack_url;
	const char *ack_key;
	uint32_t edit;
};

#define LIVE VPNS_OPTION_LIVE
#define SECRET (VPNS_OPTION_SECRET | VPNS_OPTION_LIVE)

static const struct vpns_option options[] = {
	{"url", VPNS_URL(struct config, url), LIVE, "https://ntfy.sh", 0, 0, 0, NULL, "the server"},
	{"topic", VPNS_TEXT(struct config, topic), VPNS_OPTION_REQUIRED | SECRET, NULL, 0, 0, 0, NULL,
		"where to publish; on a public server whoever knows it can read along"},
	{"token", VPNS_TEXT(struct config, token), SECRET, NULL, 0, 0, 0, NULL,
		"an access token, tk_..., where the topic is protected"},
	{"user", VPNS_TEXT(struct config, user), LIVE, NULL, 0, 0, 0, NULL,
		"a user of the server, instead of a token"},
	{"password", VPNS_TEXT(struct config, password), SECRET, NULL, 0, 0, 0, NULL, "of user"},
	{"priority_info", VPNS_INT(struct config, priority[0]), LIVE, "3", 1, 5, 0, NULL,
		"priority of what need not hurry, and of what is over"},
	{"priority_warning", VPNS_INT(struct config, priority[1]), LIVE, "4", 1, 5, 0, NULL,
		"priority of warnings"},
	{"priority_critical", VPNS_INT(struct config, priority[2]), LIVE, "5", 1, 5, 0, NULL,
		"priority of critical messages"},
	{"tags", VPNS_LIST(struct config, tags), LIVE, NULL, 0, 0, 0, NULL,
		"tags of each message; names of emojis are shown as such"},
	{"click", VPNS_URL(struct config, click), LIVE, NULL, 0, 0, 0, NULL,
		"what a tap on the message opens"},
	{"ack_url", VPNS_URL(struct config, ack_url), LIVE, NULL, 0, 0, 0, NULL,
		"our API as phones reach it, https://vpn.example.net/api/v1: messages get a button that "
		"acknowledges"},
	{"ack_key", VPNS_TEXT(struct config, ack_key), SECRET, NULL, 0, 0, 0, NULL,
		"a key of our API that may acknowledge; whoever reads the topic gets it"},
	{"edit", VPNS_CHOICE(struct config, edit), LIVE, "quiet", 0, 0, 0, POST_EDIT_CHOICES,
		"which messages take the place of the one they follow"},
};

static const char *const needs[] = {POST_NEEDS};

struct ntfy {
	struct post post; /* first */
	const struct config *config;
	char *authorization; /* NULL: none */
	char sequence[NTFY_ID_MAX + 1]; /* whose place the message under way takes, else its own */
};

static int judge(void *state, struct post_answer *answer, const struct vpns_http_reply *reply)
{
	struct ntfy *self = state;
	struct ntfy_reply said;

	if (ntfy_reply_parse(&said, reply->body, (size_t)reply->body_len) < 0)
		post_answer_stranger(answer, "ntfy", reply);
	else if (reply->status == 200 && said.id[0] != '\0')
		post_answer_sent(answer, self->sequence[0] != '\0' ? self->sequence : said.id);
	else
		post_answer_status(
			answer, "ntfy", reply, said.words, reply->retry_after_ms > 0 ? 0 : said.wait_ms);
	return 0;
}

/* Priority 2 makes no sound. */
static int64_t priority_of(const struct config *config, const struct vpns_alert *alert)
{
	int64_t priority = config->priority[post_level(alert)];

	return post_silent(alert) && priority > QUIET ? QUIET : priority;
}

/* A delivery's id names its message: one that arrives twice is shown once. */
static void name_message(struct ntfy *self, const struct vpns_alert *alert, int edits)
{
	const char *name = edits ? alert->replaces_ref : alert->delivery_id;

	self->sequence[0] = '\0';
	if (ntfy_id_ok(name))
		memcpy(self->sequence, name, strlen(name) + 1);
}

static const struct vpns_alert_action *ack_of(const struct config *config, const struct vpns_alert *alert)
{
	uint32_t i;

	if (config->ack_url == NULL || alert->incident_id[0] == '\0' || !VPNS_HAS(alert, actions))
		return NULL;
	for (i = 0; i < alert->action_count; i++) {
		if (strcmp(alert->actions[i].id, "ack") == 0)
			return &alert->actions[i];
	}
	return NULL;
}

static void send_message(struct ntfy *self, const struct vpns_alert *alert, const char *text)
{
	const struct config *config = self->config;
	struct vpns_http_header headers[2] = {{"Content-Type", "application/json"}};
	const struct vpns_alert_action *ack = ack_of(config, alert);
	char url[POST_URL_SIZE];
	char ack_url[POST_URL_SIZE + 64];
	char ack_authorization[KEY_MAX + 16];
	struct post_letter letter = {"POST", url, headers, 1, NULL};
	struct ntfy_message message = {
		.topic = config->topic,
		.text = text,
		.priority = priority_of(config, alert),
		.tags = &config->tags,
		.click = config->click,
	};
	char *body;

	if (ack != NULL) {
		snprintf(ack_url, sizeof(ack_url), "%.*s/incidents/%.40s/ack",
			(int)post_base_len(config->ack_url), config->ack_url, alert->incident_id);
		snprintf(ack_authorization, sizeof(ack_authorization), "Bearer %s", config->ack_key);
		message.ack_label = ack->label;
		message.ack_url = ack_url;
		message.ack_authorization = ack_authorization;
	}
	if (self->sequence[0] != '\0')
		message.sequence_id = self->sequence;
	snprintf(url, sizeof(url), "%.*s/", (int)post_base_len(config->url), config->url);
	if (self->authorization != NULL) {
		headers[1].name = "Authorization";
		headers[1].value = self->authorization;
		letter.header_count = 2;
	}
	body = ntfy_message_build(&message);
	letter.body = body;
	post_send(&self->post, &letter);
	free(body);
}

static int32_t deliver(void *state, vpns_op op, const struct vpns_alert *alert)
{
	struct ntfy *self = state;
	int edits = post_edits(alert, self->config->edit) && ntfy_id_ok(alert->replaces_ref);
	char *text;

	post_begin(&self->post, op);
	if (post_needs_old(&self->post, alert, edits))
		return VPNS_OK;
	name_message(self, alert, edits);
	text = post_render(&self->post, alert, VPNS_RENDER_PLAIN);
	if (text != NULL)
		send_message(self, alert, text);
	free(text);
	return VPNS_OK;
}

static const char *ack_fault(const struct config *config)
{
	if ((config->ack_url != NULL) != (config->ack_key != NULL))
		return "the options ack_url and ack_key belong together";
	if (config->ack_key == NULL)
		return NULL;
	if (!post_header_ok(config->ack_key) || strlen(config->ack_key) > KEY_MAX)
		return "the option ack_key holds characters that no key has, or is too long";
	if (strlen(config->ack_url) > ACK_URL_MAX || strpbrk(config->ack_url, "?#") != NULL)
		return "the option ack_url is too long, or holds more than the API's address";
	if (config->token == NULL && config->user == NULL)
		return "the option ack_key would be everybody's who knows the topic: protect the topic at "
		       "the "
		       "server, and set token or user";
	return NULL;
}

/* --- the self test: the account, where there is one, or else the server's health ------------------- */

static int judge_test(void *state, struct post_answer *answer, const struct vpns_http_reply *reply)
{
	const struct ntfy *self = state;
	struct ntfy_reply said;
	int good = self->authorization != NULL ? post_reply_says(reply, "username", NULL)
					       : post_reply_says(reply, "healthy", "true");

	if (reply->status == 200 && good)
		post_answer_sent(answer, NULL);
	else if (ntfy_reply_parse(&said, reply->body, (size_t)reply->body_len) < 0)
		post_answer_stranger(answer, "ntfy", reply);
	else
		post_answer_unwell(answer, "ntfy", reply, said.words);
	return 0;
}

static int32_t self_test(void *state, vpns_op op)
{
	struct ntfy *self = state;
	const struct vpns_http_header header = {"Authorization", self->authorization};
	int known = self->authorization != NULL;
	char url[POST_URL_SIZE];
	const struct post_letter letter = {"GET", url, &header, known ? 1 : 0, ""};

	snprintf(url, sizeof(url), "%.*s/v1/%s", (int)post_base_len(self->config->url), self->config->url,
		known ? "account" : "health");
	post_begin_test(&self->post, op);
	post_send(&self->post, &letter);
	return VPNS_OK;
}

static const char *config_fault(const void *given)
{
	const struct config *config = given;

	if (!ntfy_topic_ok(config->topic))
		return "the option topic is no topic: 1 to 64 letters, digits, - and _";
	if (config->token != NULL && config->user != NULL)
		return "the options token and user exclude each other";
	if ((config->user != NULL) != (config->password != NULL))
		return "the options user and password belong together";
	if ((config->token != NULL && !post_header_ok(config->token)) ||
		(config->user != NULL && strchr(config->user, ':') != NULL))
		return "the option token or user holds characters that it cannot have";
	if (strlen(config->url) + sizeof("/v1/account") > POST_URL_SIZE)
		return "the option url is too long";
	return ack_fault(config);
}

/* 0, or -1 when memory is short. */
static int use(void *state, const void *given)
{
	struct ntfy *self = state;
	const struct config *config = given;
	char *authorization = NULL;

	if (config->token != NULL || config->user != NULL) {
		authorization = ntfy_authorization(config->token, config->user, config->password);
		if (authorization == NULL)
			return -1;
	}
	free(self->authorization);
	self->authorization = authorization;
	self->config = config;
	self->post.secrets[0] = config->topic;
	self->post.secrets[1] = config->token;
	self->post.secrets[2] = config->password;
	self->post.secrets[3] = config->ack_key;
	return 0;
}

static void end(void *state)
{
	struct ntfy *self = state;

	free(self->authorization);
}

static const struct post_service service = {
	.name = "ntfy",
	.size = sizeof(struct ntfy),
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
	VPNS_NOTIFIER_EDIT | VPNS_NOTIFIER_BUTTONS,
	0,
	0,
	create,
	deliver,
	post_cancel,
	post_destroy,
	post_reconfigure,
	self_test,
};

VPNS_NOTIFIER_PLUGIN("ntfy", "1.0.0", "push messages on a topic of ntfy", 0, VPNS_GRANT_NET,
	VPNS_OPTIONS(struct config, options), VPNS_NEEDS(needs), &ops);
