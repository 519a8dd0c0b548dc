/*
 * Stored records that this program cannot read: each is told by its key, and left where it is.
 * Those of clients would be written over when the client reports, so a copy is put aside first. [loop]
 */
#ifndef VS_SERVER_UNREAD_H
#define VS_SERVER_UNREAD_H

#include <stdint.h>

#include "base/view.h"
#include "server/unit.h"

struct vs_ledger;
struct vs_unread;

/* ledger is borrowed. */
struct vs_unread *vs_unread_create(struct vs_ledger *ledger);

/* A record of table, which people call what ("clients"), cannot be read for the reason why. */
void vs_unread_note(struct vs_unread *unread, enum vs_table table, const char *what, struct vs_view key,
	struct vs_view value, const char *why);

/* The table was read to its end: copies go to the store before anything that comes later. */
void vs_unread_flush(struct vs_unread *unread);
uint64_t vs_unread_count(const struct vs_unread *unread); /* since the last flush */

void vs_unread_destroy(struct vs_unread *unread); /* NULL is fine; drops what was not flushed */

#endif
