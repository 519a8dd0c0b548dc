/* Queries to the server's own DNS zone, and the answers that they get. */
#include "fuzz.h"

#include <arpa/nameser.h>
#include <netinet/in.h>
#include <string.h>

#include "base/addr.h"
#include "net/dnsd_zone.h"

#define HEADER 12
#define GROWTH 32 /* bytes, besides twice the question */

struct world {
	struct vs_dnsd_zone *zone;
	unsigned char reply[VS_DNSD_REPLY_MAX];
	struct vs_dnsd_seen seen;
};

static struct vs_dnsd_zone *make_zone(void)
{
	struct vs_addr addresses[2];
	const struct vs_dnsd_zone_conf conf = {
		"leak.example.net", "ns.sub.leak.example.net", addresses, 2, 7};

	VS_REQUIRE(vs_addr_parse(&addresses[0], vs_view_of("192.0.2.1")) == 0);
	VS_REQUIRE(vs_addr_parse(&addresses[1], vs_view_of("2001:db8::1")) == 0);
	return vs_dnsd_zone_create(&conf);
}

/* Another reader of messages finds each record of each section, and nothing behind them. */
static void require_readable(const unsigned char *reply, size_t len)
{
	static const ns_sect sections[] = {ns_s_qd, ns_s_an, ns_s_ns, ns_s_ar};
	ns_msg message;
	ns_rr record;

	VS_REQUIRE(ns_initparse(reply, (int)len, &message) == 0);
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		for (int k = 0; k < ns_msg_count(message, sections[i]); k++)
			VS_REQUIRE(ns_parserr(&message, sections[i], k, &record) == 0);
}

static void require_seen(const struct vs_dnsd_seen *seen)
{
	char nonce[VS_DNSD_NONCE_LEN + 1];

	if (seen->nonce[0] == '\0')
		return;
	VS_REQUIRE(seen->outcome == VS_DNSD_TOLD);
	VS_REQUIRE(vs_dnsd_nonce_parse(nonce, vs_view_of(seen->nonce)));
	VS_REQUIRE(strcmp(nonce, seen->nonce) == 0);
	VS_REQUIRE(seen->ecs.prefix.bits <= (seen->ecs.family == 1 ? 32 : 128));
	VS_REQUIRE(seen->ecs.given || seen->ecs.prefix.bits == 0);
}

static void check(struct world *world, const struct vs_dnsd_ask *ask)
{
	const unsigned char *query = ask->bytes;
	size_t len = vs_dnsd_zone_answer(world->zone, ask, world->reply, &world->seen);
	struct vs_dnsd_ask again = *ask;

	require_seen(&world->seen);
	VS_REQUIRE((len == 0) == (world->seen.outcome == VS_DNSD_SILENT));
	if (len == 0)
		return;
	VS_REQUIRE(len >= HEADER && len <= (ask->tcp ? VS_DNSD_REPLY_MAX : VS_DNSD_UDP_MAX));
	VS_REQUIRE(len <= 2 * ask->len + GROWTH || ask->len < HEADER + 40);
	VS_REQUIRE(memcmp(world->reply, query, 2) == 0);
	VS_REQUIRE((world->reply[2] & 0x80) != 0 && ((world->reply[2] ^ query[2]) & 0x79) == 0);
	VS_REQUIRE(!ask->limited || world->seen.outcome == VS_DNSD_CUT);
	require_readable(world->reply, len);
	again.bytes = world->reply;
	again.len = len;
	VS_REQUIRE(vs_dnsd_zone_answer(world->zone, &again, world->reply, &world->seen) == 0);
}

void fuzz_begin(void)
{
}

void fuzz_one(struct vs_view input)
{
	struct world world = {.zone = make_zone()};
	struct vs_dnsd_ask ask = {.bytes = input.ptr, .len = input.len};

	VS_REQUIRE(vs_addr_parse(&ask.peer, vs_view_of("198.51.100.53")) == 0);
	check(&world, &ask);
	ask.tcp = true;
	check(&world, &ask);
	ask.tcp = false;
	ask.limited = true;
	check(&world, &ask);
	vs_dnsd_zone_destroy(world.zone);
}
