/*
 * Service command/1: what people say to the server through a two-way channel, and what it answers. Of notifiers of
 * a server. [loop]
 * The channel says who speaks and what that person may do; the host understands the words, does it, keeps a record
 * of who did what, and limits how often one person may ask.
 */
#ifndef VPN_SENTINEL_SERVICE_COMMAND_H
#define VPN_SENTINEL_SERVICE_COMMAND_H

#include "vpn_sentinel/host.h"

#define VPNS_COMMAND_1 "command/1"

#define VPNS_COMMAND_STRANGER (UINT32_C(1) << 0) /* may nothing: it is only noted, and not answered */
#define VPNS_COMMAND_MAY_ACT (UINT32_C(1) << 1)  /* may change things, not only ask */
#define VPNS_COMMAND_ANONYMOUS (UINT32_C(1) << 2) /* nobody can tell who it is: may ask, whatever else is said */

/* All texts are UTF-8 and copied before run() returns. NULL is "". */
struct vpns_command {
	uint32_t size;
	uint32_t flags;
	const char *text;      /* "/status anna", or what a button said */
	const char *addressee; /* our own name: "/status@that" is for us, "/status@other" is not; NULL: unknown */
	const char *chat;      /* where it was said */
	const char *user;      /* who said it: something that nobody else has, and that does not change */
	const char *user_name; /* the same for people */
	const char *language;  /* of who speaks: "es", "pt-br"; for now answers are in the instance's, whatever this is */
	/*
	 * A value of state/1 that is remembered, and stored, before anything is done: so that what was said is
	 * not said again after a restart. mark_key NULL: none. When the store refuses, nothing is changed.
	 */
	const char *mark_key;
	const char *mark_text;
};

/* Something to press, which then says text. */
struct vpns_command_button {
	const char *label;
	const char *text; /* at most 64 bytes */
};

#define VPNS_ANSWER_REFUSED (UINT32_C(1) << 0) /* one sentence, and nothing was done: a passing hint will do */
#define VPNS_ANSWER_SPENT (UINT32_C(1) << 1)   /* of a message whose button said this, no button is of use any more */

struct vpns_command_answer {
	uint32_t size;
	uint32_t button_count;
	const char *text; /* plain, unescaped, may hold newlines; "": there is nothing to say */
	const struct vpns_command_button *buttons;
	uint32_t flags; /* VPNS_ANSWER_* */
	uint32_t reserved;
	const char *note; /* NULL, or what is to stand below the message whose button said this from now on */
};

/* One of the commands there are. */
struct vpns_command_help {
	uint32_t size;
	uint32_t acts;    /* 1: needs VPNS_COMMAND_MAY_ACT */
	const char *name; /* "status": [a-z]{1,32} */
	const char *help; /* a few words in the language asked for */
};

struct vpns_command_service {
	uint32_t size;
	uint32_t revision;
	/*
	 * This instance alone reads what people say at source (a bot, an account), as long as it lives.
	 * VPNS_E_BUSY: another one does; ask again later, or do without.
	 */
	int32_t (*claim)(const struct vpns_host *host, const char *source);
	/*
	 * done(arg, answer) comes exactly once, never from inside this call. Returns a handle; 0 when it cannot be
	 * just now (4 are under way, the server is starting): try again later.
	 */
	uint64_t (*run)(const struct vpns_host *host, const struct vpns_command *command,
		void (*done)(void *arg, const struct vpns_command_answer *answer), void *arg);
	/* After this done() does not come; what was begun is not undone. A finished one, or 0, is fine. */
	void (*cancel)(const struct vpns_host *host, uint64_t handle);
	/* The command of that number, from 0 on; VPNS_E_INVALID behind the last one. Texts stay. */
	int32_t (*describe)(const struct vpns_host *host, uint32_t index, const char *language,
		struct vpns_command_help *help);
	/* A language that the commands are described in, from 0 on; NULL behind the last one. */
	const char *(*language)(const struct vpns_host *host, uint32_t index);
	/*
	 * What is said cannot be heard, for this reason; NULL: it can. The host tells it in its health, and in its
	 * log when it begins, not each time that it is said again.
	 */
	void (*deaf)(const struct vpns_host *host, const char *reason);
};

#endif
