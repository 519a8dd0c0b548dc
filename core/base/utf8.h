/* UTF-8 by the sequence. For base's own use; others ask vs_utf8_valid in text.h. */
#ifndef VS_BASE_UTF8_H
#define VS_BASE_UTF8_H

#include <stddef.h>

#include "base/view.h"

/* Length of the well-formed sequence at the front (1 .. 4), 0 when there is none. */
size_t vs_utf8_step(struct vs_view text);
/* The largest length <= limit that does not cut a sequence in two. */
size_t vs_utf8_cut(struct vs_view text, size_t limit);

#endif
