/* What every probe that asks a service where an address is must do, whichever service it is, and what their
 * tests begin with. */
#ifndef GEO_CONTRACT_H
#define GEO_CONTRACT_H

#include "kit_test.h"

#include "geo_place.h"

struct geo_subject {
	const char *plugin;
	geo_parse *parse;
	const char *own_url; /* asked by a probe */
	const char *other_url; /* asked about 24.48.0.1 */
	const char *other6_url; /* asked about 2001:db8::1 */
	const char *reply; /* about 24.48.0.1, with a city */
	const char *reply6; /* about 2001:db8::1, with a country and an AS */
	const char *city_member; /* "city": what is replaced by a number in a reply */
	uint64_t spacing_ms; /* from one request to the next */
};

/* Runs all of them; returns how many failed. */
int geo_contract_run(const struct geo_subject *subject);

/* --- for the tests of each --------------------------------------------------------------- */

static inline int teardown(void **state)
{
	vpnt_destroy(*state);
	return 0;
}

/* Asks about us, against one scripted answer that comes at once. */
static inline vpns_op probe(struct vpnt *kit, const struct vpnt_http *http)
{
	vpns_op op;

	vpnt_expect(kit, http);
	op = vpnt_probe(kit, 10000);
	vpnt_advance(kit, 0);
	return op;
}

static inline vpns_op probe_body(struct vpnt *kit, const char *body)
{
	return probe(kit, &(struct vpnt_http){.reply = body});
}

/* All that is known of 24.48.0.1, but for who runs its network. */
static inline void assert_montreal(const struct vpnt *kit, vpns_op op)
{
	assert_fact(kit, op, "exit.ip", "24.48.0.1");
	assert_fact(kit, op, "exit.city", "Montreal");
	assert_fact(kit, op, "exit.region", "Quebec");
	assert_fact(kit, op, "exit.country", "CA");
	assert_fact(kit, op, "exit.asn", "AS5769");
	assert_fact(kit, op, "exit.timezone", "America/Toronto");
}

#endif
