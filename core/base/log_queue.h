/*
 * Lines of the log that a thread has yet to write, in the order in which they came. [any thread]
 * Bounded: what does not fit is dropped, and how many lines that were is written where they are missing.
 */
#ifndef VS_BASE_LOG_QUEUE_H
#define VS_BASE_LOG_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vs_log_look;
struct vs_log_out;
struct vs_log_queue;
struct vs_log_said;
struct vs_rotated;

/*
 * out is borrowed, and the thread's from start to stop. bytes_max is more than any line needs. There is no
 * destroy: whoever aborts may look at any time.
 */
struct vs_log_queue *vs_log_queue_create(struct vs_log_out *out, size_t bytes_max);
bool vs_log_queue_start(struct vs_log_queue *queue); /* false: there is no thread to be had */
/* Writes what there is. False when limit_ms was not enough; then everything goes on, and it may be tried
 * again. */
bool vs_log_queue_stop(struct vs_log_queue *queue, uint64_t limit_ms);

/* Between start and stop; none of them waits for a write. */
void vs_log_queue_add(struct vs_log_queue *queue, struct vs_log_said *said); /* empties said */
void vs_log_queue_take(
	struct vs_log_queue *queue, struct vs_rotated *file); /* owned; lines so far go before */
/* Lines so far go before. A failure is a line of the log, which looks like that. */
void vs_log_queue_reopen(struct vs_log_queue *queue, const struct vs_log_look *look);

/* Waits until all is written, at most limit_ms; not at all in the thread itself, nor when there is none. */
void vs_log_queue_drain(struct vs_log_queue *queue, uint64_t limit_ms);

#endif
