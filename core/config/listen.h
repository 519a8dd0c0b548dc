/* Where the server listens: "0.0.0.0:5000", "[::]:5000", "unix:/run/vpn-sentinel.sock". Pure. */
#ifndef VS_CONFIG_LISTEN_H
#define VS_CONFIG_LISTEN_H

#include "base/err.h"
#include "config/arena.h"
#include "config/server_conf.h"

/* Fills host and port, or path. */
int vs_listen_parse(
	struct vs_listen_conf *listen, struct vs_view text, struct vs_arena *arena, struct vs_err *err);
/* Sets serve from the words api, health and metrics. */
int vs_serve_parse(struct vs_listen_conf *listen, const struct vpns_list *words, struct vs_err *err);

#endif
