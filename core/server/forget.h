/*
 * Deleting what is stored about a client. [loop]
 *
 * Its record goes at once. Its history is looked for afterwards, of one client at a time, and only while all
 * that the store was given is in it: what waits in memory would not be found, and a crowd of deletions
 * would fill the store's queue. A client of the same name that comes meanwhile keeps what is its own.
 */
#ifndef VS_SERVER_FORGET_H
#define VS_SERVER_FORGET_H

#include <stdbool.h>
#include <stdint.h>

#include "model/tongue.h"

struct vs_entry;
struct vs_forget;
struct vs_ledger;
struct vs_loop;
struct vs_outbox;

#define VS_FORGET_DELETED VS_WORDS("deleted by an operator")
#define VS_FORGET_SILENT VS_WORDS("forgotten, since it was silent for so long")
#define VS_FORGET_MAX 10000 /* clients whose history waits */

struct vs_forget *vs_forget_create(struct vs_loop *loop, struct vs_ledger *ledger, struct vs_outbox *outbox);
/* History that was not looked for yet stays in the store until it is old. NULL is fine. */
void vs_forget_destroy(struct vs_forget *forget);

/* False: there is enough to do for now; somebody who asks should ask again later. */
bool vs_forget_has_room(const struct vs_forget *forget);

/*
 * entry is only read. In the unit of the record those who heard of an open incident are told that it is
 * closed, for the reason why, and messages about the client that nobody can have had are withdrawn.
 */
void vs_forget_client(struct vs_forget *forget, const struct vs_entry *entry, int64_t now, const char *why);

#endif
