/*
 * The bytes of a stored record: fields one after the other, without names. Numbers are
 * varints (7 bits a byte, the low ones first, the high bit set while more follow; signed
 * ones zigzagged), texts end with a NUL. A later version appends fields and nothing else.
 */
#ifndef VS_MODEL_RECORD_H
#define VS_MODEL_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/view.h"

struct vs_addr;
struct vs_buf;

/* Some 36 million years in ms: no sum or difference of two stored times overflows. */
#define VS_RECORD_TIME_MAX (INT64_C(1) << 60)

void vs_record_put_uint(struct vs_buf *out, uint64_t number);
void vs_record_put_int(struct vs_buf *out, int64_t number);
/* Times lie close to each other: what is stored is the step from the one before. */
void vs_record_put_time(struct vs_buf *out, int64_t time, int64_t before);
void vs_record_put_bytes(struct vs_buf *out, const void *bytes, size_t len);
void vs_record_put_text(struct vs_buf *out, struct vs_view text); /* up to its first NUL */

void vs_record_put_addr(struct vs_buf *out, const struct vs_addr *addr); /* that of no family, too */

/*
 * Reads foreign bytes and never beyond them. After the first problem every read gives 0 or
 * "", so that a caller may ask once at the end, before it believes anything.
 */
struct vs_record_reader {
	const char *start;
	const char *at;
	const char *end;
	const char *problem; /* NULL: none so far */
};

void vs_record_open(struct vs_record_reader *in, struct vs_view bytes); /* borrowed while reading */
bool vs_record_ok(const struct vs_record_reader *in);
size_t vs_record_position(const struct vs_record_reader *in); /* of the next byte, or of the problem */
void vs_record_refuse(struct vs_record_reader *in, const char *problem); /* the first one stays; borrowed */

uint64_t vs_record_get_uint(struct vs_record_reader *in, uint64_t max); /* more than max is a problem */
int64_t vs_record_get_int(struct vs_record_reader *in);
/* before: 0, or a time that was read. Beyond VS_RECORD_TIME_MAX either way is a problem. */
int64_t vs_record_get_time(struct vs_record_reader *in, int64_t before);
void vs_record_get_bytes(struct vs_record_reader *in, void *bytes, size_t len);
/* Valid UTF-8 without NUL, and a NUL behind it: ptr is borrowed from the record as a C string. */
struct vs_view vs_record_get_text(struct vs_record_reader *in);
void vs_record_get_addr(struct vs_record_reader *in, struct vs_addr *addr);

#endif
