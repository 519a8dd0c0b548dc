/* The JSON that a webhook gets. Pure. */
#ifndef WEBHOOK_EVENT_H
#define WEBHOOK_EVENT_H

#include "vpn_sentinel/plugin.h"

/*
 * channel: the instance's name; text: the alert in words. The body is to be freed with free(); NULL when
 * memory is short. What is no UTF-8 becomes U+FFFD.
 */
char *webhook_event_build(const struct vpns_alert *alert, const char *channel, const char *text);

/* "opened", "resolved", ...: what the header X-Sentinel-Event says, too. */
const char *webhook_event_name(const struct vpns_alert *alert);

#endif
