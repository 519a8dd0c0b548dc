/*
 * A scan on its way from the store's thread to the loop: rows are gathered into chunks, and
 * the thread waits while the loop is too many of them behind. For this folder.
 */
#ifndef VS_STORE_SCAN_H
#define VS_STORE_SCAN_H

#include <pthread.h>
#include <stdint.h>

struct vs_job;
struct vs_loop;

#define VS_SCAN_CHUNKS_MAX 4

struct vs_scan_gate {
	pthread_mutex_t lock;
	pthread_cond_t moved;
	uint32_t chunks; /* on their way */
};

void vs_scan_gate_init(struct vs_scan_gate *gate);
void vs_scan_gate_fini(struct vs_scan_gate *gate);

struct vs_store_seat;
/* [store] Runs the scan of job, sets its outcome, returns when every chunk is on its way. */
void vs_scan_run(
	struct vs_job *job, struct vs_store_seat *seat, struct vs_scan_gate *gate, struct vs_loop *loop);

#endif
