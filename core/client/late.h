/* A report of an outage, as it is sent afterwards. Pure: the time is an argument. */
#ifndef VS_CLIENT_LATE_H
#define VS_CLIENT_LATE_H

#include <stdint.h>

#include "base/view.h"

struct vs_buf;

#define VS_LATE_AGE_UNKNOWN INT64_C(-1)

/*
 * Appends the body made of a spooled one that leaves at wall time now. age_ms is how long ago it was made, as
 * measured by a clock that does not jump: all its times are moved to where the present wall clock puts them,
 * so that a server never takes a jump for time that passed. VS_LATE_AGE_UNKNOWN, of one that an earlier run
 * left: its times stay as they are. Appends nothing when spooled is not a report.
 */
void vs_late_write(struct vs_buf *out, struct vs_view spooled, int64_t now, int64_t age_ms);

#endif
