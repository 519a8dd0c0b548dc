/* What a database says about one address. No input or output: the file is mapped already. */
#ifndef MMDB_ENTRY_H
#define MMDB_ENTRY_H

#include <maxminddb.h>

#include "geo_place.h"

/*
 * Adds to place what db says about the address ip, which is canonical; what place says already stays. 1 when
 * it says anything, 0 when it does not know the address, -1 with a sentence in why (GEO_WHY_SIZE) when it is
 * damaged.
 */
int mmdb_entry_read(struct geo_place *place, const MMDB_s *db, const char *ip, char *why);

#endif
