/* What alert.c, which makes the text of one delivery, and alert_group.c, which makes it tell many, share. */
#ifndef VS_SERVER_ALERT_INSIDE_H
#define VS_SERVER_ALERT_INSIDE_H

#include "vpn_sentinel/notifier.h"

#include "base/buf.h"
#include "base/id.h"
#include "model/words.h"
#include "server/alert.h"

#define VS_ALERT_ACTIONS 3
#define VS_ALERT_ACTION_TEXT 64 /* what a button may say, by the ABI */

struct vs_alert_text {
	struct vpns_alert alert;
	struct vs_message message;
	struct vpns_alert_field fields[VS_MESSAGE_FIELDS_MAX];
	struct vs_buf notes; /* what delivery adds, one sentence a line; the body ends in it */
	size_t own_notes; /* so much of notes is true of this delivery alone */
	char *replaces_ref;
	char change_id[VS_ULID_TEXT]; /* of a change of a message */
	struct vpns_alert_action actions[VS_ALERT_ACTIONS];
	char said[VS_ALERT_ACTIONS][VS_ALERT_ACTION_TEXT + 1];
};

void vs_alert_add_line(struct vs_buf *to, const char *line); /* alert.c; an empty one is none */

#endif
