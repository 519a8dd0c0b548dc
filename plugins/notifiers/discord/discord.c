/* Notifier discord: a message through a webhook of a channel. */
#include "vpn_sentinel/plugin.h"

#include "discord_message.h"
#include "discord_reply.h"
#include "post.h"
#include "post_gone.h"
#include "post_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GONE                                                                                                 \
	"Discord knows this webhook no more: it is asked again a day later, or once the option url changes"

struct config {
	const char *url;
	const char *thread_id;
	const char *username;
	const char *avatar_url;
	const char *link;
	const char *mention_role;
	uint32_t silent_below; /* 0 info, 1 warning, 2 critical */
	uint32_t edit;
};

#define LIVE VPNS_OPTION_LIVE

static const struct vpns_option options[] = {
	{"url", VPNS_URL(struct config, url), VPNS_OPTION_REQUIRED | VPNS_OPTION_SECRET | LIVE, NULL, 0, 0, 0,
		NULL, "the webhook's URL, from the channel's settings"},
	{"thread_id", VPNS_TEXT(struct config, thread_id), LIVE, NULL, 0, 0, 0, NULL,
		"the thread of the channel to write into"},
	{"username", VPNS_TEXT(struct config, username), LIVE, NULL, 0, 0, 0, NULL,
		"who the messages are from, instead of the webhook's name"},
	{"avatar_url", VPNS_URL(struct config, avatar_url), LIVE, NULL, 0, 0, 0, NULL,
		"the picture beside them"},
	{"link", VPNS_URL(struct config, link), LIVE, NULL, 0, 0, 0, NULL,
		"what the title of each message leads to"},
	{"mention_role", VPNS_TEXT(struct config, mention_role), LIVE, NULL, 0, 0, 0, NULL,
		"the id of a role that critical messages call"},
	{"silent_below", VPNS_CHOICE(struct config, silent_below), LIVE, "info", 0, 0, 0,
		"info|warning|critical", "messages of a lower severity, and of what is over, ring nowhere"},
	{"edit", VPNS_CHOICE(struct config, edit), LIVE, "quiet", 0, 0, 0, POST_EDIT_CHOICES,
		"which messages take the place of the one they follow"},
};

static const char *const needs[] = {POST_NEEDS, VPNS_STATE_1};

struct discord {
	struct post post; /* first */
	const struct config *config;
	char *text; /* of the message under way */
	uint32_t level;
	int silent;
	int only_edits; /* without the old message there is nothing to tell */
	uint32_t color;
	char edited[24]; /* the message that it replaces; "": none */
	struct post_gone gone; /* the webhook was deleted */
};

static void send_text(void *state)
{
	struct discord *self = state;
	static const struct vpns_http_header type = {"Content-Type", "application/json"};
	const struct config *config = self->config;
	int edit = self->edited[0] != '\0';
	struct discord_message message = {self->text, self->color, self->silent, config->link,
		self->level == 2 && !self->silent ? config->mention_role : NULL, config->username,
		config->avatar_url, edit};
	const char *thread = config->thread_id;
	char url[POST_URL_SIZE];
	struct post_letter letter = {edit ? "PATCH" : "POST", url, &type, 1, NULL};
	char *body = discord_message_build(&message);

	snprintf(url, sizeof(url), "%.*s%s%s%s%s%s", (int)post_base_len(config->url), config->url,
		edit ? "/messages/" : "?wait=true", edit ? self->edited : "",
		thread == NULL ? ""
		: edit         ? "?"
			       : "&",
		thread != NULL ? "thread_id=" : "", thread != NULL ? thread : "");
	letter.body = body;
	post_send(&self->post, &letter);
	free(body);
}

static void end(void *state)
{
	struct discord *self = state;

	free(self->text);
	self->text = NULL;
}

static void on_refusal(struct discord *self, struct post_answer *answer, const struct discord_reply *said,
	const struct vpns_http_reply *reply)
{
	post_answer_status(answer, "Discord", reply, said->words, said->wait_ms);
	if (said->global)
		answer->scope = VPNS_SCOPE_INSTANCE;
	if (said->code == DISCORD_UNKNOWN_MESSAGE)
		answer->scope = VPNS_SCOPE_CHAT;
	if ((reply->status == 404 && said->code == DISCORD_UNKNOWN_WEBHOOK) ||
		(reply->status == 401 && said->code == DISCORD_WRONG_TOKEN)) {
		post_gone_mark(&self->gone);
		post_words(answer->reason, sizeof(answer->reason), GONE, sizeof(GONE) - 1);
	}
}

