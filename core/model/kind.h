/*
 * Kinds: the one list of what is told to people, that configuration, API, metrics and
 * messages share. Incidents last until they are resolved, notices happen once.
 */
#ifndef VS_MODEL_KIND_H
#define VS_MODEL_KIND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/view.h"

/* The numbers are those of the plugin ABI. */
#define VS_SEVERITY_ROWS(X) X(INFO, 1, "info") X(WARNING, 2, "warning") X(CRITICAL, 3, "critical")

enum vs_severity {
#define VS_SEVERITY_ENUM(name, code, text) VS_SEVERITY_##name = code,
	VS_SEVERITY_ROWS(VS_SEVERITY_ENUM)
#undef VS_SEVERITY_ENUM
};

/* name, on the wire, about (CLIENT, SERVER), NOTICE or INCIDENT, default severity */
#define VS_KIND_ROWS(X)                                                                                      \
	X(TUNNEL_LOST, "tunnel_lost", CLIENT, INCIDENT, CRITICAL)                                            \
	X(BYPASS, "bypass", CLIENT, INCIDENT, CRITICAL)                                                      \
	X(DNS_LEAK, "dns_leak", CLIENT, INCIDENT, WARNING)                                                   \
	X(IPV6_LEAK, "ipv6_leak", CLIENT, INCIDENT, CRITICAL)                                                \
	X(IPV6_EXPOSED, "ipv6_exposed", CLIENT, INCIDENT, WARNING)                                           \
	X(POLICY, "policy", CLIENT, INCIDENT, WARNING)                                                       \
	X(KILLSWITCH_OPEN, "killswitch_open", CLIENT, INCIDENT, CRITICAL)                                    \
	X(SERVER_OFFLINE, "server_offline", SERVER, INCIDENT, WARNING)                                       \
	X(CHANNEL_BROKEN, "channel_broken", SERVER, INCIDENT, WARNING)                                       \
	X(STORE_FAILING, "store_failing", SERVER, INCIDENT, WARNING)                                         \
	X(PLUGIN_FAILING, "plugin_failing", SERVER, INCIDENT, WARNING)                                       \
	X(CERTIFICATE_EXPIRING, "certificate_expiring", SERVER, INCIDENT, WARNING)                           \
	X(CONNECTED, "connected", CLIENT, NOTICE, INFO)                                                      \
	X(IP_CHANGED, "ip_changed", CLIENT, NOTICE, INFO)                                                    \
	X(VERSION_CHANGED, "version_changed", CLIENT, NOTICE, INFO)

enum vs_kind {
#define VS_KIND_ENUM(name, text, about, sort, severity) VS_KIND_##name,
	VS_KIND_ROWS(VS_KIND_ENUM)
#undef VS_KIND_ENUM
		VS_KINDS
};

const char *vs_kind_name(enum vs_kind kind);
enum vs_severity vs_kind_severity(enum vs_kind kind);
bool vs_kind_is_notice(enum vs_kind kind);
bool vs_kind_is_of_server(enum vs_kind kind);
const char *vs_severity_name(enum vs_severity severity);

/* 0 or VS_ERR_INVALID. */
int vs_kind_parse(uint8_t *kind, struct vs_view name);
int vs_severity_parse(uint8_t *severity, struct vs_view name);

#endif
