/* A pool of threads of its own for what would block the loop. [loop] */
#ifndef VS_LOOP_WORK_H
#define VS_LOOP_WORK_H

#include <stdint.h>

struct vs_loop;
struct vs_pool;

/* At most queue_limit jobs wait besides those running. Threads block all signals. */
struct vs_pool *vs_pool_create(struct vs_loop *loop, unsigned threads, unsigned queue_limit);

/*
 * Runs run(arg) on a pool thread, then done(arg, 0) on the loop. A job whose turn had not come
 * when the pool was destroyed never runs: it gets done(arg, VS_ERR_REFUSED) instead. Returns 0,
 * or VS_ERR_BUSY when the queue is full, and then nothing comes.
 */
int vs_pool_start(struct vs_pool *pool, void (*run)(void *arg), void (*done)(void *arg, int rc), void *arg);

/*
 * Waits up to wait_ms for running jobs. A thread still busy then is abandoned: logged, and its
 * done never comes. The other dones come on the loop, at the latest in vs_loop_destroy().
 */
void vs_pool_destroy(struct vs_pool *pool, uint64_t wait_ms); /* NULL is fine */

#endif
