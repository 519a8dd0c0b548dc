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
struct vs_place;

/* What is done with AS numbers: those that are learned and listed, those that are listed, none. */
enum vs_home_asn { VS_HOME_ASN_AUTO, VS_HOME_ASN_LIST, VS_HOME_ASN_OFF };

#define VS_HOME_PREFIX4 32
#define VS_HOME_PREFIX6 56 /* what a provider gives to one household */

struct vs_home_settings {
	bool learn; /* the server's own exits */
	uint8_t asn; /* enum vs_home_asn */
	uint8_t prefix4; /* the network that a learned exit stands for: 24 to 32 */
	uint8_t prefix6; /* 48 to 64 */
};

/* A learned exit. */
struct vs_home_exit {
	struct vs_addr addr;
	struct vs_prefix network; /* what it stands for */
	uint32_t asn; /* 0: not known */
	bool asn_used; /* whoever belongs to it is taken for home, unless told otherwise */
	uint8_t hosting; /* enum vs_hosting: a data centre's network tells nothing about anybody */
	int64_t seen_at; /* by the clock of vs_home_learn */
	const char *source; /* borrowed until the home set changes */
};

/* A learned exit that was not seen again for this long goes when another one is learned. */
#define VS_HOME_MEMORY_MS (INT64_C(24) * 3600 * 1000)

struct vs_home *vs_home_create(void);
void vs_home_destroy(struct vs_home *home); /* NULL is fine */

/* Before: learn, AUTO, VS_HOME_PREFIX4 and 6. Not to learn any more forgets what was learned. */
void vs_home_configure(struct vs_home *home, const struct vs_home_settings *settings);
const struct vs_home_settings *vs_home_settings(const struct vs_home *home);

/* "203.0.113.7", "203.0.113.0/24" or "AS64500". */
int vs_home_list(struct vs_home *home, struct vs_view text, struct vs_err *err);
void vs_home_clear_list(struct vs_home *home); /* what was learned stays */

/*
 * The server's own probe source saw exit at now, told by a clock that never jumps: whoever sets
 * the time of day neither forgets an exit nor keeps it. An exit stands for its network, as the
 * settings say. Private addresses are not learned. Returns whether the set changed.
 */
bool vs_home_learn(struct vs_home *home, const struct vs_addr *exit, const char *source, int64_t now);

/*
 * Where a learned exit belongs, as an atlas has it: the network of the internet provider at home, which
 * counts as home unless it is a data centre's; of an IPv6 exit in one a /64 is home at most. Returns whether anything changed; false when exit is not
 * learned.
 */
bool vs_home_locate(struct vs_home *home, const struct vs_addr *exit, const struct vs_place *place);

/* The learned exits, the newest first; false beyond the last. */
bool vs_home_exit_at(const struct vs_home *home, size_t index, struct vs_home_exit *exit);

/* What was listed, in that order; false beyond the last. */
bool vs_home_prefix_at(const struct vs_home *home, size_t index, struct vs_prefix *prefix);
bool vs_home_asn_at(const struct vs_home *home, size_t index, uint32_t *asn);

/* Whether an exit of this family (4, 6) and network (0: not known) can be compared with anything. */
bool vs_home_knows(const struct vs_home *home, uint8_t family, uint32_t asn);

/*
 * Whether addr (or the network asn, 0: not known) is home; why, unless NULL, gets the end
 * of a sentence: "is the server's own exit, seen by ipinfo".
 */
bool vs_home_contains(
	const struct vs_home *home, const struct vs_addr *addr, uint32_t asn, char *why, size_t size);

/*
 * Whether asn is that of the network of a learned exit, which is not a data centre's: a sign, no proof,
 * since a provider has other customers. why as above.
 */
bool vs_home_shares_asn(const struct vs_home *home, uint32_t asn, char *why, size_t size);

/* Another number whenever what the functions above say may have changed; no two home sets share one. */
uint64_t vs_home_edition(const struct vs_home *home);

/* The server's own exit seen last, family 4 before 6; false: none yet. */
bool vs_home_exit(const struct vs_home *home, struct vs_addr *exit);

#endif
