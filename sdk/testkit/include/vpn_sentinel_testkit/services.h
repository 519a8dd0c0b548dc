/*
 * The testkit's sides of dns/1, socket/1, poll/1, spawn/1, round/1 and nonce/1. Included by testkit.h. As
 * everywhere, what nobody scripted fails the test, and so does what was scripted and never asked for.
 */
#ifndef VPN_SENTINEL_TESTKIT_SERVICES_H
#define VPN_SENTINEL_TESTKIT_SERVICES_H

#include "vpn_sentinel/plugin.h"

struct vpnt;

/*
 * A question that may come and the answer to it, in any order; of several that fit the first takes it.
 * Copied. Members that are unset do not matter, but an answer without records and without error is NODATA.
 */
struct vpnt_dns {
	const char *name; /* without the last dot, in any case; "*.example" fits every name below it */
	uint32_t type;
	const char *server; /* "": the system's */
	uint32_t mode; /* VPNS_DNS_SYSTEM: asked as applications do; 0: either way */
	uint32_t repeat; /* 1: stays, and may stay unused */
	int32_t error; /* VPNS_DNS_E_* */
	/* A line a record, "A 192.0.2.1" or "TXT first<tab>second"; in a repeated answer too */
	const char *records;
	uint32_t ttl; /* 0: 60 */
	uint32_t never; /* 1: silent until the question's own timeout */
	uint64_t delay_ms;
};

void vpnt_expect_dns(struct vpnt *kit, const struct vpnt_dns *dns);
void vpnt_forget_dns(struct vpnt *kit); /* what was scripted so far */
void vpnt_nameservers(
	struct vpnt *kit, const char *list); /* "192.0.2.53 2001:db8::53"; that is the first alone */
uint32_t vpnt_asked_count(const struct vpnt *kit);
/* The newest question, or the one before it, ...; NULL when there are not so many (of the last 64). */
const char *vpnt_asked_name(const struct vpnt *kit, uint32_t back);
const char *vpnt_asked_server(const struct vpnt *kit, uint32_t back); /* "" for the system's */

/* One exchange that must come, in order, and what comes of it. Copied. Unset members do not matter. */
struct vpnt_exchange {
	const char *address;
	const char *device; /* "": none */
	uint32_t port;
	uint32_t transport; /* VPNS_SOCKET_TCP: that; 0: either */
	int32_t error; /* VPNS_SOCKET_E_* */
	const void *reply;
	uint32_t reply_len; /* 0: strlen(reply) */
	uint32_t never; /* 1: silent until the exchange's own timeout */
	uint64_t delay_ms;
};

void vpnt_expect_exchange(struct vpnt *kit, const struct vpnt_exchange *exchange);
uint32_t vpnt_exchange_count(const struct vpnt *kit);

/* Without this the host has no canary/1, which most probes can do without. Before the instance starts. */
void vpnt_offer_canary(struct vpnt *kit);

/* One canary that must be sent, in order, and what comes of it. Copied. Unset members do not matter. */
struct vpnt_canary {
	const char *device;
	int32_t error; /* VPNS_CANARY_E_* */
	uint32_t status; /* 0: 200 when it arrives */
	uint32_t never; /* 1: silent until its own timeout */
	uint64_t delay_ms;
};

void vpnt_expect_canary(struct vpnt *kit, const struct vpnt_canary *canary);

/* Without this the host has no command/1, which channels that only tell do without. Before the instance starts. */
void vpnt_offer_commands(struct vpnt *kit);

/* How everything that is said from now on is answered; texts are borrowed. Zeroed: without a word. */
struct vpnt_commands {
	const char *text;
	const char *label; /* of a button below it; NULL: none */
	const char *says; /* ... and what that says */
	uint32_t is_taken; /* 1: another instance listens there */
	uint32_t is_busy; /* 1: nothing can be run */
	uint64_t delay_ms;
	uint32_t flags; /* VPNS_ANSWER_* */
	const char *note; /* for the message whose button said it; NULL: none */
};

void vpnt_answer_commands(struct vpnt *kit, const struct vpnt_commands *how);
uint32_t vpnt_said_count(const struct vpnt *kit);
/* The newest command: text, addressee, chat, user, the user's name and flags, with a bar between; "": none. */
const char *vpnt_said(const struct vpnt *kit);
/* Why the channel says that it cannot hear; "": it can, or said nothing about it. */
const char *vpnt_deafness(const struct vpnt *kit);

/* One program that must be run, in order. Copied. Unset members do not matter. */
struct vpnt_run {
	const char *command; /* argv with a blank between */
	const char *input;
	int32_t error; /* VPNS_SPAWN_E_* */
	int32_t exit_code;
	const char *output;
	const char *errors;
	uint32_t never; /* 1: runs until its timeout */
	uint64_t delay_ms;
};

void vpnt_expect_run(struct vpnt *kit, const struct vpnt_run *run);
uint32_t vpnt_run_count(const struct vpnt *kit);

/* The events of VPNS_POLL_* that fd is watched for; -1: it is not watched. */
int32_t vpnt_watched(const struct vpnt *kit, int32_t fd);
/* fd is ready: calls ready() now. Not being watched for any of events is a violation; VPNS_POLL_ERROR ends
 * the watch. */
void vpnt_ready(struct vpnt *kit, int32_t fd, uint32_t events);

uint32_t vpnt_hurried(const struct vpnt *kit); /* how often a round was wished for */
const char *vpnt_hurry_reason(const struct vpnt *kit); /* of the last time; NULL: none */
/* The nonces told since the last call of this, with a blank between. Lives until the next call. */
const char *vpnt_nonces(struct vpnt *kit);

#endif
