/* The quiet hours of a channel: what does not wake people up, and until when. Pure. */
#ifndef VS_SERVER_QUIET_H
#define VS_SERVER_QUIET_H

#include <stdint.h>

struct vs_quiet;
struct vs_quiet_conf;

/* conf is copied; zone: the channel's, for a conf without one. NULL when conf has no such hours. */
struct vs_quiet *vs_quiet_create(const struct vs_quiet_conf *conf, const char *zone);
void vs_quiet_destroy(struct vs_quiet *quiet); /* NULL is fine */

/* What waits at that moment: bits 1 << severity. quiet NULL: nothing. */
uint8_t vs_quiet_held(const struct vs_quiet *quiet, int64_t wall);
/* Ms until that can be otherwise: hours begin and end with a minute, whatever the clocks do. */
uint64_t vs_quiet_look_again(int64_t wall);

#endif
