/* A delivery as the alert that a notifier plugin gets, with all its texts. */
#ifndef VS_SERVER_ALERT_H
#define VS_SERVER_ALERT_H

#include <stdbool.h>

struct vpns_alert;
struct vs_alert_text;
struct vs_delivery;
struct vs_tongue;
struct vs_zone;

/* delivery is borrowed until destroy; replaces_ref (NULL: none) is copied; zone: where times are shown;
 * tongue NULL: English. */
struct vs_alert_text *vs_alert_text_create(const struct vs_delivery *delivery, const struct vs_zone *zone,
	const struct vs_tongue *tongue, const char *replaces_ref, bool late);
const struct vpns_alert *vs_alert_text_get(const struct vs_alert_text *text);
void vs_alert_text_destroy(struct vs_alert_text *text); /* NULL is fine */

#endif
