/* The inside of the probe dns_resolver, for the files of this folder. */
#ifndef DNS_RESOLVER_H
#define DNS_RESOLVER_H

#include "vpn_sentinel/plugin.h"

#include "dns_resolver_answer.h"
#include "dns_resolver_seen.h"
#include "dns_resolver_service.h"

enum {
	SERVERS_MAX = 6,
	SERVER_TEXT = 64,
	ROUTES = SERVERS_MAX + 1,
	SYSTEM = SERVERS_MAX, /* the route of applications: getaddrinfo() */
	QUESTIONS_MAX = 64,
	AT_ONCE = 6, /* more would begin too many in one turn of the loop */
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
	X(GOOGLE, "google")                                                                                  \
	X(BASH_WS, "bash_ws")                                                                                \
	X(IPLEAK, "ipleak")                                                                                  \
	X(MULLVAD, "mullvad")                                                                                \
	X(EDNS_IP_API, "edns_ip_api")                                                                        \
	X(NEXTDNS, "nextdns")

enum technique {
#define TECHNIQUE_ENUM(name, text) name,
	TECHNIQUES_(TECHNIQUE_ENUM)
#undef TECHNIQUE_ENUM
		TECHNIQUES,
	INVENTED = TECHNIQUES, /* a name that does not exist */
	WEBS = TECHNIQUES - BASH_WS /* the last ones ask web services */
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
	const char *urls[DNS_RESOLVER_SERVICES];
	const char *bash_ws_zone;
	const char *ipleak_zone;
};

struct resolver;

/* Under way. */
struct slot {
	struct resolver *self;
	uint64_t handle; /* 0: free */
	uint8_t technique;
	uint8_t route;
};

/* A technique of web.c under way. */
struct web {
	struct resolver *self;
	uint8_t technique;
	int busy;
	uint64_t request; /* 0: none */
	uint64_t timer;
	uint32_t names; /* not answered yet */
	uint32_t samples; /* still to ask for */
	uint32_t asked; /* names that nobody has cached, of this turn */
	uint32_t found;
	char session[48];
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
	const struct vpns_http_service *http;
	uint32_t wanted; /* bits of techniques */

	/* What lasts from round to round. */
	struct dns_resolver_seen resolvers;
	struct dns_resolver_seen ecs;
	char servers[SERVERS_MAX][SERVER_TEXT];
	uint32_t server_count;
	uint32_t full; /* rounds that ask everything everywhere */
	uint32_t turn; /* whose turn it is in a cheap round */
	uint64_t due_ms[TECHNIQUES][ROUTES]; /* fixed names: not before their time to live is over */
	uint32_t samples; /* names that showed somebody, in this and the last window */
	uint32_t samples_before;
	uint64_t window_began_ms;
	int rewrites; /* -1: not known */
	int dead; /* the last round that asked got no answer */

	/* Of this round. */
	vpns_op op; /* 0: idle */
	int starting; /* nothing is asked, and nothing ends, before all is planned */
	uint64_t deadline; /* a timer */
	uint32_t query_timeout_ms;
	struct question questions[QUESTIONS_MAX];
	uint32_t question_count;
	uint32_t next;
	struct slot slots[AT_ONCE];
	uint32_t running;
	struct web webs[WEBS];
	uint32_t asked;
	uint32_t answered;
	uint32_t nonces;
	uint32_t silent[ROUTES];
	uint32_t tried; /* bits of techniques */
	uint32_t told;
	uint32_t counted; /* fixed names that count as a sample already */
	char problems[TECHNIQUES][PROBLEM];
};

extern const char *const technique_names[TECHNIQUES];

/* dns_resolver.c */
void resolver_go_on(struct resolver *self); /* asks what may be asked; may end the round */
void resolver_problem(struct resolver *self, uint8_t technique, const char *text);
void resolver_learn(struct resolver *self, uint8_t technique, const struct dns_resolver_answer *answer);
/* One more question as applications ask. How many there are now more: 0 or 1. */
int resolver_add_question(struct resolver *self, uint8_t technique, const char *name);

/* web.c */
void web_begin(struct resolver *self);
int web_is_busy(const struct resolver *self);
void web_stop(struct resolver *self);
void web_names_done(struct web *web);

/* plan.c: fills the questions of a round. */
void plan_round(struct resolver *self);
void label_make(char label[LABEL_LEN + 1]);
void label_make_uuid(char label[64]);

/* tell.c: ends the op with what is known. */
void tell(struct resolver *self);
void tell_unknown(struct resolver *self, const char *reason);

#endif
