/* Auth cidr: who comes from an allowed network passes. */
#include "vpn_sentinel/plugin.h"

#include "cidr_prefix.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct config {
	struct vpns_list allow;
	struct vpns_list deny;
};

static const struct vpns_option options[] = {
	{"allow", VPNS_LIST(struct config, allow), VPNS_OPTION_LIVE, NULL, 0, 0, 0, NULL,
		"addresses and prefixes that may come in; empty: that is for other checks to say"},
	{"deny", VPNS_LIST(struct config, deny), VPNS_OPTION_LIVE, NULL, 0, 0, 0, NULL,
		"addresses and prefixes that may not, even if allowed"},
};

struct list {
	struct cidr_prefix *rows;
	uint32_t count;
};

struct cidr {
	const struct vpns_host *host;
	struct list allow;
	struct list deny;
};

/* Adds one more sentence to error, if it fits. */
static void complain(struct vpns_error *error, const char *option, const char *entry, const char *fault)
{
	size_t used = strlen(error->text);
	size_t room = sizeof(error->text) - used;
	int len = snprintf(error->text + used, room, "%soption %s: \"%.80s\" %s", used > 0 ? "; " : "",
		option, entry, fault);

	if (len < 0 || (size_t)len >= room)
		error->text[used] = '\0';
}

/* Reads all of texts, so that one run tells every bad entry. */
static int list_read(
	struct list *list, const struct vpns_list *texts, const char *option, struct vpns_error *error)
{
	const char *fault;
	int rc = 0;
	uint32_t i;

	memset(list, 0, sizeof(*list));
	if (texts->count == 0)
		return 0;
	list->rows = calloc(texts->count, sizeof(*list->rows));
	if (list->rows == NULL) {
		snprintf(error->text, sizeof(error->text), "out of memory");
		return -1;
	}
	list->count = texts->count;
	for (i = 0; i < texts->count; i++) {
		fault = cidr_prefix_parse(&list->rows[i], texts->items[i]);
		if (fault == NULL)
			continue;
		complain(error, option, texts->items[i], fault);
		rc = -1;
	}
	return rc;
}

static int list_holds(const struct list *list, const struct cidr_prefix *address)
{
	uint32_t i;

	for (i = 0; i < list->count; i++) {
		if (cidr_prefix_holds(&list->rows[i], address))
			return 1;
	}
	return 0;
}

/* What the lists say of the address; *why when it may not come in. */
static uint32_t answer(const struct cidr *self, const char *text, const char **why)
{
	struct cidr_prefix address;

	if (self->allow.count == 0 && self->deny.count == 0)
		return VPNS_AUTH_ABSTAIN;
	if (text == NULL || cidr_address_parse(&address, text) < 0)
		*why = "has no address to look up";
	else if (list_holds(&self->deny, &address))
		*why = "is denied";
	else if (self->allow.count > 0 && !list_holds(&self->allow, &address))
		*why = "is not allowed";
	if (*why != NULL)
		return VPNS_AUTH_DENY;
	return self->allow.count > 0 ? VPNS_AUTH_ALLOW : VPNS_AUTH_ABSTAIN;
}

static int32_t check(void *state, vpns_op op, const struct vpns_auth_request *request)
{
	const struct cidr *self = state;
	struct vpns_auth_result result = {0};
	const char *why = NULL;
	char reason[128];

	result.head.size = sizeof(result);
	result.head.kind = VPNS_KIND_AUTH;
	result.status = answer(self, request->address, &why);
	if (result.status == VPNS_AUTH_DENY) {
		snprintf(reason, sizeof(reason), "the peer %.60s %s",
			request->address != NULL ? request->address : "", why);
		result.deny = VPNS_DENY_FORBIDDEN;
		result.reason = reason;
	}
	self->host->finish(self->host, op, &result.head);
	return VPNS_OK;
}

/* check() has always finished. */
static void cancel(void *state, vpns_op op)
{
	(void)state;
	(void)op;
}

/* Reads both lists of self, or leaves it as it was. */
static int read_lists(struct cidr *self, const struct config *config, struct vpns_error *error)
{
	struct list allow;
	struct list deny;
	int bad;

	error->text[0] = '\0';
	bad = list_read(&allow, &config->allow, "allow", error) < 0;
	bad |= list_read(&deny, &config->deny, "deny", error) < 0;
	if (bad) {
		free(allow.rows);
		free(deny.rows);
		return -1;
	}
	free(self->allow.rows);
	free(self->deny.rows);
	self->allow = allow;
	self->deny = deny;
	return 0;
}

static void *create(const struct vpns_host *host, const void *config, struct vpns_error *error)
{
	struct cidr *self = calloc(1, sizeof(*self));

	if (self == NULL) {
		snprintf(error->text, sizeof(error->text), "out of memory");
		return NULL;
	}
	self->host = host;
	if (read_lists(self, config, error) < 0) {
		free(self);
		return NULL;
	}
	return self;
}

static void destroy(void *state)
{
	struct cidr *self = state;

	free(self->allow.rows);
	free(self->deny.rows);
	free(self);
}

static int32_t reconfigure(void *state, const void *config)
{
	struct cidr *self = state;
	struct vpns_error error = {sizeof(error), ""};

	if (read_lists(self, config, &error) < 0) {
		self->host->log(self->host, VPNS_LOG_ERROR, error.text);
		return VPNS_E_INVALID;
	}
	return VPNS_OK;
}

static const struct vpns_auth_ops ops = {
	sizeof(ops),
	0,
	create,
	check,
	cancel,
	destroy,
	reconfigure,
};

VPNS_AUTH_PLUGIN("cidr", "1.0.0", "only peers from allowed networks pass", 0, 0,
	VPNS_OPTIONS(struct config, options), VPNS_NO_NEEDS, &ops);
