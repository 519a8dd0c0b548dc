/* What people configured about judging, and the deadlines that follow from it. */
#ifndef VS_MODEL_RULES_H
#define VS_MODEL_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"
#include "base/view.h"

#define VS_RULES_DNS_ROUNDS 2
#define VS_RULES_STALE_INTERVALS 3
#define VS_RULES_FLAP_INTERVALS 3
/* Looking for resolvers takes a while, so that not every round has to do it. */
#define VS_RULES_DNS_MS (INT64_C(15) * 60000)
/* Tests of the kill switch are rare, and addresses do not move: their facts count for longer. */
#define VS_RULES_KILLSWITCH_MS (INT64_C(60) * 60000)
#define VS_RULES_LOCATED_MS (INT64_C(7) * 24 * 3600 * 1000)

struct vs_country {
	char code[3];
};

/* Where a differing dns_location is no leak. Zeroed: nowhere. */
struct vs_tolerance {
	uint64_t edition; /* of rules that were initialised: no other ones have it, nor these after an
			     addition */
	uint32_t rounds; /* bad rounds before an alert; 0: VS_RULES_DNS_ROUNDS */
	uint32_t country_count;
	uint32_t asn_count;
	uint32_t prefix_count;
	struct vs_country *countries; /* of the dns_location */
	uint32_t *asns; /* of the exit, or of a resolver */
	struct vs_prefix *prefixes; /* of the exit, or of a resolver */
};

struct vs_rules {
	int64_t interval_ms; /* what clients without a setting of their own are told */
	int64_t grace_ms;
	int64_t lost_after_ms;
	struct vs_tolerance tolerance;
};

void vs_rules_init(struct vs_rules *rules); /* 5m, 30s, 15m, no tolerance */
void vs_rules_fini(struct vs_rules *rules);

void vs_tolerance_fini(struct vs_tolerance *tolerance); /* empties it */

/* One item: "3" (rounds, 1 to 100), "RO", "AS9009", "192.0.2.0/24". */
int vs_tolerance_add(struct vs_tolerance *tolerance, struct vs_view item, struct vs_err *err);
bool vs_tolerance_country(const struct vs_tolerance *tolerance, struct vs_view code);
bool vs_tolerance_network(const struct vs_tolerance *tolerance, const struct vs_addr *addr, uint32_t asn);
uint32_t vs_tolerance_rounds(const struct vs_tolerance *tolerance);

/*
 * After the last keepalive, in milliseconds of a clock that does not jump. interval_ms is
 * the client's own, 0 for the rules'.
 */
int64_t vs_rules_interval(const struct vs_rules *rules, int64_t interval_ms);
int64_t vs_rules_late_after(const struct vs_rules *rules, int64_t interval_ms);
int64_t vs_rules_lost_after(const struct vs_rules *rules, int64_t interval_ms); /* always after late */

#endif
