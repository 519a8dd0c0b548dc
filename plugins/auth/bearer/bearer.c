/* Auth bearer: who shows one of the configured API keys comes in. */
#include "vpn_sentinel/plugin.h"

#include "bearer_header.h"
#include "bearer_keys.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

enum { FILE_MAX = 1048576, CLIENTS_MAX = 100 };

#define NAME_HOLE "{name}"

struct config {
	struct vpns_list keys;
	const char *keys_file;
	struct vpns_list roles;
	const char *clients;
};

static const struct vpns_option options[] = {
	{"keys", VPNS_LIST(struct config, keys), VPNS_OPTION_SECRET | VPNS_OPTION_LIVE, NULL, 0, 0, 0, NULL,
		"API keys, each a key or name=key"},
	{"keys_file", VPNS_PATH(struct config, keys_file), VPNS_OPTION_SECRET | VPNS_OPTION_LIVE, NULL, 0, 0,
		0, NULL, "file with more of them, one a line, # begins a comment"},
	{"roles", VPNS_LIST(struct config, roles), VPNS_OPTION_LIVE, "report, read", 0, 0, 0, NULL,
		"what these keys may do"},
	{"clients", VPNS_TEXT(struct config, clients), VPNS_OPTION_LIVE, NULL, 0, 0, 0, NULL,
		"client ids they may report for, such as office-*; {name} is the key's own name"},
};

static const struct {
	const char *name;
	uint32_t bit;
} role_rows[] = {
	{"report", VPNS_AUTH_ROLE_REPORT},
	{"read", VPNS_AUTH_ROLE_READ},
	{"operate", VPNS_AUTH_ROLE_OPERATE},
	{"admin", VPNS_AUTH_ROLE_ADMIN},
};

/* Everything that is made of one configuration. */
struct rules {
	struct bearer_keys keys;
	uint32_t roles;
	char clients[CLIENTS_MAX + 1]; /* "": all */
};

struct bearer {
	const struct vpns_host *host;
	struct rules rules;
	int warned; /* about short keys */
};

static int read_roles(uint32_t *roles, const struct vpns_list *names, struct vpns_error *error)
{
	uint32_t i;
	size_t k;

	*roles = 0;
	for (i = 0; i < names->count; i++) {
		for (k = 0; k < sizeof(role_rows) / sizeof(role_rows[0]); k++) {
			if (strcmp(names->items[i], role_rows[k].name) == 0)
				break;
		}
		if (k == sizeof(role_rows) / sizeof(role_rows[0])) {
			snprintf(error->text, sizeof(error->text),
				"the option roles knows report, read, operate and admin, not \"%.40s\"",
				names->items[i]);
			return -1;
		}
		*roles |= role_rows[k].bit;
	}
	return 0;
}

static int read_clients(struct rules *rules, const char *clients, struct vpns_error *error)
{
	size_t len = clients != NULL ? strlen(clients) : 0;

	if (len > CLIENTS_MAX) {
		snprintf(error->text, sizeof(error->text), "the option clients has more than %d characters",
			CLIENTS_MAX);
		return -1;
	}
	if (len > 0)
		memcpy(rules->clients, clients, len);
	return 0;
}

static int read_list(struct bearer_keys *keys, const struct vpns_list *list, struct vpns_error *error)
{
	const char *fault;
	uint32_t i;

	for (i = 0; i < list->count; i++) {
		fault = bearer_keys_add(keys, list->items[i], strlen(list->items[i]));
		if (fault == NULL)
			continue;
		snprintf(error->text, sizeof(error->text), "entry %u of the option keys %s", (unsigned)i + 1,
			fault);
		return -1;
	}
	return 0;
}

static int refuse_file(struct vpns_error *error, const char *path, const char *why)
{
	snprintf(error->text, sizeof(error->text), "the option keys_file: cannot read %.300s: %s", path, why);
	return -1;
}

/* A descriptor of path, which must be a regular file: a pipe, without a writer, would never be read to its
 * end. */
