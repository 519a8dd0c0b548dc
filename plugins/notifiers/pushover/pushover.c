/* Notifier pushover: push messages, and emergencies that ring until somebody answers. */
#include "vpn_sentinel/plugin.h"

#include "post.h"
#include "post_text.h"
#include "pushover_message.h"
#include "pushover_reply.h"
#include "pushover_watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	USED_UP_MS = 60 * 60 * 1000, /* the messages of a month are, and nobody says until when */
	PATIENCE_MS = 5000, /* Pushover bans who tries again sooner */
	INCIDENT_SIZE = 48
};

struct config {
	const char *token;
	const char *user;
	int64_t priority[3]; /* by post_level() */
	const char *device;
	const char *sound;
	const char *url;
	int64_t retry_ms;
	int64_t expire_ms;
	int64_t ttl_ms;
	uint8_t acknowledge;
	const char *api_url;
};

#define LIVE VPNS_OPTION_LIVE
#define KEY (VPNS_OPTION_REQUIRED | VPNS_OPTION_SECRET | VPNS_OPTION_LIVE)

static const struct vpns_option options[] = {
	{"token", VPNS_TEXT(struct config, token), KEY, NULL, 0, 0, 0, NULL, "the key of an application"},
	{"user", VPNS_TEXT(struct config, user), KEY, NULL, 0, 0, 0, NULL,
		"the key of the user or group that is told"},
	{"priority_info", VPNS_INT(struct config, priority[0]), LIVE, "-1", -2, 1, 0, NULL,
		"priority of what need not hurry, and of what is over"},
	{"priority_warning", VPNS_INT(struct config, priority[1]), LIVE, "0", -2, 2, 0, NULL,
		"priority of warnings"},
	{"priority_critical", VPNS_INT(struct config, priority[2]), LIVE, "1", -2, 2, 0, NULL,
		"priority of critical messages; 2 rings until somebody answers"},
	{"device", VPNS_TEXT(struct config, device), LIVE, NULL, 0, 0, 0, NULL,
		"one device, or several with commas between; all when not given"},
	{"sound", VPNS_TEXT(struct config, sound), LIVE, NULL, 0, 0, 0, NULL,
		"the sound, instead of the user's own"},
	{"url", VPNS_URL(struct config, url), LIVE, NULL, 0, 0, 0, NULL, "a link below the message"},
	{"retry", VPNS_DURATION(struct config, retry_ms), LIVE, "60s", 30000, 10800000, 1000, NULL,
		"priority 2: how often it rings"},
	{"expire", VPNS_DURATION(struct config, expire_ms), LIVE, "1h", 30000, 10800000, 1000, NULL,
		"priority 2: for how long"},
	{"ttl", VPNS_DURATION(struct config, ttl_ms), LIVE, "0s", 0, 31536000000, 1000, NULL,
		"after this a message disappears from devices; 0: never"},
	{"acknowledge", VPNS_BOOL(struct config, acknowledge), LIVE, "yes", 0, 0, 0, NULL,
		"priority 2: an answer on a phone acknowledges the incident here, too"},
	{"api_url", VPNS_URL(struct config, api_url), LIVE, "https://api.pushover.net", 0, 0, 0, NULL,
		"the service, or what stands before it"},
};

static const char *const needs[] = {POST_NEEDS, VPNS_STATE_1};

struct pushover {
	struct post post; /* first */
	const struct config *config;
	struct pushover_watch *watch;
	char incident[INCIDENT_SIZE]; /* of the message under way; "": none */
	char *form; /* what is sent after an emergency was ended; NULL: it was */
};

static int send_form(struct pushover *self, const char *path, const char *form)
{
	static const struct vpns_http_header type = {"Content-Type", "application/x-www-form-urlencoded"};
	const char *base = self->config->api_url;
	char url[POST_URL_SIZE];
	struct post_letter letter = {"POST", url, &type, 1, form};

	snprintf(url, sizeof(url), "%.*s/1/%s.json", (int)post_base_len(base), base, path);
	post_send(&self->post, &letter);
	return 1;
}

/* Once the emergency has been ended, or could not be: the message itself. */
static int send_message(struct pushover *self)
{
	char *form = self->form;

	self->form = NULL;
	send_form(self, "messages", form);
	free(form);
	return 1;
}

static void on_sent(struct pushover *self, struct post_answer *answer, const struct pushover_reply *said)
{
	post_answer_sent(answer, said->receipt);
	if (said->receipt[0] != '\0')
		pushover_watch_add(self->watch, said->receipt, self->incident, self->config->expire_ms);
}

static int judge(void *state, struct post_answer *answer, const struct vpns_http_reply *reply)
{
	struct pushover *self = state;
	struct pushover_reply said;

	if (self->form != NULL)
		return send_message(self);
	if (pushover_reply_parse(&said, reply->body, (size_t)reply->body_len) < 0)
		post_answer_stranger(answer, "Pushover", reply);
	else if (reply->status == 200 && said.ok)
		on_sent(self, answer, &said);
	else
		post_answer_status(answer, "Pushover", reply, said.words,
			reply->status == 429 && reply->retry_after_ms == 0 ? USED_UP_MS : 0);
	if ((reply->status >= 500 || reply->status == 408) && answer->retry_after_ms < PATIENCE_MS)
		answer->retry_after_ms = PATIENCE_MS;
	return 0;
}

static int failed(void *state)
{
	struct pushover *self = state;

	return self->form != NULL ? send_message(self) : 0;
}

