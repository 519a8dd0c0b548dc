#include "server/own_zone.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/text.h"
#include "config/zone_conf.h"
#include "model/json.h"
#include "model/report.h"
#include "net/dnsd_listener.h"
#include "net/dnsd_zone.h"
#include "server/clock.h"
#include "server/extra.h"
#include "server/stats.h"
#include "server/zone_book.h"

struct place {
	struct vs_zone_listen at;
	bool is_new; /* opened by the change */
};

struct vs_own_zone {
	struct vs_loop *loop;
	struct vs_clock clock;
	struct vs_stats *stats;
	struct vs_zone_book *book;
	bool told_hidden; /* that a gateway hides resolvers */
	struct vs_dnsd_server *server; /* NULL: nobody ever wanted one */
	struct vs_dnsd_zone *zone; /* NULL: there is none */
	char *name;
	struct place places[VS_ZONE_LISTENS_MAX];
	size_t place_count;
};

struct vs_own_zone_change {
	const struct vs_zone_conf *conf;
	struct place places[VS_ZONE_LISTENS_MAX];
	size_t place_count;
};

/* --- queries --------------------------------------------------------------------------- */

static void note(struct vs_own_zone *own, const struct vs_dnsd_seen *seen)
{
	const struct vs_zone_query query = {seen->nonce, seen->resolver, seen->ecs.prefix};

	switch (seen->outcome) {
	case VS_DNSD_SILENT:
		return;
	case VS_DNSD_MALFORMED:
	case VS_DNSD_FOREIGN:
		own->stats->count[VS_STAT_ZONE_REFUSED]++;
		break;
	case VS_DNSD_CUT:
		own->stats->count[VS_STAT_ZONE_CUT]++;
		break;
	case VS_DNSD_TOLD:
		break;
	}
	own->stats->count[VS_STAT_ZONE_QUERIES]++;
	if (seen->nonce[0] == '\0')
		return;
	own->stats->count[VS_STAT_ZONE_NAMES]++;
	vs_zone_book_note(own->book, &query, own->clock.mono_ms());
}

static size_t on_query(void *arg, const struct vs_dnsd_ask *ask, unsigned char reply[VS_DNSD_REPLY_MAX])
{
	struct vs_own_zone *own = arg;
	struct vs_dnsd_seen seen;
	size_t len;

	if (own->zone == NULL)
		return 0;
	len = vs_dnsd_zone_answer(own->zone, ask, reply, &seen);
	note(own, &seen);
	return len;
}

/* --- facts ----------------------------------------------------------------------------- */

static void add_resolvers(struct vs_extra *extra, const struct vs_zone_told *told, struct vs_buf *text)
{
	char one[VS_ADDR_TEXT];
	size_t i;

	for (i = 0; i < told->resolver_count; i++) {
		vs_addr_format(&told->resolvers[i], one);
		vs_buf_printf(text, "%s%s", i == 0 ? "" : " ", one);
	}
	vs_extra_add(extra, VS_OWN_ZONE_SOURCE, VS_FACT_ZONE_RESOLVERS, vs_buf_text(text));
	vs_buf_clear(text);
}

static void add_networks(struct vs_extra *extra, const struct vs_zone_told *told, struct vs_buf *text)
{
	char one[VS_PREFIX_TEXT];
	size_t i;

	for (i = 0; i < told->ecs_count; i++) {
		vs_prefix_format(&told->ecs[i], one);
		vs_buf_printf(text, "%s%s", i == 0 ? "" : " ", one);
	}
	vs_extra_add(extra, VS_OWN_ZONE_SOURCE, VS_FACT_ZONE_ECS, vs_buf_text(text));
}

/* Who asked is not to be seen: what is known of networks of clients is all the same. */
static bool is_hidden(struct vs_own_zone *own, uint64_t now)
{
	const struct vs_addr *gateway = vs_zone_book_hides(own->book, now);
	char text[VS_ADDR_TEXT];

	if (gateway == NULL || own->told_hidden)
		return gateway != NULL;
	own->told_hidden = true;
	vs_addr_format(gateway, text);
	vs_log(VS_LOG_WARN, "zone",
		"all names of all clients are asked for by %s: a gateway hides their resolvers, so that the "
		"zone tells nothing of them. If that is a container network, let the server see who asks "
		"(with the host's network, for example); if it is a resolver in a network outside the "
		"tunnel, list it in monitor.home.addresses (told once)",
		text);
	return true;
}

