/* The server's certificate: read at the start, again when its files change, and told about when it ends.
 * [loop] */
#ifndef VS_SERVER_CERTIFICATE_H
#define VS_SERVER_CERTIFICATE_H

#include <stdint.h>

#include "base/err.h"
#include "config/tls_conf.h"
#include "server/clock.h"

struct vs_certificate;
struct vs_http_server;
struct vs_loop;
struct vs_tls_facts;
struct vs_troubles;

/* Reads the files of conf, which is copied. NULL with err: which file cannot be used, why, what to do. */
struct vs_certificate *vs_certificate_create(struct vs_loop *loop, const struct vs_clock *clock,
	const struct vs_server_tls_conf *conf, struct vs_err *err);
void vs_certificate_destroy(struct vs_certificate *certificate); /* NULL is fine */

/* Gives it to http, now and whenever it changes. http stays longer; NULL: to nobody any more. */
void vs_certificate_serve(struct vs_certificate *certificate, struct vs_http_server *http);

/*
 * Reads the files of conf, which may be others than before, at once. A failure leaves all as it was. The
 * connections that are there keep what they have.
 */
int vs_certificate_reload(
	struct vs_certificate *certificate, const struct vs_server_tls_conf *conf, struct vs_err *err);

/*
 * Looks every ten seconds whether the files are others, and tells troubles, which stays longer, when the
 * certificate ends within fourteen days or has ended. Until destroyed. NULL: there is none any more, and what
 * was told of one is over.
 */
void vs_certificate_watch(struct vs_certificate *certificate, struct vs_troubles *troubles);
/* The same look at the files, now. */
void vs_certificate_look(struct vs_certificate *certificate);

const struct vs_tls_facts *vs_certificate_facts(const struct vs_certificate *certificate);

#endif
