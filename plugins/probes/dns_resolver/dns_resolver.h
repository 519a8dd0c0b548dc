/* The inside of the probe dns_resolver, for the files of this folder. */
#ifndef DNS_RESOLVER_H
#define DNS_RESOLVER_H

#include "vpn_sentinel/plugin.h"

#include "dns_resolver_answer.h"
#include "dns_resolver_seen.h"

enum {
	SERVERS_MAX = 6,
	SERVER_TEXT = 64,
	ROUTES = SERVERS_MAX + 1,
	SYSTEM = SERVERS_MAX, /* the route of applications: getaddrinfo() */
	QUESTIONS_MAX = 64,
	AT_ONCE = 8,
	NAME_MAX_ = 256,
	LABEL_LEN = 26,
	NONCES_MAX = 16, /* of one report */
	FULL_AFTER_CHANGE = 2, /* rounds */
	ROUTE_DEAD = 2, /* questions without an answer, after which a route is left alone for this round */
	PROBLEM = 160
};

/*            name        */
#define TECHNIQUES_(X)                                                                                       \
	X(ZONE, "zone")                                                                                      \
	X(AKAHELP, "akahelp")                                                                                \
	X(AKAMAI, "akamai")                                                                                  \
	X(GOOGLE, "google")

enum technique {
#define TECHNIQUE_ENUM(name, text) name,
	TECHNIQUES_(TECHNIQUE_ENUM)
#undef TECHNIQUE_ENUM
		TECHNIQUES,
	INVENTED = TECHNIQUES /* a name that does not exist */
};

enum { EACH_AND_SYSTEM, ONLY_SYSTEM, ONLY_EACH };

struct config {
	struct vpns_list techniques;
	int64_t labels;
	uint32_t nameservers; /* EACH_AND_SYSTEM ... */
	int64_t window_ms;
	const char *zone;
	const char *akahelp;
	const char *akamai;
	const char *google;
	uint8_t rewrites;
	const char *invented;
};

struct resolver;

/* Under way. */
struct slot {
	struct resolver *self;
	uint64_t handle; /* 0: free */
	uint8_t technique;
	uint8_t route;
};

struct question {
	uint8_t technique;
	uint8_t route;
	char name[NAME_MAX_];
};

struct resolver {
	const struct vpns_host *host;
	const struct config *config;
	const struct vpns_dns_service *dns;
	const struct vpns_timer_service *timer;
	const struct vpns_nonce_service *nonce;
	uint32_t wanted; /* bits of techniques */

	/* What lasts from round to round. */
	struct dns_resolver_seen resolvers;
	struct dns_resolver_seen ecs;
	char servers[SERVERS_MAX][SERVER_TEXT];
	uint32_t server_count;
	uint32_t full; /* rounds that ask everything everywhere */
	uint32_t turn; /* whose turn it is in a cheap round */
	uint64_t due_ms[TECHNIQUES][ROUTES]; /* fixed names: not before their time to live is over */
	uint32_t zone_asked; /* labels, in this and the last window */
	uint32_t zone_asked_before;
	uint64_t window_began_ms;
	int rewrites; /* -1: not known */
	int dead; /* the last round that asked got no answer */

	/* Of this round. */
	vpns_op op; /* 0: idle */
	uint64_t deadline; /* a timer */
	uint32_t query_timeout_ms;
	struct question questions[QUESTIONS_MAX];
	uint32_t question_count;
	uint32_t next;
	struct slot slots[AT_ONCE];
	uint32_t running;
	uint32_t asked;
	uint32_t answered;
	uint32_t nonces;
	uint32_t silent[ROUTES];
	uint32_t tried; /* bits of techniques */
	uint32_t told;
	char problems[TECHNIQUES][PROBLEM];
};

extern const char *const technique_names[TECHNIQUES];

/* plan.c: fills the questions of a round. */
void plan_round(struct resolver *self);
void label_make(char label[LABEL_LEN + 1]);

/* tell.c: ends the op with what is known. */
void tell(struct resolver *self);
void tell_unknown(struct resolver *self, const char *reason);

#endif
