/* Deleting what is stored about a client. [loop] */
#ifndef VS_SERVER_FORGET_H
#define VS_SERVER_FORGET_H

#include <stdint.h>

struct vs_entry;
struct vs_ledger;
struct vs_outbox;

#define VS_FORGET_DELETED "deleted by an operator"
#define VS_FORGET_SILENT "forgotten, since it was silent for so long"

/*
 * Its record goes at once, its history and incidents when they have been found; entry is only read. In the
 * unit of the record those who heard of an open incident are told that it is closed, for the reason why,
 * and messages about the client that nobody can have had are withdrawn.
 */
void vs_forget_stored(struct vs_ledger *ledger, struct vs_outbox *outbox, const struct vs_entry *entry,
	int64_t now, const char *why);

#endif
