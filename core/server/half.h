/*
 * The mark of a store that does not hold all the server knew: it is written with the first part of what goes
 * into a store that began empty, and deleted with the last. Who finds it at a start finds a half. Pure.
 */
#ifndef VS_SERVER_HALF_H
#define VS_SERVER_HALF_H

#include <stdint.h>

#include "base/view.h"

struct vs_buf;

/* Its place in the STATE table: no plugin is called so. */
#define VS_HALF_OWNER "ledger"
#define VS_HALF_KEY "half"

/* at: the wall time; said: what had become of the store before. */
void vs_half_encode(struct vs_buf *out, int64_t at, struct vs_view said);
/* Total: of text that is none of ours, time 0 and all of it. said points into text. */
void vs_half_decode(struct vs_view text, int64_t *at, struct vs_view *said);

#endif
