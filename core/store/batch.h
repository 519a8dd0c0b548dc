/* Writes that happen together or not at all. Keys and values are copied in. */
#ifndef VS_STORE_BATCH_H
#define VS_STORE_BATCH_H

#include <stddef.h>
#include <stdint.h>

#include "base/view.h"

struct vpns_store_batch;
struct vs_batch;

struct vs_batch *vs_batch_create(void);
void vs_batch_destroy(struct vs_batch *batch); /* NULL is fine */

void vs_batch_put(struct vs_batch *batch, uint32_t table, struct vs_view key, struct vs_view value);
void vs_batch_delete(struct vs_batch *batch, uint32_t table, struct vs_view key);

size_t vs_batch_count(const struct vs_batch *batch); /* writes */
size_t vs_batch_bytes(const struct vs_batch *batch); /* of keys and values */

/* What a store plugin takes. Borrowed until the next put or delete. */
void vs_batch_view(struct vs_batch *batch, struct vpns_store_batch *view);

#endif
