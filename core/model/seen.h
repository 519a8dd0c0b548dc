/* What the facts of a case say about the exit, as far as they are fresh: the judge's eyes. */
#ifndef VS_MODEL_SEEN_H
#define VS_MODEL_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "model/fact.h"
#include "model/facts.h"

struct vs_case;
struct vs_sentence;

/* Somebody who told an exit. */
struct vs_witness {
	struct vs_addr addr;
	const char *source; /* borrowed from the case */
	enum vs_fact fact; /* which one told it: exit.ip, trace.ip, exit6.ip */
};

/* Every fact may be a witness: none may be overlooked. */
struct vs_seen {
	struct vs_witness witnesses[VS_FACTS_KEPT_MAX]; /* the preferred one first */
	size_t count;
	uint32_t asn; /* of the exit; 0: not known */
	struct vs_fact_value country; /* an empty value: not told */
	struct vs_fact_value dns_location;
	int64_t stale_age_ms; /* of the youngest exit that is too old to count; 0: there is none */
};

void vs_see(struct vs_seen *seen, const struct vs_case *in);

/* What vs_see() would put first among the witnesses; family 0: nothing. */
struct vs_addr vs_see_exit(const struct vs_case *in);

bool vs_seen_told(const struct vs_seen *seen, const struct vs_addr *addr); /* by anybody */
/* Two witnesses of one family that tell different addresses. Another family's exit is another exit. */
bool vs_witnesses_differ(const struct vs_witness *a, const struct vs_witness *b);

/*
 * Whether dns_location and the exit's country may be about different exits: the source of
 * the one saw another address than the source of the other. Then *dns and *country are the
 * witnesses. A source that tells no address, as in the flat bodies, contradicts nobody.
 */
bool vs_seen_different_exits(
	const struct vs_seen *seen, const struct vs_witness **dns, const struct vs_witness **country);

/* "the exit 198.51.100.7 (told by ipinfo and cloudflare_trace)" */
void vs_seen_say_exit(struct vs_sentence *to, const struct vs_seen *seen, const struct vs_addr *addr);

#endif
