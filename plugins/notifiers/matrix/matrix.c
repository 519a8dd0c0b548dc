/* Notifier matrix: a message in a room, exactly once. */
#include "vpn_sentinel/plugin.h"

#include "matrix_message.h"
#include "matrix_reply.h"
#include "post.h"
#include "post_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_UNITS = 8192, LAST_UNITS = 256, AUTHORIZATION_SIZE = 1100, TOKEN_MAX = 1024 };

struct config {
	const char *url;
	const char *token;
	const char *room;
	uint32_t message; /* 0 text, 1 notice */
	uint32_t edit;
	uint8_t thread;
};

#define LIVE VPNS_OPTION_LIVE

static const struct vpns_option options[] = {
	{"url", VPNS_URL(struct config, url), VPNS_OPTION_REQUIRED | LIVE, NULL, 0, 0, 0, NULL,
		"the homeserver"},
	{"token", VPNS_TEXT(struct config, token), VPNS_OPTION_REQUIRED | VPNS_OPTION_SECRET | LIVE, NULL, 0,
		0, 0, NULL, "an access token of the account that writes"},
	{"room", VPNS_TEXT(struct config, room), VPNS_OPTION_REQUIRED | LIVE, NULL, 0, 0, 0, NULL,
		"the room's id, !abc:example.net, which that account has joined"},
	{"message", VPNS_CHOICE(struct config, message), LIVE, "text", 0, 0, 0, "text|notice",
		"what messages are: notices ring in few clients"},
	{"edit", VPNS_CHOICE(struct config, edit), LIVE, "quiet", 0, 0, 0, POST_EDIT_CHOICES,
		"which messages take the place of the one they follow"},
	{"thread", VPNS_BOOL(struct config, thread), LIVE, "no", 0, 0, 0, NULL,
		"yes: what follows a message, and takes not its place, stands in a thread below it"},
};

static const char *const needs[] = {POST_NEEDS};

struct matrix {
	struct post post; /* first */
	const struct config *config;
	char authorization[AUTHORIZATION_SIZE];
	char root[MATRIX_ID_MAX + 1]; /* the message that later ones refer to, when it is not the one sent */
};

static int judge(void *state, struct post_answer *answer, const struct vpns_http_reply *reply)
{
	struct matrix *self = state;
	struct matrix_reply said;

	if (matrix_reply_parse(&said, reply->body, (size_t)reply->body_len) < 0)
		post_answer_stranger(answer, "Matrix", reply);
	else if (reply->status == 200 && said.event[0] != '\0')
		post_answer_sent(answer, self->root[0] != '\0' ? self->root : said.event);
	else
		post_answer_status(answer, "Matrix", reply, said.words, said.wait_ms);
	return 0;
}

/* NULL when the op has ended. */
static char *build(struct matrix *self, const struct vpns_alert *alert, struct matrix_message *message)
{
	uint32_t units = FIRST_UNITS;
	char *body = NULL;
	char *plain;
	char *html;

	for (; units >= LAST_UNITS; units /= 2) {
		plain = post_render_within(&self->post, alert, VPNS_RENDER_PLAIN, units);
		html = plain != NULL ? post_render_within(&self->post, alert, VPNS_RENDER_HTML, units) : NULL;
		message->plain = plain;
		message->html = html;
		free(body);
		body = html != NULL ? matrix_message_build(message) : NULL;
		free(html);
		free(plain);
		if (body == NULL || strlen(body) <= MATRIX_BODY_MAX)
			break;
	}
	return body;
}

/* The delivery's id makes every attempt the same message: a server that knows it sends none again. */
static char *url_of(const struct matrix *self, const struct vpns_alert *alert)
{
	const char *base = self->config->url;
	char *room = post_percent(self->config->room);
	char *id = post_percent(alert->delivery_id);
	char *url = NULL;

	if (room != NULL && id != NULL &&
		asprintf(&url, "%.*s/_matrix/client/v3/rooms/%s/send/m.room.message/%s",
			(int)post_base_len(base), base, room, id) < 0)
		url = NULL;
	free(room);
	free(id);
	return url;
}

static void send_message(struct matrix *self, const struct vpns_alert *alert, struct matrix_message *message)
{
	struct vpns_http_header headers[2] = {
		{"Content-Type", "application/json"}, {"Authorization", self->authorization}};
	char *body = build(self, alert, message);
	char *url = url_of(self, alert);
	struct post_letter letter = {"PUT", url, headers, 2, url != NULL ? body : NULL};

	if (self->post.op != 0)
		post_send(&self->post, &letter);
	free(url);
	free(body);
}

