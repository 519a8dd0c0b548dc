/* Being called when a descriptor of somebody else's is ready. [loop] */
#ifndef VS_LOOP_POLL_H
#define VS_LOOP_POLL_H

#include <stdint.h>

struct vs_loop;
struct vs_poll;

#define VS_POLL_READ (1u << 0)
#define VS_POLL_WRITE (1u << 1)
#define VS_POLL_ERROR (1u << 2) /* told only: the descriptor failed, and nothing comes any more */

/*
 * Calls ready(arg, events) as long as fd is ready for one of events, never from inside this call. fd stays
 * the caller's and must be open until destroy. NULL when fd cannot be watched, or is watched already.
 */
struct vs_poll *vs_poll_create(
	struct vs_loop *loop, int fd, unsigned events, void (*ready)(void *arg, unsigned events), void *arg);
void vs_poll_change(struct vs_poll *poll, unsigned events); /* 0: a pause. After an error: nothing happens */
void vs_poll_destroy(struct vs_poll *poll); /* also from inside ready(); NULL is fine */

#endif
