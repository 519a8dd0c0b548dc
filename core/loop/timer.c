#include "loop/loop.h"

#include <uv.h>

#include "base/alloc.h"
#include "base/require.h"
#include "loop/inside.h"

#define NS_IN_MS 1000000

struct vs_timer {
	uv_timer_t uv;
	struct vs_loop *loop;
	void (*fire)(void *arg);
	void *arg;
};

static void on_time(uv_timer_t *uv)
{
	struct vs_timer *timer = uv->data;
	bool *in_timers = vs_loop_in_timers(timer->loop);

	*in_timers = true;
	timer->fire(timer->arg);
	*in_timers = false;
}

static void on_closed(uv_handle_t *handle)
{
	vs_free(handle->data);
}

struct vs_timer *vs_timer_create(struct vs_loop *loop, void (*fire)(void *arg), void *arg)
{
	struct vs_timer *timer = vs_zalloc(sizeof(*timer));

	timer->loop = loop;
	timer->fire = fire;
	timer->arg = arg;
	timer->uv.data = timer;
	VS_REQUIRE(uv_timer_init(vs_loop_uv(loop), &timer->uv) == 0);
	return timer;
}

/*
 * The loop's clock stands still during a callback, so what has passed of it is added: a long one
 * makes no timer early. The clock itself is left alone: moved on, timers that fire would make
 * others due in the same pass, and none of the sockets, signals and calls behind it would be seen.
 */
void vs_timer_start(struct vs_timer *timer, uint64_t delay_ms)
{
	uint64_t loop_ms = uv_now(timer->uv.loop);
	uint64_t now_ms = uv_hrtime() / NS_IN_MS;
	uint64_t passed_ms = now_ms > loop_ms ? now_ms - loop_ms : 0;

	VS_REQUIRE(!uv_is_closing((uv_handle_t *)&timer->uv));
	if (passed_ms == 0 && delay_ms == 0 && *vs_loop_in_timers(timer->loop))
		delay_ms = 1;
	(void)uv_timer_start(&timer->uv, on_time, passed_ms + delay_ms, 0);
}

void vs_timer_stop(struct vs_timer *timer)
{
	(void)uv_timer_stop(&timer->uv);
}

bool vs_timer_is_set(const struct vs_timer *timer)
{
	return uv_is_active((const uv_handle_t *)&timer->uv) != 0;
}

void vs_timer_destroy(struct vs_timer *timer)
{
	if (timer != NULL)
		uv_close((uv_handle_t *)&timer->uv, on_closed);
}