/* What was seen is from before; who answers it next may be another one. */
static bool is_without_names(const struct vs_report *report)
{
	const struct vs_report_fact *fact = vs_report_find(report, VS_FACT_DNS_ANSWERING);

	return fact != NULL && vs_view_equal_text(fact->value, "false");
}

static void on_report(void *arg, struct vs_extra *extra, const struct vs_report *report)
{
	struct vs_own_zone *own = arg;
	uint64_t now = own->clock.mono_ms();
	struct vs_zone_told told;
	char labels[VS_UINT_TEXT];
	struct vs_buf text;
	uint32_t i;

	if (own->zone == NULL)
		return;
	for (i = 0; i < report->nonce_count; i++)
		vs_zone_book_claim(own->book, report->client_id, vs_view_of(report->nonces[i]), now);
	if (!vs_zone_book_tell(own->book, report->client_id, now, &told) || is_without_names(report))
		return;
	vs_buf_init(&text);
	if (!is_hidden(own, now)) {
		add_resolvers(extra, &told, &text);
		vs_uint_format(labels, told.labels);
		vs_extra_add(extra, VS_OWN_ZONE_SOURCE, VS_FACT_ZONE_LABELS, labels);
	}
	add_networks(extra, &told, &text);
	vs_buf_fini(&text);
}

struct vs_extra_source vs_own_zone_source(struct vs_own_zone *own)
{
	return (struct vs_extra_source){on_report, own};
}

/* --- another configuration ------------------------------------------------------------- */

static bool same_place(const struct vs_zone_listen *a, const struct vs_zone_listen *b)
{
	return a->port == b->port && vs_addr_equal(&a->addr, &b->addr);
}

static bool has_place(const struct place *places, size_t count, const struct vs_zone_listen *at)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (same_place(&places[i].at, at))
			return true;
	return false;
}

static void make_server(struct vs_own_zone *own, uint32_t rate)
{
	const struct vs_dnsd_limits limits = {.rate = rate};

	if (own->server == NULL)
		own->server = vs_dnsd_server_create(own->loop, &limits, on_query, own);
}

struct vs_own_zone_change *vs_own_zone_prepare(
	struct vs_own_zone *own, const struct vs_zone_conf *conf, struct vs_err *err)
{
	struct vs_own_zone_change *change = vs_zalloc(sizeof(*change));
	size_t i;

	change->conf = conf;
	if (conf->name == NULL)
		return change;
	make_server(own, conf->rate);
	for (i = 0; i < conf->listen_count; i++) {
		const struct vs_zone_listen *at = &conf->listens[i];
		struct place *place = &change->places[change->place_count];

		if (has_place(change->places, change->place_count, at))
			continue; /* named twice */
		*place = (struct place){*at, !has_place(own->places, own->place_count, at)};
		if (place->is_new && vs_dnsd_server_listen(own->server, &at->addr, at->port, err) < 0) {
			vs_own_zone_undo(own, change);
			return NULL;
		}
		change->place_count++;
	}
	return change;
}

void vs_own_zone_undo(struct vs_own_zone *own, struct vs_own_zone_change *change)
{
	size_t i;

	if (change == NULL)
		return;
	for (i = 0; i < change->place_count; i++)
		if (change->places[i].is_new)
			vs_dnsd_server_unlisten(
				own->server, &change->places[i].at.addr, change->places[i].at.port);
	vs_free(change);
}

static struct vs_dnsd_zone *make_zone(const struct vs_zone_conf *conf)
{
	const struct vs_dnsd_zone_conf zone = {
		conf->name, conf->ns, conf->addresses, conf->address_count, conf->ttl_s};

	return conf->name == NULL ? NULL : vs_dnsd_zone_create(&zone);
}

