/* UTF-8 by the sequence. For base's own use; others ask vs_utf8_valid in text.h. */
#ifndef VS_BASE_UTF8_H
#define VS_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/view.h"

/* Length of the well-formed sequence at the front (1 .. 4), 0 when there is none. */
size_t vs_utf8_step(struct vs_view text);
/* The largest length <= limit that does not cut a sequence in two. */
size_t vs_utf8_cut(struct vs_view text, size_t limit);
uint32_t vs_utf8_code(struct vs_view sequence); /* of a well-formed one */
/*
 * Whether a character acts on the text around it instead of being seen: C0, DEL and C1
 * controls, line and paragraph separators, marks that change the direction of writing.
 */
bool vs_utf8_acts(uint32_t code);

#endif
