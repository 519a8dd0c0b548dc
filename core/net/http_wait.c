#include "net/http_conn.h"
#include "net/http_secure.h"

#define LEAST_RATE 1024 /* bytes a second that whoever reads an answer takes */

void vs_http_conn_wait(struct vs_http_conn *conn, enum vs_http_wait wait)
{
	if (wait == VS_HTTP_WAIT_WRITE) {
		conn->unwritten = vs_transport_unwritten(&conn->transport);
		if (!conn->exchange->known)
			wait = VS_HTTP_WAIT_WRITE_STRANGER;
	}
	if (wait == VS_HTTP_WAIT_NONE)
		vs_http_deadline_drop(&conn->server->deadlines, &conn->deadline);
	else
		vs_http_deadline_set(&conn->server->deadlines, &conn->deadline, wait);
}

/* Who reads more slowly reads for the connection's sake, not the answer's. */
static bool is_read_fast_enough(const struct vs_http_conn *conn)
{
	size_t least = (size_t)((uint64_t)conn->server->limits.write_ms * LEAST_RATE / 1000);

	return vs_transport_unwritten(&conn->transport) + least <= conn->unwritten;
}

void vs_http_conn_expire(struct vs_http_conn *conn, enum vs_http_wait wait)
{
	if (wait == VS_HTTP_WAIT_HANDSHAKE)
		vs_http_secure_timeout(conn);
	if (wait == VS_HTTP_WAIT_REQUEST && conn->exchange->held)
		conn->exchange->late = true; /* it is not ours to answer now */
	else if (wait == VS_HTTP_WAIT_REQUEST)
		vs_http_conn_refuse(conn, VS_HTTP_P_REQUEST_TIMEOUT);
	else if ((wait == VS_HTTP_WAIT_WRITE || wait == VS_HTTP_WAIT_WRITE_STRANGER) &&
		 is_read_fast_enough(conn))
		vs_http_conn_wait(conn, VS_HTTP_WAIT_WRITE);
	else
		vs_http_conn_close(conn);
}