void vs_own_zone_commit(struct vs_own_zone *own, struct vs_own_zone_change *change)
{
	const struct vs_zone_conf *conf = change->conf;
	size_t i;

	for (i = 0; i < own->place_count; i++)
		if (!has_place(change->places, change->place_count, &own->places[i].at))
			vs_dnsd_server_unlisten(own->server, &own->places[i].at.addr, own->places[i].at.port);
	memcpy(own->places, change->places, sizeof(own->places));
	own->place_count = change->place_count;
	if (own->server != NULL)
		vs_dnsd_server_set_rate(own->server, conf->rate);
	vs_dnsd_zone_destroy(own->zone);
	own->zone = make_zone(conf);
	vs_free(own->name);
	own->name = vs_strdup_or_null(conf->name);
	vs_free(change);
}

/* --- life ------------------------------------------------------------------------------ */

struct vs_own_zone *vs_own_zone_create(
	struct vs_loop *loop, const struct vs_clock *clock, struct vs_stats *stats)
{
	struct vs_own_zone *own = vs_zalloc(sizeof(*own));

	own->loop = loop;
	own->clock = *clock;
	own->stats = stats;
	own->book = vs_zone_book_create();
	return own;
}

void vs_own_zone_destroy(struct vs_own_zone *own)
{
	if (own == NULL)
		return;
	vs_dnsd_server_destroy(own->server);
	vs_dnsd_zone_destroy(own->zone);
	vs_zone_book_destroy(own->book);
	vs_free(own->name);
	vs_free(own);
}

void vs_own_zone_look(const struct vs_own_zone *own, struct vs_own_zone_state *state)
{
	*state = (struct vs_own_zone_state){
		.name = own->name,
		.waiting = vs_zone_book_waiting(own->book),
		.clients = vs_zone_book_clients(own->book),
		.connections = own->server == NULL ? 0 : vs_dnsd_server_connections(own->server),
		.dropped = own->server == NULL ? 0 : vs_dnsd_server_dropped(own->server),
	};
}

void vs_own_zone_write(const struct vs_own_zone *own, struct vs_buf *json)
{
	const uint64_t *count = own->stats->count;
	const struct vs_addr *gateway;
	struct vs_own_zone_state state;
	char hidden[VS_ADDR_TEXT];

	if (own->name == NULL)
		return;
	vs_own_zone_look(own, &state);
	vs_json_key(json, "zone");
	vs_buf_add_char(json, '{');
	vs_json_member(json, "name", state.name);
	vs_json_member_int(json, "queries", (int64_t)count[VS_STAT_ZONE_QUERIES]);
	vs_json_member_int(json, "refused", (int64_t)count[VS_STAT_ZONE_REFUSED]);
	vs_json_member_int(json, "beyond_rate", (int64_t)(count[VS_STAT_ZONE_CUT] + state.dropped));
	vs_json_member_int(json, "names_waiting", (int64_t)state.waiting);
	vs_json_member_int(json, "clients", (int64_t)state.clients);
	vs_json_member_int(json, "connections", (int64_t)state.connections);
	gateway = vs_zone_book_hides(own->book, own->clock.mono_ms());
	if (gateway != NULL)
		vs_addr_format(gateway, hidden);
	vs_json_member(json, "resolvers_hidden_by", gateway == NULL ? "" : hidden);
	vs_buf_add_char(json, '}');
}

void vs_own_zone_describe(const struct vs_own_zone *own, struct vs_buf *out)
{
	char host[VS_ADDR_TEXT];
	size_t i;

	if (own->name == NULL)
		return;
	vs_buf_printf(out, "%s at ", own->name);
	for (i = 0; i < own->place_count; i++) {
		const struct vs_zone_listen *at = &own->places[i].at;

		vs_addr_format(&at->addr, host);
		vs_buf_printf(out, at->addr.family == 6 ? "%s[%s]:%u" : "%s%s:%u", i == 0 ? "" : ", ", host,
			(unsigned)(at->port != 0 ? at->port : vs_dnsd_server_port(own->server, &at->addr)));
	}
}
