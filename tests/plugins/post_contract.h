/* What every notifier that sends over HTTP must do, whichever service it is. */
#ifndef POST_CONTRACT_H
#define POST_CONTRACT_H

#include "kit_test.h"

struct post_subject {
	const char *plugin;
	const char *const *options;
	const char *secret; /* one of them */
	const char *sent; /* an answer that means success, with sent_status */
	uint32_t sent_status;
	/*
	 * The service's own refusal, as a format with room for its words; NULL: bodies of answers are not
	 * looked at.
	 */
	const char *refusal;
	const char *words; /* what it may say there; NULL: anything */
	uint64_t wait_ms; /* after a 429 that does not say how long */
	/*
	 * What people see of the body of a request; the test fails when the service would not take it. Freed
	 * with free().
	 */
	char *(*shown)(const char *body);
};

/* Runs all of them; returns how many failed. */
int post_contract_run(const struct post_subject *subject);

#endif
