/* What the facts of a case say, as far as they are fresh: the judge's eyes. */
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

/* An address that was told to be the exit. */
struct vs_exit_seen {
	struct vs_addr addr;
	size_t told; /* by how many sources */
};

/* Every fact may be a witness: none may be overlooked. Large, and never zeroed as a whole. */
struct vs_seen {
	struct vs_witness witnesses[VS_FACTS_KEPT_MAX]; /* the preferred one first */
	size_t count;
	struct vs_exit_seen exits[VS_FACTS_KEPT_MAX]; /* each address once, the preferred one first */
	size_t exit_count;
	const struct vs_exit_seen *exit4; /* the one that counts; NULL: none, or the sources disagree */
	const struct vs_exit_seen *exit6;
	struct vs_fact_value facts[VS_FACTS_KEPT_MAX]; /* all fresh ones, in the order they were told */
	size_t fact_count;
	uint8_t first[VS_FACT_KINDS]; /* where the first of a kind stands among them, from 1; 0: nowhere */
	int64_t stale_age_ms; /* of the youngest exit that is too old to count; 0: there is none */
	bool stale_dns; /* something was told of resolvers that is too old to count */
};

void vs_see(struct vs_seen *seen, const struct vs_case *in);

/* The first fresh fact of that kind; NULL: none. */
const struct vs_fact_value *vs_seen_fact(const struct vs_seen *seen, enum vs_fact known);
/* As an empty view when there is none. */
struct vs_view vs_seen_value(const struct vs_seen *seen, enum vs_fact known);
bool vs_seen_is(const struct vs_seen *seen, enum vs_fact known, const char *text); /* "true", "beside" */
bool vs_seen_addr(const struct vs_seen *seen, enum vs_fact known, struct vs_addr *addr);

/*
 * The exit of all: that of the family that the preferred witness told, as most sources tell it; if they
 * disagree, the preferred witness's. vs_see_exit() finds the same without anything else.
 */
struct vs_addr vs_seen_exit(const struct vs_seen *seen);
struct vs_addr vs_see_exit(const struct vs_case *in);

bool vs_seen_told(const struct vs_seen *seen, const struct vs_addr *addr); /* by anybody */
/* Whether any source told another exit of the same family. */
bool vs_seen_doubted(const struct vs_seen *seen, const struct vs_addr *addr);
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
