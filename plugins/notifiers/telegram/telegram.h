/* The inside of the plugin: one bot and its chat, for the files of this folder. */
#ifndef TELEGRAM_H
#define TELEGRAM_H

#include "vpn_sentinel/plugin.h"

#include "telegram_message.h"
#include "telegram_pace.h"
#include "telegram_split.h"

struct telegram_bot;
struct telegram_reply;

enum {
	TELEGRAM_URL_SIZE = 2048,
	TELEGRAM_REASON_SIZE = 400,
	TELEGRAM_TEXT_SIZE = 65536, /* of an alert before it is split */
	TELEGRAM_TEXT_UNITS = 4 * TELEGRAM_UNITS_MAX,
	TELEGRAM_ID_SIZE = 64,
	TELEGRAM_CHAT_SIZE = 48,
	TELEGRAM_ALERT_BUTTONS = 6,
	TELEGRAM_LABEL_SIZE = 64
};

struct config {
	const char *token;
	const char *chat_id;
	const char *api_url;
	uint32_t silent_below; /* 0 info, 1 warning, 2 critical */
	int64_t thread_id;
	uint32_t commands; /* 0 off, 1 ask, 2 all */
	struct vpns_list chats;
	struct vpns_list users;
	struct vpns_list operators;
};

/* The message that is being delivered, or was begun and has to go on. */
struct telegram_sending {
	vpns_op op; /* 0: idle */
	uint64_t request; /* 0: none */
	uint64_t timer; /* 0: none; waits for the chat's pace */
	char delivery[TELEGRAM_ID_SIZE]; /* of which text is; "": of none */
	uint32_t parts; /* that arrived */
	struct telegram_ref arrived; /* the first of them, and the last so far */
	int64_t edit; /* the message to be changed; 0: new ones */
	int64_t reply_to; /* the message it is about; 0: none */
	int html; /* part is HTML */
	int silent;
	int update; /* edit, or nothing */
	int64_t spent; /* the message whose buttons are of no use any more when this one is there; 0: none */
	char labels[TELEGRAM_ALERT_BUTTONS][TELEGRAM_LABEL_SIZE];
	char said[TELEGRAM_ALERT_BUTTONS]
		 [TELEGRAM_DATA_MAX + 1]; /* what buttons below the last part say; "": none */
	int no_thread; /* the topic is gone: into the group itself */
	struct telegram_split split;
	char text[TELEGRAM_TEXT_SIZE]; /* HTML */
	char part[TELEGRAM_PART_SIZE]; /* what is on its way */
};

struct telegram {
	const struct vpns_host *host;
	const struct config *config;
	const struct vpns_http_service *http;
	const struct vpns_render_service *render;
	const struct vpns_state_service *state;
	const struct vpns_timer_service *timer;
	struct telegram_pace pace; /* of the configured chat */
	struct telegram_sending sending;
	uint64_t cleaning; /* the request that takes buttons away; 0: none */
	vpns_op test; /* a self test; 0: none */
	uint64_t test_request;
	struct telegram_bot *bot; /* NULL: nobody listens */
};

/* call.c: asks for method of the Bot API; body is JSON. As http/1's request. */
uint64_t telegram_call(struct telegram *self, const char *method, const char *body, uint32_t timeout_ms,
	uint32_t max_reply, void (*done)(void *arg, const struct vpns_http_reply *reply));
/* A server that echoes the request must not get the token into a reason or the log. */
void telegram_mask(const struct telegram *self, char *text);
/* The configured chat, or where it moved to. Borrowed until something is remembered. */
const char *telegram_chat(const struct telegram *self);
/* It moved. 0: that was known already. */
int telegram_chat_moved(struct telegram *self, int64_t chat);

/* send.c: deliveries */
int32_t telegram_deliver(void *state, vpns_op op, const struct vpns_alert *alert);
void telegram_cancel(void *state, vpns_op op);

/* check.c: whether the bot is known, and finds its chat */
int32_t telegram_self_test(void *state, vpns_op op);
void telegram_test_cancel(struct telegram *self); /* ends it, if there is one */

/* poll.c: the bot listens, if the options and the host let it. */
void telegram_bot_start(struct telegram *self);
void telegram_bot_stop(struct telegram *self); /* twice is fine */

#endif
