#include "server/acks.h"

#include <string.h>

#include <uthash.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/text.h"
#include "model/incident.h"
#include "model/json.h"
#include "model/transition.h"
#include "server/loading.h"
#include "server/monitor.h"
#include "server/outbox.h"
#include "server/unit.h"

#define AREA "ack"

struct item {
	char incident[VS_ULID_TEXT];
	struct vs_ack ack; /* its texts are the two below */
	char *who;
	char *note;
	UT_hash_handle hh;
};

struct vs_acks {
	struct vs_acks_parts parts;
	struct item *items;
};

/* --- the book -------------------------------------------------------------------------- */

static struct item *find(const struct vs_acks *acks, const char *incident)
{
	struct item *item;

	HASH_FIND_STR(acks->items, incident, item);
	return item;
}

static void drop(struct vs_acks *acks, struct item *item)
{
	HASH_DEL(acks->items, item);
	vs_free(item->who);
	vs_free(item->note);
	vs_free(item);
}

static struct item *add(
	struct vs_acks *acks, const char *incident, const char *who, const char *note, int64_t at)
{
	struct item *item = find(acks, incident);

	if (item != NULL)
		drop(acks, item);
	item = vs_zalloc(sizeof(*item));
	memcpy(item->incident, incident, sizeof(item->incident));
	item->who = vs_strdup(who);
	item->note = vs_strdup(note);
	item->ack = (struct vs_ack){.who = item->who, .note = item->note, .at = at};
	memcpy(item->ack.incident, incident, sizeof(item->ack.incident));
	HASH_ADD_STR(acks->items, incident, item);
	return item;
}

const struct vs_ack *vs_acks_find(const struct vs_acks *acks, const char *incident)
{
	const struct item *item = acks != NULL ? find(acks, incident) : NULL;

	return item != NULL ? &item->ack : NULL;
}

/* --- acknowledging --------------------------------------------------------------------- */

static int check(const char *who, const char *note, struct vs_err *err)
{
	if (strlen(note) > VS_ACK_TEXT_MAX || !vs_utf8_valid(vs_view_of(note)))
		return vs_err_set(err, VS_ERR_INVALID, "note: expected a text of at most %d bytes in UTF-8",
			VS_ACK_TEXT_MAX);
	if (who[0] == '\0' || strlen(who) > VS_ACK_TEXT_MAX || !vs_utf8_valid(vs_view_of(who)))
		return vs_err_set(err, VS_ERR_INVALID, "whoever acknowledges needs a name in UTF-8");
	return 0;
}

static int refuse(const struct vs_acks *acks, const char *incident, int rc, struct vs_err *err)
{
	const struct vs_ack *before = vs_acks_find(acks, incident);

	if (rc == VS_ERR_BUSY)
		return vs_err_set(err, rc, "it is acknowledged already%s%s", before != NULL ? ", by " : "",
			before != NULL ? before->who : "");
	return vs_err_set(err, rc, "there is no open incident of this id; it may be over");
}

int vs_acks_put(struct vs_acks *acks, const char *incident, const char *who, const char *note,
	void (*done)(void *arg, bool durable), void *arg, struct vs_err *err)
{
	struct vs_ack ack = {.who = who, .note = note, .at = acks->parts.clock->wall_ms()};
	int rc = check(who, note, err);

	if (rc < 0)
		return rc;
	if (!vs_ulid_valid(incident))
		return refuse(acks, incident, VS_ERR_NOT_FOUND, err);
	memcpy(ack.incident, incident, sizeof(ack.incident));
	VS_FAULT("ack_storing");
	rc = vs_monitor_acknowledge(acks->parts.monitor, &ack, done, arg);
	if (rc < 0)
		return refuse(acks, incident, rc, err);
	add(acks, incident, who, note, ack.at);
	vs_log(VS_LOG_INFO, AREA, "%s acknowledges the incident %s%s%s", who, incident,
		note[0] != '\0' ? ": " : "", note);
	return 0;
}

