/* Notifier webhook: one signed event a delivery, to a URL of the user's. */
#include "vpn_sentinel/plugin.h"

#include "post.h"
#include "post_event.h"
#include "post_gone.h"
#include "post_text.h"
#include "webhook_sign.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define WEBHOOK_GONE                                                                                         \
	"the receiver answers HTTP 410, it wants no more events: it is asked again a day later, or once "    \
	"the "                                                                                               \
	"option url changes"

enum { KEY_MIN = 16 };

struct config {
	const char *url;
	const char *key;
	const char *old_key;
	const char *authorization;
	uint8_t allow_http;
};

static const struct vpns_option options[] = {
	{"url", VPNS_URL(struct config, url), VPNS_OPTION_REQUIRED | VPNS_OPTION_SECRET | VPNS_OPTION_LIVE,
		NULL, 0, 0, 0, NULL, "where events are sent by POST"},
	{"key", VPNS_TEXT(struct config, key), VPNS_OPTION_SECRET | VPNS_OPTION_LIVE, NULL, 0, 0, 0, NULL,
		"signs each event, so that the receiver knows who sent it; at least 16 characters"},
	{"old_key", VPNS_TEXT(struct config, old_key), VPNS_OPTION_SECRET | VPNS_OPTION_LIVE, NULL, 0, 0, 0,
		NULL, "signs as well, while receivers still know only the key of before"},
	{"authorization", VPNS_TEXT(struct config, authorization), VPNS_OPTION_SECRET | VPNS_OPTION_LIVE,
		NULL, 0, 0, 0, NULL, "the header Authorization, as in \"Bearer abc\""},
	{"allow_http", VPNS_BOOL(struct config, allow_http), VPNS_OPTION_LIVE, "no", 0, 0, 0, NULL,
		"yes: the URL may be plain http, which anybody on the way can read and change"},
};

static const char *const needs[] = {POST_NEEDS, VPNS_STATE_1};

struct webhook {
	struct post post; /* first */
	const struct config *config;
	struct post_gone gone; /* the receiver wants no more */
};

static int judge(void *state, struct post_answer *answer, const struct vpns_http_reply *reply)
{
	struct webhook *self = state;

	if (reply->status >= 200 && reply->status < 300) {
		post_gone_clear(&self->gone);
		post_answer_sent(answer, NULL);
		return 0;
	}
	post_answer_status(answer, "the receiver", reply, "", 0);
	if (reply->status == 410) {
		post_gone_mark(&self->gone);
		post_words(answer->reason, sizeof(answer->reason), WEBHOOK_GONE, sizeof(WEBHOOK_GONE) - 1);
	}
	return 0;
}

static void send_event(struct webhook *self, const struct vpns_alert *alert, const char *body)
{
	struct vpns_http_header headers[5] = {
		{"Content-Type", "application/json"},
		{"X-Sentinel-Event", post_event_name(alert)},
		{"X-Sentinel-Delivery", alert->delivery_id},
	};
	struct post_letter letter = {"POST", self->config->url, headers, 3, body};
	char signature[WEBHOOK_SIGNATURE_SIZE];

	if (self->config->authorization != NULL) {
		headers[letter.header_count].name = "Authorization";
		headers[letter.header_count++].value = self->config->authorization;
	}
	if (body != NULL && self->config->key != NULL) {
		if (webhook_sign(signature, self->post.host->wall_ms(self->post.host) / 1000, body,
			    self->config->key, self->config->old_key) < 0) {
			post_drop(&self->post, VPNS_SCOPE_INSTANCE, "the event could not be signed");
			return;
		}
		headers[letter.header_count].name = "X-Sentinel-Signature";
		headers[letter.header_count++].value = signature;
	}
	post_send(&self->post, &letter);
}

static int32_t deliver(void *state, vpns_op op, const struct vpns_alert *alert)
{
	struct webhook *self = state;
	char *text;
	char *body;

	post_begin(&self->post, op);
	if (post_gone_is(&self->gone)) {
		post_drop(&self->post, VPNS_SCOPE_INSTANCE, WEBHOOK_GONE);
		return VPNS_OK;
	}
	text = post_render(&self->post, alert, VPNS_RENDER_PLAIN);
	if (text == NULL)
		return VPNS_OK;
	body = post_event_build(alert, self->post.host->instance, text);
	send_event(self, alert, body);
	free(body);
	free(text);
	return VPNS_OK;
}

static const char *config_fault(const void *given)
{
	const struct config *config = given;

	if (strncasecmp(config->url, "https:", 6) != 0 && !config->allow_http)
		return "the option url is plain http, which anybody on the way can read and change: use "
		       "https, or set allow_http where you trust the way";
	if (config->key != NULL && strlen(config->key) < KEY_MIN)
		return "the option key is shorter than 16 characters: openssl rand -hex 32 makes a good one";
	if (config->old_key != NULL && config->key == NULL)
		return "the option old_key is set without key, which must be the new one";
	if (config->authorization != NULL && !post_header_ok(config->authorization))
		return "the option authorization holds characters that a header cannot have";
	return NULL;
}

static int use(void *state, const void *given)
{
	struct webhook *self = state;
	const struct config *config = given;

	self->config = config;
	post_gone_init(&self->gone, self->post.host, config->url);
	self->post.secrets[0] = config->url;
	self->post.secrets[1] = config->key;
	self->post.secrets[2] = config->authorization;
	return 0;
}

static const struct post_service service = {
	.name = "the receiver",
	.size = sizeof(struct webhook),
	.fault = config_fault,
	.use = use,
	.judge = judge,
};

static void *create(const struct vpns_host *host, const void *config, struct vpns_error *error)
{
	return post_create(host, config, &service, error);
}

static const struct vpns_notifier_ops ops = {
	sizeof(ops),
	VPNS_NOTIFIER_EACH,
	0,
	0,
	create,
	deliver,
	post_cancel,
	post_destroy,
	post_reconfigure,
	NULL,
};

VPNS_NOTIFIER_PLUGIN("webhook", "1.0.0", "signed JSON events by POST to a URL of yours", 0, VPNS_GRANT_NET,
	VPNS_OPTIONS(struct config, options), VPNS_NEEDS(needs), &ops);
