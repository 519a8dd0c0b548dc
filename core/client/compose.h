/* From the results of a round to a report. Pure: the time is an argument. */
#ifndef VS_CLIENT_COMPOSE_H
#define VS_CLIENT_COMPOSE_H

#include <stddef.h>
#include <stdint.h>

struct vs_err;
struct vs_report;
struct vs_round_result;

/* What a report says besides what the probes found. Texts are borrowed until it is written. */
struct vs_compose_about {
	const char *client_id;
	const char *version;
	const char *const *tags;
	size_t tag_count;
	const char *const *nonces; /* that probes put into names of the server's own zone */
	size_t nonce_count;
	int64_t started_at; /* wall, of this process */
	int64_t interval_ms;
	uint64_t seq;
	int64_t now; /* wall */
};

/*
 * Fills report, which borrows the texts of results. Every probe becomes an observation: one
 * that found nothing out says why and has no facts. Returns how many probes and facts did
 * not fit into a report or were not what their type says.
 */
size_t vs_compose(struct vs_report *report, const struct vs_compose_about *about,
	const struct vs_round_result *results, size_t count);

/* Whether servers will take reports with these tags; a bad one would cost every report. */
int vs_compose_check_tags(const char *const *tags, size_t count, struct vs_err *err);

#endif
