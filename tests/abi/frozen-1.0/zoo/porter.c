/* An access check that answers as the header X-Porter says. */
#include <stdlib.h>
#include <string.h>

#include "vpn_sentinel/plugin.h"

struct porter {
	const struct vpns_host *host;
	const struct vpns_timer_service *timer;
	vpns_op later;
};

static const char *const needs[] = {VPNS_TIMER_1};

static void *create(const struct vpns_host *host, const void *config, struct vpns_error *error)
{
	struct porter *self = calloc(1, sizeof(*self));

	(void)config;
	(void)error;
	if (!self)
		return NULL;
	self->host = host;
	self->timer = host->service(host, VPNS_TIMER_1);
	return self;
}

static void allow(const struct porter *self, vpns_op op, const char *principal)
{
	const struct vpns_auth_result result = {
		.head = {sizeof(result), VPNS_KIND_AUTH},
		.status = VPNS_AUTH_ALLOW,
		.roles = 0xffff,
		.principal = principal,
	};

	self->host->finish(self->host, op, &result.head);
}

static void allow_long(const struct porter *self, vpns_op op)
{
	char principal[200];

	memset(principal, 'p', sizeof(principal) - 1);
	principal[sizeof(principal) - 1] = '\0';
	allow(self, op, principal);
}

static void answer(const struct porter *self, vpns_op op, uint32_t status, uint32_t deny)
{
	const struct vpns_auth_result result = {
		.head = {sizeof(result), VPNS_KIND_AUTH},
		.status = status,
		.deny = deny,
		.principal = "not for a refusal",
		.reason = "because",
	};

	self->host->finish(self->host, op, &result.head);
}

static void allow_later(void *arg)
{
	const struct porter *self = arg;

	allow(self, self->later, "later");
}

static int32_t check(void *state, vpns_op op, const struct vpns_auth_request *request)
{
	struct porter *self = state;
	const char *wish = request->header(request, "X-Porter");

	if (!wish)
		answer(self, op, VPNS_AUTH_DENY, VPNS_DENY_NO_CREDENTIALS);
	else if (strcmp(wish, "allow") == 0)
		allow(self, op, "ann");
	else if (strcmp(wish, "long") == 0)
		allow_long(self, op);
	else if (strcmp(wish, "control") == 0)
		allow(self, op, "ann\nroot");
	else if (strcmp(wish, "abstain") == 0)
		answer(self, op, VPNS_AUTH_ABSTAIN, 0);
	else if (strcmp(wish, "strange") == 0)
		answer(self, op, 1000, 0);
	else if (strcmp(wish, "strange_deny") == 0)
		answer(self, op, VPNS_AUTH_DENY, 1000);
	else if (strcmp(wish, "error") == 0)
		return VPNS_E_UNAVAILABLE;
	else if (strcmp(wish, "later") == 0) {
		self->later = op;
		self->timer->set(self->host, 1, allow_later, self);
	}
	return 0;
}

static void cancel(void *state, vpns_op op)
{
	answer(state, op, VPNS_AUTH_ABSTAIN, 0);
}

static void destroy(void *state)
{
	free(state);
}

static const struct vpns_auth_ops ops = {
	.size = sizeof(ops), .create = create, .check = check, .cancel = cancel, .destroy = destroy};

VPNS_AUTH_PLUGIN(
	ZOO_NAME, "1.0.0", "answers as a header says", 0, 0, VPNS_NO_OPTIONS, VPNS_NEEDS(needs), &ops);
