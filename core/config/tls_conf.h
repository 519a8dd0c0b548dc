/* server.tls: the certificate of the server, and which versions of TLS it speaks. */
#ifndef VS_CONFIG_TLS_CONF_H
#define VS_CONFIG_TLS_CONF_H

#include <stdint.h>

#include "config/common_conf.h"

struct vs_server_tls_conf {
	const char *cert; /* NULL: no listener is encrypted */
	const char *key; /* NULL only together with cert */
	uint32_t min_version; /* 0: TLS 1.2, 1: TLS 1.3 */
	struct vs_mark mark; /* of cert */
};

/* Reads `tls` of the map server (NULL: there is none). One file without the other is a problem. */
void vs_server_tls_read(
	const struct vs_reading *reading, const struct vs_node *server, struct vs_server_tls_conf *tls);

#endif
