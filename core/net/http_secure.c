#include "net/http_secure.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/require.h"
#include "net/tls.h"

#define AREA "net"
#define COMPLAIN_EVERY_MS 10000
#define RECORD_OF_HANDSHAKE 22 /* what a TLS connection begins with */

/* What the peers' messages mean for those who run both ends. OpenSSL's texts; found anywhere in them. */
static const struct {
	const char *reason;
	const char *hint;
} hints[] = {
	{"unknown ca", "the client does not trust this certificate: give it the file of the CA"},
	{"bad certificate", "the client does not accept this certificate"},
	{"certificate expired",
		"the client takes this certificate for expired: is it, or is its clock wrong?"},
	{"certificate unknown", "the client does not accept this certificate"},
	{"unsupported protocol", "the client speaks only versions of TLS that are not safe any more"},
	{"unknown protocol", "the client speaks only versions of TLS that are not safe any more"},
	{"no shared cipher", "the client has no cipher that is safe with this certificate"},
	{"no application protocol", "the client wants another protocol than HTTP/1.1"},
	{"wrong version number", "what came is no TLS"},
};

static const char *hint_of(const char *why)
{
	size_t i;

	for (i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
		if (strstr(why, hints[i].reason) != NULL)
			return hints[i].hint;
	return NULL;
}

/* The peer's choice, so not every one gets a line. Returns how many there were since the last one, or 0. */
static uint64_t count_complaint(struct vs_http_complaint *complaint)
{
	uint64_t now = vs_mono_ms();
	uint64_t count;

	complaint->count++;
	if (complaint->at_ms != 0 && now - complaint->at_ms < COMPLAIN_EVERY_MS)
		return 0;
	complaint->at_ms = now;
	count = complaint->count;
	complaint->count = 0;
	return count;
}

static void complain(struct vs_http_conn *conn, struct vs_http_complaint *complaint, const char *what,
	const char *why, const char *hint)
{
	uint64_t count = count_complaint(complaint);
	char address[VS_ADDR_TEXT];
	char more[96] = "";

	if (count == 0)
		return;
	vs_addr_format(&conn->peer.addr, address);
	if (count > 1)
		(void)snprintf(more, sizeof(more), " (and %llu more like it since the last such line)",
			(unsigned long long)count - 1);
	vs_log(VS_LOG_WARN, AREA, "%s %s%s%s%s%s%s", what, address, why[0] != '\0' ? ": " : "", why,
		hint != NULL ? ": " : "", hint != NULL ? hint : "", more);
}

void vs_http_secure_begin(struct vs_http_conn *conn)
{
	VS_REQUIRE(conn->server->tls != NULL);
	conn->secure = true;
	vs_transport_secure(&conn->transport, conn->server->tls, conn->server->hellos);
	vs_http_conn_wait(conn, VS_HTTP_WAIT_HANDSHAKE);
}

void vs_http_secure_handshake(struct vs_http_conn *conn, enum vs_handshake how, const char *why)
{
	struct vs_http_server *server = conn->server;

	switch (how) {
	case VS_HANDSHAKE_RESUMED:
		server->handshakes.resumed++;
		/* fallthrough */
	case VS_HANDSHAKE_DONE:
		server->handshakes.done++;
		vs_http_conn_wait(conn, VS_HTTP_WAIT_IDLE);
		return;
	case VS_HANDSHAKE_PLAIN:
		server->handshakes.failed++;
		complain(conn, &server->plain_complaint, "an unencrypted request came to a TLS port from", "",
			"make its URL begin with https://; if it carried an API key, that has crossed the "
			"network in the clear");
		vs_http_conn_refuse(conn, VS_HTTP_P_TLS_REQUIRED); /* in plain text, which is what it reads */
		return;
	case VS_HANDSHAKE_FAILED:
		server->handshakes.failed++;
		complain(conn, &server->failure_complaint, "no TLS with", why, hint_of(why));
		break;
	case VS_HANDSHAKE_LEFT:
		server->handshakes.failed++;
		break;
	case VS_HANDSHAKE_NONE:
		break;
	}
	vs_http_conn_close(conn);
}

void vs_http_secure_timeout(struct vs_http_conn *conn)
{
	conn->server->handshakes.failed++;
	complain(conn, &conn->server->failure_complaint, "no TLS with", "the handshake took too long", NULL);
}

void vs_http_secure_look(struct vs_http_conn *conn, char first)
{
	if (first == RECORD_OF_HANDSHAKE)
		complain(conn, &conn->server->tls_complaint, "TLS was tried on a port without it by", "",
			"make its URL begin with http://, or give server.tls a certificate and a key");
}
