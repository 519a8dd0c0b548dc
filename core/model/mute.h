/*
 * A silence as somebody asked for it: what is not to be told, and when. Pure. (silence.h beside this is about
 * clients that fall silent.)
 *
 * It lasts until its end, or comes back every week at certain hours of a zone, or both. What lies between two
 * clocks that were put forward does not happen, and what happens twice counts twice.
 */
#ifndef VS_MODEL_MUTE_H
#define VS_MODEL_MUTE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/id.h"
#include "base/view.h"

struct json_t;
struct vs_buf;

#define VS_MUTE_TEXT_MAX 500 /* bytes of a comment; of all patterns, and of all tags */
#define VS_MUTE_LONGEST_MS (INT64_C(366) * 24 * 3600 * 1000)

/* What a clock on the wall shows somewhere. */
struct vs_local_time {
	uint8_t weekday; /* 0: Monday */
	uint16_t minute; /* of the day */
};

struct vs_mute {
	char id[VS_ULID_TEXT]; /* "": none yet */
	char *clients; /* owned: shell patterns, joined by commas; "": whatever it is about */
	char *tags; /* owned: one of them is enough; "": any */
	uint32_t kinds; /* bit 1 << enum vs_kind; 0: any */
	uint8_t severities; /* bit 1 << enum vs_severity; 0: any */
	int64_t created_at; /* all times: wall */
	int64_t starts_at;
	int64_t ends_at; /* 0: it goes on until somebody ends it */
	uint8_t weekdays; /* on which it begins: bit 1 << 0 is Monday; 0: it does not recur */
	uint16_t from; /* minutes of the day */
	uint16_t to; /* not after from: on the next day */
	char *zone; /* owned: of from and to; "UTC" when nobody said */
	char *author; /* owned */
	char *comment; /* owned */
};

/*
 * What somebody asks for, as JSON:
 *
 *	{"client": "lab-*" or [...], "kind": [...], "severity": [...], "tag": [...], "for": "2h" or "until":
 *	"2026-11-23T18:00:00Z", "comment": "...", "recurring": {"weekdays": ["sat", "sun"], "from": "22:00",
 *	"to": "06:00", "zone": "Europe/Bucharest"}}
 *
 * One of the first four has to be there, and "for", "until" or "recurring". Unknown members are refused.
 * VS_ERR_INVALID with a sentence that begins with the member's name; then there is nothing to free. Whether
 * there is such a zone is for the caller to know.
 */
int vs_mute_read(
	struct vs_mute *mute, const struct json_t *json, const char *author, int64_t now, struct vs_err *err);
void vs_mute_fini(struct vs_mute *mute); /* twice is fine */

/* Whether it is about that. client "": the server itself. tags: the client's, joined by commas. */
bool vs_mute_is_about(
	const struct vs_mute *mute, const char *client, uint8_t kind, uint8_t severity, const char *tags);
bool vs_mute_is_over(const struct vs_mute *mute, int64_t now);
/* Whether it counts at now. local is the time in its zone then, and is not looked at unless it recurs. */
bool vs_mute_is_on(const struct vs_mute *mute, int64_t now, const struct vs_local_time *local);

/* In words: "clients lab-*, kinds dns_leak, until 2026-11-23T18:00:00.000Z". */
void vs_mute_describe(const struct vs_mute *mute, struct vs_buf *out);

/* JSON both ways, for stores and the API: the members above, and id, author, created_at, starts_at, until. */
void vs_mute_encode(const struct vs_mute *mute, struct vs_buf *out);
int vs_mute_decode(struct vs_mute *mute, struct vs_view text, struct vs_err *err);

#endif
