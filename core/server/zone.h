/* A time zone, for showing times to people. The process's own zone is neither asked nor changed. */
#ifndef VS_SERVER_ZONE_H
#define VS_SERVER_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vs_local_time;
struct vs_zone;

bool vs_zone_is_known(const char *name); /* as vs_zone_create() takes it */

/* A name of the system's database ("Europe/Bucharest") or a POSIX form; NULL or not known: UTC. */
struct vs_zone *vs_zone_create(const char *name);
void vs_zone_destroy(struct vs_zone *zone); /* NULL is fine */

/* "2026-11-23 04:14:46 EET (+02:00)"; in UTC "2026-11-23 02:14:46 UTC". */
void vs_zone_words(const struct vs_zone *zone, char *text, size_t size, int64_t wall_ms);
/* What a clock on the wall shows there. */
void vs_zone_local(const struct vs_zone *zone, int64_t wall_ms, struct vs_local_time *local);

#endif
