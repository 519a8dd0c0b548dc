/* Names of time zones. */
#ifndef VS_CONFIG_ZONE_H
#define VS_CONFIG_ZONE_H

#include "base/err.h"
#include "config/arena.h"

/*
 * The zone that text means, in the forms that TZ has: a name of this system's database,
 * POSIX's form ("CET-1CEST"), a file of the database ("/etc/localtime"), each with or
 * without a colon before it. zone becomes a name or POSIX's form, from arena. Without a
 * database every name of the right shape is accepted. The sentence of err goes on behind
 * the key: "must be the name of ...".
 */
int vs_zone_resolve(const char **zone, const char *text, struct vs_arena *arena, struct vs_err *err);

#endif
