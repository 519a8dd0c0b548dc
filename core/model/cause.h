/*
 * Why a client is not secure or not heard: from signs that each may be unknown, the nearest cause that
 * explains them. Pure; both roles use it.
 */
#ifndef VS_MODEL_CAUSE_H
#define VS_MODEL_CAUSE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/view.h"
#include "model/fact.h"

/* number (stored: for ever), on the wire, for people: "cause: ..." */
#define VS_CAUSE_ROWS(X)                                                                                     \
	X(NONE, 0, "", "")                                                                                   \
	X(TUNNEL_DOWN, 1, "tunnel_down", "the tunnel is down")                                               \
	X(CLIENT_SILENT, 2, "client_silent", "the client is silent")                                         \
	X(NAMESPACE_DEAD, 3, "namespace_dead", "the client's network is gone: no device but loopback is up") \
	X(RESOLVER_DEAD, 4, "resolver_dead", "the client's nameservers do not answer")                       \
	X(PROVIDER_OUTAGE, 5, "provider_outage",                                                             \
		"the services that were asked do not answer, while the client reaches this server")          \
	X(SERVER_UNREACHABLE, 6, "server_unreachable",                                                       \
		"the client reached the internet, but not this server")                                      \
	X(SERVER_OFFLINE, 7, "server_offline", "this server's own line is down")                             \
	X(EXIT_SILENT, 8, "exit_silent", "all clients of that exit fell silent together")                    \
	X(UNKNOWN, 9, "unknown", "not known")

enum vs_cause {
#define VS_CAUSE_ENUM(name, number, text, words) VS_CAUSE_##name = number,
	VS_CAUSE_ROWS(VS_CAUSE_ENUM)
#undef VS_CAUSE_ENUM
		VS_CAUSES
};

const char *vs_cause_name(enum vs_cause cause); /* "" for NONE */
const char *vs_cause_words(enum vs_cause cause);
int vs_cause_parse(uint8_t *cause, struct vs_view name); /* 0 or VS_ERR_INVALID */

enum vs_sign { VS_SIGN_UNKNOWN, VS_SIGN_NO, VS_SIGN_YES };

/* Zeroed: nothing is known. Each of the uint8_t is an enum vs_sign. */
struct vs_cause_signs {
	uint8_t devices; /* a network device but loopback is up */
	uint8_t tunnel; /* the tunnel's device is there and up */
	uint8_t resolver; /* a nameserver answers */
	uint8_t by_name; /* a service asked by its name told something */
	uint8_t by_address; /* one asked by its address did */
	uint8_t server; /* this server was reached (on the server: the keepalive arrived) */
	bool side_path; /* ... over a private network beside the tunnel: no sign of the tunnel */
	bool server_offline; /* the server found its own line down */
	bool stalled; /* the tunnel's last handshake is so long ago that it is dead */
	bool silent; /* no keepalive for too long */
	bool exit_silent; /* others of the same exit fell silent, too */
	uint32_t failed; /* services that were asked and told nothing */
};

/*
 * Adds what one fact says: net.devices, tunnel.up, dns.answering, exit.ip and the like. Others
 * say nothing. The handshake's age says that the tunnel is dead from VS_CAUSE_HANDSHAKE_MS on.
 */
#define VS_CAUSE_HANDSHAKE_MS 180000 /* WireGuard gives up a session after that */
void vs_cause_sign_fact(struct vs_cause_signs *signs, enum vs_fact known, struct vs_view value);
/* A source that was asked and could not measure. */
void vs_cause_sign_failure(struct vs_cause_signs *signs);

/*
 * In this order: server_offline, namespace_dead, tunnel_down, resolver_dead, server_unreachable,
 * provider_outage, exit_silent, client_silent; NONE when nothing is wrong, UNKNOWN when something is
 * that no sign explains.
 */
enum vs_cause vs_cause_diagnose(const struct vs_cause_signs *signs);

#endif
