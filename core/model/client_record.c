/*
 * The record of a client in a store. There may be a million of them, and all are read at
 * the start: a record is bytes (record.h), one part after the other in the order of parts[].
 * A part that a later version appends is read only when bytes are left, and a record that
 * an older program cannot read as this one gets another version number.
 */
#include "model/client.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "model/cause.h"
#include "model/names.h"
#include "model/record.h"
#include "model/record_facts.h"
#include "model/report.h"

#define RECORD_VERSION 1
#define RECORD_USUAL 500 /* bytes */

/* Of the part "state". */
#define FLAG_TOLD 1
#define FLAG_SAME_VERSION 2 /* the version that was told is the client's own */
#define FLAGS_MAX 3

/* A verdict and its confidence in one number. */
#define VERDICT_BITS 4
#define VERDICT_MASK 15

/* These are stored as they are: append to their rows, or give the record another version. */
_Static_assert(VS_LIVENESS_ALIVE == 0 && VS_LIVENESS_LOST == 2, "liveness is stored as a number");
_Static_assert(VS_SIDE_NONE == 0 && VS_SIDE_HOME == 4, "sides are stored as numbers");
_Static_assert(VS_VERDICT_NOT_CHECKED == 0 && VS_VERDICT_DOWN == 7, "verdicts are stored as numbers");
_Static_assert(VS_CONFIDENCE_NONE == 0 && VS_CONFIDENCE_HIGH == 3, "confidence is stored as a number");

_Static_assert(VS_CAUSE_TUNNEL_DOWN == 1 && VS_CAUSE_UNKNOWN == 9, "causes are stored as numbers");

#define FIRST_STREAKS 6 /* of the part "streaks"; the others are in a later part */

#define LATE_TOLD_MAX ((1U << VS_STREAKS) - 1)

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct writing {
	const struct vs_client *client;
	const struct vs_names *names;
	struct vs_buf *out;
};

struct reading {
	struct vs_client *client;
	struct vs_names *names;
	struct vs_record_reader in;
	struct vs_err err; /* of an incident: its text is the problem */
};

static void put_text(struct vs_buf *out, const char *text)
{
	vs_record_put_text(out, vs_view_of(text));
}

static void put_id(struct writing *to)
{
	put_text(to->out, to->client->id);
}

static void get_id(struct reading *from)
{
	struct vs_view id = vs_record_get_text(&from->in);

	if (vs_record_ok(&from->in) && !vs_client_id_valid(id))
		vs_record_refuse(&from->in, "not a client's id");
	if (vs_record_ok(&from->in))
		from->client->id = vs_strndup(id.ptr, id.len);
}

static void put_times(struct writing *to)
{
	const struct vs_client *client = to->client;

	vs_record_put_time(to->out, client->last_seen, 0);
	vs_record_put_time(to->out, client->first_seen, client->last_seen);
	vs_record_put_time(to->out, client->started_at, 0);
	vs_record_put_uint(to->out, client->seq);
	vs_record_put_uint(to->out, client->interval_ms);
}

static void get_times(struct reading *from)
{
	struct vs_client *client = from->client;

	client->last_seen = vs_record_get_time(&from->in, 0);
	client->first_seen = vs_record_get_time(&from->in, client->last_seen);
	client->started_at = vs_record_get_time(&from->in, 0);
	client->seq = vs_record_get_uint(&from->in, UINT64_MAX);
	client->interval_ms = (uint32_t)vs_record_get_uint(&from->in, UINT32_MAX);
}

static void put_state(struct writing *to)
{
	const struct vs_client *client = to->client;
	bool same = client->told_version == client->version;

	vs_record_put_uint(to->out, (client->told != 0 ? FLAG_TOLD : 0) | (same ? FLAG_SAME_VERSION : 0));
	vs_record_put_uint(to->out, client->liveness);
	vs_record_put_uint(to->out, client->side);
	put_text(to->out, vs_names_text(to->names, client->version));
	if (!same)
		put_text(to->out, vs_names_text(to->names, client->told_version));
	put_text(to->out, vs_names_text(to->names, client->tags));
	vs_record_put_addr(to->out, &client->source);
	vs_record_put_addr(to->out, &client->told_exit);
}

static void get_state(struct reading *from)
{
	struct vs_client *client = from->client;
	unsigned flags = (unsigned)vs_record_get_uint(&from->in, FLAGS_MAX);
	struct vs_view version;

	client->told = (flags & FLAG_TOLD) != 0;
	client->liveness = (uint8_t)vs_record_get_uint(&from->in, VS_LIVENESS_LOST);
	client->side = (uint8_t)vs_record_get_uint(&from->in, VS_SIDE_HOME);
	version = vs_record_get_text(&from->in);
	client->version = vs_names_hold(from->names, version);
	if ((flags & FLAG_SAME_VERSION) == 0)
		version = vs_record_get_text(&from->in);
	client->told_version = vs_names_hold(from->names, version);
	client->tags = vs_names_hold(from->names, vs_record_get_text(&from->in));
	vs_record_get_addr(&from->in, &client->source);
	vs_record_get_addr(&from->in, &client->told_exit);
}

