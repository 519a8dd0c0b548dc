/* Names of time zones. */
#ifndef VS_CONFIG_ZONE_H
#define VS_CONFIG_ZONE_H

#include "base/err.h"

/*
 * 0 when the C library would take text as TZ: a zone of this system's database or POSIX's
 * form ("CET-1CEST"). Without a database every name of the right shape is accepted.
 */
int vs_zone_check(const char *text, struct vs_err *err);

#endif
