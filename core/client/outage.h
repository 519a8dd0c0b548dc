/*
 * Why the server cannot be reached, as far as the client can tell, for the first report that gets through. At
 * each failure the latest round is looked at, and each that ends while it is so; what lies nearest to the
 * root stands. Pure.
 */
#ifndef VS_CLIENT_OUTAGE_H
#define VS_CLIENT_OUTAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/cause.h"

#define VS_OUTAGE_SOURCE "client" /* who observed the facts */

struct vs_buf;
struct vs_round_result;

/* Zeroed: there is none. */
struct vs_outage {
	struct vs_cause_signs signs; /* of the latest round; the server's is not among them */
	bool measured; /* there was one */
	bool during; /* and it was made while the server could not be reached */
	enum vs_cause cause; /* of the outage that is on; NONE: nothing explains it, or there is none */
};

/* A round has ended. lost: the server cannot be reached. */
void vs_outage_round(
	struct vs_outage *outage, const struct vs_round_result *results, size_t count, bool lost);

/* A report did not get through. That the rest of the internet did must be found out while it is so. */
void vs_outage_failed(struct vs_outage *outage);

/*
 * Makes body, a report that is about to be sent in an outage of lost_ms, say so: outage.cause,
 * outage.duration. What it said of that before is replaced. A body that is not ours, or is full, stays as it
 * is.
 */
void vs_outage_amend(const struct vs_outage *outage, struct vs_buf *body, uint64_t lost_ms);

/* A report was taken: the outage, if there was one, is over. */
void vs_outage_over(struct vs_outage *outage);

#endif
