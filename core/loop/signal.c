#include "loop/loop.h"

#include <pthread.h>
#include <signal.h>
#include <uv.h>

#include "base/alloc.h"
#include "base/require.h"

struct vs_signal {
	uv_signal_t uv;
	void (*caught)(void *arg, int number);
	void *arg;
};

static const int held[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1};

static void set_held(int how)
{
	sigset_t set;
	size_t i;

	sigemptyset(&set);
	for (i = 0; i < sizeof(held) / sizeof(held[0]); i++)
		sigaddset(&set, held[i]);
	VS_REQUIRE(pthread_sigmask(how, &set, NULL) == 0);
}

void vs_signals_hold(void)
{
	set_held(SIG_BLOCK);
}

void vs_signals_release(void)
{
	set_held(SIG_UNBLOCK);
}

static void let_through(int number)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, number);
	VS_REQUIRE(pthread_sigmask(SIG_UNBLOCK, &set, NULL) == 0);
}

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
	let_through(number);
	return self;
}

void vs_signal_destroy(struct vs_signal *self)
{
	if (self != NULL)
		uv_close((uv_handle_t *)&self->uv, on_closed);
}
