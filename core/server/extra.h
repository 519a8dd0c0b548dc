/*
 * What the server itself adds to one live report: who asked its own zone for this client, canaries,
 * the places of its exits. Filled by sources that the monitor asks before it judges. [loop]
 */
#ifndef VS_SERVER_EXTRA_H
#define VS_SERVER_EXTRA_H

#include <stddef.h>
#include <stdint.h>

#include "model/facts.h"
#include "model/place.h"

struct vs_atlas;
struct vs_report;

#define VS_EXTRA_MAX 24 /* facts; more are left out */
#define VS_EXTRA_BYTES 8192 /* of all their values; what does not fit is left out */

struct vs_extra {
	struct vs_fact_value values[VS_EXTRA_MAX];
	size_t count;
	int64_t now; /* wall; when the facts were observed, unless said otherwise */
	size_t used;
	char text[VS_EXTRA_BYTES];
};

/* Whoever knows something about clients. report is live, and only read. */
struct vs_extra_source {
	void (*add)(void *arg, struct vs_extra *extra, const struct vs_report *report);
	void *arg;
};

void vs_extra_init(struct vs_extra *extra, int64_t now);

/*
 * Adds one fact; value is checked as that fact's type and copied. source is "zone" or "canary", a literal
 * that stays. An empty or ill-formed value adds nothing.
 */
void vs_extra_add(struct vs_extra *extra, const char *source, enum vs_fact known, const char *value);

/* The places of the exits that report tells, as far as the atlas (NULL: none) knows them. */
void vs_extra_add_places(
	struct vs_extra *extra, const struct vs_atlas *atlas, const struct vs_report *report);

#endif
