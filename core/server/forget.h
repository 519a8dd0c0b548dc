/* Deleting what is stored about a client. [loop] */
#ifndef VS_SERVER_FORGET_H
#define VS_SERVER_FORGET_H

struct vs_entry;
struct vs_ledger;

/* Its record goes at once, its history when it has been found; entry is only read. */
void vs_forget_stored(struct vs_ledger *ledger, const struct vs_entry *entry);

#endif
