/*
 * What several sources said about one address, put together: two of three must agree, on the address
 * first, then on the network, then on the country. What they do not agree on is not known, and said.
 */
#ifndef VS_MODEL_QUORUM_H
#define VS_MODEL_QUORUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "model/place.h"

#define VS_QUORUM_ANSWERS_MAX 8 /* more are not looked at */
#define VS_QUORUM_NEEDED 2

/* What one source answered. Texts borrowed, NULL or "" when it did not say. */
struct vs_place_answer {
	const char *source; /* the instance's name */
	struct vs_addr addr; /* the address it talked about; family 0: did not say */
	struct vs_prefix prefix; /* family 0: did not say */
	uint32_t asn; /* 0: did not say */
	const char *country; /* code or name, as it was told: vs_country_find decides */
	const char *org;
	const char *city;
	const char *region;
	const char *timezone;
	uint8_t hosting; /* enum vs_hosting */
};

/* The result: place borrows from the answers and from the texts here. Must not move. */
struct vs_quorum {
	struct vs_place place;
	bool reached; /* what is said is said by so many as were needed */
	char sources[VS_PLACE_TEXT_MAX];
	char disagreement[VS_PLACE_TEXT_MAX];
};

/*
 * needed: how many must agree (1: the first answer stands); 0: VS_QUORUM_NEEDED. With fewer answers
 * than that, what was said stands as far as nobody contradicts it, but reached is false. at: when they
 * were asked. No answers: a place of which nothing is known.
 */
void vs_quorum_decide(struct vs_quorum *quorum, const struct vs_addr *addr,
	const struct vs_place_answer *answers, size_t count, uint8_t needed, int64_t at);

/* Whether asking one more could still change something: not when so many as needed agree in all. */
bool vs_quorum_is_reached(
	const struct vs_addr *addr, const struct vs_place_answer *answers, size_t count, uint8_t needed);

#endif
