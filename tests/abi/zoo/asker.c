/* A probe that uses the services of the network, of descriptors and of programs as its option `mode` says. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vpn_sentinel/plugin.h"

#ifdef ZOO_NO_EXEC
#define ASKER_GRANTS VPNS_GRANT_NET
#else
#define ASKER_GRANTS (VPNS_GRANT_NET | VPNS_GRANT_EXEC)
#endif

struct config {
	const char *mode;
	const char *target; /* a name, an address, a URL, a script, a reason */
	const char *server;
	int64_t port;
	int64_t fd;
};

struct asker {
	const struct vpns_host *host;
	const struct config *config;
	const struct vpns_dns_service *dns;
	const struct vpns_socket_service *socket;
	const struct vpns_poll_service *poll;
	const struct vpns_spawn_service *spawn;
	const struct vpns_round_service *round;
	const struct vpns_nonce_service *nonce;
	const struct vpns_http_service *http;
	const struct vpns_timer_service *timer;
	vpns_op op;
	uint64_t handle;
	char text[1000];
};

static const struct vpns_option options[] = {
	{"mode", VPNS_TEXT(struct config, mode), VPNS_OPTION_REQUIRED, NULL, 0, 0, 0, NULL, "what to do"},
	{"target", VPNS_TEXT(struct config, target), 0, "x", 0, 0, 0, NULL, "with what"},
	{"server", VPNS_TEXT(struct config, server), 0, NULL, 0, 0, 0, NULL, "whom to ask"},
	{"port", VPNS_INT(struct config, port), 0, "9", 0, 0, 0, NULL, "where"},
	{"fd", VPNS_INT(struct config, fd), 0, "-1", 0, 0, 0, NULL, "what to watch"},
};

static const char *const needs[] = {VPNS_DNS_1, VPNS_SOCKET_1, VPNS_POLL_1, VPNS_SPAWN_1, VPNS_ROUND_1,
	VPNS_NONCE_1, VPNS_HTTP_1, VPNS_TIMER_1};

static const struct vpns_fact_decl facts[] = {{"own.text", VPNS_FACT_TEXT, 0, NULL, "what came of it"}};

static int is_mode(const struct asker *self, const char *mode)
{
	return strcmp(self->config->mode, mode) == 0;
}

static void finish(void *arg)
{
	struct asker *self = arg;
	const struct vpns_fact fact = {"own.text", self->text};
	const struct vpns_probe_result result = {
		{sizeof(result), VPNS_KIND_PROBE}, VPNS_PROBE_PASS, 1, &fact, NULL, 0, 0};

	self->host->finish(self->host, self->op, &result.head);
}

static void on_dns(void *arg, const struct vpns_dns_reply *reply)
{
	struct asker *self = arg;
	size_t len = (size_t)snprintf(
		self->text, sizeof(self->text), "%d %u", (int)reply->error, (unsigned)reply->rcode);
	uint32_t i;

	self->handle = 0;
	for (i = 0; i < reply->record_count; i++)
		len += (size_t)snprintf(self->text + len, sizeof(self->text) - len, " %s=%s/%u",
			reply->records[i].name, reply->records[i].text,
			(unsigned)reply->records[i].string_count);
	finish(self);
}

static void on_socket(void *arg, const struct vpns_socket_reply *reply)
{
	struct asker *self = arg;

	self->handle = 0;
	snprintf(self->text, sizeof(self->text), "%d %u %.*s", (int)reply->error, (unsigned)reply->connected,
		(int)reply->data_len, (const char *)reply->data);
	finish(self);
}

static void on_spawn(void *arg, const struct vpns_spawn_reply *reply)
{
	struct asker *self = arg;

	self->handle = 0;
	snprintf(self->text, sizeof(self->text), "%d %d %s|%s", (int)reply->error, (int)reply->exit_code,
		reply->output, reply->errors);
	finish(self);
}

static void on_http(void *arg, const struct vpns_http_reply *reply)
{
	struct asker *self = arg;

	self->handle = 0;
	snprintf(self->text, sizeof(self->text), "%d %u %s%s", (int)reply->error, (unsigned)reply->status,
		reply->body, reply->error_text);
	finish(self);
}

static void on_ready(void *arg, uint32_t events)
{
	struct asker *self = arg;
	char byte = '-';

	if (events == VPNS_POLL_READ && read((int)self->config->fd, &byte, 1) != 1)
		byte = '!';
	snprintf(self->text, sizeof(self->text), "%u %c", (unsigned)events, byte);
	self->poll->end(self->host, self->handle);
	self->handle = 0;
	finish(self);
}

static uint64_t ask(struct asker *self)
{
	const struct vpns_dns_request request = {
		.size = is_mode(self, "dns_ill") ? 8 : sizeof(request),
		.mode = is_mode(self, "dns_system") ? VPNS_DNS_SYSTEM : VPNS_DNS_RESOLVER,
		.name = self->config->target,
		.type = is_mode(self, "dns_txt") ? VPNS_DNS_TXT : VPNS_DNS_A,
		.server = self->config->server,
	};

	return self->dns->query(self->host, &request, on_dns, self);
}