#define AT_ONCE 32 /* incidents of one client: there are fewer kinds */

struct open {
	char ids[AT_ONCE][VS_ULID_TEXT];
	size_t count;
};

static void note_open(void *arg, const struct vs_incident *incident)
{
	struct open *open = arg;

	if (!incident->acknowledged && open->count < AT_ONCE)
		memcpy(open->ids[open->count++], incident->id, VS_ULID_TEXT);
}

size_t vs_acks_put_client(struct vs_acks *acks, const char *client, const char *who, const char *note)
{
	struct open open = {.count = 0};
	size_t done = 0;
	size_t i;

	vs_monitor_each_incident(acks->parts.monitor, client, note_open, &open);
	for (i = 0; i < open.count; i++)
		if (vs_acks_put(acks, open.ids[i], who, note, NULL, NULL, NULL) == 0)
			done++;
	return done;
}

/* --- what ends it ---------------------------------------------------------------------- */

static void on_gone(void *arg, const char *incident, struct vs_unit *unit)
{
	struct vs_acks *acks = arg;
	struct item *item = find(acks, incident);

	if (item == NULL)
		return;
	vs_unit_delete(unit, VS_TABLE_ACKS, incident, NULL);
	drop(acks, item);
}

/* Holds nothing back: it looks for what is over, back, or worse. */
static bool on_transition(void *arg, const struct vs_transition *transition, const char *tags,
	const char *except, struct vs_unit *unit)
{
	(void)tags;
	(void)except;
	if (transition->change == VS_CHANGE_RESOLVED || transition->change == VS_CHANGE_ESCALATED)
		on_gone(arg, transition->incident, unit);
	return false;
}

static const char *carer(void *arg, const char *incident)
{
	const struct vs_ack *ack = vs_acks_find(arg, incident);

	return ack != NULL ? ack->who : NULL;
}

/* --- life ------------------------------------------------------------------------------ */

struct vs_acks *vs_acks_create(const struct vs_acks_parts *parts)
{
	struct vs_acks *acks = vs_zalloc(sizeof(*acks));
	const struct vs_outbox_filter filter = {
		.hold = on_transition, .gone = on_gone, .arg = acks, .carer = carer};

	acks->parts = *parts;
	vs_outbox_add_filter(parts->outbox, &filter);
	return acks;
}

void vs_acks_destroy(struct vs_acks *acks)
{
	if (acks == NULL)
		return;
	vs_outbox_drop_filter(acks->parts.outbox, acks);
	while (acks->items != NULL)
		drop(acks, acks->items);
	vs_free(acks);
}

void vs_acks_rewrite(const struct vs_acks *acks, struct vs_unit *unit)
{
	const struct item *item;

	for (item = acks->items; item != NULL; item = item->hh.next)
		vs_ack_record(&item->ack, unit);
}

static int restore(void *arg, struct vs_view key, struct vs_view value, struct vs_err *err)
{
	json_t *json = vs_json_parse(value, err);
	char *incident;
	int rc = 0;

	if (json == NULL)
		return VS_ERR_INVALID;
	incident = vs_strndup(key.ptr, key.len);
	if (vs_ulid_valid(incident) && vs_json_get_text(json, "who")[0] != '\0')
		add(arg, incident, vs_json_get_text(json, "who"), vs_json_get_text(json, "note"),
			vs_json_get_time(json, "at"));
	else
		rc = vs_err_set(err, VS_ERR_INVALID, "it does not say who acknowledged what");
	vs_free(incident);
	json_decref(json);
	return rc;
}

int vs_acks_load(struct vs_acks *acks, void (*done)(void *arg, bool ok, const char *reason), void *arg)
{
	static const struct vs_loading_table table = {VS_TABLE_ACKS, "acknowledgments", restore};

	return vs_loading_start(acks->parts.ledger, &table, 1, acks, done, arg);
}
