/*
 * What people say to the server through a channel, and what it answers: service command/1. [loop]
 *
 * A command runs when the channel's mark is stored, never twice. Who did what stands in the audit log, with
 * what came of it; strangers are noted there, and not answered. One person may ask so often.
 */
#ifndef VS_SERVER_COMMAND_H
#define VS_SERVER_COMMAND_H

#include "plug/env.h"

struct vs_commands;
struct vs_loop;
struct vs_parts;
struct vs_state_book;

/* All borrowed. Nothing is run before parts are ready. */
struct vs_commands *vs_commands_create(
	struct vs_loop *loop, const struct vs_parts *parts, struct vs_state_book *book);
/* When no instance is left, and nothing of the ledger is under way. NULL is fine. */
void vs_commands_destroy(struct vs_commands *commands);

/* Why that channel cannot hear what people say; "": it can, or never could. Borrowed until the next turn. */
const char *vs_commands_deafness(const struct vs_commands *commands, const char *channel);

struct vs_command_backend vs_commands_backend(struct vs_commands *commands); /* valid until destroy */

#endif
