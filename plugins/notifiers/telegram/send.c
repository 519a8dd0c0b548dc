/* Deliveries: an alert as one message or several, or as a change of one. */
#include "telegram.h"

#include "telegram_ask.h"
#include "telegram_reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Later: the message may have arrived, or surely nobody got it. */
#define RETRY VPNS_DELIVERY_RETRY
#define RETRY_UNSENT (VPNS_DELIVERY_RETRY | VPNS_DELIVERY_UNSENT)

/* A longer wait for the chat's pace would use up the time that the host gives a delivery. */
enum { SEND_TIMEOUT_MS = 15000, PACE_PATIENCE_MS = 5000 };

static void finish(struct telegram *self, struct vpns_delivery_result *result)
{
	struct telegram_sending *sending = &self->sending;
	vpns_op op = sending->op;

	sending->op = 0;
	if ((result->status & ~VPNS_DELIVERY_UNSENT) != RETRY || sending->parts == 0)
		sending->delivery[0] = '\0'; /* nothing is left to go on with */
	result->head.size = sizeof(*result);
	result->head.kind = VPNS_KIND_NOTIFIER;
	self->host->finish(self->host, op, &result->head);
}

static void finish_retry(
	struct telegram *self, uint32_t status, uint32_t scope, uint64_t after_ms, const char *reason)
{
	struct vpns_delivery_result result = {0};

	/* Who has the first part has a part of it. */
	result.status = self->sending.parts > 0 ? RETRY : status;
	result.scope = scope;
	result.retry_after_ms = after_ms;
	result.reason = reason;
	finish(self, &result);
}

static void finish_drop(struct telegram *self, uint32_t scope, const char *reason)
{
	struct vpns_delivery_result result = {0};

	result.status = VPNS_DELIVERY_DROP;
	result.scope = scope;
	result.reason = reason;
	finish(self, &result);
}

static void on_cleaned(void *arg, const struct vpns_http_reply *reply)
{
	struct telegram *self = arg;

	(void)reply; /* the buttons stay, and say that it is over */
	self->cleaning = 0;
}

/* What somebody looks after, or what is over, needs no buttons any more; nor do parts of what was changed. */
static void clean_up(struct telegram *self)
{
	int64_t message = self->sending.spent;
	char *body;

	self->sending.spent = 0;
	if (message == 0 || self->bot == NULL || self->cleaning != 0 || telegram_chat(self)[0] == '@')
		return;
	body = telegram_ask_unbutton(telegram_chat(self), message);
	if (body != NULL)
		self->cleaning =
			telegram_call(self, "editMessageReplyMarkup", body, SEND_TIMEOUT_MS, 0, on_cleaned);
	free(body);
}

static void finish_sent(struct telegram *self)
{
	struct vpns_delivery_result result = {0};
	char ref[TELEGRAM_CHAT_SIZE + 48];

	telegram_ref_format(ref, sizeof(ref), telegram_chat(self), &self->sending.arrived);
	result.status = VPNS_DELIVERY_SENT;
	result.ref = self->sending.arrived.first != 0 ? ref : NULL;
	clean_up(self);
	finish(self, &result);
}

static void on_reply(void *arg, const struct vpns_http_reply *reply);

static uint32_t offer(
	const struct telegram_sending *sending, struct telegram_button buttons[TELEGRAM_ALERT_BUTTONS])
{
	uint32_t count = 0;
	uint32_t i;

	for (i = 0; i < TELEGRAM_ALERT_BUTTONS && *sending->split.at == '\0'; i++)
		if (sending->said[i][0] != '\0')
			buttons[count++] = (struct telegram_button){sending->labels[i], sending->said[i]};
	return count;
}