static int judge(void *state, struct post_answer *answer, const struct vpns_http_reply *reply)
{
	struct discord *self = state;
	struct discord_reply said;
	int is_known = discord_reply_parse(&said, reply->body, (size_t)reply->body_len) == 0;

	post_rest(&self->post, discord_rest_ms(vpns_http_header(reply, "X-RateLimit-Remaining"),
				       vpns_http_header(reply, "X-RateLimit-Reset-After")));
	if (reply->status == 204 && reply->body_len == 0) {
		post_gone_clear(&self->gone);
		post_answer_sent(answer, self->edited);
	} else if (!is_known) {
		post_answer_stranger(answer, "Discord", reply);
	} else if (reply->status == 200 && said.id[0] != '\0') {
		post_gone_clear(&self->gone);
		post_answer_sent(answer, said.id);
	} else if (self->edited[0] != '\0' && !self->only_edits && reply->status == 404 &&
		   said.code == DISCORD_UNKNOWN_MESSAGE) {
		self->edited[0] = '\0'; /* somebody deleted it: a new one tells what it would have */
		send_text(self);
		return 1;
	} else {
		on_refusal(self, answer, &said, reply);
	}
	end(self);
	return 0;
}

static uint32_t color_of(const struct vpns_alert *alert)
{
	static const uint32_t colors[] = {0x3b82f6, 0xf59e0b, 0xdc2626};

	return alert->transition == VPNS_TRANSITION_RESOLVED ? 0x16a34a : colors[post_level(alert)];
}

static int32_t deliver(void *state, vpns_op op, const struct vpns_alert *alert)
{
	struct discord *self = state;
	int edits = post_edits(alert, self->config->edit) && discord_id_ok(alert->replaces_ref);

	end(self);
	post_begin(&self->post, op);
	if (post_gone_is(&self->gone)) {
		post_drop(&self->post, VPNS_SCOPE_INSTANCE, GONE);
		return VPNS_OK;
	}
	if (post_needs_old(&self->post, alert, edits))
		return VPNS_OK;
	self->level = post_level(alert);
	self->silent = post_silent(alert) || self->level < self->config->silent_below;
	self->only_edits = post_updates(alert);
	self->color = color_of(alert);
	self->edited[0] = '\0';
	if (edits)
		memcpy(self->edited, alert->replaces_ref, strlen(alert->replaces_ref) + 1);
	self->text = post_render(&self->post, alert, VPNS_RENDER_PLAIN);
	if (self->text != NULL)
		post_in_turn(&self->post, send_text);
	return VPNS_OK;
}

/* --- the self test: a webhook tells about itself --------------------------------------------- */

static int judge_test(void *state, struct post_answer *answer, const struct vpns_http_reply *reply)
{
	struct discord_reply said;

	(void)state;
	if (discord_reply_parse(&said, reply->body, (size_t)reply->body_len) < 0)
		post_answer_stranger(answer, "Discord", reply);
	else if (reply->status == 200 && said.id[0] != '\0')
		post_answer_sent(answer, NULL);
	else
		post_answer_unwell(answer, "Discord", reply, said.words);
	return 0;
}

static int32_t self_test(void *state, vpns_op op)
{
	struct discord *self = state;
	const struct post_letter letter = {"GET", self->config->url, NULL, 0, ""};

	end(self);
	post_begin_test(&self->post, op);
	post_send(&self->post, &letter);
	return VPNS_OK;
}

static const char *config_fault(const void *given)
{
	const struct config *config = given;

	if (strpbrk(config->url, "?#") != NULL)
		return "the option url holds more than the webhook's address: leave out what begins with ? "
		       "or #";
	if (strlen(config->url) + 100 > POST_URL_SIZE)
		return "the option url is too long";
	if (config->link != NULL && strlen(config->link) > DISCORD_LINK_MAX)
		return "the option link is longer than 2,048 bytes";
	if (config->thread_id != NULL && !discord_id_ok(config->thread_id))
		return "the option thread_id is no number";
	if (config->mention_role != NULL && !discord_id_ok(config->mention_role))
		return "the option mention_role is no number: copy the role's id, with developer mode on";
	if (config->username != NULL && !discord_username_ok(config->username))
		return "the option username is none that Discord takes: 1 to 80 bytes, without \"discord\" "
		       "and "
		       "\"clyde\"";
	return NULL;
}

static int use(void *state, const void *given)
{
	struct discord *self = state;
	const struct config *config = given;

	self->config = config;
	post_gone_init(&self->gone, self->post.host, config->url);
	self->post.secrets[0] = config->url;
	return 0;
}

static const struct post_service service = {
	.name = "Discord",
	.size = sizeof(struct discord),
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
	VPNS_NOTIFIER_EDIT,
	DISCORD_TEXT_MAX,
	0,
	create,
	deliver,
	post_cancel,
	post_destroy,
	post_reconfigure,
	self_test,
};

VPNS_NOTIFIER_PLUGIN("discord", "1.0.0", "messages through a webhook of Discord", 0, VPNS_GRANT_NET,
	VPNS_OPTIONS(struct config, options), VPNS_NEEDS(needs), &ops);
