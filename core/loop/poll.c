#include "loop/poll.h"

#include <fcntl.h>
#include <stdbool.h>
#include <uv.h>

#include "base/alloc.h"
#include "base/require.h"
#include "loop/loop.h"

struct vs_poll {
	uv_poll_t uv;
	void (*ready)(void *arg, unsigned events);
	void *arg;
	bool failed;
};

static void on_events(uv_poll_t *uv, int status, int events)
{
	struct vs_poll *poll = uv->data;
	unsigned out = 0;

	if (status < 0) {
		(void)uv_poll_stop(uv);
		poll->failed = true;
		poll->ready(poll->arg, VS_POLL_ERROR);
		return;
	}
	if (events & (UV_READABLE | UV_DISCONNECT))
		out |= VS_POLL_READ;
	if (events & UV_WRITABLE)
		out |= VS_POLL_WRITE;
	poll->ready(poll->arg, out);
}

static void on_closed(uv_handle_t *handle)
{
	vs_free(handle->data);
}

static int uv_events(unsigned events)
{
	return ((events & VS_POLL_READ) ? UV_READABLE : 0) | ((events & VS_POLL_WRITE) ? UV_WRITABLE : 0);
}

struct vs_poll *vs_poll_create(
	struct vs_loop *loop, int fd, unsigned events, void (*ready)(void *arg, unsigned events), void *arg)
{
	struct vs_poll *poll;
	int flags = fd >= 0 ? fcntl(fd, F_GETFL) : -1;

	if (flags < 0)
		return NULL;
	poll = vs_zalloc(sizeof(*poll));
	poll->ready = ready;
	poll->arg = arg;
	if (uv_poll_init(vs_loop_uv(loop), &poll->uv, fd) != 0) {
		vs_free(poll);
		return NULL;
	}
	/* libuv makes it non-blocking; whether it is, is its owner's business. */
	(void)fcntl(fd, F_SETFL, flags);
	poll->uv.data = poll;
	vs_poll_change(poll, events);
	return poll;
}

void vs_poll_change(struct vs_poll *poll, unsigned events)
{
	int wanted = uv_events(events);

	if (poll->failed)
		return;
	if (wanted == 0)
		(void)uv_poll_stop(&poll->uv);
	else
		VS_REQUIRE(uv_poll_start(&poll->uv, wanted, on_events) == 0);
}

void vs_poll_destroy(struct vs_poll *poll)
{
	if (poll == NULL)
		return;
	(void)uv_poll_stop(&poll->uv);
	uv_close((uv_handle_t *)&poll->uv, on_closed);
}
