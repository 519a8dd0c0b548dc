#include "loop/loop.h"

#include <uv.h>

#include "base/alloc.h"
#include "base/require.h"

struct vs_signal {
	uv_signal_t uv;
	void (*caught)(void *arg, int number);
	void *arg;
};

static void on_signal(uv_signal_t *uv, int number)
{
	struct vs_signal *self = uv->data;

	self->caught(self->arg, number);
}

static void on_closed(uv_handle_t *handle)
{
	vs_free(handle->data);
}

struct vs_signal *vs_signal_create(
        struct vs_loop *loop, int number, void (*caught)(void *arg, int number), void *arg)
{
	struct vs_signal *self = vs_zalloc(sizeof(*self));

	self->caught = caught;
	self->arg = arg;
	self->uv.data = self;
	VS_REQUIRE(uv_signal_init(vs_loop_uv(loop), &self->uv) == 0);
	VS_REQUIRE(uv_signal_start(&self->uv, on_signal, number) == 0);
	return self;
}

void vs_signal_destroy(struct vs_signal *self)
{
	if (self != NULL)
		uv_close((uv_handle_t *)&self->uv, on_closed);
}
