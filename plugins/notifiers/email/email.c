/* Notifier email: one message a delivery, to one mail server. */
#include "vpn_sentinel/plugin.h"

#include "email_message.h"
#include "email_send.h"
#include "post_alert.h"
#include "post_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RETRY VPNS_DELIVERY_RETRY
#define RETRY_UNSENT (VPNS_DELIVERY_RETRY | VPNS_DELIVERY_UNSENT)

enum { TEXT_SIZE = 65536, SUBJECT_SIZE = 2048, REASON_SIZE = 500, ID_SIZE = 160, HOST_MAX = 255 };

struct config {
	const char *host;
	int64_t port;
	uint32_t security; /* EMAIL_STARTTLS, EMAIL_IMPLICIT_TLS, EMAIL_NO_TLS */
	const char *user;
	const char *password;
	const char *token_file;
	const char *from;
	struct vpns_list to;
	const char *subject_prefix;
	const char *ca_file;
};

static const struct vpns_option options[] = {
	{"host", VPNS_TEXT(struct config, host), VPNS_OPTION_REQUIRED, NULL, 0, 0, 0, NULL,
		"the mail server that takes messages for you: a name or an address"},
	{"port", VPNS_INT(struct config, port), 0, NULL, 1, 65535, 0, NULL,
		"its port; unset: 587, 465 for tls, 25 for none"},
	{"security", VPNS_CHOICE(struct config, security), 0, "starttls", 0, 0, 0, "starttls|tls|none",
		"how the connection is encrypted: after STARTTLS, from its first byte, or not at all"},
	{"user", VPNS_TEXT(struct config, user), 0, NULL, 0, 0, 0, NULL, "whom to log in as"},
	{"password", VPNS_TEXT(struct config, password), VPNS_OPTION_SECRET, NULL, 0, 0, 0, NULL,
		"the password of user"},
	{"token_file", VPNS_PATH(struct config, token_file), VPNS_OPTION_SECRET, NULL, 0, 0, 0, NULL,
		"a file with an OAuth 2 access token of user, instead of a password; read for each message"},
	{"from", VPNS_TEXT(struct config, from), VPNS_OPTION_REQUIRED, NULL, 0, 0, 0, NULL,
		"who it is from: a@b.example, or Name <a@b.example>"},
	{"to", VPNS_LIST(struct config, to), VPNS_OPTION_REQUIRED, NULL, 0, 0, 0, NULL,
		"who gets it: up to 32 addresses"},
	{"subject_prefix", VPNS_TEXT(struct config, subject_prefix), 0, "[VPN Sentinel]", 0, 0, 0, NULL,
		"what each subject begins with"},
	{"ca_file", VPNS_PATH(struct config, ca_file), 0, NULL, 0, 0, 0, NULL,
		"certificates to trust, instead of the system's"},
};

static const char *const needs[] = {VPNS_RENDER_1, VPNS_WORK_1};

/* Who had a message already when its delivery had to be tried again for the others. */
struct partly {
	char delivery[ID_SIZE];
	uint32_t skip;
};

struct email {
	const struct vpns_host *host;
	const struct config *config;
	const struct vpns_render_service *render;
	const struct vpns_work_service *work;
	struct email_address from;
	struct email_address to[EMAIL_RECIPIENTS];
	uint32_t to_count;
	vpns_op op; /* 0: idle */
	struct email_send send; /* a worker's while op runs */
	char *bytes; /* the message; NULL: none */
	char delivery[ID_SIZE];
	char ref[2 * ID_SIZE];
	struct partly partly;
	char text[TEXT_SIZE];
};

static void finish(struct email *self, uint32_t status, uint32_t scope, const char *reason)
{
	struct vpns_delivery_result result = {0};
	vpns_op op = self->op;

	self->op = 0;
	free(self->bytes);
	self->bytes = NULL;
	result.head.size = sizeof(result);
	result.head.kind = VPNS_KIND_NOTIFIER;
	result.status = status;
	result.scope = scope;
	result.reason = reason;
	result.ref = status == VPNS_DELIVERY_SENT ? self->ref : NULL;
	self->host->finish(self->host, op, &result.head);
}

