/* What the server makes of handshakes: their deadline, their outcome, their numbers. Only http_*.c include
 * this. */
#ifndef VS_NET_HTTP_SECURE_H
#define VS_NET_HTTP_SECURE_H

#include "net/http_conn.h"

void vs_http_secure_begin(struct vs_http_conn *conn); /* a connection to an encrypted listener */
void vs_http_secure_handshake(struct vs_http_conn *conn, enum vs_handshake how, const char *why);
void vs_http_secure_timeout(
	struct vs_http_conn *conn); /* of the handshake: say so; closing is the caller's */
/* The first byte of a request on a listener that is not encrypted: is it the beginning of TLS? */
void vs_http_secure_look(struct vs_http_conn *conn, char first);

#endif
