#include "net/dns.h"

#include <stdio.h>
#include <string.h>
#include <uthash.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/require.h"
#include "loop/loop.h"
#include "loop/work.h"
#include "net/dns_ask.h"
#include "net/dns_message.h"
#include "net/dns_server.h"
#include "net/dns_system.h"

#define RESOLV_CONF "/etc/resolv.conf"
#define RUNNING_MAX 256
#define DEFAULT_TIMEOUT_MS 5000
#define CLASS_IN 1
#define THREADS 4
#define QUEUE 128
#define PATIENCE_MS 100 /* at the end, for names that are being looked up */

struct query {
	UT_hash_handle hh;
	uint64_t id;
	struct vs_dns *dns;
	char *name;
	struct vs_dns_question question;
	struct vs_dns_server servers[VS_DNS_SERVERS_MAX];
	size_t server_count;
	size_t next; /* server to ask */
	struct vs_dns_ask *ask;
	struct vs_dns_lookup *lookup;
	struct vs_timer *timer; /* of a lookup, and of what ended before it began */
	enum vs_dns_error error; /* of what ended, or of the last server */
	uint64_t started_ms;
	uint64_t deadline_ms;
	vs_dns_done *done;
	void *arg;
};

struct vs_dns {
	struct vs_loop *loop;
	struct vs_pool *pool; /* NULL: nobody has asked the system yet */
	char *resolv_conf;
	struct query *queries;
	uint64_t last_id;
	unsigned telling;
};

const char *vs_dns_error_text(enum vs_dns_error error)
{
	static const char *const texts[] = {
#define DNS_TEXT(name, code, text) [code] = text,
		VS_DNS_ERROR_ROWS(DNS_TEXT)
#undef DNS_TEXT
	};

	return texts[error];
}

static void free_query(struct query *query)
{
	vs_dns_ask_cancel(query->ask);
	vs_dns_lookup_cancel(query->lookup);
	vs_timer_destroy(query->timer);
	vs_free(query->name);
	vs_free(query);
}

/* Ends query; message NULL: there is none. */
static void tell(struct query *query, const struct vs_dns_message *message)
{
	struct vs_dns *dns = query->dns;
	char server[VS_DNS_SERVER_TEXT] = "";
	char text[192] = "";
	struct vs_dns_reply reply = {
		.error = query->error,
		.rcode = message != NULL ? message->rcode : 0,
		.records = message != NULL ? message->records : NULL,
		.record_count = message != NULL ? message->count : 0,
		.server = server,
		.error_text = text,
		.elapsed_ms = vs_mono_ms() - query->started_ms,
	};

	if (query->next > 0)
		vs_dns_server_format(&query->servers[query->next - 1], server);
	if (query->error != VS_DNS_E_OK)
		(void)snprintf(text, sizeof(text), "%s%s%s%s", vs_dns_error_text(query->error),
			server[0] != '\0' ? " (" : "", server, server[0] != '\0' ? ")" : "");
	HASH_DEL(dns->queries, query);
	dns->telling++;
	query->done(query->arg, &reply);
	dns->telling--;
	free_query(query);
}

static bool has_type(const struct vs_dns_message *message, uint32_t type)
{
	size_t i;

	for (i = 0; i < message->count; i++)
		if (message->records[i].type == type)
			return true;
	return false;
}

static enum vs_dns_error judge(const struct vs_dns_message *message, uint32_t type)
{
	static const enum vs_dns_error by_rcode[] = {VS_DNS_E_OK, VS_DNS_E_FORMERR, VS_DNS_E_SERVFAIL,
		VS_DNS_E_NXDOMAIN, VS_DNS_E_NOTIMP, VS_DNS_E_REFUSED};

	if (message->rcode >= sizeof(by_rcode) / sizeof(by_rcode[0]))
		return VS_DNS_E_OTHER;
	if (message->rcode == 0 && !has_type(message, type))
		return VS_DNS_E_NODATA;
	return by_rcode[message->rcode];
}

static bool is_answer(enum vs_dns_error error)
{
	return error == VS_DNS_E_OK || error == VS_DNS_E_NXDOMAIN || error == VS_DNS_E_NODATA;
}

static void ask_next(struct query *query);

static void on_bytes(void *arg, enum vs_dns_error error, struct vs_view bytes)
{
	struct query *query = arg;
	struct vs_dns_message message = {0};
	int rc;

	query->ask = NULL;
	query->error = error;
	if (error == VS_DNS_E_OK) {
		rc = vs_dns_message_parse(&message, bytes);
		if (rc < 0)
			query->error = rc == VS_ERR_TOO_BIG ? VS_DNS_E_TOO_LARGE : VS_DNS_E_FORMAT;
		else
			query->error = judge(&message, query->question.type);
	}
	if (!is_answer(query->error) && query->error != VS_DNS_E_NAME && query->next < query->server_count &&
		vs_mono_ms() < query->deadline_ms)
		ask_next(query);
	else
		tell(query, &message);
	vs_dns_message_fini(&message);
}

