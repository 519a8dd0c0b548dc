/*
 * One fact: a named, typed value that a probe observed. Values are text in the canonical
 * form of their type, so that equal values are equal bytes.
 */
#ifndef VS_MODEL_FACT_H
#define VS_MODEL_FACT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/view.h"

#define VS_FACT_NAME_MAX 48
#define VS_FACT_VALUE_MAX 1024
#define VS_FACTS_MAX 64 /* of one report */
#define VS_FACTS_KEPT_MAX 96 /* of one client: with those that the server adds */

/* The numbers are those of the plugin ABI. */
#define VS_FACT_TYPE_ROWS(X)                                                                                 \
	X(TEXT, 1, "text")                                                                                   \
	X(INT, 2, "an integer")                                                                              \
	X(REAL, 3, "a number")                                                                               \
	X(BOOL, 4, "true or false")                                                                          \
	X(ADDR, 5, "an address")                                                                             \
	X(PREFIX, 6, "a prefix")                                                                             \
	X(ASN, 7, "an AS number")                                                                            \
	X(COUNTRY, 8, "a two-letter country code")                                                           \
	X(DURATION, 9, "a duration")                                                                         \
	X(TIME, 10, "a time")

enum vs_fact_type {
#define VS_FACT_TYPE_ENUM(name, code, text) VS_TYPE_##name = code,
	VS_FACT_TYPE_ROWS(VS_FACT_TYPE_ENUM)
#undef VS_FACT_TYPE_ENUM
};

