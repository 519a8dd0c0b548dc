#include "net/exchange.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "loop/loop.h"
#include "loop/poll.h"

#define DEFAULT_TIMEOUT_MS 5000
#define SENTENCE 320

struct vs_exchange {
	struct vs_loop *loop;
	int fd; /* -1: not opened */
	struct vs_poll *poll;
	struct vs_timer *timer;
	bool tcp;
	bool connected;
	bool ended; /* and not told yet */
	enum vs_exchange_error error;
	int number; /* errno, for the sentence */
	char device[IFNAMSIZ];
	char *data;
	size_t data_len;
	size_t sent;
	uint64_t started_ms;
	vs_exchange_done *done;
	void *arg;
};

enum vs_exchange_error vs_bind_device(int fd, const char *device)
{
	size_t len = strlen(device);

	if (len == 0 || len >= IFNAMSIZ) {
		errno = ENODEV;
		return VS_EXCHANGE_E_DEVICE;
	}
	if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, (socklen_t)len + 1) == 0)
		return VS_EXCHANGE_E_OK;
	if (errno == ENODEV)
		return VS_EXCHANGE_E_DEVICE;
	return errno == EPERM || errno == EACCES ? VS_EXCHANGE_E_PERMISSION : VS_EXCHANGE_E_OTHER;
}

static void release(struct vs_exchange *exchange)
{
	vs_poll_destroy(exchange->poll);
	vs_timer_destroy(exchange->timer);
	if (exchange->fd >= 0)
		close(exchange->fd);
	vs_free(exchange->data);
	vs_free(exchange);
}

static void find_local(const struct vs_exchange *exchange, struct vs_addr *local)
{
	struct sockaddr_storage at = {0};
	socklen_t len = sizeof(at);

	memset(local, 0, sizeof(*local));
	if (exchange->fd >= 0 && getsockname(exchange->fd, (struct sockaddr *)&at, &len) == 0)
		vs_addr_from_sockaddr(local, (struct sockaddr *)&at);
	if (local->family != 0 && memcmp(local->bytes, (const uint8_t[16]){0}, sizeof(local->bytes)) == 0)
		local->family = 0; /* not connected: any address */
}

static void describe(const struct vs_exchange *exchange, char text[SENTENCE])
{
	static const char *const texts[] = {
#define EXCHANGE_TEXT(name, code, text) [code] = text,
		VS_EXCHANGE_ROWS(EXCHANGE_TEXT)
#undef EXCHANGE_TEXT
	};
	const char *device = exchange->device;

	text[0] = '\0';
	if (exchange->error == VS_EXCHANGE_E_OK)
		return;
	(void)snprintf(text, SENTENCE, "%s%s%s%s%s%s", texts[exchange->error], device[0] != '\0' ? " (" : "",
		device, device[0] != '\0' ? ")" : "", exchange->number != 0 ? ": " : "",
		exchange->number != 0 ? strerror(exchange->number) : "");
}

static void tell(struct vs_exchange *exchange, const void *data, size_t len)
{
	char text[SENTENCE];
	struct vs_exchange_outcome outcome = {
		.error = exchange->error,
		.connected = exchange->connected,
		.data = data != NULL ? data : "",
		.data_len = len,
		.error_text = text,
		.elapsed_ms = vs_mono_ms() - exchange->started_ms,
	};
	vs_exchange_done *done = exchange->done;
	void *arg = exchange->arg;

	describe(exchange, text);
	find_local(exchange, &outcome.local);
	release(exchange);
	done(arg, &outcome);
}

static void fail(struct vs_exchange *exchange, enum vs_exchange_error error, int number)
{
	exchange->error = error;
	exchange->number = number;
	tell(exchange, NULL, 0);
}

static enum vs_exchange_error classify(const struct vs_exchange *exchange, int number)
{
	switch (number) {
	case EPERM:
	case EACCES:
		return VS_EXCHANGE_E_BLOCKED;
	case ENETUNREACH:
	case EHOSTUNREACH:
	case ENETDOWN:
	case EADDRNOTAVAIL:
	case EAFNOSUPPORT:
		return VS_EXCHANGE_E_UNREACHABLE;
	case ECONNREFUSED:
		return VS_EXCHANGE_E_REFUSED;
	case ETIMEDOUT:
		return VS_EXCHANGE_E_TIMEOUT;
	case ECONNRESET:
	case EPIPE:
		return exchange->connected ? VS_EXCHANGE_E_CLOSED : VS_EXCHANGE_E_REFUSED;
	case ENODEV:
	case ENXIO:
		return VS_EXCHANGE_E_DEVICE;
	default:
		return VS_EXCHANGE_E_OTHER;
	}
}

static bool is_for_later(int number)
{
	return number == EAGAIN || number == EINTR || number == ENOBUFS;
}

