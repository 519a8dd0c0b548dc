/* The JSON event that programs get: webhooks, commands, subscribers. Pure. */
#ifndef POST_EVENT_H
#define POST_EVENT_H

#include "vpn_sentinel/plugin.h"

/*
 * channel: the instance's name; text: the alert in words. The body is to be freed with free(); NULL when
 * memory is short. What is no UTF-8 becomes U+FFFD.
 */
char *post_event_build(const struct vpns_alert *alert, const char *channel, const char *text);

/* "opened", "resolved", ... */
const char *post_event_name(const struct vpns_alert *alert);

/* "info", "warning", "critical" */
const char *post_event_severity(const struct vpns_alert *alert);

/* RFC 3339 in UTC into out; a time that no calendar knows is the first of all. */
void post_event_time(char *out, size_t size, int64_t wall_ms);

#endif
