#include "store/scan.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "loop/loop.h"
#include "store/job.h"
#include "vpn_sentinel/store.h"

#define CHUNK_ROWS 256
#define CHUNK_BYTES (64 * 1024)

struct row {
	size_t key_len;
	size_t value_len;
};

struct chunk {
	struct vs_job *job;
	struct vs_scan_gate *gate;
	struct row rows[CHUNK_ROWS];
	size_t count;
	struct vs_buf bytes;
};

struct scan {
	struct vs_job *job;
	struct vs_scan_gate *gate;
	struct vs_loop *loop;
	struct chunk *chunk; /* being filled, or NULL */
};

void vs_scan_gate_init(struct vs_scan_gate *gate)
{
	pthread_mutex_init(&gate->lock, NULL);
	pthread_cond_init(&gate->moved, NULL);
	gate->chunks = 0;
}

void vs_scan_gate_fini(struct vs_scan_gate *gate)
{
	pthread_cond_destroy(&gate->moved);
	pthread_mutex_destroy(&gate->lock);
}

/* [loop] */
static void on_chunk(void *arg)
{
	struct chunk *chunk = arg;
	struct vs_job *job = chunk->job;
	struct vs_scan_gate *gate = chunk->gate;
	const char *at = chunk->bytes.ptr;
	struct vs_view key;
	struct vs_view value;
	size_t i;

	for (i = 0; i < chunk->count && !atomic_load(&job->stopped); i++) {
		key = (struct vs_view){at, chunk->rows[i].key_len};
		value = (struct vs_view){at + key.len, chunk->rows[i].value_len};
		at += key.len + value.len;
		if (!job->each(job->arg, key, value))
			atomic_store(&job->stopped, true);
	}
	vs_buf_fini(&chunk->bytes);
	vs_free(chunk);
	pthread_mutex_lock(&gate->lock);
	gate->chunks--;
	pthread_cond_signal(&gate->moved);
	pthread_mutex_unlock(&gate->lock);
}

/* [store] */
static void send_chunk(struct scan *scan)
{
	struct chunk *chunk = scan->chunk;

	scan->chunk = NULL;
	pthread_mutex_lock(&scan->gate->lock);
	while (scan->gate->chunks >= VS_SCAN_CHUNKS_MAX)
		pthread_cond_wait(&scan->gate->moved, &scan->gate->lock);
	scan->gate->chunks++;
	pthread_mutex_unlock(&scan->gate->lock);
	vs_post(scan->loop, on_chunk, chunk);
}

/* [store] */
static int32_t collect(void *arg, struct vpns_bytes key, struct vpns_bytes value)
{
	struct scan *scan = arg;

	if (atomic_load(&scan->job->stopped))
		return 1;
	if (!scan->chunk) {
		scan->chunk = vs_zalloc(sizeof(*scan->chunk));
		scan->chunk->job = scan->job;
		scan->chunk->gate = scan->gate;
	}
	vs_buf_add(&scan->chunk->bytes, key.ptr, key.len);
	if (value.len > 0)
		vs_buf_add(&scan->chunk->bytes, value.ptr, value.len);
	scan->chunk->rows[scan->chunk->count++] = (struct row){key.len, value.len};
	if (scan->chunk->count == CHUNK_ROWS || scan->chunk->bytes.len >= CHUNK_BYTES)
		send_chunk(scan);
	return 0;
}

void vs_scan_run(
	struct vs_job *job, struct vs_store_seat *seat, struct vs_scan_gate *gate, struct vs_loop *loop)
{
	struct scan scan = {job, gate, loop, NULL};
	const struct vpns_store_scan what = {
		.size = sizeof(what),
		.table = job->range.table,
		.from = {job->range.from.ptr, job->range.from.len},
		.to = {job->range.to.ptr, job->range.to.len},
		.limit = job->range.limit,
		.reverse = job->range.reverse,
		.each = collect,
		.arg = &scan,
	};

	vs_store_seat_scan(seat, &what, &job->outcome);
	if (scan.chunk)
		send_chunk(&scan);
}
