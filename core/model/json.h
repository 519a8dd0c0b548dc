/* Small helps around JSON: escaped text into a buffer, members out of a tree. */
#ifndef VS_MODEL_JSON_H
#define VS_MODEL_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"

struct vs_buf;

/* jansson takes its memory from alloc.c, so that running out of it ends in one place. Once, at start. */
void vs_json_setup(void);

void vs_json_add_text(struct vs_buf *out, struct vs_view text); /* quoted and escaped; UTF-8 stays as it is */
void vs_json_add_string(struct vs_buf *out, const char *text);
void vs_json_add_time(struct vs_buf *out, int64_t wall_ms); /* RFC 3339 or null for 0 */

/* "name":... with a comma before it unless it is the first of its object. */
void vs_json_key(struct vs_buf *out, const char *name);
void vs_json_member(struct vs_buf *out, const char *name, const char *text);
void vs_json_member_int(struct vs_buf *out, const char *name, int64_t value);
void vs_json_member_time(struct vs_buf *out, const char *name, int64_t wall_ms);

void vs_json_take(struct vs_buf *out, json_t *json); /* adds a tree of json_pack's, and gives it up */

/*
 * Parses text: bounded in depth and number of values, UTF-8 and unique keys demanded.
 * NULL and a sentence in err, else a tree to json_decref.
 */
json_t *vs_json_parse(struct vs_view text, struct vs_err *err);

/* Members of an object that was written by us; absent ones leave the default. */
const char *vs_json_get_text(const json_t *object, const char *name); /* "" when absent */
int64_t vs_json_get_int(const json_t *object, const char *name);
int64_t vs_json_get_time(const json_t *object, const char *name);
bool vs_json_get_bool(const json_t *object, const char *name);

#endif
