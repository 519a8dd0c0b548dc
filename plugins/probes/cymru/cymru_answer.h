/* Team Cymru's answers about addresses and AS numbers, and the names that are asked for. Pure. */
#ifndef CYMRU_ANSWER_H
#define CYMRU_ANSWER_H

#include <stddef.h>
#include <stdint.h>

enum { CYMRU_NAME = 320, CYMRU_TEXT = 129, CYMRU_PREFIX = 50 };

struct cymru_origin {
	uint32_t asn; /* of several that announce it the first */
	uint32_t others; /* how many more there are */
	char prefix[CYMRU_PREFIX];
	uint8_t bits;
	char country[3]; /* that the prefix was given out in, not where it is used; "": not told */
};

/* "1.2.0.192.origin.asn.cymru.com", nibbles below origin6 for IPv6. -1: no address, or the zone is too long.
 */
int cymru_origin_name(char name[CYMRU_NAME], const char *address, const char *zone);
int cymru_as_name(char name[CYMRU_NAME], uint32_t asn, const char *zone); /* "AS212238.asn.cymru.com" */

/* "212238 | 185.211.32.0/24 | DE | ripencc | 2017-06-30". -1 when it is nothing of the kind. */
int cymru_origin_parse(struct cymru_origin *origin, const char *text);

/*
 * "212238 | GB | ripencc | 2020-01-01 | CDNEXT, GB": the name without the country behind it, "CDNEXT", as
 * UTF-8 without control characters. -1 when it is nothing of the kind, or about another number than asn.
 */
int cymru_as_parse(char org[CYMRU_TEXT], uint32_t asn, const char *text);

#endif