static void put_facts(struct writing *to)
{
	vs_record_put_facts(to->out, &to->client->facts, to->names, to->client->last_seen);
}

static void get_facts(struct reading *from)
{
	vs_record_get_facts(&from->in, &from->client->facts, from->names, from->client->last_seen);
}

static void put_verdicts(struct writing *to)
{
	const struct vs_verdicts *verdicts = &to->client->verdicts;
	const char *evidence = vs_verdicts_evidence(verdicts, VS_QUESTION_TUNNEL);
	int count = verdicts->evidence == NULL ? 0 : VS_QUESTIONS;

	vs_record_put_uint(to->out, (unsigned)count);
	for (int q = 0; q < count; q++) {
		vs_record_put_uint(
			to->out, verdicts->verdict[q] | (unsigned)verdicts->confidence[q] << VERDICT_BITS);
		put_text(to->out, evidence);
		evidence = vs_verdicts_next(verdicts, evidence);
	}
}

static void get_verdicts(struct reading *from)
{
	uint8_t verdict[VS_QUESTIONS] = {0}, confidence[VS_QUESTIONS] = {0};
	const char *evidence[VS_QUESTIONS] = {NULL};
	size_t count = (size_t)vs_record_get_uint(&from->in, VS_QUESTIONS);

	for (size_t q = 0; q < count; q++) {
		unsigned both = (unsigned)vs_record_get_uint(
			&from->in, VS_CONFIDENCE_HIGH << VERDICT_BITS | VERDICT_MASK);

		verdict[q] = both & VERDICT_MASK;
		confidence[q] = (uint8_t)(both >> VERDICT_BITS);
		if (verdict[q] > VS_VERDICT_DOWN)
			vs_record_refuse(&from->in, "not a verdict");
		evidence[q] = vs_record_get_text(&from->in).ptr;
	}
	if (vs_record_ok(&from->in) && count > 0)
		vs_verdicts_set(&from->client->verdicts, verdict, confidence, evidence);
}

static void put_streak(struct writing *to, const struct vs_streak *streak)
{
	vs_record_put_uint(to->out, streak->good);
	vs_record_put_uint(to->out, streak->bad);
	if (streak->bad > 0)
		vs_record_put_time(to->out, streak->first_bad_at, to->client->last_seen);
}

static void get_streak(struct reading *from, struct vs_streak *streak)
{
	int64_t at = 0;

	streak->good = (uint8_t)vs_record_get_uint(&from->in, UINT8_MAX);
	streak->bad = (uint8_t)vs_record_get_uint(&from->in, UINT8_MAX);
	if (streak->bad > 0)
		at = vs_record_get_time(&from->in, from->client->last_seen);
	streak->first_bad_at = at;
	if (streak->first_bad_at != at) /* kept with fewer bits than it may be stored with */
		vs_record_refuse(&from->in, "a time out of its range");
}

static void put_streaks(struct writing *to)
{
	vs_record_put_uint(to->out, FIRST_STREAKS);
	for (int i = 0; i < FIRST_STREAKS; i++)
		put_streak(to, &to->client->streaks[i]);
}

static void get_streaks(struct reading *from)
{
	size_t count = (size_t)vs_record_get_uint(&from->in, FIRST_STREAKS);

	for (size_t i = 0; i < count; i++)
		get_streak(from, &from->client->streaks[i]);
}

static void put_failures(struct writing *to)
{
	struct vs_failure failure = {0};

	while (vs_client_next_failure(to->client, &failure)) {
		put_text(to->out, failure.source);
		put_text(to->out, failure.reason);
	}
	put_text(to->out, "");
}

/* In memory they look as they do in the record. */
static void get_failures(struct reading *from)
{
	const char *start = from->in.at;
	size_t size;

	while (vs_record_get_text(&from->in).len > 0)
		vs_record_get_text(&from->in);
	size = (size_t)(from->in.at - start);
	if (!vs_record_ok(&from->in) || size == 1)
		return;
	from->client->failures = vs_alloc(size);
	memcpy(from->client->failures, start, size);
}

static void put_incidents(struct writing *to)
{
	vs_record_put_uint(to->out, to->client->incident_count);
	for (uint32_t i = 0; i < to->client->incident_count; i++) {
		vs_incident_encode(&to->client->incidents[i], to->out);
		put_text(to->out, "");
	}
}

/* What the rules take for granted when they look at an incident. */
static const char *problem_of(const struct vs_client *client, const struct vs_incident *incident)
{
	if (strcmp(incident->client, client->id) != 0)
		return "an incident of another client";
	return NULL;
}

