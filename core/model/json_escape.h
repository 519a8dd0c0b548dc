/* The escapes in a JSON text that say something which no text may hold. */
#ifndef VS_MODEL_JSON_ESCAPE_H
#define VS_MODEL_JSON_ESCAPE_H

#include "base/view.h"

/*
 * What is wrong with the escapes of raw, the inside of a string whose syntax was checked: the end
 * of a sentence ("holds \u0000"), NULL when all is well. yajl lets these pass: it makes "?" of
 * one half of a surrogate pair, and another character of two that do not belong together.
 */
const char *vs_json_escape_problem(struct vs_view raw);

#endif
