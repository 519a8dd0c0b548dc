#include "loop/loop.h"

#include <uv.h>

#include "base/alloc.h"
#include "base/require.h"

struct vs_timer {
	uv_timer_t uv;
	void (*fire)(void *arg);
	void *arg;
};

static void on_time(uv_timer_t *uv)
{
	struct vs_timer *timer = uv->data;

	timer->fire(timer->arg);
}

static void on_closed(uv_handle_t *handle)
{
	vs_free(handle->data);
}

struct vs_timer *vs_timer_create(struct vs_loop *loop, void (*fire)(void *arg), void *arg)
{
	struct vs_timer *timer = vs_zalloc(sizeof(*timer));

	timer->fire = fire;
	timer->arg = arg;
	timer->uv.data = timer;
	VS_REQUIRE(uv_timer_init(vs_loop_uv(loop), &timer->uv) == 0);
	return timer;
}

void vs_timer_start(struct vs_timer *timer, uint64_t delay_ms)
{
	VS_REQUIRE(!uv_is_closing((uv_handle_t *)&timer->uv));
	/* The loop's clock stands still during a callback; without this a long one makes timers early. */
	uv_update_time(timer->uv.loop);
	(void)uv_timer_start(&timer->uv, on_time, delay_ms, 0);
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
