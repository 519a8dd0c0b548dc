/*
 * What people say to the server, taken apart: "/silence@sentinel_bot office-vpn 1h they move house". Pure:
 * any bytes in, a value out.
 */
#ifndef VS_SERVER_COMMAND_PARSE_H
#define VS_SERVER_COMMAND_PARSE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/view.h"

/* The one list: name, whether it changes something, what follows it, help. The last two are in the catalogs.
 */
#define VS_COMMAND_ROWS(X)                                                                                   \
	X(STATUS, "status", false, "[CLIENT]", "how all clients are, or one of them")                        \
	X(WHY, "why", false, "CLIENT", "what a verdict is made of")                                          \
	X(INCIDENTS, "incidents", false, "", "what is open")                                                 \
	X(HISTORY, "history", false, "CLIENT", "what was told of a client")                                  \
	X(ACK, "ack", true, "ID [NOTE]", "say that you look after an incident, or all of a client")          \
	X(SILENCE, "silence", true, "CLIENT 1h [WHY]", "be told nothing of a client for a while")            \
	X(UNSILENCE, "unsilence", true, "ID", "end a silence")                                               \
	X(PROBE, "probe", true, "CLIENT", "let a client measure at once")                                    \
	X(PING, "ping", false, "", "whether the server is there")                                            \
	X(HELP, "help", false, "", "what can be asked")

enum vs_command_verb {
#define VS_COMMAND_ENUM(id, name, acts, args, help) VS_COMMAND_##id,
	VS_COMMAND_ROWS(VS_COMMAND_ENUM)
#undef VS_COMMAND_ENUM
		VS_COMMANDS
};

struct vs_command_row {
	const char *name;
	bool acts;
	const char *args;
	const char *help; /* English */
};
const struct vs_command_row *vs_command_row(enum vs_command_verb verb);

enum vs_command_sort {
	VS_COMMAND_NONE, /* no command, or one for somebody else */
	VS_COMMAND_UNKNOWN, /* one that there is not */
	VS_COMMAND_KNOWN,
};

#define VS_COMMAND_PAGES_MAX 100000

/* Views into the text. */
struct vs_command_line {
	enum vs_command_sort sort;
	enum vs_command_verb verb; /* of KNOWN */
	struct vs_view name; /* as it was written, without slash */
	struct vs_view first; /* the first word behind it; empty: none */
	struct vs_view rest; /* what follows that, without blanks around it */
	uint32_t page; /* from a first word "#3", which is no first word then, or from one alone behind it; 1:
			  none was given */
};

/* addressee: our name, in any case; "": it is not known, so whatever has one is for somebody else. */
void vs_command_parse(struct vs_command_line *line, struct vs_view text, struct vs_view addressee);

/* Takes the first word off rest, with the blanks around it; empty when there is none. */
struct vs_view vs_command_word(struct vs_view *rest);

#endif
