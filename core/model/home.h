/*
 * The home set: addresses, prefixes and AS numbers of the network outside the tunnel.
 * Listed by people, and learned from the server's own probes.
 */
#ifndef VS_MODEL_HOME_H
#define VS_MODEL_HOME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"
#include "base/view.h"

struct vs_home;

/* A learned exit that was not seen again for this long goes when another one is learned. */
#define VS_HOME_MEMORY_MS (INT64_C(24) * 3600 * 1000)

struct vs_home *vs_home_create(void);
void vs_home_destroy(struct vs_home *home); /* NULL is fine */

/* "203.0.113.7", "203.0.113.0/24" or "AS64500". */
int vs_home_list(struct vs_home *home, struct vs_view text, struct vs_err *err);
void vs_home_clear_list(struct vs_home *home); /* what was learned stays */

/*
 * The server's own probe source saw exit at now, told by a clock that never jumps: whoever sets
 * the time of day neither forgets an exit nor keeps it. An IPv6 exit stands for its /64. Private
 * addresses are not learned. Returns whether the set changed.
 */
bool vs_home_learn(struct vs_home *home, const struct vs_addr *exit, const char *source, int64_t now);

/* Whether an exit of this family (4, 6) and network (0: not known) can be compared with anything. */
bool vs_home_knows(const struct vs_home *home, uint8_t family, uint32_t asn);

/*
 * Whether addr (or the network asn, 0: not known) is home; why, unless NULL, gets the end
 * of a sentence: "is the server's own exit, seen by ipinfo".
 */
bool vs_home_contains(
	const struct vs_home *home, const struct vs_addr *addr, uint32_t asn, char *why, size_t size);

/* Another number whenever what the functions above say may have changed; no two home sets share one. */
uint64_t vs_home_edition(const struct vs_home *home);

/* The server's own exit seen last, family 4 before 6; false: none yet. */
bool vs_home_exit(const struct vs_home *home, struct vs_addr *exit);

#endif
