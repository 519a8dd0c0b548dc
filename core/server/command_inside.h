/*
 * What the files of commands share: command.c takes and ends them, command_ask.c, command_past.c and
 * command_act.c do what they say. Nobody else includes this.
 */
#ifndef VS_SERVER_COMMAND_INSIDE_H
#define VS_SERVER_COMMAND_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "server/command.h"
#include "server/command_parse.h"
#include "vpn_sentinel/service/command.h"

struct vs_client;
struct vs_limiter;

#define VS_COMMAND_BUTTONS 6
#define VS_COMMAND_ANSWER_MAX 3500 /* bytes: a list ends before */

struct vs_command_claim;

struct vs_commands {
	struct vs_loop *loop;
	const struct vs_parts *parts;
	struct vs_state_book *book;
	struct vs_limiter *askers;
	struct vs_limiter *strangers;
	uint64_t ignored; /* strangers' words that left no line of their own since the last one */
	struct vs_command_claim *claims;
	struct vs_command_call *calls;
	uint64_t serial;
};

/* One command from when it is said until it is answered. */
struct vs_command_call {
	struct vs_commands *commands;
	uint64_t handle;
	void (*done)(void *arg, const struct vpns_command_answer *answer); /* NULL: nobody waits any more */
	void *arg;
	char *channel; /* the instance's name */
	char *text;
	char *chat;
	char *who; /* "Ana (42)" */
	uint32_t flags;
	struct vs_command_line line; /* of text */
	struct vs_buf answer;
	struct vpns_command_button buttons[VS_COMMAND_BUTTONS]; /* texts owned */
	uint32_t button_count;
	struct vs_command_call *prev;
	struct vs_command_call *next;
};

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

/* Answers what stands in call->answer. result: for the audit log, static. */
void vs_command_end(struct vs_command_call *call, const char *result);
/* The same with one sentence. */
void vs_command_refuse(struct vs_command_call *call, const char *sentence);
/* One more button below the answer; text by printf. */
void vs_command_offer(struct vs_command_call *call, const char *label, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The client that the first word names, itself or by one of its open incidents; NULL: the call was ended. */
const struct vs_client *vs_command_subject(struct vs_command_call *call);

/* "12s ago"; "never" for 0. */
void vs_command_ago(const struct vs_command_call *call, struct vs_buf *out, int64_t wall_ms);

#endif
