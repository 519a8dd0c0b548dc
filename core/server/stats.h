/* What the server counts about itself since its start. Plain numbers, for /metrics and health. */
#ifndef VS_SERVER_STATS_H
#define VS_SERVER_STATS_H

#include <stdint.h>

/* name, Prometheus name, help */
#define VS_STAT_ROWS(X)                                                                                      \
	X(KEEPALIVES, "keepalives_total", "Keepalives accepted")                                             \
	X(KEEPALIVES_LATE, "keepalives_late_total", "Of these, reports that were spooled and came late")     \
	X(KEEPALIVES_REFUSED, "keepalives_refused_total", "Keepalives refused for their content")            \
	X(TRANSITIONS, "transitions_total", "Transitions and notices")                                       \
	X(REMINDERS, "reminders_total", "Of these, of an incident that nobody acknowledged")                 \
	X(DELIVERED, "deliveries_sent_total", "Alerts that a channel accepted")                              \
	X(DELIVERY_RETRIES, "deliveries_retried_total", "Attempts that a channel put off")                   \
	X(DELIVERY_DROPS, "deliveries_dropped_total", "Alerts given up for good")                            \
	X(STORE_COMMITS, "store_commits_total", "Batches that the store accepted")                           \
	X(STORE_FAILURES, "store_failures_total", "Batches that the store refused")                          \
	X(STORE_DROPS, "store_records_dropped_total",                                                        \
		"Records given up, since the store can never take them")                                     \
	X(REQUESTS, "http_requests_total", "HTTP requests answered")                                         \
	X(REQUESTS_LIMITED, "http_requests_limited_total", "Of these, refused by the rate limit")            \
	X(REQUESTS_DENIED, "http_requests_denied_total", "Of these, refused by an access check")             \
	X(AUDIT_LOST, "audit_lines_lost_total", "Lines of the audit log that could not be written")          \
	X(LOCATE_QUESTIONS, "locate_questions_total", "Questions to sources of places")                      \
	X(LOCATED, "located_total", "Places found out")                                                      \
	X(LOCATE_HITS, "locate_hits_total", "Keepalives with an exit whose place was known")                 \
	X(ZONE_QUERIES, "zone_queries_total", "DNS queries to the server's own zone that were answered")     \
	X(ZONE_REFUSED, "zone_queries_refused_total", "Of these, malformed or about other zones")            \
	X(ZONE_CUT, "zone_queries_cut_total", "Of these, told to come over TCP, beyond the rate")            \
	X(CANARIES, "canaries_total", "Canaries that arrived beside the tunnel of a client")                 \
	X(CANARIES_REFUSED, "canaries_refused_total", "Canaries refused: not signed, too old, or repeated")  \
	X(ZONE_NAMES, "zone_names_total", "Of these, for a name as clients make them")

enum vs_stat {
#define VS_STAT_ENUM(name, text, help) VS_STAT_##name,
	VS_STAT_ROWS(VS_STAT_ENUM)
#undef VS_STAT_ENUM
		VS_STATS
};

struct vs_stats {
	uint64_t count[VS_STATS];
};

#endif
