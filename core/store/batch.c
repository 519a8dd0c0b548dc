#include "store/batch.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/require.h"
#include "vpn_sentinel/store.h"

#define TABLES 64

/* Keys and values stand one after the other in bytes; pointers are made when they are asked for. */
struct vs_batch {
	struct vpns_store_write *writes;
	size_t count;
	size_t room;
	struct vs_buf bytes;
};

struct vs_batch *vs_batch_create(void)
{
	return vs_zalloc(sizeof(struct vs_batch));
}

void vs_batch_destroy(struct vs_batch *batch)
{
	if (!batch)
		return;
	vs_buf_fini(&batch->bytes);
	vs_free(batch->writes);
	vs_free(batch);
}

static void add(
	struct vs_batch *batch, uint32_t verb, uint32_t table, struct vs_view key, struct vs_view value)
{
	VS_REQUIRE(table < TABLES && key.len > 0);
	if (batch->count == batch->room) {
		batch->room = batch->room ? batch->room * 2 : 8;
		batch->writes = vs_realloc(batch->writes, batch->room * sizeof(*batch->writes));
	}
	batch->writes[batch->count++] = (struct vpns_store_write){
		.verb = verb,
		.table = table,
		.key = {NULL, key.len},
		.value = {NULL, value.len},
	};
	vs_buf_add(&batch->bytes, key.ptr, key.len);
	if (value.len > 0)
		vs_buf_add(&batch->bytes, value.ptr, value.len);
}

void vs_batch_put(struct vs_batch *batch, uint32_t table, struct vs_view key, struct vs_view value)
{
	add(batch, VPNS_WRITE_PUT, table, key, value);
}

void vs_batch_delete(struct vs_batch *batch, uint32_t table, struct vs_view key)
{
	add(batch, VPNS_WRITE_DELETE, table, key, (struct vs_view){NULL, 0});
}

size_t vs_batch_count(const struct vs_batch *batch)
{
	return batch->count;
}

size_t vs_batch_bytes(const struct vs_batch *batch)
{
	return batch->bytes.len;
}

void vs_batch_view(struct vs_batch *batch, struct vpns_store_batch *view)
{
	const char *at = batch->bytes.ptr;
	size_t i;

	for (i = 0; i < batch->count; i++) {
		batch->writes[i].key.ptr = at;
		at += batch->writes[i].key.len;
		batch->writes[i].value.ptr = at;
		at += batch->writes[i].value.len;
	}
	*view = (struct vpns_store_batch){sizeof(*view), (uint32_t)batch->count, batch->writes};
}
