#include <stddef.h>

#include "base/clock.h"
#include "base/log.h"
#include "net/http_conn.h"
#include "net/http_peers.h"

#define COMPLAIN_EVERY_MS 10000
#define STUCK_MS 1000 /* a handshake of people takes less */

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

static bool is_stuck(const struct vs_http_server *server, const struct vs_http_deadline *handshake)
{
	return handshake != NULL && vs_http_deadline_age(&server->deadlines, handshake) >= STUCK_MS;
}

/*
 * Who makes room at the limit: first who does not get on with its handshake, then the longest idle one, then
 * whoever is in its handshake. A crowd of silent peers locks nobody out.
 */
static struct vs_http_deadline *choose(const struct vs_http_server *server)
{
	struct vs_http_deadline *handshake =
		vs_http_deadline_first(&server->deadlines, VS_HTTP_WAIT_HANDSHAKE);
	struct vs_http_deadline *idle = vs_http_deadline_first(&server->deadlines, VS_HTTP_WAIT_IDLE);

	return idle == NULL || is_stuck(server, handshake) ? handshake : idle;
}

static bool make_room(struct vs_http_server *server)
{
	struct vs_http_deadline *oldest;

	if (server->conn_count < server->limits.connections)
		return true;
	complain(server, "the limit of connections is reached");
	oldest = choose(server);
	if (oldest == NULL)
		return false;
	vs_http_conn_close(
		(struct vs_http_conn *)(void *)((char *)oldest - offsetof(struct vs_http_conn, deadline)));
	return true;
}

bool vs_http_admit(struct vs_http_conn *conn)
{
	struct vs_http_server *server = conn->server;

	if (!make_room(server))
		return false;
	if (vs_http_peers_add(server->peers, &conn->peer.addr, server->limits.per_address))
		return true;
	complain(server, "one address has reached its limit of connections");
	return false;
}
