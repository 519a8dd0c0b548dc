#include "net/dns_ask.h"

#include <ares.h>
#include <netinet/in.h>
#include <string.h>
#include <utlist.h>
#include <uv.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/require.h"
#include "loop/loop.h"
#include "net/dns_message.h"
#include "net/dns_server.h"

#define TRIES 2
#define WAITS 3 /* a question is repeated after one, and given up after two more */

/* A socket that c-ares wants watched. */
struct watch {
	uv_poll_t poll;
	struct vs_dns_ask *ask;
	ares_socket_t fd;
	struct watch *prev;
	struct watch *next;
};

struct vs_dns_ask {
	struct vs_loop *loop;
	ares_channel channel;
	struct vs_timer *timer;
	struct watch *watches;
	uint64_t deadline_ms;
	bool dropping; /* what the channel says now is of no use */
	bool ended;
	enum vs_dns_error error;
	struct vs_buf bytes;
	vs_dns_ask_done *done;
	void *arg;
};

static void release(struct vs_dns_ask *ask)
{
	ask->dropping = true;
	if (ask->channel != NULL)
		ares_destroy(ask->channel); /* closes its sockets, of which we are told */
	VS_REQUIRE(ask->watches == NULL);
	vs_timer_destroy(ask->timer);
	vs_buf_fini(&ask->bytes);
	vs_free(ask);
}

static void tell(struct vs_dns_ask *ask)
{
	vs_dns_ask_done *done = ask->done;
	void *arg = ask->arg;
	enum vs_dns_error error = ask->error;
	struct vs_buf bytes = ask->bytes;

	vs_buf_init(&ask->bytes);
	release(ask);
	done(arg, error, vs_buf_view(&bytes));
	vs_buf_fini(&bytes);
}

static void end(struct vs_dns_ask *ask, enum vs_dns_error error)
{
	ask->ended = true;
	ask->error = error;
}

static enum vs_dns_error classify(int status)
{
	switch (status) {
	case ARES_ETIMEOUT:
		return VS_DNS_E_TIMEOUT;
	case ARES_ECONNREFUSED:
		return VS_DNS_E_CONNECT;
	case ARES_EBADNAME:
	case ARES_ENOTFOUND: /* without an answer: a name that must never be asked */
		return VS_DNS_E_NAME;
	case ARES_EBADRESP:
		return VS_DNS_E_FORMAT;
	default:
		return VS_DNS_E_OTHER;
	}
}

static void on_answer(void *arg, int status, int timeouts, unsigned char *bytes, int len)
{
	struct vs_dns_ask *ask = arg;

	(void)timeouts;
	if (ask->dropping)
		return;
	if (bytes == NULL || len <= 0) {
		end(ask, classify(status));
	} else if (len > VS_DNS_BYTES_MAX) {
		end(ask, VS_DNS_E_TOO_LARGE);
	} else {
		vs_buf_add(&ask->bytes, bytes, (size_t)len);
		end(ask, VS_DNS_E_OK);
	}
}

/* After anything that made c-ares move; the last thing a callback does. */
static void go_on(struct vs_dns_ask *ask)
{
	struct timeval limit = {0};
	struct timeval space;
	const struct timeval *wait;
	uint64_t now = vs_mono_ms();
	uint64_t left = now < ask->deadline_ms ? ask->deadline_ms - now : 0;

	if (!ask->ended && left == 0)
		end(ask, VS_DNS_E_TIMEOUT);
	if (ask->ended) {
		tell(ask);
		return;
	}
	limit.tv_sec = (time_t)(left / 1000);
	limit.tv_usec = (suseconds_t)(left % 1000 * 1000);
	wait = ares_timeout(ask->channel, &limit, &space);
	vs_timer_start(ask->timer, (uint64_t)wait->tv_sec * 1000 + ((uint64_t)wait->tv_usec + 999) / 1000);
}

