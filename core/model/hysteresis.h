/*
 * When a verdict becomes an incident and when it stops being one. Used by the tracker only;
 * its comment states the rules.
 */
#ifndef VS_MODEL_HYSTERESIS_H
#define VS_MODEL_HYSTERESIS_H

#include <stdbool.h>
#include <stdint.h>

#include "model/kind.h"
#include "model/verdict.h"

struct vs_client;
struct vs_incident;
struct vs_judgement;
struct vs_tracker;
struct vs_transitions;

struct vs_hysteresis_round {
	const struct vs_judgement *judgement;
	int64_t bytes; /* that left beside the tunnel since the round before, at most; -1: not known */
	int64_t now;
	bool heard; /* by this report, after a silence that was told as a lost tunnel and is over by now */
};

/*
 * One round of fresh evidence. While a tunnel is lost or bypassed, what follows from that (leaks,
 * exposures, policies) opens no incident of its own: the evidence of the one that is open names it. What
 * was open before stays, and closes by itself. The round that finds the tunnel back, or that breaks a
 * silence, may have looked at the rest before it was: it opens nothing but a bypass, and a way out over IPv6
 * is not even counted.
 */
void vs_hysteresis_feed(const struct vs_tracker *tracker, struct vs_client *client,
	const struct vs_hysteresis_round *round, struct vs_transitions *out);

/*
 * Whether a bad verdict has opened no incident (yet), and none that is open explains it: then
 * *kind is the one it would open.
 */
bool vs_hysteresis_suspects(struct vs_client *client, enum vs_kind *kind);

struct vs_hysteresis_past {
	const struct vs_judgement *judgement;
	int64_t at; /* when it was observed */
	int64_t now;
};

/*
 * Evidence of the past: stretches what is already bad. Where nothing is open, what is certain opens an
 * incident if the last live report shows it, too. Else it becomes one notice of that kind and outage, with
 * the detail VS_LATE_KEY, unless an incident covered that time.
 */
void vs_hysteresis_late(const struct vs_tracker *tracker, struct vs_client *client,
	const struct vs_hysteresis_past *past, struct vs_transitions *out);

struct vs_bad {
	enum vs_kind kind;
	enum vs_confidence confidence;
	const char *evidence;
	int64_t first_bad_at;
	uint8_t cause; /* enum vs_cause */
	int64_t bytes; /* of the exposure so far; -1: not known */
};

/* Opens an incident, or reopens the one of that kind that was resolved moments ago. */
void vs_hysteresis_open(const struct vs_tracker *tracker, struct vs_client *client, const struct vs_bad *bad,
	int64_t now, struct vs_transitions *out);
void vs_hysteresis_resolve(const struct vs_tracker *tracker, struct vs_client *client,
	struct vs_incident *incident, int64_t now, struct vs_transitions *out);

#endif
