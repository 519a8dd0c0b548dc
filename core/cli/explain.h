/* The reply of {api}/clients/{id}/why in words, for a terminal of 80 columns and more. */
#ifndef VS_CLI_EXPLAIN_H
#define VS_CLI_EXPLAIN_H

#include <stdio.h>

struct json_t;

/* why is any object: what it does not hold is left out. Foreign text is made harmless. */
void vs_explain(const struct json_t *why, FILE *out);

#endif