/* Sends the part; finishes the op itself when that is not possible. */
static void send_part(struct telegram *self)
{
	struct telegram_sending *sending = &self->sending;
	struct telegram_button buttons[TELEGRAM_ALERT_BUTTONS];
	struct telegram_message message = {0};
	char *body;

	message.chat_id = telegram_chat(self);
	message.thread_id = sending->no_thread ? 0 : self->config->thread_id;
	message.message_id = sending->edit;
	message.reply_to = sending->reply_to;
	message.text = sending->part;
	message.html = sending->html;
	message.silent = sending->silent;
	message.buttons = buttons;
	message.button_count = offer(sending, buttons);
	body = telegram_message_build(&message);
	if (body == NULL) {
		finish_retry(self, RETRY_UNSENT, VPNS_SCOPE_INSTANCE, 0,
			"the message could not be written: out of memory");
		return;
	}
	telegram_pace_take(&self->pace, self->host->mono_ms(self->host));
	sending->request = telegram_call(self, sending->edit != 0 ? "editMessageText" : "sendMessage", body,
		SEND_TIMEOUT_MS, 0, on_reply);
	free(body);
	if (sending->request == 0)
		finish_retry(self, RETRY_UNSENT, VPNS_SCOPE_INSTANCE, 0, "the request could not be made");
}

static void on_pace(void *arg)
{
	struct telegram *self = arg;

	self->sending.timer = 0;
	send_part(self);
}

/* Groups have negative numbers. What a @name is cannot be known: channels have the limit of groups. */
static int is_group(const char *chat)
{
	return chat[0] == '-' || chat[0] == '@';
}

static void send_paced(struct telegram *self)
{
	uint64_t now = self->host->mono_ms(self->host);
	uint64_t wait = telegram_pace_wait(&self->pace, now, is_group(telegram_chat(self)));

	if (wait > PACE_PATIENCE_MS) {
		finish_retry(self, RETRY_UNSENT, VPNS_SCOPE_CHAT, wait,
			"the chat is written to no faster than Telegram allows");
		return;
	}
	if (wait > 0)
		self->sending.timer = self->timer->set(self->host, wait, on_pace, self);
	if (self->sending.timer == 0)
		send_part(self);
}

/* The next part, if there is one more. */
static void go_on(struct telegram *self)
{
	struct telegram_sending *sending = &self->sending;

	sending->html = 1;
	if (telegram_split_next(&sending->split, sending->part))
		send_paced(self);
	else
		finish_sent(self);
}

/* --- answers --------------------------------------------------------------------------- */

static void on_arrived(struct telegram *self, int64_t message_id)
{
	struct telegram_sending *sending = &self->sending;

	if (sending->parts++ == 0)
		sending->arrived.first = message_id;
	sending->arrived.last = message_id;
	if (sending->edit != 0)
		finish_sent(self);
	else
		go_on(self);
}

static void on_moved(struct telegram *self, int64_t chat)
{
	/* If it was already written there: no hurry, the host backs off. */
	uint64_t after_ms = telegram_chat_moved(self, chat) ? 1 : 0;

	finish_retry(
		self, RETRY_UNSENT, VPNS_SCOPE_CHAT, after_ms, "the group became a supergroup with a new id");
}

/* The message that should have been changed is gone, or too old, or no longer ours: a new one, then. */
static int cannot_be_edited(const char *description)
{
	return strstr(description, "message to edit not found") != NULL ||
	       strstr(description, "message can't be edited") != NULL ||
	       strstr(description, "MESSAGE_ID_INVALID") != NULL;
}

static void on_bad_request(struct telegram *self, const struct telegram_reply *said, const char *reason)
{
	struct telegram_sending *sending = &self->sending;
	const char *description = said->description;

	if (said->migrate_to != 0) {
		on_moved(self, said->migrate_to);
	} else if (sending->edit != 0 && strstr(description, "message is not modified") != NULL) {
		on_arrived(self, sending->edit);
	} else if (sending->update && cannot_be_edited(description)) {
		finish_drop(self, VPNS_SCOPE_CHAT, reason);
	} else if (sending->edit != 0 && cannot_be_edited(description)) {
		sending->edit = 0;
		send_paced(self);
	} else if (sending->html && strstr(description, "can't parse entities") != NULL) {
		sending->html = 0;
		telegram_split_plain(sending->part);
		send_part(self);
	} else if (!sending->no_thread && self->config->thread_id > 0 &&
		   strstr(description, "message thread not found") != NULL) {
		sending->no_thread = 1;
		self->host->log(self->host, VPNS_LOG_WARN,
			"the topic of thread_id is gone: writing into the group itself");
		send_part(self);
	} else {
		finish_drop(self, VPNS_SCOPE_CHAT, reason);
	}
}

