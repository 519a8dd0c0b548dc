/* What every probe that asks a service where an address is must do, whichever service it is. */
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

#endif
