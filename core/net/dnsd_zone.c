#include "net/dnsd_zone.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/host.h"
#include "base/require.h"

#define NS_TTL 3600 /* of what does not change: resolvers need not ask for it each time */
#define NEGATIVE_TTL 300 /* for names that never were */
#define MAILBOX "hostmaster."
#define TEXT_MAX 96

struct vs_dnsd_zone {
	char name[VS_HOST_TEXT];
	char ns[VS_HOST_TEXT];
	char mailbox[VS_HOST_TEXT + sizeof(MAILBOX)];
	struct vs_addr addresses[VS_DNSD_ADDRESSES_MAX];
	size_t address_count;
	uint32_t ttl;
};

/* What a name is in the zone. */
enum place {
	OUTSIDE,
	APEX,
	NONCE,
	SERVER, /* the server's own name */
	BETWEEN, /* nothing itself, but the server's name lies below it */
	ABSENT,
};

static bool is_between(char c, char first, char last)
{
	return c >= first && c <= last;
}

static char lower(char c)
{
	return is_between(c, 'A', 'Z') ? (char)(c + 'a' - 'A') : c;
}

bool vs_dnsd_nonce_parse(char nonce[VS_DNSD_NONCE_LEN + 1], struct vs_view text)
{
	size_t i;

	if (text.len != VS_DNSD_NONCE_LEN)
		return false;
	for (i = 0; i < VS_DNSD_NONCE_LEN; i++) {
		nonce[i] = lower(text.ptr[i]);
		if (!is_between(nonce[i], 'a', 'z') && !is_between(nonce[i], '2', '7'))
			return false;
	}
	nonce[i] = '\0';
	return true;
}

struct vs_dnsd_zone *vs_dnsd_zone_create(const struct vs_dnsd_zone_conf *conf)
{
	struct vs_dnsd_zone *zone = vs_zalloc(sizeof(*zone));

	VS_REQUIRE(conf->address_count <= VS_DNSD_ADDRESSES_MAX);
	VS_REQUIRE(vs_host_parse(zone->name, vs_view_of(conf->name)) == 0);
	VS_REQUIRE(vs_host_parse(zone->ns, vs_view_of(conf->ns)) == 0);
	/* The mailbox is a name too, and must not become too long for one. */
	snprintf(zone->mailbox, sizeof(zone->mailbox), "%s%s",
		strlen(zone->name) + strlen(MAILBOX) < VS_HOST_TEXT ? MAILBOX : "", zone->name);
	memcpy(zone->addresses, conf->addresses, conf->address_count * sizeof(*conf->addresses));
	zone->address_count = conf->address_count;
	zone->ttl = conf->ttl;
	return zone;
}

void vs_dnsd_zone_destroy(struct vs_dnsd_zone *zone)
{
	vs_free(zone);
}

/* --- names ----------------------------------------------------------------------------- */

/* The last label of what stands before the zone's name. */
static struct vs_view last_label(struct vs_view inside)
{
	const char *dot = memrchr(inside.ptr, '.', inside.len);

	if (dot == NULL)
		return inside;
	return (struct vs_view){dot + 1, inside.len - (size_t)(dot + 1 - inside.ptr)};
}

/* nonce is filled also when a resolver asks for a name below it. */
static enum place find_place(const struct vs_dnsd_zone *zone, const char *name, char nonce[])
{
	struct vs_view inside;
	struct vs_view label;

	if (strcmp(name, zone->name) == 0)
		return APEX;
	if (!vs_host_is_below(name, zone->name, &inside))
		return OUTSIDE;
	label = last_label(inside);
	if (strcmp(name, zone->ns) == 0)
		return SERVER;
	if (vs_host_is_below(zone->ns, name, &(struct vs_view){0}))
		return BETWEEN;
	if (!vs_dnsd_nonce_parse(nonce, label)) {
		nonce[0] = '\0';
		return ABSENT;
	}
	return label.len == inside.len ? NONCE : ABSENT;
}

