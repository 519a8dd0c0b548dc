/* Notifiers: deliver an alert to people through one channel. */
#ifndef VPN_SENTINEL_NOTIFIER_H
#define VPN_SENTINEL_NOTIFIER_H

#include "vpn_sentinel/abi.h"
#include "vpn_sentinel/host.h"

#define VPNS_SEVERITY_INFO UINT32_C(1)
#define VPNS_SEVERITY_WARNING UINT32_C(2)
#define VPNS_SEVERITY_CRITICAL UINT32_C(3)

/* A one-shot event, no incident. Of a kind of incidents: what a client found while it could not reach the server. */
#define VPNS_TRANSITION_NOTICE UINT32_C(1)
#define VPNS_TRANSITION_OPENED UINT32_C(2)
#define VPNS_TRANSITION_ESCALATED UINT32_C(3)
#define VPNS_TRANSITION_ACKNOWLEDGED UINT32_C(4)
#define VPNS_TRANSITION_REMINDED UINT32_C(5)
#define VPNS_TRANSITION_RESOLVED UINT32_C(6)

#define VPNS_ALERT_POSSIBLE_DUPLICATE (UINT32_C(1) << 0) /* an earlier attempt may have arrived */
#define VPNS_ALERT_LATE (UINT32_C(1) << 1)               /* delivered well after it happened */
/*
 * Since 1.1: what replaces_ref names is to say this from now on. It is no message of its own, and makes no sound. Only
 * a channel with VPNS_NOTIFIER_EDIT is asked; one that cannot change that message (it is gone, edits are switched off)
 * answers DROP, which then means no more than that.
 */
#define VPNS_ALERT_UPDATE (UINT32_C(1) << 2)

#define VPNS_PRIORITY_LOW UINT32_C(1)    /* to be read some day */
#define VPNS_PRIORITY_NORMAL UINT32_C(2) /* today */
#define VPNS_PRIORITY_HIGH UINT32_C(3)   /* now */
#define VPNS_PRIORITY_URGENT UINT32_C(4) /* now, and others were told in vain */

/* A detail worth a line of its own: "Exit", "185.211.32.87 (Bucharest, RO)". */
struct vpns_alert_field {
	const char *label;
	const char *value;
};

/*
 * What people can do about it, as a button below the message. Whoever presses it says text to command/1; flags
 * are those that this needs (VPNS_COMMAND_MAY_ACT), so that a button nobody may use is not shown.
 */
struct vpns_alert_action {
	const char *id;    /* "ack", "silence", "why" */
	const char *label; /* in the channel's language */
	const char *text;  /* "/ack 01JG...": at most 64 bytes */
	uint32_t flags;    /* VPNS_COMMAND_* */
	uint32_t reserved;
};

/* All texts are UTF-8, unescaped, and never NULL unless said. */
struct vpns_alert {
	uint32_t size;
	uint32_t severity;   /* VPNS_SEVERITY_* */
	uint32_t transition; /* VPNS_TRANSITION_* */
	uint32_t attempt;    /* 1 for the first */
	uint32_t flags;      /* VPNS_ALERT_* */
	uint32_t field_count;
	const struct vpns_alert_field *fields;
	const char *delivery_id; /* an idempotency key: the same for every attempt, a new one for each of an UPDATE */
	const char *incident_id; /* ULID; "" for a notice */
	const char *kind;        /* "tunnel_lost", "connected", ... */
	const char *client_id;   /* "" when about the server */
	const char *title;       /* one line */
	const char *body;        /* sentences, may hold newlines, may be "" */
	int64_t at_ms;           /* wall: when it happened */
	const char *replaces_ref; /* NULL, or the ref of the message to edit in place */
	/* Since 1.1; ask with VPNS_HAS(alert, actions). */
	uint32_t group_count;  /* so many are told in one message; 0 or 1: this alone */
	uint32_t silent;       /* 1: nobody need be disturbed for it */
	uint32_t priority;     /* VPNS_PRIORITY_*; 0: as severity says */
	uint32_t action_count; /* 0 unless the channel declares VPNS_NOTIFIER_BUTTONS */
	const struct vpns_alert_action *actions;
};

#define VPNS_DELIVERY_SENT UINT32_C(1)
#define VPNS_DELIVERY_RETRY UINT32_C(2) /* later; retry_after_ms 0 lets the host choose */
#define VPNS_DELIVERY_DROP UINT32_C(3)  /* permanent: trying again cannot help */
/*
 * Beside RETRY: surely nobody got it, since the service refused it or no byte of it left. Without
 * this flag the next attempt is marked as a possible duplicate.
 */
#define VPNS_DELIVERY_UNSENT (UINT32_C(1) << 8)

#define VPNS_SCOPE_INSTANCE UINT32_C(0) /* the wish holds for the whole instance */
#define VPNS_SCOPE_CHAT UINT32_C(1)     /* ... for the conversation of this alert */

struct vpns_delivery_result {
	struct vpns_result head; /* kind VPNS_KIND_NOTIFIER */
	uint32_t status;         /* VPNS_DELIVERY_SENT, RETRY, RETRY | UNSENT, or DROP */
	uint32_t scope;          /* VPNS_SCOPE_* of RETRY and DROP */
	const char *ref;         /* SENT: names the message for later edits; may be NULL */
	const char *reason;      /* RETRY, DROP: a sentence without secrets */
	uint64_t retry_after_ms;
};

#define VPNS_NOTIFIER_EDIT (UINT32_C(1) << 0)
#define VPNS_NOTIFIER_BUTTONS (UINT32_C(1) << 1)
#define VPNS_NOTIFIER_HTML (UINT32_C(1) << 2)
/* Since 1.1: programs read it, so that each alert is told alone, unless the configuration has a `group`. */
#define VPNS_NOTIFIER_EACH (UINT32_C(1) << 3)

struct vpns_notifier_ops {
	uint32_t size;
	uint32_t flags;     /* VPNS_NOTIFIER_*: what the channel can do */
	uint32_t max_utf16; /* longest text of one message in UTF-16 units; 0: no limit */
	uint32_t reserved;

	void *(*create)(const struct vpns_host *host, const void *config, struct vpns_error *error); /* [loop] */
	/* [loop] Begins op; 0 promises exactly one finish(), <0 none. At most one op at a time. */
	int32_t (*deliver)(void *state, vpns_op op, const struct vpns_alert *alert);
	void (*cancel)(void *state, vpns_op op);                        /* [loop] as a probe's */
	void (*destroy)(void *state);                                   /* [loop] */
	int32_t (*reconfigure)(void *state, const void *config);        /* [loop] optional */
	/*
	 * [loop] Since 1.1, optional: begins op, as deliver does, which asks the service whether it would take a
	 * message, and sends none. SENT: it would; RETRY: it could not be asked; DROP: it would refuse, for this reason.
	 * A message that comes meanwhile goes first: then this op is cancelled.
	 */
	int32_t (*self_test)(void *state, vpns_op op);
};

#endif
