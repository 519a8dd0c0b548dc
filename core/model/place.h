/*
 * Where an address is and whose: what sources of geolocation agreed on. A value: the texts are
 * borrowed from whoever filled it in (an atlas, a quorum), never NULL there.
 */
#ifndef VS_MODEL_PLACE_H
#define VS_MODEL_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"
#include "base/view.h"
#include "model/facts.h"

struct vs_buf;

#define VS_PLACE_TEXT_MAX 160 /* bytes of one text of a place; longer ones are cut */

/* Whether the network is a data centre's. The numbers are stored. */
enum vs_hosting { VS_HOSTING_UNKNOWN, VS_HOSTING_NO, VS_HOSTING_YES };

struct vs_place {
	struct vs_prefix prefix; /* the announced one; family 0: not known */
	uint32_t asn; /* 0: not known, or the sources differ */
	char country[3]; /* "" likewise */
	uint8_t hosting; /* enum vs_hosting */
	uint8_t asked; /* how many sources answered */
	uint8_t agreed; /* how many of them agree with what is said here */
	bool stale; /* too old to be asked for no more; set by whoever finds it */
	int64_t at; /* wall: when it was asked for */
	const char *org;
	const char *city;
	const char *region;
	const char *timezone;
	const char *sources; /* "ipinfo, ip_api" */
	const char *disagreement; /* "" or "country: ipinfo RO, ip_api DE" */
};

/* Nothing known, with all texts "". */
void vs_place_init(struct vs_place *place);

/* The same in everything but the times. */
bool vs_place_equal(const struct vs_place *a, const struct vs_place *b);

/*
 * The record for a store, of one address and its place; opaque bytes. Decoding is total: what is no
 * record gives VS_ERR_INVALID and a place of which nothing is known. Its texts are borrowed from bytes.
 * stale is not in it.
 */
void vs_place_encode(const struct vs_addr *addr, const struct vs_place *place, struct vs_buf *out);
int vs_place_decode(struct vs_addr *addr, struct vs_place *place, struct vs_view bytes, struct vs_err *err);

/*
 * A place as the facts of an exit: country, asn, org, city, region, timezone, hosting, as far as known
 * (of an IPv6 exit country, asn and org), with the source "located". They were observed now, but at
 * place->at when it is stale. Borrowed from place and texts.
 */
#define VS_PLACE_FACTS_MAX 7
#define VS_PLACE_SOURCE "located"
struct vs_place_texts {
	char asn[16];
};
size_t vs_place_facts(const struct vs_place *place, uint8_t family, int64_t now,
	struct vs_fact_value values[VS_PLACE_FACTS_MAX], struct vs_place_texts *texts);

#endif