static int open_file(const char *path, struct vpns_error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat found;
	int rc = 0;

	if (fd < 0)
		return refuse_file(error, path, strerror(errno));
	if (fstat(fd, &found) < 0)
		rc = refuse_file(error, path, strerror(errno));
	else if (!S_ISREG(found.st_mode))
		rc = refuse_file(error, path, "it is no regular file");
	if (rc == 0)
		return fd;
	close(fd);
	return rc;
}

/* At most FILE_MAX bytes; -1 with errno. */
static ssize_t read_all(int fd, char *text)
{
	size_t len = 0;
	ssize_t got = 1;

	while (got != 0 && len < FILE_MAX) {
		got = read(fd, text + len, FILE_MAX - len);
		if (got < 0 && errno != EINTR)
			return -1;
		len += got > 0 ? (size_t)got : 0;
	}
	return (ssize_t)len;
}

/* The whole file, to be cleansed and freed; NULL with a sentence in error. */
static char *read_file(const char *path, size_t *len, struct vpns_error *error)
{
	int fd = open_file(path, error);
	char *text = fd >= 0 ? malloc(FILE_MAX) : NULL;
	ssize_t got;

	if (fd < 0)
		return NULL;
	got = text != NULL ? read_all(fd, text) : -1;
	if (got < 0)
		refuse_file(error, path, strerror(errno));
	else if (got == FILE_MAX)
		refuse_file(error, path, "it is larger than 1 MiB");
	close(fd);
	if (got >= 0 && got < FILE_MAX) {
		*len = (size_t)got;
		return text;
	}
	if (text != NULL)
		OPENSSL_cleanse(text, FILE_MAX);
	free(text);
	return NULL;
}

static int read_keys_file(struct bearer_keys *keys, const char *path, struct vpns_error *error)
{
	const char *fault;
	size_t line;
	size_t len;
	char *text;

	if (path == NULL)
		return 0;
	text = read_file(path, &len, error);
	if (text == NULL)
		return -1;
	fault = bearer_keys_add_lines(keys, text, len, &line);
	OPENSSL_cleanse(text, len);
	free(text);
	if (fault != NULL)
		snprintf(error->text, sizeof(error->text), "%.300s, line %zu: the key %s", path, line, fault);
	return fault != NULL ? -1 : 0;
}

/* Fills rules, or leaves them empty with a sentence in error. */
static int read_rules(struct rules *rules, const struct config *config, struct vpns_error *error)
{
	memset(rules, 0, sizeof(*rules));
	if (read_roles(&rules->roles, &config->roles, error) < 0 ||
		read_clients(rules, config->clients, error) < 0 ||
		read_list(&rules->keys, &config->keys, error) < 0 ||
		read_keys_file(&rules->keys, config->keys_file, error) < 0)
		goto fail;
	if (rules->keys.count == 0) {
		snprintf(error->text, sizeof(error->text),
			"no API key is configured, so nobody could come in: make one with `vpn-sentinel key "
			"new` and set "
			"the option keys (or VPN_SENTINEL_API_KEY)");
		goto fail;
	}
	return 0;

fail:
	bearer_keys_fini(&rules->keys);
	return -1;
}

static void warn_of_weak_keys(struct bearer *self)
{
	char line[160];

	if (self->rules.keys.weak == 0 || self->warned)
		return;
	self->warned = 1;
	snprintf(line, sizeof(line),
		"%zu of %zu API keys are shorter than %d characters and can be guessed: "
		"make better ones with `vpn-sentinel key new`",
		self->rules.keys.weak, self->rules.keys.count, BEARER_SHORT);
	self->host->log(self->host, VPNS_LOG_WARN, line);
}

static void deny(const struct vpns_host *host, vpns_op op, uint32_t kind, const char *reason)
{
	struct vpns_auth_result result = {0};

	result.head.size = sizeof(result);
	result.head.kind = VPNS_KIND_AUTH;
	result.status = VPNS_AUTH_DENY;
	result.deny = kind;
	result.reason = reason;
	host->finish(host, op, &result.head);
}

