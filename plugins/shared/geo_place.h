/* What a service says about an address, and how its members are read from JSON. Pure. */
#ifndef GEO_PLACE_H
#define GEO_PLACE_H

#include <jansson.h>
#include <stddef.h>

#include "geo_ip.h"

#define GEO_TEXT_SIZE 257 /* 256 bytes and a NUL; longer values are left out */
#define GEO_WHY_SIZE 160

enum geo_hosting { GEO_HOSTING_UNKNOWN, GEO_HOSTING_NO, GEO_HOSTING_YES };

/* Every text is UTF-8 without control characters; "" when the service does not say. */
struct geo_place {
	char ip[GEO_IP_SIZE]; /* canonical, IPv4-mapped addresses as IPv4 */
	char city[GEO_TEXT_SIZE];
	char region[GEO_TEXT_SIZE];
	char country[3]; /* two capital letters */
	char asn[13]; /* "AS46562" */
	char org[GEO_TEXT_SIZE];
	char timezone[GEO_TEXT_SIZE];
	enum geo_hosting hosting;
	const char *strange; /* the name of a member that was left out because it makes no sense, or NULL */
};

/*
 * A reply taken apart: 0; or -1 with a sentence in why, which has room for GEO_WHY_SIZE: not JSON, no
 * address, or what the service says instead. place is zeroed first.
 */
typedef int geo_parse(struct geo_place *place, const char *body, size_t len, char *why);

/*
 * The object of a body that is JSON, integers of any length among its values; the caller releases it. NULL
 * with a sentence in why when it is none.
 */
json_t *geo_object(const char *body, size_t len, char *why);

/* Copies text when it fits and holds no control character: 0; else -1, and out is as it was. */
int geo_copy(char *out, size_t size, const char *text);

/*
 * Each takes an optional member. What is absent, null, false or "" is not said; what is of a wrong form is
 * left out and becomes place->strange.
 */
void geo_take_text(struct geo_place *place, const json_t *object, const char *name, char out[GEO_TEXT_SIZE]);
void geo_take_country(struct geo_place *place, const json_t *object, const char *name);
/* "AS46562 Performive LLC", "AS46562" or 46562. A name behind it becomes the org, unless there is one
 * already. */
void geo_take_asn(struct geo_place *place, const json_t *object, const char *name);
void geo_take_hosting(struct geo_place *place, const json_t *object, const char *name);
/* The obligatory one: 0, or -1 with a sentence in why. */
int geo_take_ip(struct geo_place *place, const json_t *object, const char *name, char *why);

/* Foreign words for a sentence: short, and without what would break a line. "" for anything but text. */
void geo_words(char *out, size_t size, const json_t *value);

#endif