/* --- records --------------------------------------------------------------------------- */

struct answer {
	const struct vs_dnsd_zone *zone;
	const struct vs_dnsd_query *query;
	const struct vs_dnsd_ask *ask;
	struct vs_dnsd_record records[VS_DNSD_ADDRESSES_MAX + 1];
	size_t count;
	char texts[2][TEXT_MAX];
};

static struct vs_dnsd_record *add(struct answer *answer, enum vs_dnsd_type type, uint32_t ttl)
{
	struct vs_dnsd_record *record = &answer->records[answer->count++];

	*record = (struct vs_dnsd_record){.type = type, .ttl = ttl};
	return record;
}

static void add_addresses(struct answer *answer, uint8_t family, uint32_t ttl)
{
	const struct vs_dnsd_zone *zone = answer->zone;
	size_t i;

	for (i = 0; i < zone->address_count; i++)
		if (zone->addresses[i].family == family)
			add(answer, family == 4 ? VS_DNSD_A : VS_DNSD_AAAA, ttl)->addr = zone->addresses[i];
}

/* For people with dig: what the server saw of their question. */
static void add_texts(struct answer *answer)
{
	const struct vs_dnsd_ecs *ecs = &answer->query->ecs;
	char text[VS_PREFIX_TEXT];

	vs_addr_format(&answer->ask->peer, text);
	snprintf(answer->texts[0], TEXT_MAX, "resolver %s %s", text, answer->ask->tcp ? "tcp" : "udp");
	add(answer, VS_DNSD_TXT, answer->zone->ttl)->texts[0] = answer->texts[0];
	if (!ecs->given || ecs->prefix.bits == 0)
		return;
	vs_prefix_format(&ecs->prefix, text);
	snprintf(answer->texts[1], TEXT_MAX, "ecs %s", text);
	add(answer, VS_DNSD_TXT, answer->zone->ttl)->texts[0] = answer->texts[1];
}

static struct vs_dnsd_record soa_of(const struct vs_dnsd_zone *zone)
{
	return (struct vs_dnsd_record){
		.owner = zone->name,
		.type = VS_DNSD_SOA,
		.ttl = NEGATIVE_TTL,
		.texts = {zone->ns, zone->mailbox},
	};
}

static void add_apex(struct answer *answer)
{
	struct vs_dnsd_record *record;

	if (answer->query->type == VS_DNSD_NS) {
		add(answer, VS_DNSD_NS, NS_TTL)->texts[0] = answer->zone->ns;
	} else if (answer->query->type == VS_DNSD_SOA) {
		record = add(answer, VS_DNSD_SOA, NS_TTL);
		record->texts[0] = answer->zone->ns;
		record->texts[1] = answer->zone->mailbox;
	}
}

static void add_for(struct answer *answer, enum place place)
{
	uint32_t ttl = place == SERVER ? NS_TTL : answer->zone->ttl;

	/* RFC 8482: whoever wants everything gets next to nothing. */
	if (answer->query->type == VS_DNSD_ANY && place != BETWEEN) {
		struct vs_dnsd_record *record = add(answer, VS_DNSD_HINFO, NS_TTL);

		record->texts[0] = "RFC8482";
		record->texts[1] = "";
	} else if (place == APEX) {
		add_apex(answer);
	} else if (place == NONCE && answer->query->type == VS_DNSD_TXT) {
		add_texts(answer);
	} else if ((place == NONCE || place == SERVER) && answer->query->type == VS_DNSD_A) {
		add_addresses(answer, 4, ttl);
	} else if ((place == NONCE || place == SERVER) && answer->query->type == VS_DNSD_AAAA) {
		add_addresses(answer, 6, ttl);
	}
}

/* --- replies --------------------------------------------------------------------------- */

