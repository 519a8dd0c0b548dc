/*
 * What the files of commands share: command.c takes them, command_call.c sees each through to its answer,
 * command_say.c has the words, command_ask.c, command_past.c and command_act.c do what they say. Nobody else
 * includes this.
 */
#ifndef VS_SERVER_COMMAND_INSIDE_H
#define VS_SERVER_COMMAND_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "model/tongue.h"
#include "model/verdict.h"
#include "server/command.h"
#include "server/command_parse.h"
#include "vpn_sentinel/service/command.h"

struct vs_client;
struct vs_limiter;
struct vs_timer;
struct vs_zone;

#define VS_COMMAND_BUTTONS 6
#define VS_COMMAND_ANSWER_MAX 3500 /* bytes: a list ends before */

struct vs_command_claim;
struct vs_command_ear;
struct vs_command_tongue;

struct vs_commands {
	struct vs_loop *loop;
	const struct vs_parts *parts;
	struct vs_state_book *book;
	struct vs_limiter *askers;
	struct vs_limiter *strangers;
	uint64_t ignored; /* strangers' words that left no line of their own since the last one */
	struct vs_command_claim *claims;
	struct vs_command_ear *ears; /* channels that cannot hear */
	struct vs_command_tongue *tongues; /* that were spoken so far */
	struct vs_command_call *calls;
	uint64_t serial;
};

/* The line in the audit log that is written before something is changed; it may outlive its call. */
struct vs_command_signature {
	struct vs_command_call *call; /* NULL: gone, or not waiting any more */
};

/* One command from when it is said until it is answered. */
struct vs_command_call {
	struct vs_commands *commands;
	uint64_t handle;
	void (*done)(void *arg, const struct vpns_command_answer *answer); /* NULL: nobody waits any more */
	void *arg;
	char *owner; /* "notifier/oncall" */
	const char *channel; /* "oncall", of owner */
	char *text;
	char *chat;
	char *who; /* "Ana (42)" */
	uint32_t flags;
	bool marks; /* a mark is to be stored before it runs */
	char *mark;
	const struct vs_tongue *tongue; /* the channel's; NULL: English */
	struct vs_zone *zone; /* the channel's */
	struct vs_command_line line; /* of text */
	struct vs_buf answer;
	struct vs_buf note; /* for the message whose button said this; empty: none */
	uint32_t result; /* VPNS_ANSWER_* */
	struct vpns_command_button buttons[VS_COMMAND_BUTTONS]; /* texts owned */
	uint32_t button_count;
	struct vs_command_signature *signature; /* NULL: none is waited for */
	struct vs_timer *patience; /* with the audit log */
	struct vs_command_call *prev;
	struct vs_command_call *next;
};

/* --- command_call.c ---------------------------------------------------------------------- */

/* Sees call, which was just taken, through to its answer. */
void vs_command_begin(struct vs_command_call *call);
void vs_command_free(struct vs_command_call *call);

/* Answers what stands in call->answer. result: for the audit log, static. */
void vs_command_end(struct vs_command_call *call, const char *result);
/* The same with one sentence, which goes through the catalogs. */
void vs_command_refuse(struct vs_command_call *call, const char *english);
/* The same with what stands in call->answer. */
void vs_command_refuse_so(struct vs_command_call *call);

/* --- command_say.c ----------------------------------------------------------------------- */

/* The catalog for that language, kept as long as commands; NULL: English. */
const struct vs_tongue *vs_command_tongue(struct vs_commands *commands, const char *language);
void vs_command_forget_tongues(struct vs_commands *commands);

/* In the channel's language; english goes through the catalogs, what fills its holes does not. */
void vs_command_add(struct vs_command_call *call, const char *english);
void vs_command_fill(
	struct vs_command_call *call, const char *english, const struct vs_hole *holes, size_t count);
/* The same into the note. */
void vs_command_note(
	struct vs_command_call *call, const char *english, const struct vs_hole *holes, size_t count);
/* One more button below the answer; text by printf. One that would say too much is left out. */
void vs_command_offer(struct vs_command_call *call, const char *english, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Something short, to fill a hole with; cut at a whole character. */
struct vs_command_piece {
	char text[160];
};
struct vs_command_piece vs_command_count(
	const struct vs_command_call *call, const char *one, const char *many, uint64_t count);
struct vs_command_piece vs_command_ago(const struct vs_command_call *call, int64_t wall_ms); /* 0: never */
struct vs_command_piece vs_command_length(const struct vs_command_call *call, int64_t ms);
struct vs_command_piece vs_command_time(const struct vs_command_call *call, int64_t wall_ms);

/* --- what they do ------------------------------------------------------------------------ */

/* Each of these ends the call, now or later; it must not be touched afterwards. */
void vs_do_ping(struct vs_command_call *call); /* command_ask.c */
void vs_do_help(struct vs_command_call *call);
void vs_do_status(struct vs_command_call *call);
void vs_do_incidents(struct vs_command_call *call);
void vs_do_why(struct vs_command_call *call); /* command_past.c */
void vs_do_history(struct vs_command_call *call);
void vs_do_ack(struct vs_command_call *call); /* command_act.c */
void vs_do_silence(struct vs_command_call *call);
void vs_do_unsilence(struct vs_command_call *call);
void vs_do_probe(struct vs_command_call *call);

/* "anna: secure, exit 203.0.113.7 RO, heard 5s ago" */
void vs_command_tell_client(struct vs_command_call *call, const struct vs_client *client, bool with_exit);
/* What a question is called, for the catalogs. */
const char *vs_command_question(enum vs_question question);

/* The client that the first word names, itself or by one of its open incidents; NULL: the call was ended. */
const struct vs_client *vs_command_subject(struct vs_command_call *call);

/* One page of a list whose length is found by walking it. command_page.c */
struct vs_command_page {
	struct vs_command_call *call;
	size_t seen;
	size_t skip;
	size_t shown;
	size_t most; /* lines of one */
};
struct vs_command_page vs_command_page(struct vs_command_call *call, size_t most);
/* Whether the next line is to be written; counts it. */
bool vs_command_page_takes(struct vs_command_page *page);
/* Says which page it is, and offers those beside it: "/status" and what follows is said by their buttons. */
void vs_command_page_end(const struct vs_command_page *page, const char *command);

#endif