/* Each server gets an equal share of the time that is left. */
static void ask_next(struct query *query)
{
	uint64_t left = query->deadline_ms - vs_mono_ms();
	size_t servers = query->server_count - query->next;

	query->ask = vs_dns_ask_start(query->dns->loop, &query->servers[query->next++], &query->question,
		(uint32_t)(left / servers), on_bytes, query);
}

static void on_looked_up(void *arg, enum vs_dns_error error, struct vs_dns_message *message)
{
	struct query *query = arg;

	query->lookup = NULL;
	query->error = error;
	tell(query, message);
	vs_dns_message_fini(message);
}

static void on_timer(void *arg)
{
	tell(arg, NULL);
}

/* The end comes by the timer, since nothing comes from inside the call. */
static void end_later(struct query *query, enum vs_dns_error error, uint64_t delay_ms)
{
	query->error = error;
	query->timer = vs_timer_create(query->dns->loop, on_timer, query);
	vs_timer_start(query->timer, delay_ms);
}

static void look_up(struct query *query, const struct vs_dns_request *request)
{
	struct vs_dns *dns = query->dns;

	if (request->type != 0 && request->type != VS_DNS_TYPE_A && request->type != VS_DNS_TYPE_AAAA) {
		end_later(query, VS_DNS_E_NOTIMP, 0);
		return;
	}
	if (dns->pool == NULL)
		dns->pool = vs_pool_create(dns->loop, THREADS, QUEUE);
	query->lookup = vs_dns_lookup_start(dns->pool, query->name, request->type, on_looked_up, query);
	if (query->lookup == NULL)
		end_later(query, VS_DNS_E_OTHER, 0);
	else
		end_later(query, VS_DNS_E_TIMEOUT, query->deadline_ms - query->started_ms);
}

static void find_servers(struct query *query, const struct vs_dns_request *request)
{
	struct vs_dns_server all[VS_DNS_SERVERS_MAX];
	size_t count;
	size_t i;

	if (request->server != NULL) {
		query->server_count =
			vs_dns_server_parse(&query->servers[0], vs_view_of(request->server)) == 0 ? 1 : 0;
		return;
	}
	count = vs_dns_servers_read(all, query->dns->resolv_conf);
	for (i = 0; i < count; i++)
		if (request->family == 0 || request->family == all[i].addr.family)
			query->servers[query->server_count++] = all[i];
}

uint64_t vs_dns_query(struct vs_dns *dns, const struct vs_dns_request *request, vs_dns_done *done, void *arg)
{
	struct query *query;

	if (request->name == NULL || request->name[0] == '\0' || HASH_COUNT(dns->queries) >= RUNNING_MAX)
		return 0;
	query = vs_zalloc(sizeof(*query));
	query->id = ++dns->last_id;
	query->dns = dns;
	query->name = vs_strdup(request->name);
	query->question = (struct vs_dns_question){
		.name = query->name,
		.type = request->type != 0 ? request->type : VS_DNS_TYPE_A,
		.dns_class = request->dns_class != 0 ? request->dns_class : CLASS_IN,
		.tcp = request->tcp,
	};
	query->started_ms = vs_mono_ms();
	query->deadline_ms =
		query->started_ms + (request->timeout_ms != 0 ? request->timeout_ms : DEFAULT_TIMEOUT_MS);
	query->done = done;
	query->arg = arg;
	HASH_ADD(hh, dns->queries, id, sizeof(query->id), query);
	if (request->system) {
		look_up(query, request);
		return query->id;
	}
	find_servers(query, request);
	if (query->server_count == 0)
		end_later(query, VS_DNS_E_NO_SERVER, 0);
	else
		ask_next(query);
	return query->id;
}

void vs_dns_cancel(struct vs_dns *dns, uint64_t handle)
{
	struct query *query = NULL;

	HASH_FIND(hh, dns->queries, &handle, sizeof(handle), query);
	if (query == NULL)
		return;
	HASH_DEL(dns->queries, query);
	free_query(query);
}

size_t vs_dns_nameservers(struct vs_dns *dns, void (*each)(void *arg, const char *address), void *arg)
{
	struct vs_dns_server servers[VS_DNS_SERVERS_MAX];
	char text[VS_DNS_SERVER_TEXT];
	size_t count = vs_dns_servers_read(servers, dns->resolv_conf);
	size_t i;

	for (i = 0; i < count; i++) {
		vs_dns_server_format(&servers[i], text);
		each(arg, text);
	}
	return count;
}

struct vs_dns *vs_dns_create(struct vs_loop *loop, const char *resolv_conf)
{
	struct vs_dns *dns = vs_zalloc(sizeof(*dns));

	dns->loop = loop;
	dns->resolv_conf = vs_strdup(resolv_conf != NULL ? resolv_conf : RESOLV_CONF);
	return dns;
}

void vs_dns_destroy(struct vs_dns *dns)
{
	struct query *query;
	struct query *next;

	if (dns == NULL)
		return;
	VS_REQUIRE(dns->telling == 0);
	HASH_ITER (hh, dns->queries, query, next) {
		HASH_DEL(dns->queries, query);
		free_query(query);
	}
	vs_pool_destroy(dns->pool, PATIENCE_MS);
	vs_free(dns->resolv_conf);
	vs_free(dns);
}