static void on_timer(void *arg)
{
	struct vs_dns_ask *ask = arg;

	if (!ask->ended)
		ares_process_fd(ask->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	go_on(ask);
}

static void on_socket(uv_poll_t *poll, int status, int events)
{
	struct watch *watch = poll->data;
	struct vs_dns_ask *ask = watch->ask;
	ares_socket_t in = status < 0 || (events & UV_READABLE) ? watch->fd : ARES_SOCKET_BAD;
	ares_socket_t out = status < 0 || (events & UV_WRITABLE) ? watch->fd : ARES_SOCKET_BAD;

	ares_process_fd(ask->channel, in, out); /* may close the watch */
	go_on(ask);
}

static void on_watch_closed(uv_handle_t *handle)
{
	vs_free(handle->data);
}

static void watch_socket(void *arg, ares_socket_t fd, int readable, int writable)
{
	struct vs_dns_ask *ask = arg;
	struct watch *watch;

	DL_SEARCH_SCALAR(ask->watches, watch, fd, fd);
	if (watch != NULL && !readable && !writable) {
		DL_DELETE(ask->watches, watch);
		(void)uv_poll_stop(&watch->poll); /* the descriptor is closed when this returns */
		uv_close((uv_handle_t *)&watch->poll, on_watch_closed);
		return;
	}
	if (!readable && !writable)
		return;
	if (watch == NULL) {
		watch = vs_zalloc(sizeof(*watch));
		watch->ask = ask;
		watch->fd = fd;
		VS_REQUIRE(uv_poll_init_socket(vs_loop_uv(ask->loop), &watch->poll, fd) == 0);
		watch->poll.data = watch;
		DL_APPEND(ask->watches, watch);
	}
	(void)uv_poll_start(
		&watch->poll, (readable ? UV_READABLE : 0) | (writable ? UV_WRITABLE : 0), on_socket);
}

static int open_channel(
	struct vs_dns_ask *ask, const struct vs_dns_server *server, bool tcp, uint32_t timeout_ms)
{
	static char nothing[] = "/dev/null";
	static char lookups[] = "b";
	struct ares_options options = {
		.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_NOCHECKRESP |
			 (tcp ? ARES_FLAG_USEVC : 0),
		.timeout = (int)(timeout_ms / WAITS) + 1,
		.tries = TRIES,
		.lookups = lookups,
		.resolvconf_path = nothing,
		.sock_state_cb = watch_socket,
		.sock_state_cb_data = ask,
	};
	const int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS |
			 ARES_OPT_RESOLVCONF | ARES_OPT_SOCK_STATE_CB;
	struct ares_addr_port_node node = {
		.family = server->addr.family == 4 ? AF_INET : AF_INET6,
		.udp_port = server->port,
		.tcp_port = server->port,
	};
	int rc = ares_init_options(&ask->channel, &options, mask);

	if (rc != ARES_SUCCESS) {
		ask->channel = NULL;
		return rc;
	}
	memcpy(&node.addr, server->addr.bytes, server->addr.family == 4 ? 4 : 16);
	return ares_set_servers_ports(ask->channel, &node);
}

struct vs_dns_ask *vs_dns_ask_start(struct vs_loop *loop, const struct vs_dns_server *server,
	const struct vs_dns_question *question, uint32_t timeout_ms, vs_dns_ask_done *done, void *arg)
{
	struct vs_dns_ask *ask = vs_zalloc(sizeof(*ask));

	ask->loop = loop;
	ask->done = done;
	ask->arg = arg;
	ask->deadline_ms = vs_mono_ms() + timeout_ms;
	ask->timer = vs_timer_create(loop, on_timer, ask);
	vs_buf_init(&ask->bytes);
	if (open_channel(ask, server, question->tcp, timeout_ms) != ARES_SUCCESS)
		end(ask, VS_DNS_E_OTHER);
	else
		ares_query(ask->channel, question->name, (int)question->dns_class, (int)question->type,
			on_answer, ask);
	vs_timer_start(ask->timer, 0);
	return ask;
}

void vs_dns_ask_cancel(struct vs_dns_ask *ask)
{
	if (ask != NULL)
		release(ask);
}
