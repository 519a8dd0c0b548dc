/* Notifier ntfy: a push message on a topic of ntfy.sh or of a server of one's own. */
#include "vpn_sentinel/plugin.h"

#include "ntfy_message.h"
#include "ntfy_reply.h"
#include "post.h"
#include "post_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { QUIET = 2 };

struct config {
	const char *url;
	const char *topic;
	const char *token;
	const char *user;
	const char *password;
	int64_t priority[3]; /* by post_level() */
	struct vpns_list tags;
	const char *click;
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

static void send_message(struct ntfy *self, const struct vpns_alert *alert, const char *text)
{
	const struct config *config = self->config;
	struct vpns_http_header headers[2] = {{"Content-Type", "application/json"}};
	char url[POST_URL_SIZE];
	struct post_letter letter = {"POST", url, headers, 1, NULL};
	struct ntfy_message message = {
		config->topic, text, priority_of(config, alert), &config->tags, config->click, NULL};
	char *body;

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
	if (strlen(config->url) + 2 > POST_URL_SIZE)
		return "the option url is too long";
	return NULL;
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
};

static void *create(const struct vpns_host *host, const void *config, struct vpns_error *error)
{
	return post_create(host, config, &service, error);
}

static const struct vpns_notifier_ops ops = {
	sizeof(ops),
	VPNS_NOTIFIER_EDIT,
	0,
	0,
	create,
	deliver,
	post_cancel,
	post_destroy,
	post_reconfigure,
};

VPNS_NOTIFIER_PLUGIN("ntfy", "1.0.0", "push messages on a topic of ntfy", 0, VPNS_GRANT_NET,
	VPNS_OPTIONS(struct config, options), VPNS_NEEDS(needs), &ops);