static bool is_transfer_or_meta(uint16_t type)
{
	return type == 0 || (type >= VS_DNSD_META_FIRST && type <= VS_DNSD_ANY && type != VS_DNSD_ANY);
}

static size_t max_of(const struct vs_dnsd_ask *ask, const struct vs_dnsd_query *query)
{
	if (ask->tcp)
		return VS_DNSD_REPLY_MAX;
	if (!query->edns || query->udp_size < VS_DNSD_UDP_PLAIN)
		return VS_DNSD_UDP_PLAIN;
	return query->udp_size < VS_DNSD_UDP_MAX ? query->udp_size : VS_DNSD_UDP_MAX;
}

static size_t reply_with(const struct vs_dnsd_query *query, const struct vs_dnsd_ask *ask,
	const struct vs_dnsd_reply *reply, unsigned char out[VS_DNSD_REPLY_MAX])
{
	return vs_dnsd_reply_write(query, reply, max_of(ask, query), out);
}

static size_t answer_place(const struct vs_dnsd_zone *zone, const struct vs_dnsd_query *query,
	const struct vs_dnsd_ask *ask, enum place place, unsigned char out[VS_DNSD_REPLY_MAX])
{
	const struct vs_dnsd_record soa = soa_of(zone);
	struct vs_dnsd_reply reply = {.authoritative = true, .negative_ttl = NEGATIVE_TTL};
	struct answer answer = {.zone = zone, .query = query, .ask = ask};

	if (place == ABSENT)
		reply.rcode = VS_DNSD_NXDOMAIN;
	else
		add_for(&answer, place);
	reply.answer = answer.records;
	reply.answer_count = answer.count;
	if (answer.count == 0) { /* RFC 2308: for how long that may be remembered */
		reply.authority = &soa;
		reply.authority_count = 1;
	}
	return reply_with(query, ask, &reply, out);
}

static size_t answer_query(const struct vs_dnsd_zone *zone, const struct vs_dnsd_query *query,
	const struct vs_dnsd_ask *ask, unsigned char out[VS_DNSD_REPLY_MAX], struct vs_dnsd_seen *seen)
{
	struct vs_dnsd_reply refusal = {.rcode = query->fault};
	enum place place;

	seen->outcome = VS_DNSD_MALFORMED;
	if (query->fault != VS_DNSD_NOERROR)
		return reply_with(query, ask, &refusal, out);
	refusal.rcode = VS_DNSD_REFUSED;
	place = find_place(zone, query->name, seen->nonce);
	if (place == OUTSIDE || query->class != VS_DNSD_CLASS_IN || is_transfer_or_meta(query->type)) {
		seen->nonce[0] = '\0';
		seen->outcome = VS_DNSD_FOREIGN;
		return reply_with(query, ask, &refusal, out);
	}
	seen->ecs = query->ecs;
	seen->outcome = VS_DNSD_TOLD;
	return answer_place(zone, query, ask, place, out);
}

size_t vs_dnsd_zone_answer(const struct vs_dnsd_zone *zone, const struct vs_dnsd_ask *ask,
	unsigned char reply[VS_DNSD_REPLY_MAX], struct vs_dnsd_seen *seen)
{
	const struct vs_dnsd_reply cut = {.truncated = true};
	struct vs_dnsd_query query;
	size_t len = 0;

	*seen = (struct vs_dnsd_seen){.resolver = ask->peer, .tcp = ask->tcp};
	if (!vs_dnsd_query_read(&query, ask->bytes, ask->len) ||
		(ask->limited && query.fault != VS_DNSD_NOERROR)) {
		seen->outcome = VS_DNSD_SILENT;
	} else if (ask->limited) {
		seen->outcome = VS_DNSD_CUT;
		len = reply_with(&query, ask, &cut, reply);
	} else {
		len = answer_query(zone, &query, ask, reply, seen);
	}
	vs_dnsd_query_fini(&query);
	return len;
}