static int32_t deliver(void *state, vpns_op op, const struct vpns_alert *alert)
{
	struct matrix *self = state;
	const struct config *config = self->config;
	int follows = alert->replaces_ref != NULL && matrix_event_ok(alert->replaces_ref);
	int edits = follows && post_edits(alert, config->edit);
	struct matrix_message message = {NULL, NULL, config->message == 1 || post_silent(alert), NULL, NULL};

	post_begin(&self->post, op);
	if (post_needs_old(&self->post, alert, edits))
		return VPNS_OK;
	self->root[0] = '\0';
	if (edits || (follows && config->thread)) {
		memcpy(self->root, alert->replaces_ref, strlen(alert->replaces_ref) + 1);
		if (edits)
			message.replaces = self->root;
		else
			message.thread = self->root;
	}
	send_message(self, alert, &message);
	return VPNS_OK;
}

/* --- the self test: who we are, and whether we are in the room ----------------------------------- */

static void ask(struct matrix *self, const char *path)
{
	const struct vpns_http_header header = {"Authorization", self->authorization};
	const char *base = self->config->url;
	char *url = NULL;
	struct post_letter letter = {"GET", NULL, &header, 1, ""};

	if (path == NULL ||
		asprintf(&url, "%.*s/_matrix/client/v3/%s", (int)post_base_len(base), base, path) < 0)
		url = NULL;
	letter.url = url;
	letter.body = url != NULL ? "" : NULL;
	post_send(&self->post, &letter);
	free(url);
}

static void ask_for_member(struct matrix *self, const char *user)
{
	char *room = post_percent(self->config->room);
	char *name = post_percent(user);
	char *path = NULL;

	if (room != NULL && name != NULL &&
		asprintf(&path, "rooms/%s/state/m.room.member/%s", room, name) < 0)
		path = NULL;
	ask(self, path);
	free(path);
	free(name);
	free(room);
}

static void answer_drop(struct post_answer *answer, const char *reason)
{
	answer->status = VPNS_DELIVERY_DROP;
	answer->scope = VPNS_SCOPE_CHAT;
	post_words(answer->reason, sizeof(answer->reason), reason, strlen(reason));
}

static int judge_test(void *state, struct post_answer *answer, const struct vpns_http_reply *reply)
{
	struct matrix *self = state;
	struct matrix_reply said;

	if (matrix_reply_parse(&said, reply->body, (size_t)reply->body_len) < 0) {
		post_answer_stranger(answer, "Matrix", reply);
	} else if (reply->status == 200 && said.user[0] != '\0') {
		ask_for_member(self, said.user);
		return 1;
	} else if (reply->status == 200 && strcmp(said.membership, "join") == 0) {
		post_answer_sent(answer, NULL);
	} else if (reply->status == 200 || reply->status == 404) {
		answer_drop(answer, "the account is not in the room: invite it, and let it join");
	} else {
		post_answer_unwell(answer, "Matrix", reply, said.words);
	}
	return 0;
}

static int32_t self_test(void *state, vpns_op op)
{
	struct matrix *self = state;

	post_begin_test(&self->post, op);
	ask(self, "account/whoami");
	return VPNS_OK;
}

static const char *config_fault(const void *given)
{
	const struct config *config = given;

	if (!post_header_ok(config->token) || strlen(config->token) > TOKEN_MAX)
		return "the option token holds characters that none has, or is too long";
	if (config->room[0] == '#')
		return "the option room is an alias: give the room's id, which begins with ! (room settings, "
		       "Advanced)";
	if (!matrix_room_ok(config->room))
		return "the option room is no id of a room: !abc:example.net";
	return NULL;
}

static int use(void *state, const void *given)
{
	struct matrix *self = state;
	const struct config *config = given;

	self->config = config;
	snprintf(self->authorization, sizeof(self->authorization), "Bearer %s", config->token);
	self->post.secrets[0] = config->token;
	return 0;
}

static const struct post_service service = {
	.name = "Matrix",
	.size = sizeof(struct matrix),
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
	VPNS_NOTIFIER_EDIT | VPNS_NOTIFIER_HTML,
	FIRST_UNITS,
	0,
	create,
	deliver,
	post_cancel,
	post_destroy,
	post_reconfigure,
	self_test,
};

VPNS_NOTIFIER_PLUGIN("matrix", "1.0.0", "messages in a room of Matrix", 0, VPNS_GRANT_NET,
	VPNS_OPTIONS(struct config, options), VPNS_NEEDS(needs), &ops);
