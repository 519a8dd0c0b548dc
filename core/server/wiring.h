/* What connects the crew to those who use it. [loop] */
#ifndef VS_SERVER_WIRING_H
#define VS_SERVER_WIRING_H

#include <stddef.h>
#include <stdint.h>

#include "server/outbox.h"

struct vs_crew;
struct vs_gate;
struct vs_member;
struct vs_rate_limit_conf;
struct vs_round_probe;

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

#endif
