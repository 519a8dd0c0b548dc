/*
 * The event loop: timers, signals, and calls handed over from other threads.
 *
 * One thread runs a loop; everything here is [loop] unless it says [any]. No callback ever
 * comes from inside the function that asked for it. Creating a loop ignores SIGPIPE for the
 * whole process: a peer that leaves must be an error code, not a death.
 */
#ifndef VS_LOOP_LOOP_H
#define VS_LOOP_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct uv_loop_s;
struct vs_loop;
struct vs_timer;
struct vs_signal;

struct vs_loop *vs_loop_create(void);
/*
 * Calls what is still posted, lets closing handles finish, then frees the loop. A timer, signal,
 * pool, client or server that was not destroyed before ends the process, naming what is left.
 */
void vs_loop_destroy(struct vs_loop *loop); /* NULL is fine */

void vs_loop_run(struct vs_loop *loop); /* until vs_loop_stop() */
/* The same for at most ms; false when the time ran out instead. For tests and short-lived commands. */
bool vs_loop_run_for(struct vs_loop *loop, uint64_t ms);
/* Ends the run after the current callbacks; without one running, ends the next at once. */
void vs_loop_stop(struct vs_loop *loop);

struct uv_loop_s *vs_loop_uv(struct vs_loop *loop); /* for loop/ and net/ only */

/*
 * [any] Calls call(arg) on the loop, in the order posted. Posting from the loop itself is fine
 * and comes in a later turn. Unbounded: whoever posts on behalf of others limits them.
 */
void vs_post(struct vs_loop *loop, void (*call)(void *arg), void *arg);

/*
 * One shot; fire(arg) may start it again, or destroy it. Started from inside a timer's callback it
 * never fires before sockets, signals and posted calls had their turn, whatever the delay.
 */
struct vs_timer *vs_timer_create(struct vs_loop *loop, void (*fire)(void *arg), void *arg);
void vs_timer_start(struct vs_timer *timer, uint64_t delay_ms); /* moves one already started */
void vs_timer_stop(struct vs_timer *timer);
bool vs_timer_is_set(const struct vs_timer *timer);
void vs_timer_destroy(struct vs_timer *timer); /* NULL is fine */

/*
 * From hold on SIGTERM, SIGINT, SIGHUP and SIGUSR1 wait: each until a vs_signal for it is created, or until
 * release. So one that comes while a role reads its configuration ends it in order, process 1 too.
 * Of the calling thread: before there are others.
 */
void vs_signals_hold(void);
void vs_signals_release(void); /* twice is fine, and without hold */

/*
 * Calls caught(arg, number) on the loop for each such signal from now on. The handler is
 * installed explicitly, so it also works for process 1, which has no default ones.
 */
struct vs_signal *vs_signal_create(
	struct vs_loop *loop, int number, void (*caught)(void *arg, int number), void *arg);
void vs_signal_destroy(struct vs_signal *self); /* NULL is fine */

#endif