/* The facts that the rules know. Every other name is a third party's: kept and shown, not judged. */
#define VS_FACT_ROWS(X)                                                                                      \
	X(EXIT_IP, "exit.ip", ADDR, "the address the outside world sees")                                    \
	X(EXIT_COUNTRY, "exit.country", COUNTRY, "the exit's country")                                       \
	X(EXIT_CITY, "exit.city", TEXT, "the exit's city")                                                   \
	X(EXIT_REGION, "exit.region", TEXT, "the exit's region")                                             \
	X(EXIT_ASN, "exit.asn", ASN, "the network the exit belongs to")                                      \
	X(EXIT_ORG, "exit.org", TEXT, "who runs that network")                                               \
	X(EXIT_TIMEZONE, "exit.timezone", TEXT, "the exit's time zone")                                      \
	X(EXIT_HOSTNAME, "exit.hostname", TEXT, "the exit's name in the DNS")                                \
	X(EXIT_BOGON, "exit.bogon", BOOL, "the exit is not a public address")                                \
	X(EXIT6_IP, "exit6.ip", ADDR, "the IPv6 address the outside world sees")                             \
	X(DNS_LOCATION, "dns_location", COUNTRY, "the country Cloudflare's trace names")                     \
	X(DNS_COLO, "dns.colo", TEXT, "the data centre that answered the trace")                             \
	X(TRACE_IP, "trace.ip", ADDR, "the address Cloudflare's trace saw")                                  \
	X(TRACE_COLO, "trace.colo", TEXT, "the data centre that answered the trace")                         \
	X(TRACE_WARP, "trace.warp", TEXT, "whether the trace came through WARP")                             \
	X(WARP, "warp", TEXT, "whether the traffic goes through WARP")                                       \
	X(EXIT_HOSTING, "exit.hosting", BOOL, "the exit's network is a data centre's")                       \
	X(EXIT6_COUNTRY, "exit6.country", COUNTRY, "the IPv6 exit's country")                                \
	X(EXIT6_ASN, "exit6.asn", ASN, "the network the IPv6 exit belongs to")                               \
	X(EXIT6_ORG, "exit6.org", TEXT, "who runs that network")                                             \
	X(UDP_IP, "udp.ip", ADDR, "the address a distant DNS server saw a query come from")                  \
	X(UDP6_IP, "udp6.ip", ADDR, "the same over IPv6")                                                    \
	X(DNS_RESOLVERS, "dns.resolvers", TEXT, "the addresses from which DNS queries really left")          \
	X(DNS_TECHNIQUES, "dns.techniques", TEXT, "the ways that told them")                                 \
	X(DNS_LABELS, "dns.labels", INT, "how many names were asked for it")                                 \
	X(DNS_ECS, "dns.ecs", TEXT, "the networks of clients that resolvers passed on")                      \
	X(DNS_NAMESERVERS, "dns.nameservers", TEXT, "the nameservers this host asks")                        \
	X(DNS_ANSWERING, "dns.answering", BOOL, "any of them answers")                                       \
	X(DNS_REWRITES, "dns.rewrites", BOOL, "names that do not exist get an answer")                       \
	X(DNS_PATH, "dns.path", TEXT, "the way to the nameservers: tunnel, beside, local or none")           \
	X(DNS_BESIDE, "dns.beside", TEXT, "the nameservers that are reached beside the tunnel")              \
	X(ZONE_RESOLVERS, "zone.resolvers", TEXT,                                                            \
		"the resolvers that asked the server's own zone for this client")                            \
	X(ZONE_LABELS, "zone.labels", INT, "how many names they asked for")                                  \
	X(ZONE_ECS, "zone.ecs", TEXT, "the networks of clients that they passed on")                         \
	X(TUNNEL_INTERFACE, "tunnel.interface", TEXT, "the tunnel's device")                                 \
	X(TUNNEL_UP, "tunnel.up", BOOL, "the tunnel's device is there and up")                               \
	X(TUNNEL_HANDSHAKE, "tunnel.handshake_age", DURATION, "time since WireGuard's last handshake")       \
	X(TUNNEL_RX, "tunnel.rx_bytes", INT, "bytes received through the tunnel's device")                   \
	X(TUNNEL_TX, "tunnel.tx_bytes", INT, "bytes sent through the tunnel's device")                       \
	X(BESIDE_RX, "beside.rx_bytes", INT, "bytes received on the other devices")                          \
	X(BESIDE_TX, "beside.tx_bytes", INT, "bytes sent on the other devices")                              \
	X(NET_DEVICES, "net.devices", INT, "network devices that are up, loopback not counted")              \
	X(PATH_EXIT, "path.exit", TEXT, "the way to the internet over IPv4: tunnel, beside or none")         \
	X(PATH_EXIT6, "path.exit6", TEXT, "the way to the internet over IPv6: tunnel, beside or none")       \
	X(PATH_BESIDE, "path.beside", TEXT,                                                                  \
		"the addresses that are reached beside the tunnel, with the device")                         \
	X(IPV6_GLOBAL, "ipv6.global", TEXT, "the devices beside the tunnel that have a global IPv6 address") \
	X(IPV6_REACHABLE, "ipv6.reachable", BOOL, "a service was reached over IPv6")                         \
	X(KILLSWITCH_TESTED, "killswitch.tested", TEXT,                                                      \
		"the devices through which it was tried to get past the tunnel")                             \
	X(KILLSWITCH_OPEN, "killswitch.open", TEXT, "those through which it worked")                         \
	X(CANARY_IP, "canary.ip", ADDR,                                                                      \
		"the address from which a canary reached the server beside the tunnel")                      \
	X(CANARY_DEVICE, "canary.device", TEXT, "the device that canary was sent through")                   \
	X(OUTAGE_CAUSE, "outage.cause", TEXT, "what the client found to be the cause of its last outage")    \
	X(OUTAGE_DURATION, "outage.duration", DURATION, "how long that outage was")

enum vs_fact {
	VS_FACT_OTHER,
#define VS_FACT_ENUM(name, text, type, help) VS_FACT_##name,
	VS_FACT_ROWS(VS_FACT_ENUM)
#undef VS_FACT_ENUM
		VS_FACT_KINDS
};

enum vs_fact vs_fact_find(struct vs_view name); /* VS_FACT_OTHER when the rules do not know it */
const char *vs_fact_name(enum vs_fact fact); /* "" for VS_FACT_OTHER */
const char *vs_fact_help(enum vs_fact fact);
enum vs_fact_type vs_fact_type(enum vs_fact fact); /* VS_TYPE_TEXT for VS_FACT_OTHER */
const char *vs_fact_type_text(enum vs_fact_type type); /* "an address": after "is not" */

bool vs_fact_name_valid(struct vs_view name); /* [a-z0-9_.]{1,48} */
bool vs_fact_is_unknown(struct vs_view value); /* "" or "unknown" in any case */

#define VS_FACT_SCRATCH 64
/*
 * Checks value and points canonical at its canonical form: value itself (trimmed of
 * nothing) or text written into scratch. 0, VS_ERR_INVALID or VS_ERR_TOO_BIG.
 */
int vs_fact_check(
	uint32_t type, struct vs_view value, struct vs_view *canonical, char scratch[VS_FACT_SCRATCH]);

#endif
