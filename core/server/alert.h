/* A delivery as the alert that a notifier plugin gets, with all its texts. */
#ifndef VS_SERVER_ALERT_H
#define VS_SERVER_ALERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct vpns_alert;
struct vs_alert_text;
struct vs_delivery;
struct vs_instance_conf;
struct vs_tongue;
struct vs_transition;
struct vs_zone;

/* delivery is borrowed until destroy; replaces_ref (NULL: none) is copied; zone: where times are shown;
 * tongue NULL: English. */
struct vs_alert_text *vs_alert_text_create(const struct vs_delivery *delivery, const struct vs_zone *zone,
	const struct vs_tongue *tongue, const char *replaces_ref, bool late);
/* For a channel with buttons: what people can do about an incident that is open. */
void vs_alert_text_offer(
	struct vs_alert_text *text, const struct vs_delivery *delivery, const struct vs_tongue *tongue);
#define VS_GROUP_NAMES 10 /* clients that a message about many names */
struct vs_group_care {
	char *who; /* owned */
	struct vs_buf names; /* of whom they look after */
};
/* Of a message about many: how many, and the first clients. */
struct vs_group_text {
	char *names[VS_GROUP_NAMES]; /* owned */
	size_t name_count;
	struct vs_group_care cares[VS_GROUP_NAMES];
	size_t care_count;
	size_t count;
	size_t over; /* of them */
	bool mixed; /* they are of different kinds: each name says which */
};
/* What one of them is called there; the caller frees. Who has no client is called by its evidence. */
char *vs_alert_name(const struct vs_transition *transition, bool mixed, const struct vs_tongue *tongue);
void vs_group_text_add(struct vs_group_text *text, char *name); /* takes name; once, while there is room */
void vs_group_text_care(
	struct vs_group_text *text, const char *who, const char *name); /* who looks after it */
void vs_group_text_fini(struct vs_group_text *text);
/*
 * Makes it tell all of them: the title counts them, the body names the first. Of the fields those stay that
 * are true of all: since when the first was seen, and what to do.
 */
void vs_alert_text_group(
	struct vs_alert_text *text, const struct vs_group_text *group, const struct vs_tongue *tongue);
/*
 * Makes it the change of a message that people have, which text replaces; by is the delivery that does it.
 * Its id is a new one at each attempt: what it says may have grown since, and the message that by becomes
 * after it must not be taken for it.
 */
void vs_alert_text_update(struct vs_alert_text *text, const struct vs_delivery *by, int64_t wall_ms);
/*
 * The last of all: puts the templates of conf in the place of the title and of the text. That a message is
 * late, or may be a duplicate, is told whatever they say. A title that comes out empty stays as it was.
 */
void vs_alert_text_apply(
	struct vs_alert_text *text, const struct vs_delivery *delivery, const struct vs_instance_conf *conf);
/* Makes it tell what waited for the end of quiet hours: count messages, the most severe of that severity. */
void vs_alert_text_digest(
	struct vs_alert_text *text, const char *title, const char *body, uint32_t severity, size_t count);
const struct vpns_alert *vs_alert_text_get(const struct vs_alert_text *text);
void vs_alert_text_destroy(struct vs_alert_text *text); /* NULL is fine */

#endif
