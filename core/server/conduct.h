/*
 * How a plugin instance behaves as a plugin, over time: when is it failing, and when does it behave again?
 * Pure. What a service refuses, or that it cannot be reached, is no misconduct: see VS_BREACH_ROWS.
 */
#ifndef VS_SERVER_CONDUCT_H
#define VS_SERVER_CONDUCT_H

#include <stdbool.h>
#include <stdint.h>

struct vs_buf;

/*
 * Once may be chance, and a slow moment of this host may look like it, so that the third lapse counts. Lapses
 * add up until it has behaved: for so long, and in as many operations as it took lapses to be failing. By
 * time alone a probe that lies once an hour would be told each time, or never; by operations alone an access
 * check that is asked a thousand times a second would never be told. Whoever is not asked is forgiven after a
 * day.
 */
#define VS_CONDUCT_LAPSES 3
#define VS_CONDUCT_CALM_MS (UINT64_C(10) * 60 * 1000)
#define VS_CONDUCT_FORGOTTEN_MS (UINT64_C(24) * 3600 * 1000)

/* Zeroed: of an instance that was just made. */
struct vs_conduct {
	bool failing;
	uint64_t count; /* lapses that add up */
	uint64_t since_ms; /* mono; of the first of them */
	uint64_t last_ms;
	uint64_t lapses; /* of the instance, as they were seen last */
	uint64_t ended; /* its operations at the last lapse */
};

/* Numbers of the instance since it was made. */
struct vs_conduct_seen {
	uint64_t lapses;
	uint64_t ended; /* operations */
	const char *last; /* what the last lapse was, as vs_instance_stats() says it */
	bool shut; /* it gets no more operations: as bad as it was */
};

void vs_conduct_look(struct vs_conduct *conduct, const struct vs_conduct_seen *seen, uint64_t now);

/* It was failing when the server ended. Another instance now, which has to show that it behaves. */
void vs_conduct_restore(struct vs_conduct *conduct, uint64_t now);

/* What it did and how often, after who it is: "probe tide: ...". closed is what follows from its being shut.
 */
void vs_conduct_say(const struct vs_conduct *conduct, const struct vs_conduct_seen *seen, const char *who,
	const char *closed, struct vs_buf *out);

#endif