static uint64_t exchange(struct asker *self)
{
	const struct vpns_socket_request request = {
		.size = is_mode(self, "socket_ill") ? 8 : sizeof(request),
		.transport = is_mode(self, "socket_tcp") ? VPNS_SOCKET_TCP : VPNS_SOCKET_UDP,
		.address = self->config->target,
		.device = self->config->server,
		.port = (uint32_t)self->config->port,
		.data = is_mode(self, "socket_tcp") ? NULL : "ping",
		.data_len = 4,
	};

	return self->socket->exchange(self->host, &request, on_socket, self);
}

static uint64_t run(struct asker *self)
{
	const char *const argv[] = {"sh", "-c", self->config->target, NULL};
	const struct vpns_spawn_request request = {
		.size = is_mode(self, "spawn_ill") ? 8 : sizeof(request),
		.argv = argv,
		.input = "in",
		.input_len = 2,
	};

	return self->spawn->run(self->host, &request, on_spawn, self);
}

static uint64_t get(struct asker *self)
{
	const struct vpns_http_request request = {
		.size = sizeof(request),
		.url = self->config->target,
		.flags = is_mode(self, "http") ? 0 : VPNS_HTTP_REUSE,
		.method = is_mode(self, "http_post") ? "POST" : NULL,
		.device = self->config->server,
	};

	return self->http->request(self->host, &request, on_http, self);
}

static uint64_t begin(struct asker *self)
{
	if (strncmp(self->config->mode, "dns", 3) == 0)
		return ask(self);
	if (strncmp(self->config->mode, "socket", 6) == 0)
		return exchange(self);
	if (strncmp(self->config->mode, "spawn", 5) == 0)
		return run(self);
	if (strncmp(self->config->mode, "http", 4) == 0)
		return get(self);
	return self->poll->watch(self->host, (int32_t)self->config->fd,
		is_mode(self, "poll_ill") ? 64 : VPNS_POLL_READ, on_ready, self);
}

static void drop(struct asker *self, uint64_t handle)
{
	self->dns->cancel(self->host, handle);
	self->http->cancel(self->host, handle);
	self->socket->cancel(self->host, handle);
	self->spawn->cancel(self->host, handle);
	self->poll->end(self->host, handle);
}

/* As many as there may be, and how many that was; then all are cancelled. */
static void flood(struct asker *self)
{
	uint64_t handles[40];
	uint32_t count = 0;
	uint32_t i;

	while (count < 40 && (handles[count] = begin(self)) != 0)
		count++;
	for (i = 0; i < count; i++)
		drop(self, handles[i]);
	snprintf(self->text, sizeof(self->text), "%u", (unsigned)count);
	finish(self);
}

static void add_server(void *arg, const char *address)
{
	struct asker *self = arg;

	strcat(self->text, address);
	strcat(self->text, " ");
}

static void say_number(struct asker *self, int64_t number)
{
	snprintf(self->text, sizeof(self->text), "%lld", (long long)number);
	finish(self);
}

static int ends(const struct asker *self, const char *tail)
{
	size_t len = strlen(self->config->mode);

	return len >= strlen(tail) && strcmp(self->config->mode + len - strlen(tail), tail) == 0;
}

static int32_t start(void *state, vpns_op op, const struct vpns_probe_request *request)
{
	struct asker *self = state;

	(void)request;
	self->op = op;
	strcpy(self->text, "-");
	if (is_mode(self, "nameservers")) {
		self->dns->nameservers(self->host, add_server, self);
		finish(self);
	} else if (is_mode(self, "hurry")) {
		say_number(self, self->round->hurry(self->host, self->config->target));
	} else if (is_mode(self, "nonce")) {
		say_number(self, self->nonce->tell(self->host, self->config->target));
	} else if (ends(self, "_flood")) {
		flood(self);
	} else {
		self->handle = begin(self);
		if (ends(self, "_cancel")) {
			drop(self, self->handle);
			drop(self, self->handle);
			self->handle = 0;
			self->timer->set(self->host, 30, finish, self);
		} else if (self->handle == 0 || ends(self, "_leave")) {
			strcpy(self->text, self->handle == 0 ? "refused" : "left");
			finish(self);
		}
	}
	return VPNS_OK;
}

static void *create(const struct vpns_host *host, const void *config, struct vpns_error *error)
{
	struct asker *self = calloc(1, sizeof(*self));

	if (self == NULL) {
		strcpy(error->text, "out of memory");
		return NULL;
	}
	self->host = host;
	self->config = config;
	self->dns = host->service(host, VPNS_DNS_1);
	self->socket = host->service(host, VPNS_SOCKET_1);
	self->poll = host->service(host, VPNS_POLL_1);
	self->spawn = host->service(host, VPNS_SPAWN_1);
	self->round = host->service(host, VPNS_ROUND_1);
	self->nonce = host->service(host, VPNS_NONCE_1);
	self->http = host->service(host, VPNS_HTTP_1);
	self->timer = host->service(host, VPNS_TIMER_1);
	return self;
}

static void cancel(void *state, vpns_op op)
{
	struct asker *self = state;

	(void)op;
	drop(self, self->handle);
	finish(self);
}

static const struct vpns_probe_ops ops = {sizeof(ops), 0, create, start, cancel, free, NULL, NULL};

VPNS_PROBE_PLUGIN(ZOO_NAME, "1.0.0", "asks the services", 0, ASKER_GRANTS,
	VPNS_OPTIONS(struct config, options), VPNS_NEEDS(needs), VPNS_FACTS(facts), &ops);