/* A server that repeats the password must not get it into a reason. */
static void mask_password(const struct email *self, char *text)
{
	post_mask(text, self->config->password);
	post_mask(text, self->send.token);
}

/* --- what became of it ---------------------------------------------------------------------- */

/* The server has it. Recipients that it put off get it later, those that it refused never. */
static void on_accepted(struct email *self)
{
	const struct email_talk *talk = &self->send.talk;
	uint32_t done = self->send.skip;
	uint32_t later = 0;
	uint32_t refused = 0;
	uint32_t asked = 0;
	char reason[REASON_SIZE];
	uint32_t i;

	for (i = 0; i < self->to_count; i++) {
		if ((self->send.skip & UINT32_C(1) << i) != 0)
			continue;
		if (talk->codes[asked] >= 400 && talk->codes[asked] < 500)
			later++;
		else
			done |= UINT32_C(1) << i; /* also one refused for good: asking again would not help */
		refused += talk->codes[asked++] >= 500;
	}
	snprintf(reason, sizeof(reason), "the mail server accepts %u of %u recipients; the last refusal: %s",
		(unsigned)(asked - later - refused), (unsigned)asked, talk->refusal);
	mask_password(self, reason);
	if (refused > 0)
		self->host->log(self->host, VPNS_LOG_WARN, reason);
	if (later == 0) {
		finish(self, VPNS_DELIVERY_SENT, 0, NULL);
		return;
	}
	memcpy(self->partly.delivery, self->delivery, sizeof(self->partly.delivery));
	self->partly.skip = done;
	finish(self, RETRY_UNSENT, VPNS_SCOPE_INSTANCE, reason);
}

/* Several recipients, and one of them could be had later: RCPT is refused for now, whatever the last one
 * said. */
static int any_later(const struct email_talk *talk)
{
	uint32_t i;

	for (i = 0; i < talk->asked && i < EMAIL_RECIPIENTS; i++)
		if (talk->codes[i] >= 400 && talk->codes[i] < 500)
			return 1;
	return 0;
}

static void on_refused(struct email *self)
{
	const struct email_talk *talk = &self->send.talk;
	uint32_t scope = talk->phase >= EMAIL_TO ? VPNS_SCOPE_CHAT : VPNS_SCOPE_INSTANCE;
	/* Tokens live an hour: whoever makes them may be late. */
	int old_token = talk->phase == EMAIL_AUTH && self->send.token[0] != '\0';
	int later = talk->code < 500 || old_token || (talk->phase == EMAIL_TO && any_later(talk));
	char reason[REASON_SIZE];

	snprintf(reason, sizeof(reason), "the mail server says: %s", talk->word);
	mask_password(self, reason);
	if (later)
		finish(self, RETRY_UNSENT, VPNS_SCOPE_INSTANCE, reason);
	else
		finish(self, VPNS_DELIVERY_DROP, scope, reason);
}

static void on_done(void *arg)
{
	struct email *self = arg;
	const struct email_send *send = &self->send;
	char reason[REASON_SIZE];

	snprintf(reason, sizeof(reason), "%s: %s", send->never_left ? "no mail server" : "the mail server",
		send->error);
	mask_password(self, reason);
	if (send->ok && send->bytes == NULL)
		finish(self, VPNS_DELIVERY_SENT, 0, NULL); /* a self test */
	else if (send->ok)
		on_accepted(self);
	else if (send->talk.code >= 400)
		on_refused(self);
	else if (send->no_login)
		finish(self, VPNS_DELIVERY_DROP, VPNS_SCOPE_INSTANCE,
			"the mail server offers no way to log in that is known here");
	else
		finish(self, send->whole ? RETRY : RETRY_UNSENT, VPNS_SCOPE_INSTANCE, reason);
}

/* [worker] */
static void run(void *arg)
{
	struct email *self = arg;

	email_send_run(&self->send);
}