/* An answer of the Bot API that is not success. */
static void on_error(struct telegram *self, const struct vpns_http_reply *reply, struct telegram_reply *said)
{
	uint64_t wait_ms = said->retry_after_s > 0 ? said->retry_after_s * 1000 : reply->retry_after_ms;
	char reason[TELEGRAM_REASON_SIZE];

	telegram_mask(self, said->description);
	snprintf(reason, sizeof(reason), "Telegram answers HTTP %u%s%s", (unsigned)reply->status,
		said->description[0] != '\0' ? ": " : "", said->description);
	if (reply->status == 429)
		telegram_pace_refused(&self->pace, self->host->mono_ms(self->host));
	if (reply->status == 429)
		finish_retry(self, RETRY_UNSENT, VPNS_SCOPE_CHAT, wait_ms, reason);
	else if (reply->status == 400)
		on_bad_request(self, said, reason);
	else if (reply->status == 401 || reply->status == 404)
		finish_drop(self, VPNS_SCOPE_INSTANCE, reason);
	else if (reply->status >= 400 && reply->status < 500)
		finish_drop(self, VPNS_SCOPE_CHAT, reason);
	else
		finish_retry(self, RETRY, VPNS_SCOPE_INSTANCE, wait_ms, reason);
}

/* No byte of the request left. */
static int never_left(int32_t error)
{
	return error == VPNS_HTTP_E_URL || error == VPNS_HTTP_E_RESOLVE || error == VPNS_HTTP_E_CONNECT ||
	       error == VPNS_HTTP_E_TLS;
}

/* What refuses a request hands it on to nobody; of one that took too long (408) nobody knows. */
static int is_refusal(uint32_t status)
{
	return status >= 400 && status < 500 && status != 408;
}

static void on_reply(void *arg, const struct vpns_http_reply *reply)
{
	struct telegram *self = arg;
	struct telegram_reply said;
	char reason[TELEGRAM_REASON_SIZE];

	self->sending.request = 0;
	if (reply->error != VPNS_HTTP_OK) {
		snprintf(reason, sizeof(reason), "Telegram does not answer: %s", reply->error_text);
		finish_retry(self, never_left(reply->error) ? RETRY_UNSENT : RETRY, VPNS_SCOPE_INSTANCE, 0,
			reason);
	} else if (telegram_reply_parse(&said, reply->body, (size_t)reply->body_len) < 0) {
		/* A proxy or a login page speaks: whatever its status, it says nothing about the chat. */
		snprintf(reason, sizeof(reason), "something that is not Telegram answers, with HTTP %u",
			(unsigned)reply->status);
		finish_retry(self, is_refusal(reply->status) ? RETRY_UNSENT : RETRY, VPNS_SCOPE_INSTANCE,
			reply->retry_after_ms, reason);
	} else if (reply->status == 200 && said.ok) {
		on_arrived(self, said.message_id);
	} else {
		on_error(self, reply, &said);
	}
}

/* --- the verb -------------------------------------------------------------------------- */

/* Only where somebody listens. */
static void prepare_offers(struct telegram *self, const struct vpns_alert *alert)
{
	struct telegram_sending *sending = &self->sending;
	uint32_t count = VPNS_HAS(alert, actions) ? alert->action_count : 0;
	uint32_t n = 0;
	uint32_t i;

	memset(sending->said, 0, sizeof(sending->said));
	if (self->bot == NULL)
		return;
	for (i = 0; i < count && n < TELEGRAM_ALERT_BUTTONS; i++) {
		const struct vpns_alert_action *action = &alert->actions[i];

		if (((action->flags & VPNS_COMMAND_MAY_ACT) != 0 && self->config->commands < 2) ||
			strlen(action->text) > TELEGRAM_DATA_MAX)
			continue;
		snprintf(sending->said[n], sizeof(sending->said[n]), "%s", action->text);
		snprintf(sending->labels[n], sizeof(sending->labels[n]), "%s", action->label);
		n++;
	}
}

