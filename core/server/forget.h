/* Deleting what is stored about a client. [loop] */
#ifndef VS_SERVER_FORGET_H
#define VS_SERVER_FORGET_H

struct vs_entry;
struct vs_ledger;
struct vs_outbox;

/*
 * Its record goes at once, its history and incidents when they have been found; entry is only
 * read. Messages that wait are still delivered.
 */
void vs_forget_stored(struct vs_ledger *ledger, struct vs_outbox *outbox, const struct vs_entry *entry);

#endif
