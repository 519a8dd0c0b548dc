#include <malloc.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/log.h"
#include "loop/loop.h"
#include "net/http_conn.h"
#include "net/http_peers.h"

#define COMPLAIN_EVERY_MS 10000
/* A handshake, or the head of a request, of people takes less, even when the server is slow itself. */
#define STUCK_MS 3000
#define LEAVING_MS 500 /* after an answer that ends the connection */
#define LOOKS 16
#define CROWD 256 /* fewer leave nothing behind that is worth a look */
#define TRIM_MS 1000 /* the last of them are freed by then */

static void complain(struct vs_http_server *server, const char *what)
{
	uint64_t now = vs_mono_ms();

	server->refused++;
	if (server->complained_at_ms != 0 && now - server->complained_at_ms < COMPLAIN_EVERY_MS)
		return;
	vs_log(VS_LOG_WARN, "net", "%s: %llu connections refused or cut", what,
		(unsigned long long)server->refused);
	server->complained_at_ms = now;
	server->refused = 0;
}

static struct vs_http_conn *conn_of(struct vs_http_deadline *deadline)
{
	return (struct vs_http_conn *)(void *)((char *)deadline - offsetof(struct vs_http_conn, deadline));
}

static bool is_stuck(
	const struct vs_http_server *server, const struct vs_http_deadline *deadline, uint64_t patience_ms)
{
	return deadline != NULL && vs_http_deadline_age(&server->deadlines, deadline) >= patience_ms;
}

/* The oldest request that nobody has let in so far, if it is among the first few. */
static struct vs_http_deadline *first_stranger(const struct vs_http_server *server)
{
	struct vs_http_deadline *request = vs_http_deadline_first(&server->deadlines, VS_HTTP_WAIT_REQUEST);
	unsigned looks;

	for (looks = 0; request != NULL && looks < LOOKS; request = request->next, looks++) {
		const struct vs_http_exchange *exchange = conn_of(request)->exchange;

		if (!exchange->known && !exchange->held)
			return request;
	}
	return NULL;
}

/*
 * Who makes room at the limit: first who does not leave though it was answered for good, does not read what
 * it was answered as a stranger, or does not get on with its handshake or its first lines; then the longest
 * idle one; then whoever is in its handshake, sends as a stranger, reads as one or is about to leave. So no
 * crowd without a key locks anybody out, whatever it does or leaves undone; who was let in is left alone.
 */
static struct vs_http_deadline *choose(const struct vs_http_server *server)
{
	struct vs_http_deadline *handshake =
		vs_http_deadline_first(&server->deadlines, VS_HTTP_WAIT_HANDSHAKE);
	struct vs_http_deadline *stranger = first_stranger(server);
	struct vs_http_deadline *reader =
		vs_http_deadline_first(&server->deadlines, VS_HTTP_WAIT_WRITE_STRANGER);
	struct vs_http_deadline *leaving = vs_http_deadline_first(&server->deadlines, VS_HTTP_WAIT_LINGER);
	struct vs_http_deadline *idle = vs_http_deadline_first(&server->deadlines, VS_HTTP_WAIT_IDLE);

	if (is_stuck(server, leaving, LEAVING_MS))
		return leaving;
	if (is_stuck(server, reader, LEAVING_MS)) /* what strangers are told fits into any buffer */
		return reader;
	if (is_stuck(server, handshake, STUCK_MS))
		return handshake;
	if (is_stuck(server, stranger, STUCK_MS))
		return stranger;
	if (idle != NULL)
		return idle;
	if (handshake != NULL)
		return handshake;
	if (stranger != NULL)
		return stranger;
	return reader != NULL ? reader : leaving;
}

static bool make_room(struct vs_http_server *server)
{
	struct vs_http_deadline *oldest;

	if (server->conn_count < server->limits.connections)
		return true;
	complain(server, "the limit of connections (server.limits.connections) is reached");
	oldest = choose(server);
	if (oldest == NULL)
		return false;
	vs_http_conn_close(conn_of(oldest));
	return true;
}

bool vs_http_admit(struct vs_http_conn *conn)
{
	struct vs_http_server *server = conn->server;

	/* First, so that who has used up its share costs nobody else a place. */
	if (!vs_http_peers_add(server->peers, &conn->peer.addr, server->limits.per_address)) {
		complain(server,
			"one address has reached its limit of connections (server.limits.per_address)");
		return false;
	}
	if (!make_room(server)) {
		vs_http_peers_remove(server->peers, &conn->peer.addr);
		return false;
	}
	if (server->crowd <= server->conn_count)
		server->crowd = server->conn_count + 1;
	return true;
}

/* What a crowd leaves lies in small pieces between others, so that malloc does not give it back by itself. */
void vs_http_admit_left(struct vs_http_server *server)
{
	if (server->crowd >= CROWD && server->conn_count < server->crowd / 2 && !server->destroyed &&
		!vs_timer_is_set(server->trim_timer))
		vs_timer_start(server->trim_timer, TRIM_MS);
}

void vs_http_admit_trim(void *arg)
{
	struct vs_http_server *server = arg;

	server->crowd = server->conn_count;
	(void)malloc_trim(0);
}