static void get_incident(struct reading *from)
{
	struct vs_client *client = from->client;
	struct vs_incident *incident = &client->incidents[client->incident_count];
	struct vs_view text = vs_record_get_text(&from->in);
	const char *problem;

	if (!vs_record_ok(&from->in))
		return;
	if (vs_incident_decode(incident, text, &from->err) < 0) {
		vs_record_refuse(&from->in, from->err.text);
		return;
	}
	client->incident_count++;
	problem = problem_of(client, incident);
	if (problem != NULL)
		vs_record_refuse(&from->in, problem);
}

static void get_incidents(struct reading *from)
{
	size_t count = (size_t)vs_record_get_uint(&from->in, VS_KINDS);

	if (count > 0)
		from->client->incidents = vs_calloc(count, sizeof(*from->client->incidents));
	for (size_t i = 0; i < count && vs_record_ok(&from->in); i++)
		get_incident(from);
}

/* What came later: which rules decided, and the streaks beyond the first. */
static void put_rules(struct writing *to)
{
	const struct vs_client *client = to->client;

	vs_record_put_uint(to->out, VS_QUESTIONS);
	for (int q = 0; q < VS_QUESTIONS; q++)
		vs_record_put_uint(to->out, client->rule[q]);
	vs_record_put_uint(to->out, client->cause);
	vs_record_put_uint(to->out, VS_STREAKS - FIRST_STREAKS);
	for (int i = FIRST_STREAKS; i < VS_STREAKS; i++)
		put_streak(to, &client->streaks[i]);
}

static void get_rules(struct reading *from)
{
	struct vs_client *client = from->client;
	size_t count = (size_t)vs_record_get_uint(&from->in, VS_QUESTIONS);

	for (size_t q = 0; q < count; q++)
		client->rule[q] = (uint8_t)vs_record_get_uint(&from->in, UINT8_MAX);
	client->cause = (uint8_t)vs_record_get_uint(&from->in, VS_CAUSES - 1);
	count = (size_t)vs_record_get_uint(&from->in, VS_STREAKS - FIRST_STREAKS);
	for (size_t i = 0; i < count; i++)
		get_streak(from, &client->streaks[FIRST_STREAKS + i]);
}

/* What was told of the last outage that had something to tell, and until when it was. */
static void put_late(struct writing *to)
{
	const struct vs_client *client = to->client;

	vs_record_put_uint(to->out, client->late_told);
	if (client->late_told != 0)
		vs_record_put_uint(to->out, client->late_until);
}

static void get_late(struct reading *from)
{
	struct vs_client *client = from->client;

	client->late_told = (uint8_t)vs_record_get_uint(&from->in, LATE_TOLD_MAX) & LATE_TOLD_MAX;
	if (client->late_told != 0)
		client->late_until = (uint32_t)vs_record_get_uint(&from->in, UINT32_MAX);
}

/* The record: the version, then these. New parts go to the end. */
static const struct part {
	const char *name;
	void (*put)(struct writing *to);
	void (*get)(struct reading *from);
} parts[] = {
	{"id", put_id, get_id},
	{"times", put_times, get_times},
	{"state", put_state, get_state},
	{"facts", put_facts, get_facts},
	{"verdicts", put_verdicts, get_verdicts},
	{"streaks", put_streaks, get_streaks},
	{"failures", put_failures, get_failures},
	{"incidents", put_incidents, get_incidents},
	{"rules", put_rules, get_rules},
	{"late", put_late, get_late},
};
#define FIRST_PARTS 8 /* those that every record has */

void vs_client_encode(const struct vs_client *client, const struct vs_names *names, struct vs_buf *out)
{
	struct writing to = {client, names, out};

	vs_buf_reserve(out, RECORD_USUAL);
	vs_record_put_uint(out, RECORD_VERSION);
	for (size_t i = 0; i < COUNT(parts); i++)
		parts[i].put(&to);
}

int vs_client_decode(
	struct vs_client *client, struct vs_names *names, struct vs_view bytes, struct vs_err *err)
{
	struct reading from;

	from.client = client;
	from.names = names;
	memset(client, 0, sizeof(*client));
	vs_record_open(&from.in, bytes);
	if (vs_record_get_uint(&from.in, UINT64_MAX) != RECORD_VERSION)
		return vs_err_set(err, VS_ERR_INVALID,
			"version: this program reads client records of version %d", RECORD_VERSION);
	for (size_t i = 0; i < COUNT(parts) && (i < FIRST_PARTS || from.in.at < from.in.end); i++) {
		parts[i].get(&from);
		if (vs_record_ok(&from.in))
			continue;
		vs_client_fini(client, names);
		return vs_err_set(err, VS_ERR_INVALID, "%s: %s (byte %zu)", parts[i].name, from.in.problem,
			vs_record_position(&from.in));
	}
	return 0;
}
