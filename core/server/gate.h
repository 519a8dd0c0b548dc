/*
 * The gate: decides whether a request may come in, and as whom. [loop]
 *
 *	bucket of the address -> required checks -> sufficient checks -> bucket of the principal
 *
 * No required check may refuse, and one of the sufficient ones must allow; where there are none
 * of these, a required one must. A check that abstains is passed over: if all of them do, nobody
 * comes in.
 *
 * A request with good credentials is charged to its principal (at its address) and not to its
 * address, and is let in even when its address has used up its own bucket: a stranger behind
 * the same NAT locks nobody out. So a key is looked at beyond the limit too: there is no cheaper way to
 * know a good one, and a request can show no more than one, of at most 4 KiB. One that shows none, or more,
 * is refused unseen. Over the Unix socket the server's own user and root are admins.
 */
#ifndef VS_SERVER_GATE_H
#define VS_SERVER_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "vpn_sentinel/auth.h"

#include "base/addr.h"
#include "base/buf.h"
#include "config/instance.h"
#include "plug/auth.h"
#include "server/limiter.h"

struct vs_gate;
struct vs_http_message;

#define VS_GATE_PRINCIPAL_MAX 128
#define VS_GATE_KEY_MAX 512 /* of a key that came as a password of HTTP Basic */
#define VS_GATE_TIMEOUT_MS 5000 /* of a check, unless its timeout says otherwise */

/* One access check: an auth instance, or a test's stand-in. ask is vs_auth_check. */
struct vs_gate_check {
	vpns_op (*ask)(void *target, const struct vpns_auth_request *request, uint32_t timeout_ms,
		vs_auth_done *done, void *arg);
	void *target;
	const char *name;
	enum vs_control control;
	uint32_t timeout_ms; /* 0: VS_GATE_TIMEOUT_MS */
};

struct vs_gate_conf {
	const struct vs_gate_check *checks; /* copied; the names are borrowed */
	size_t check_count; /* 0: everybody who can connect may report and read */
	struct vs_limiter_conf limit; /* requests 0: no limit */
	uid_t admin_uid; /* besides root; each is called what it is on this machine */
	uint64_t (*mono_ms)(void);
};

enum vs_gate_answer {
	VS_GATE_OPEN,
	VS_GATE_LIMITED,
	VS_GATE_NO_CREDENTIALS,
	VS_GATE_BAD_CREDENTIALS,
	VS_GATE_FORBIDDEN,
	VS_GATE_UNAVAILABLE, /* nobody allowed it, and a check could not find out */
};

/* A request at the gate. The caller owns it, zeroes it, and keeps it until done came. */
struct vs_visit {
	const struct vs_http_message *message; /* in; borrowed until done */
	struct vs_addr from; /* in: whom it counts as, the peer or whom a trusted proxy names */
	uint32_t keyless; /* in: the roles of whom the required checks let in; 0: that takes a key */
	bool takes_basic; /* in: the password of HTTP Basic counts as a key, for browsers */
	void (*done)(void *arg); /* in: once, also from inside vs_gate_ask() */
	void *arg; /* in */

	enum vs_gate_answer answer; /* out */
	uint32_t roles; /* VPNS_AUTH_ROLE_* */
	bool is_local; /* the server's own user, or root, over the Unix socket */
	char principal[VS_GATE_PRINCIPAL_MAX + 1]; /* "" when nobody said */
	struct vs_buf patterns; /* of client ids, each with its NUL; all must match; empty: any id */
	bool has_limit;
	struct vs_limit limit; /* the bucket that decided */

	struct vs_gate *gate; /* the rest is the gate's */
	struct vpns_auth_request request;
	char address[46];
	char *key; /* VS_GATE_KEY_MAX bytes, from HTTP Basic; NULL when none */
	size_t next; /* check to ask */
	uint32_t deny; /* the strongest of the sufficient checks */
	bool over_limit; /* the address has used up its bucket */
	bool charged; /* the address was */
	bool decided; /* no more checks need to be asked */
	bool vouched; /* a required check allowed it */
	bool allowed; /* by a sufficient check */
	bool failed; /* a sufficient check had an error */
	bool asking; /* the loop over the checks is on the stack */
	bool answered; /* the check being asked */
};

struct vs_gate *vs_gate_create(const struct vs_gate_conf *conf);
void vs_gate_destroy(struct vs_gate *gate); /* after the last visit; NULL is fine */

/*
 * Takes the place of old: its buckets come over, each as full as it was, as a share of what it may hold.
 * Nobody asks old any more; whoever is being asked about there is let in or not by the old checks. left(arg)
 * comes when the last of them has gone, also from inside this call; then old may be destroyed.
 */
void vs_gate_succeed(struct vs_gate *gate, struct vs_gate *old, void (*left)(void *arg), void *arg);

void vs_gate_ask(struct vs_gate *gate, struct vs_visit *visit);
/*
 * A request that is refused before it comes to the gate counts at its address. False: there is no
 * limit, and limit was left alone.
 */
bool vs_gate_charge(struct vs_gate *gate, const struct vs_http_message *message, const struct vs_addr *from,
	struct vs_limit *limit);
/* May the visitor speak for this client? */
bool vs_visit_may_report(const struct vs_visit *visit, const char *client_id);
void vs_visit_fini(struct vs_visit *visit); /* after done; twice is fine */

#endif