/* What is over, or in somebody's hands, rings no longer. */
static int ends_emergency(const struct pushover *self, const struct vpns_alert *alert)
{
	return (self->config->priority[1] == PUSHOVER_EMERGENCY ||
		       self->config->priority[2] == PUSHOVER_EMERGENCY) &&
	       alert->incident_id[0] != '\0' &&
	       (alert->transition == VPNS_TRANSITION_RESOLVED ||
		       alert->transition == VPNS_TRANSITION_ACKNOWLEDGED);
}

static void end_emergency(struct pushover *self, const struct vpns_alert *alert)
{
	char *tag = post_percent(alert->incident_id);
	char path[256];
	char form[64];

	pushover_watch_drop(self->watch, alert->incident_id);
	snprintf(form, sizeof(form), "token=%s", self->config->token);
	snprintf(path, sizeof(path), "receipts/cancel_by_tag/%s", tag != NULL ? tag : "");
	free(tag);
	send_form(self, path, form);
}

static int64_t priority_of(const struct config *config, const struct vpns_alert *alert)
{
	int64_t priority = config->priority[post_level(alert)];

	return post_silent(alert) && priority > PUSHOVER_QUIET ? PUSHOVER_QUIET : priority;
}

static char *form_of(const struct pushover *self, const struct vpns_alert *alert, const char *text)
{
	const struct config *config = self->config;
	const struct pushover_message message = {
		.token = config->token,
		.user = config->user,
		.text = text,
		.priority = priority_of(config, alert),
		.at_s = alert->at_ms / 1000,
		.device = config->device,
		.sound = config->sound,
		.url = config->url,
		.tag = alert->incident_id[0] != '\0' ? alert->incident_id : NULL,
		.retry_s = config->retry_ms / 1000,
		.expire_s = config->expire_ms / 1000,
		.ttl_s = config->ttl_ms / 1000,
	};

	return pushover_message_build(&message);
}

static int32_t deliver(void *state, vpns_op op, const struct vpns_alert *alert)
{
	struct pushover *self = state;
	char *text;

	free(self->form);
	self->form = NULL;
	post_begin(&self->post, op);
	text = post_render(&self->post, alert, VPNS_RENDER_PLAIN);
	if (text == NULL)
		return VPNS_OK;
	self->form = form_of(self, alert, text);
	free(text);
	snprintf(self->incident, sizeof(self->incident), "%s", alert->incident_id);
	if (self->form != NULL && ends_emergency(self, alert))
		end_emergency(self, alert);
	else
		send_message(self);
	return VPNS_OK;
}

/* --- the self test: the keys are validated ------------------------------------------------------- */

static int judge_test(void *state, struct post_answer *answer, const struct vpns_http_reply *reply)
{
	struct pushover_reply said;

	(void)state;
	if (pushover_reply_parse(&said, reply->body, (size_t)reply->body_len) < 0)
		post_answer_stranger(answer, "Pushover", reply);
	else if (reply->status == 200 && said.ok)
		post_answer_sent(answer, NULL);
	else
		post_answer_unwell(answer, "Pushover", reply, said.words);
	return 0;
}

/* Pushover looks at one device at a time: of several it would say that there is none of that name. */
static int32_t self_test(void *state, vpns_op op)
{
	struct pushover *self = state;
	const struct config *config = self->config;
	const char *device =
		config->device != NULL && strchr(config->device, ',') == NULL ? config->device : NULL;
	char form[512];

	free(self->form);
	self->form = NULL;
	post_begin_test(&self->post, op);
	snprintf(form, sizeof(form), "token=%s&user=%s%s%s", config->token, config->user,
		device != NULL ? "&device=" : "", device != NULL ? device : "");
	send_form(self, "users/validate", form);
	return VPNS_OK;
}

static const char *config_fault(const void *given)
{
	const struct config *config = given;

	if (!pushover_key_ok(config->token))
		return "the option token is no key of an application: 30 letters and digits";
	if (!pushover_key_ok(config->user))
		return "the option user is no key of a user or group: 30 letters and digits";
	if (config->device != NULL && !pushover_name_ok(config->device))
		return "the option device is no name of a device";
	if (config->sound != NULL && !pushover_name_ok(config->sound))
		return "the option sound is no name of a sound";
	if (config->url != NULL && strlen(config->url) > PUSHOVER_URL_MAX)
		return "the option url is longer than 512 bytes";
	if (strlen(config->api_url) + 300 > POST_URL_SIZE)
		return "the option api_url is too long";
	return NULL;
}

static int use(void *state, const void *given)
{
	struct pushover *self = state;
	const struct config *config = given;

	if (self->watch == NULL)
		self->watch = pushover_watch_create(self->post.host);
	if (self->watch == NULL)
		return -1;
	pushover_watch_use(self->watch, config->api_url, config->acknowledge ? config->token : NULL);
	self->config = config;
	self->post.secrets[0] = config->token;
	self->post.secrets[1] = config->user;
	return 0;
}

static void end(void *state)
{
	struct pushover *self = state;

	free(self->form);
	pushover_watch_destroy(self->watch);
}

static const struct post_service service = {
	.name = "Pushover",
	.size = sizeof(struct pushover),
	.fault = config_fault,
	.use = use,
	.end = end,
	.judge = judge,
	.judge_test = judge_test,
	.failed = failed,
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

VPNS_NOTIFIER_PLUGIN("pushover", "1.0.0", "push messages by Pushover", 0, VPNS_GRANT_NET,
	VPNS_OPTIONS(struct config, options), VPNS_NEEDS(needs), &ops);
