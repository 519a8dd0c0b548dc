/* What an alert asks of a channel, whichever minor of the ABI the host speaks. Pure. */
#ifndef POST_ALERT_H
#define POST_ALERT_H

#include "vpn_sentinel/plugin.h"

/* How earlier messages are changed: the choices of an option edit, in this order. */
enum { POST_EDIT_QUIET, POST_EDIT_ALWAYS, POST_EDIT_NEVER };
#define POST_EDIT_CHOICES "quiet|always|never"

/* How loud: 0 info, 1 warning, 2 critical. That something is over, or in somebody's hands, is not. */
uint32_t post_level(const struct vpns_alert *alert);

/* 1: nobody need be disturbed for it. */
int post_silent(const struct vpns_alert *alert);

/* How many are told in this message: 1 or more. */
uint32_t post_count(const struct vpns_alert *alert);

/* "low", "normal", "high", "urgent" */
const char *post_priority(const struct vpns_alert *alert);

/* 1: people have the message, and it is only to say something else from now on. */
int post_updates(const struct vpns_alert *alert);

/*
 * Whether alert takes the place of the message it follows. An edit rings nobody's phone: quiet leaves it to
 * what need not ring, a group that grows or an acknowledgement.
 */
int post_edits(const struct vpns_alert *alert, uint32_t mode);

#endif