/* --- the verbs ------------------------------------------------------------------------------ */

static int loudness(const struct vpns_alert *alert)
{
	if (post_silent(alert))
		return 0;
	return post_level(alert) > 1 ? 2 : 1;
}

/*
 * All messages of one incident are one thread; the first of them has the incident's id. What is of no one
 * incident follows the message that it would take the place of.
 */
static char *build(struct email *self, const struct vpns_alert *alert, size_t *len)
{
	struct email_message message = {0};
	const char *prefix = self->config->subject_prefix;
	int opens = alert->transition == VPNS_TRANSITION_OPENED || alert->incident_id[0] == '\0';
	char subject[SUBJECT_SIZE];
	char thread[ID_SIZE];
	char id[ID_SIZE];

	snprintf(thread, sizeof(thread), "%s.%s", alert->incident_id, self->host->instance);
	snprintf(id, sizeof(id), "%s.%s", alert->delivery_id, self->host->instance);
	snprintf(subject, sizeof(subject), "%s%s%s", prefix != NULL ? prefix : "", prefix != NULL ? " " : "",
		alert->title);
	message.from = &self->from;
	message.to = self->to;
	message.to_count = self->to_count;
	message.loud = loudness(alert);
	message.wall_ms = self->host->wall_ms(self->host);
	message.subject = subject;
	message.body = self->text;
	message.kind = alert->kind;
	message.id = opens && alert->incident_id[0] != '\0' ? thread : id;
	message.thread = opens ? NULL : thread;
	email_message_id(self->ref, sizeof(self->ref), message.id, email_domain(&self->from));
	if (alert->incident_id[0] == '\0' && alert->replaces_ref != NULL &&
		email_message_ref_ok(alert->replaces_ref)) {
		message.follows = alert->replaces_ref;
		/* What comes next is of the same thread, and so refers to its first message, too. */
		snprintf(self->ref, sizeof(self->ref), "%s", alert->replaces_ref);
	}
	return email_message_build(&message, len);
}

static void begin(struct email *self, const struct vpns_alert *alert)
{
	struct email_send *send = &self->send;

	snprintf(self->delivery, sizeof(self->delivery), "%s", alert->delivery_id);
	send->skip = strcmp(self->partly.delivery, self->delivery) == 0 ? self->partly.skip : 0;
	atomic_store(&send->cancelled, 0);
	self->bytes = build(self, alert, &send->len);
	send->bytes = self->bytes;
	if (self->bytes == NULL)
		finish(self, RETRY_UNSENT, VPNS_SCOPE_INSTANCE,
			"the message could not be written: out of memory");
	else if (self->work->start(self->host, run, on_done, self) == 0)
		finish(self, RETRY_UNSENT, VPNS_SCOPE_INSTANCE, "no thread is free to send it");
}

static int32_t deliver(void *state, vpns_op op, const struct vpns_alert *alert)
{
	struct email *self = state;

	self->op = op;
	if (self->render->alert(self->host, alert, VPNS_RENDER_PLAIN, 0, self->text, TEXT_SIZE) < 0)
		finish(self, VPNS_DELIVERY_DROP, VPNS_SCOPE_INSTANCE,
			"the alert could not be put into words");
	else
		begin(self, alert);
	return VPNS_OK;
}

/* Whether the server lets us in; no message is begun. */
static int32_t self_test(void *state, vpns_op op)
{
	struct email *self = state;

	self->op = op;
	self->ref[0] = '\0';
	self->send.bytes = NULL;
	self->send.len = 0;
	self->send.skip = 0;
	atomic_store(&self->send.cancelled, 0);
	if (self->work->start(self->host, run, on_done, self) == 0)
		finish(self, RETRY_UNSENT, VPNS_SCOPE_INSTANCE, "no thread is free to ask");
	return VPNS_OK;
}

/* The worker sees it within a second; then on_done() finishes. */
static void cancel(void *state, vpns_op op)
{
	struct email *self = state;

	if (op != 0 && op == self->op)
		atomic_store(&self->send.cancelled, 1);
}

