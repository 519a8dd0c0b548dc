/*
 * The world of plugin instances: everything the layers above hand in. Borrowed by every
 * instance until it is drained, so it stands in the role's own struct.
 */
#ifndef VS_PLUG_ENV_H
#define VS_PLUG_ENV_H

#include <stdint.h>

#include "base/view.h"

#define VS_PLUG_FACT_SCRATCH 64

struct vpns_alert;
struct vpns_canary_reply;
struct vpns_command;
struct vpns_command_answer;
struct vpns_command_help;
struct vs_dns;
struct vs_hurry;
struct vs_http_reply;
struct vs_http_client;
struct vs_loop;
struct vs_pool;

/*
 * state/1: values that outlive the process. owner is "<kind>/<instance>". [loop]
 * get: borrowed until the next put; put: text NULL forgets, 0 or a negative vs_rc.
 * Limits (64 keys of 64 bytes, 4 KiB a value) are checked before either is called.
 */
struct vs_state_backend {
	const char *(*get)(void *arg, const char *owner, const char *key);
	int (*put)(void *arg, const char *owner, const char *key, const char *text);
	void *arg;
};

/* render/1: as vpns_render_service.alert; timezone is the instance's, NULL: the default. [loop] */
struct vs_render_backend {
	int64_t (*alert)(void *arg, const char *timezone, const struct vpns_alert *alert, uint32_t format,
		uint32_t max_utf16, char *buffer, uint64_t buffer_size);
	void *arg;
};

/*
 * Looks on at what instances are answered over HTTP, before they see it. It changes nothing. A handle that is
 * larger is of a request that left later. [loop]
 */
struct vs_http_watch {
	void (*seen)(void *arg, uint64_t handle, const char *url, const struct vs_http_reply *reply);
	void *arg;
};

/* nonce/1: one for the next report. 0, or negative when it has no room for more. [loop] */
struct vs_nonce_backend {
	int (*tell)(void *arg, const char *nonce);
	void *arg;
};

/*
 * canary/1: one signed word to the role's server by device. A handle, 0 when it cannot be; done comes once,
 * never from inside send(), unless cancelled. [loop]
 */
struct vs_canary_backend {
	uint64_t (*send)(void *arg, const char *device, uint32_t timeout_ms,
		void (*done)(void *done_arg, const struct vpns_canary_reply *reply), void *done_arg);
	void (*cancel)(void *arg, uint64_t handle);
	void *arg;
};

/*
 * command/1: what people say through the channel of that owner ("notifier/oncall"), with limits checked and
 * no text NULL but mark_key and mark_text. run: a handle, 0 when it cannot be just now; done comes once,
 * never from inside, unless cancelled. The mark is in state/1 by then, as put() of its backend was called;
 * what remains is to see it stored; after 0 the value before it is put back. claim: negative when another
 * owner has that source. describe, language: as the service. [loop]
 */
struct vs_command_backend {
	int (*claim)(void *arg, const char *owner, const char *source);
	void (*release)(void *arg, const char *owner); /* whatever it claimed */
	uint64_t (*run)(void *arg, const char *owner, const struct vpns_command *command,
		void (*done)(void *done_arg, const struct vpns_command_answer *answer), void *done_arg);
	void (*cancel)(void *arg, uint64_t handle);
	int (*describe)(void *arg, uint32_t index, const char *language, struct vpns_command_help *help);
	const char *(*language)(void *arg, uint32_t index);
	void *arg;
	/* That channel cannot hear, for this reason; NULL: it can. NULL itself: nobody wants to know. */
	void (*deaf)(void *arg, const char *owner, const char *reason);
};

struct vs_plug_env {
	struct vs_loop *loop;
	uint32_t role; /* VPNS_ROLE_* */
	/* A service whose provider is missing is not offered: a plugin that needs it is refused by name. */
	struct vs_http_client *http;
	struct vs_http_watch http_watch; /* seen NULL: nobody looks on */
	struct vs_pool *pool;
	struct vs_dns *dns;
	struct vs_hurry *hurry; /* NULL: round/1 says that nobody makes rounds */
	struct vs_nonce_backend nonce; /* tell NULL: nonce/1 says that no reports are sent */
	struct vs_canary_backend canary; /* send NULL: not offered */
	struct vs_command_backend command; /* run NULL: not offered */
	struct vs_state_backend state; /* get NULL: values live as long as the instance */
	struct vs_render_backend render; /* alert NULL: not offered */
	/*
	 * Is value of this type (VPNS_FACT_*)? 0 with its canonical form, which is value itself or
	 * stands in scratch; or negative. model's vs_fact_check. NULL: only length and UTF-8 count.
	 */
	int (*fact_check)(uint32_t type, struct vs_view value, struct vs_view *canonical,
		char scratch[VS_PLUG_FACT_SCRATCH]);
	uint64_t (*mono_ms)(void); /* NULL: vs_mono_ms */
	int64_t (*wall_ms)(void); /* NULL: vs_wall_ms */
	const char *folder; /* that PATH options are relative to; NULL: the working directory */
	uint32_t cancel_grace_ms; /* how long a cancelled op may take to finish; 0: 2000 */
};

#endif
