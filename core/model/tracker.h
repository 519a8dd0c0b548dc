/*
 * The state machine of one client: reports and deadlines in, transitions out.
 *
 *   alive --late deadline--> late --lost deadline--> lost --report--> alive
 *
 * A bad verdict opens its incident after one round when the confidence is high, else after
 * two (dns: DNS_LEAK_TOLERANCE rounds); as many good rounds resolve it. unknown neither
 * opens nor resolves. What comes back within 3 intervals of its resolution is the same
 * incident, told as escalated, and then resolved only after 3 good intervals.
 */
#ifndef VS_MODEL_TRACKER_H
#define VS_MODEL_TRACKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "model/cause.h"

struct vs_atlas;
struct vs_client;
struct vs_epoch;
struct vs_fact_value;
struct vs_home;
struct vs_names;
struct vs_policies;
struct vs_report;
struct vs_rules;
struct vs_transitions;

/* The world a client is judged in. All borrowed. */
struct vs_tracker {
	struct vs_names *names;
	const struct vs_home *home;
	const struct vs_rules *rules;
	/*
	 * Lets a report that says what the last one said skip the judge, whose answer is known: nothing
	 * else tells the difference. Of this home and these rules alone; NULL: each report is judged.
	 */
	struct vs_epoch *epoch;
	const struct vs_atlas *atlas; /* NULL: no place is known */
	const struct vs_policies *policies; /* NULL: none */
	bool source_hidden; /* a gateway hides where keepalives come from: it is kept, and proves nothing */
	/* An address whose place would have helped to judge; may be NULL. Not for what was judged before. */
	void (*want)(void *arg, const char *client_id, const struct vs_addr *addr);
	void *want_arg;
};

/*
 * A keepalive arrived at now (wall) from source. Appends what is to be told to out. Report
 * times are moved from the client's clock to ours. A late report extends the bad times of incidents
 * that are open, opens what the last live one shows, too, becomes one notice an outage where nothing is
 * bad any more, and moves last_seen when it is newer. A repeated report (same start,
 * seq not greater) proves life and nothing else.
 *
 * extra: what the server itself knows of this client now, with sources of its own (zone, canary,
 * located); NULL when 0. What the client tells itself wins over a place that was looked up; facts of
 * the own zone and of canaries are the server's alone. Only a live report takes them.
 */
void vs_tracker_report(const struct vs_tracker *tracker, struct vs_client *client,
	const struct vs_report *report, const struct vs_addr *source, const struct vs_fact_value *extra,
	size_t extra_count, int64_t now, struct vs_transitions *out);

/* How long, and what it may come from: VS_CAUSE_CLIENT_SILENT or VS_CAUSE_EXIT_SILENT. */
struct vs_silence {
	int64_t ms;
	enum vs_cause cause;
};

/*
 * A canary reached the server beside the client's tunnel: these are its facts. The kill switch is judged at
 * once, nothing else, and nothing is said of the client's being alive.
 */
void vs_tracker_canary(const struct vs_tracker *tracker, struct vs_client *client,
	const struct vs_fact_value *canary, size_t count, int64_t now, struct vs_transitions *out);

/*
 * Deadlines of rules.h passed since the last live keepalive (or since restore). The silence was
 * measured since then: it is told no shorter than that, whatever the wall clock makes of it. A tunnel
 * that is lost already by what its client said stays one incident.
 */
void vs_tracker_late(struct vs_client *client);
void vs_tracker_lost(const struct vs_tracker *tracker, struct vs_client *client, int64_t now,
	const struct vs_silence *silence, struct vs_transitions *out);

/*
 * After a restart: who was late is alive again, who was lost stays lost. The caller grants a
 * full period by counting the deadlines from now.
 */
void vs_tracker_restore(struct vs_client *client);

#endif