/* The client ids that a key may speak for, into text; NULL: all. */
static const char *clients_of(
	const struct rules *rules, const struct bearer_key *key, char *text, size_t size)
{
	const char *hole = strstr(rules->clients, NAME_HOLE);

	if (rules->clients[0] == '\0')
		return NULL;
	if (hole == NULL)
		return rules->clients;
	snprintf(text, size, "%.*s%s%s", (int)(hole - rules->clients), rules->clients, key->principal,
		hole + strlen(NAME_HOLE));
	return text;
}

static void allow(const struct bearer *self, vpns_op op, const struct bearer_key *key)
{
	struct vpns_auth_result result = {0};
	char clients[CLIENTS_MAX + BEARER_NAME_SIZE];

	result.head.size = sizeof(result);
	result.head.kind = VPNS_KIND_AUTH;
	result.status = VPNS_AUTH_ALLOW;
	result.roles = self->rules.roles;
	result.principal = key->principal;
	result.client_pattern = clients_of(&self->rules, key, clients, sizeof(clients));
	self->host->finish(self->host, op, &result.head);
}

static int32_t check(void *state, vpns_op op, const struct vpns_auth_request *request)
{
	const struct bearer *self = state;
	const struct bearer_key *row;
	size_t bearer_len = 0;
	size_t plain_len = 0;
	const char *bearer = bearer_header_key(request->header(request, "Authorization"), &bearer_len);
	const char *plain = bearer_header_trim(request->header(request, "X-API-Key"), &plain_len);

	if (bearer == NULL && plain == NULL) {
		deny(self->host, op, VPNS_DENY_NO_CREDENTIALS, "no API key was shown");
		return VPNS_OK;
	}
	if (bearer != NULL && plain != NULL &&
		(bearer_len != plain_len || CRYPTO_memcmp(bearer, plain, plain_len) != 0)) {
		deny(self->host, op, VPNS_DENY_BAD_CREDENTIALS, "two different API keys were shown");
		return VPNS_OK;
	}
	row = bearer != NULL ? bearer_keys_find(&self->rules.keys, bearer, bearer_len)
			     : bearer_keys_find(&self->rules.keys, plain, plain_len);
	if (row == NULL)
		deny(self->host, op, VPNS_DENY_BAD_CREDENTIALS, "the API key is not one of ours");
	else
		allow(self, op, row);
	return VPNS_OK;
}

/* check() has always finished. */
static void cancel(void *state, vpns_op op)
{
	(void)state;
	(void)op;
}

static void *create(const struct vpns_host *host, const void *config, struct vpns_error *error)
{
	struct bearer *self = calloc(1, sizeof(*self));

	if (self == NULL) {
		snprintf(error->text, sizeof(error->text), "out of memory");
		return NULL;
	}
	self->host = host;
	if (read_rules(&self->rules, config, error) < 0) {
		free(self);
		return NULL;
	}
	warn_of_weak_keys(self);
	return self;
}

static void destroy(void *state)
{
	struct bearer *self = state;

	bearer_keys_fini(&self->rules.keys);
	free(self);
}

static int32_t reconfigure(void *state, const void *config)
{
	struct bearer *self = state;
	struct vpns_error error = {sizeof(error), ""};
	struct rules rules;

	if (read_rules(&rules, config, &error) < 0) {
		self->host->log(self->host, VPNS_LOG_ERROR, error.text);
		return VPNS_E_INVALID;
	}
	bearer_keys_fini(&self->rules.keys);
	self->rules = rules;
	warn_of_weak_keys(self);
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

VPNS_AUTH_PLUGIN("bearer", "1.0.0", "API keys in Authorization: Bearer or X-API-Key", 0, 0,
	VPNS_OPTIONS(struct config, options), VPNS_NO_NEEDS, &ops);
