/* A template with its places filled: what config/template_conf.h lets in becomes text. Pure. */
#ifndef VS_SERVER_TEMPLATE_H
#define VS_SERVER_TEMPLATE_H

#include <stdbool.h>
#include <stdint.h>

#include "config/template_conf.h"

#define VS_TEMPLATE_OUTPUT_MAX 16384 /* bytes; what is longer ends, at a whole character, in an ellipsis */

struct vs_buf;

/* By enum vs_template_place; NULL is empty. Literal: a place in a value is none. */
struct vs_template_values {
	const char *text[VS_TEMPLATE_PLACE_COUNT];
};

/*
 * Appends text to out, which is empty, with values in its places. A line whose places are all empty is left
 * out, and so are empty lines at the end.
 */
void vs_template_fill(struct vs_buf *out, const char *text, const struct vs_template_values *values);

/* Whether text has that place. */
bool vs_template_has(const char *text, enum vs_template_place place);

/* The template for messages of change (VPNS_TRANSITION_*); NULL: none. */
const char *vs_template_of(const struct vs_templates_conf *templates, uint32_t change);

#endif