static int host_ok(const char *host)
{
	size_t len = strlen(host);

	return len > 0 && len <= HOST_MAX &&
	       strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:") == len;
}

static int is_this_machine(const char *host)
{
	return strcmp(host, "localhost") == 0 || strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0;
}

static const char *config_fault(const struct config *config)
{
	if (!host_ok(config->host))
		return "the option host is neither a name nor an address; the port has an option of its own";
	if (config->password != NULL && config->token_file != NULL)
		return "the options password and token_file exclude each other";
	if ((config->user == NULL) != (config->password == NULL && config->token_file == NULL))
		return "of the options user and password (or token_file) there is only one: set both or none";
	if (config->user != NULL && config->security == EMAIL_NO_TLS && !is_this_machine(config->host))
		return "a password would go over the network unencrypted: set security to starttls or tls";
	if (config->to.count > EMAIL_RECIPIENTS)
		return "the option to has more than 32 addresses: use a mailing list, or a second instance";
	if (config->subject_prefix != NULL && strlen(config->subject_prefix) > 100)
		return "the option subject_prefix is longer than 100 bytes";
	return NULL;
}

static int32_t take_addresses(struct email *self, struct vpns_error *error)
{
	const struct config *config = self->config;
	uint32_t i;

	if (email_address_parse(&self->from, config->from) < 0) {
		snprintf(error->text, sizeof(error->text),
			"the option from is no address: write a@b.example or Name <a@b.example>; \"%.100s\" "
			"is "
			"neither",
			config->from);
		return VPNS_E_INVALID;
	}
	for (i = 0; i < config->to.count; i++) {
		if (email_address_parse(&self->to[i], config->to.items[i]) == 0)
			continue;
		snprintf(error->text, sizeof(error->text),
			"item %u of the option to is no address: \"%.100s\" should look like a@b.example",
			(unsigned)i + 1, config->to.items[i]);
		return VPNS_E_INVALID;
	}
	self->to_count = config->to.count;
	return VPNS_OK;
}

static void prepare_send(struct email *self)
{
	static const int64_t ports[] = {587, 465, 25};
	const struct config *config = self->config;
	struct email_send *send = &self->send;
	int bracket = strchr(config->host, ':') != NULL;

	snprintf(send->url, sizeof(send->url), "%s://%s%s%s:%lld",
		config->security == EMAIL_IMPLICIT_TLS ? "smtps" : "smtp", bracket ? "[" : "", config->host,
		bracket ? "]" : "", (long long)(config->port > 0 ? config->port : ports[config->security]));
	send->security = config->security;
	send->user = config->user;
	send->password = config->password;
	send->token_file = config->token_file;
	send->ca_file = config->ca_file;
	send->from = &self->from;
	send->to = self->to;
	send->to_count = self->to_count;
}

static void *create(const struct vpns_host *host, const void *config, struct vpns_error *error)
{
	const char *fault = config_fault(config);
	struct email *self = fault == NULL ? calloc(1, sizeof(*self)) : NULL;

	if (self == NULL) {
		snprintf(error->text, sizeof(error->text), "%s", fault != NULL ? fault : "out of memory");
		return NULL;
	}
	self->host = host;
	self->config = config;
	self->render = host->service(host, VPNS_RENDER_1);
	self->work = host->service(host, VPNS_WORK_1);
	if (take_addresses(self, error) < 0) {
		free(self);
		return NULL;
	}
	prepare_send(self);
	return self;
}

static void destroy(void *state)
{
	free(state);
}

static const struct vpns_notifier_ops ops = {
	sizeof(ops),
	0,
	0,
	0,
	create,
	deliver,
	cancel,
	destroy,
	NULL,
	self_test,
};

VPNS_NOTIFIER_PLUGIN("email", "1.0.0", "messages by mail, through a server of yours", 0, VPNS_GRANT_NET,
	VPNS_OPTIONS(struct config, options), VPNS_NEEDS(needs), &ops);