/* Which message it is about, and what becomes of that. 0: it cannot be told as it is meant. */
static int prepare_place(struct telegram *self, const struct vpns_alert *alert)
{
	struct telegram_sending *sending = &self->sending;
	uint32_t change = alert->transition;
	struct telegram_ref ref = {0, 0};
	/* A change makes no sound: what is worse, or over, has to be heard, below what it is about. */
	int in_place = change == VPNS_TRANSITION_OPENED || change == VPNS_TRANSITION_NOTICE;

	if (alert->replaces_ref != NULL)
		ref = telegram_ref_read(alert->replaces_ref, telegram_chat(self));
	sending->update = (alert->flags & VPNS_ALERT_UPDATE) != 0;
	in_place = in_place || sending->update;
	sending->edit = in_place ? ref.first : 0;
	sending->reply_to = in_place ? 0 : ref.first;
	sending->spent = 0;
	if (change == VPNS_TRANSITION_ACKNOWLEDGED || change == VPNS_TRANSITION_RESOLVED ||
		(in_place && ref.last != ref.first))
		sending->spent = ref.last;
	return !sending->update || ref.first != 0;
}

/* Words and state of a delivery that was not begun before. A changed message stays one. */
static int prepare(struct telegram *self, const struct vpns_alert *alert)
{
	struct telegram_sending *sending = &self->sending;
	uint32_t units = sending->edit != 0 ? TELEGRAM_UNITS_MAX : TELEGRAM_TEXT_UNITS;

	sending->parts = 0;
	sending->arrived = (struct telegram_ref){0, 0};
	sending->no_thread = 0;
	if (self->render->alert(
		    self->host, alert, VPNS_RENDER_HTML, units, sending->text, sizeof(sending->text)) < 0)
		return -1;
	sending->silent = alert->severity < self->config->silent_below + VPNS_SEVERITY_INFO ||
			  (VPNS_HAS(alert, silent) && alert->silent != 0);
	snprintf(sending->delivery, sizeof(sending->delivery), "%s", alert->delivery_id);
	prepare_offers(self, alert);
	telegram_split_begin(&sending->split, sending->text);
	return telegram_split_next(&sending->split, sending->part) ? 0 : -1;
}

int32_t telegram_deliver(void *state, vpns_op op, const struct vpns_alert *alert)
{
	struct telegram *self = state;
	struct telegram_sending *sending = &self->sending;
	/* Of one that met an obstacle in the middle, people have the first parts already. */
	int goes_on = sending->delivery[0] != '\0' && strcmp(sending->delivery, alert->delivery_id) == 0;

	sending->op = op;
	if (!goes_on && !prepare_place(self, alert)) {
		finish_drop(self, VPNS_SCOPE_CHAT, "the message that was to be changed is in another chat");
		return VPNS_OK;
	}
	if (!goes_on && prepare(self, alert) < 0) {
		finish_drop(self, VPNS_SCOPE_INSTANCE, "the alert could not be put into words");
		return VPNS_OK;
	}
	if (!goes_on)
		sending->html = 1;
	send_paced(self);
	return VPNS_OK;
}

void telegram_cancel(void *state, vpns_op op)
{
	struct telegram *self = state;
	struct telegram_sending *sending = &self->sending;
	uint32_t status = sending->timer != 0 ? RETRY_UNSENT : RETRY;

	if (op != 0 && op == self->test)
		telegram_test_cancel(self);
	if (op == 0 || op != sending->op)
		return;
	self->timer->cancel(self->host, sending->timer);
	self->http->cancel(self->host, sending->request);
	sending->timer = 0;
	sending->request = 0;
	finish_retry(self, status, VPNS_SCOPE_INSTANCE, 0, "no answer in time");
}