/* 0, or errno. */
static int pending_error(int fd)
{
	int number = 0;
	socklen_t len = sizeof(number);

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &number, &len) == 0 ? number : errno;
}

/* False: exchange has ended. */
static bool push(struct vs_exchange *exchange)
{
	size_t left = exchange->data_len - exchange->sent;
	ssize_t sent = send(exchange->fd, exchange->data + exchange->sent, left, MSG_NOSIGNAL);

	if (sent < 0 && !is_for_later(errno)) {
		fail(exchange, classify(exchange, errno), errno);
		return false;
	}
	if (sent > 0)
		exchange->sent += (size_t)sent;
	return true;
}

static void pull(struct vs_exchange *exchange)
{
	char bytes[VS_EXCHANGE_MAX];
	ssize_t got = recv(exchange->fd, bytes, sizeof(bytes), 0);

	if (got > 0 || (got == 0 && !exchange->tcp))
		tell(exchange, bytes, (size_t)got);
	else if (got == 0)
		fail(exchange, VS_EXCHANGE_E_CLOSED, 0);
	else if (!is_for_later(errno))
		fail(exchange, classify(exchange, errno), errno);
}

static void on_ready(void *arg, unsigned events)
{
	struct vs_exchange *exchange = arg;
	int number = (events & (VS_POLL_WRITE | VS_POLL_ERROR)) ? pending_error(exchange->fd) : 0;

	if (number != 0 || (events & VS_POLL_ERROR)) {
		fail(exchange, classify(exchange, number), number);
		return;
	}
	if (events & VS_POLL_WRITE) {
		exchange->connected = exchange->tcp;
		if (exchange->tcp && exchange->data_len == 0) {
			tell(exchange, NULL, 0);
			return;
		}
		if (!push(exchange))
			return;
		if (exchange->sent == exchange->data_len)
			vs_poll_change(exchange->poll, VS_POLL_READ);
	}
	if (events & VS_POLL_READ)
		pull(exchange);
}

static void on_timer(void *arg)
{
	struct vs_exchange *exchange = arg;

	if (exchange->ended)
		tell(exchange, NULL, 0);
	else
		fail(exchange, VS_EXCHANGE_E_TIMEOUT, 0);
}

static enum vs_exchange_error open_socket(
	struct vs_exchange *exchange, const struct vs_exchange_request *request)
{
	struct sockaddr_storage to;
	socklen_t len = vs_addr_to_sockaddr(&request->addr, request->port, &to);
	enum vs_exchange_error error = VS_EXCHANGE_E_OK;

	exchange->fd = socket(
		to.ss_family, (request->tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (exchange->fd < 0)
		return classify(exchange, errno);
	if (request->device != NULL)
		error = vs_bind_device(exchange->fd, request->device);
	if (error != VS_EXCHANGE_E_OK)
		return error;
	if (connect(exchange->fd, (struct sockaddr *)&to, len) != 0 && errno != EINPROGRESS)
		return classify(exchange, errno);
	exchange->poll = vs_poll_create(
		exchange->loop, exchange->fd, VS_POLL_READ | VS_POLL_WRITE, on_ready, exchange);
	return exchange->poll != NULL ? VS_EXCHANGE_E_OK : VS_EXCHANGE_E_OTHER;
}

struct vs_exchange *vs_exchange_start(
	struct vs_loop *loop, const struct vs_exchange_request *request, vs_exchange_done *done, void *arg)
{
	struct vs_exchange *exchange = vs_zalloc(sizeof(*exchange));
	bool sound = request->addr.family != 0 && request->port != 0 &&
		     request->data_len <= VS_EXCHANGE_MAX && (request->tcp || request->data_len > 0);

	exchange->loop = loop;
	exchange->fd = -1;
	exchange->tcp = request->tcp;
	exchange->done = done;
	exchange->arg = arg;
	exchange->started_ms = vs_mono_ms();
	exchange->timer = vs_timer_create(loop, on_timer, exchange);
	if (request->device != NULL)
		(void)snprintf(exchange->device, sizeof(exchange->device), "%s", request->device);
	if (sound && request->data_len > 0) {
		exchange->data = vs_alloc(request->data_len);
		memcpy(exchange->data, request->data, request->data_len);
		exchange->data_len = request->data_len;
	}
	errno = 0;
	exchange->error = sound ? open_socket(exchange, request) : VS_EXCHANGE_E_ADDRESS;
	exchange->ended = exchange->error != VS_EXCHANGE_E_OK;
	exchange->number = exchange->ended ? errno : 0;
	vs_timer_start(exchange->timer, exchange->ended            ? 0
					: request->timeout_ms != 0 ? request->timeout_ms
								   : DEFAULT_TIMEOUT_MS);
	return exchange;
}

void vs_exchange_cancel(struct vs_exchange *exchange)
{
	if (exchange != NULL)
		release(exchange);
}
