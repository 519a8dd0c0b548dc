/* Pure, total parsers and formatters of small texts. All return 0 or VS_ERR_INVALID. */
#ifndef VS_BASE_TEXT_H
#define VS_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/view.h"

struct vs_buf;

#define VS_UINT_TEXT 21
size_t vs_uint_format(char text[VS_UINT_TEXT], uint64_t number); /* decimal; its length */
int vs_int_parse(int64_t *value, struct vs_view text); /* decimal, whole text, no blanks */
int vs_real_parse(double *value, struct vs_view text); /* finite; '.' whatever the locale */
int vs_bool_parse(bool *value, struct vs_view text); /* true false yes no on off 1 0 */

/* "1.5h", "90s", "250ms"; a bare number counts in bare_unit_ms, 0 refuses bare numbers. */
int vs_duration_parse(int64_t *ms, struct vs_view text, int64_t bare_unit_ms);
void vs_duration_format(char *text, size_t size, int64_t ms); /* "2h 15m", "45s", "0.3s": for people */

int vs_size_parse(uint64_t *bytes, struct vs_view text); /* "64KiB", "2MiB", bare = bytes */

/* "AS9009", "as9009 M247 Europe SRL" or "9009": 1 .. 4294967295. */
int vs_asn_parse(uint32_t *asn, struct vs_view text);

int vs_country_parse(char code[3], struct vs_view text); /* two ASCII letters, upper-cased */

#define VS_TIME_TEXT 32
/* Milliseconds since the epoch <-> "2026-11-23T00:15:06.967Z" (UTC; offsets are accepted). */
void vs_time_format(char text[VS_TIME_TEXT], int64_t wall_ms);
int vs_time_parse(int64_t *wall_ms, struct vs_view text);

bool vs_utf8_valid(struct vs_view text);
size_t vs_utf8_prefix(struct vs_view text); /* how many bytes of it, from the first on, are UTF-8 */
/*
 * Appends foreign text to a line that people read: what would act on that line (controls,
 * line breaks, direction marks) and what is no UTF-8 becomes a blank.
 */
void vs_text_add_plain(struct vs_buf *out, struct vs_view text);
/* The candidate nearest to text, or NULL when none is near enough to be a slip of the pen. */
const char *vs_nearest(const char *text, const char *const *candidates, size_t count);

#endif
