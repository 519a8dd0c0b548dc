/* A channel whose answers a test writes, and which remembers what it was given. */
#ifndef VS_TESTS_SCRIPTED_CHANNEL_H
#define VS_TESTS_SCRIPTED_CHANNEL_H

#include <stdio.h>

#include "vpn_sentinel/notifier.h"

#include "base/alloc.h"
#include "config/instance.h"
#include "loop/loop.h"
#include "server/outbox.h"

#define SCRIPT_ALERTS_MAX 64

enum script_answer {
	SCRIPT_SENT,
	SCRIPT_RETRY,
	SCRIPT_DROP,
	SCRIPT_REFUSE, /* nothing begins: deliver returns 0 */
	SCRIPT_SILENCE, /* no answer until script_answer_now */
};

struct script_alert {
	char client[64];
	char kind[32];
	char title[128];
	char body[512];
	char fields[512]; /* "Client: office\nSince: ..." */
	char incident[27];
	char delivery[27];
	char replaces[32]; /* "-": NULL */
	uint32_t transition;
	uint32_t severity;
	uint32_t attempt;
	uint32_t flags;
	uint32_t timeout_ms;
};

struct script {
	struct vs_instance_conf conf;
	struct vs_channel_port port;
	enum script_answer answer;
	unsigned answers_left; /* so many, then SENT; 0: no end */
	uint64_t retry_after_ms;
	bool unsent; /* a retry says that surely nobody got it */
	const char *reason;
	const char *ref;
	struct script_alert alerts[SCRIPT_ALERTS_MAX]; /* the first ones */
	size_t count; /* of all */
	unsigned cancels;
	void (*done)(void *arg, const struct vpns_delivery_result *result); /* NULL: idle */
	void *arg;
	struct vs_timer *timer;
};

static inline void script_finish(struct script *script, enum script_answer answer)
{
	void (*done)(void *arg, const struct vpns_delivery_result *result) = script->done;
	struct vpns_delivery_result result = {
		.head = {sizeof(result), VPNS_KIND_NOTIFIER},
		.status = answer == SCRIPT_SENT ? VPNS_DELIVERY_SENT
			  : answer == SCRIPT_DROP
				  ? VPNS_DELIVERY_DROP
				  : VPNS_DELIVERY_RETRY | (script->unsent ? VPNS_DELIVERY_UNSENT : 0),
		.ref = answer == SCRIPT_SENT ? script->ref : NULL,
		.reason = answer == SCRIPT_SENT ? NULL : script->reason,
		.retry_after_ms = answer == SCRIPT_RETRY ? script->retry_after_ms : 0,
	};

	script->done = NULL;
	done(script->arg, &result);
}

static inline void script_on_time(void *arg)
{
	struct script *script = arg;
	enum script_answer answer = script->answer;

	if (script->answers_left > 0 && --script->answers_left == 0)
		script->answer = SCRIPT_SENT;
	script_finish(script, answer);
}

static inline void script_remember(struct script *script, const struct vpns_alert *alert, uint32_t timeout_ms)
{
	struct script_alert *to;

	if (script->count++ >= SCRIPT_ALERTS_MAX)
		return;
	to = &script->alerts[script->count - 1];
	snprintf(to->client, sizeof(to->client), "%s", alert->client_id);
	snprintf(to->kind, sizeof(to->kind), "%s", alert->kind);
	snprintf(to->title, sizeof(to->title), "%s", alert->title);
	snprintf(to->body, sizeof(to->body), "%s", alert->body);
	to->fields[0] = '\0';
	for (uint32_t i = 0; i < alert->field_count; i++) {
		size_t used = strlen(to->fields);

		snprintf(to->fields + used, sizeof(to->fields) - used, "%s%s: %s", used > 0 ? "\n" : "",
			alert->fields[i].label, alert->fields[i].value);
	}
	snprintf(to->incident, sizeof(to->incident), "%s", alert->incident_id);
	snprintf(to->delivery, sizeof(to->delivery), "%s", alert->delivery_id);
	snprintf(to->replaces, sizeof(to->replaces), "%s",
		alert->replaces_ref != NULL ? alert->replaces_ref : "-");
	to->transition = alert->transition;
	to->severity = alert->severity;
	to->attempt = alert->attempt;
	to->flags = alert->flags;
	to->timeout_ms = timeout_ms;
}

static inline uint64_t script_deliver(void *target, const struct vpns_alert *alert, uint32_t timeout_ms,
	void (*done)(void *arg, const struct vpns_delivery_result *result), void *arg, struct vs_err *err)
{
	struct script *script = target;

	if (script->answer == SCRIPT_REFUSE) {
		vs_err_set(err, VS_ERR_BUSY, "it is still ending the last one");
		script->count++;
		return 0;
	}
	assert_null(script->done); /* one at a time */
	script_remember(script, alert, timeout_ms);
	script->done = done;
	script->arg = arg;
	if (script->answer != SCRIPT_SILENCE)
		vs_timer_start(script->timer, 0);
	return script->count;
}

static inline void script_cancel(void *target, uint64_t op)
{
	struct script *script = target;

	assert_non_null(script->done);
	assert_int_equal(op, script->count);
	script->cancels++;
	script->done = NULL;
	vs_timer_stop(script->timer);
}

static inline void script_init(struct script *script, struct vs_loop *loop, const char *name)
{
	*script = (struct script){
		.conf = {.kind = VPNS_KIND_NOTIFIER,
			.plugin = "scripted",
			.name = name,
			.route = {.severity = VS_ROUTE_INFO}},
		.port = {.deliver = script_deliver, .cancel = script_cancel, .target = script},
		.reason = "it rains",
		.ref = "msg-1",
		.timer = vs_timer_create(loop, script_on_time, script),
	};
}

static inline void script_fini(struct script *script)
{
	vs_timer_destroy(script->timer);
}

/* "opened bypass office, notice connected lab": what was given, repeated attempts too. */
static inline void assert_alerts(const struct script *script, const char *expected)
{
	static const char *const changes[] = {
		"", "notice", "opened", "escalated", "acknowledged", "reminded", "resolved"};
	char text[2048] = "";
	size_t len = 0;
	size_t i;

	for (i = 0; i < script->count && i < SCRIPT_ALERTS_MAX; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s %s%s%s", i == 0 ? "" : ", ",
			changes[script->alerts[i].transition], script->alerts[i].kind,
			script->alerts[i].client[0] != '\0' ? " " : "", script->alerts[i].client);
	assert_string_equal(text, expected);
}

#endif
