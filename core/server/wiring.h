/* What connects the parts with the crew, and with the configuration: at the start and at each reload. [loop]
 */
#ifndef VS_SERVER_WIRING_H
#define VS_SERVER_WIRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/outbox.h"

struct vs_audit;
struct vs_crew;
struct vs_gate;
struct vs_http_limits;
struct vs_locate_source;
struct vs_member;
struct vs_parts;
struct vs_rate_limit_conf;
struct vs_round_probe;
struct vs_server_conf;

/*
 * Each of these may be used as long as its members are there. One that has no instance refuses: a message
 * waits, a check has no answer, a probe is left out.
 */
struct vs_channel_port vs_wire_channel(struct vs_member *member);
struct vs_gate *vs_wire_gate(struct vs_crew *crew, const struct vs_rate_limit_conf *limit);
/*
 * The crew's probes, to be freed, and how often rounds come: as often as the most eager one wants; the others
 * sit some of them out.
 */
struct vs_round_probe *vs_wire_probes(struct vs_crew *crew, size_t *count, uint64_t *interval_ms);

/* The crew's sources of places, to be freed, in the order of the configuration. */
struct vs_locate_source *vs_wire_sources(struct vs_crew *crew, size_t *count);

/*
 * The audit log of conf, NULL when it wants none. local: there is a state directory, where it lies when no
 * place was named; a server without stays of use. A place that was named must do.
 */
int vs_wire_audit(struct vs_loop *loop, struct vs_stats *stats, const struct vs_server_conf *conf, bool local,
	struct vs_audit **audit, struct vs_err *err);
void vs_wire_limits(const struct vs_server_conf *conf, struct vs_http_limits *limits);
/* What those who answer questions go by; the proxies of conf are borrowed. */
void vs_wire_parts(const struct vs_server_conf *conf, struct vs_parts *parts);

#endif
