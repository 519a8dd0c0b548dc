/* What every notifier that sends over HTTP must do, whichever service it is, and what their tests begin with.
 */
#ifndef POST_CONTRACT_H
#define POST_CONTRACT_H

#include "kit_test.h"

#include <jansson.h>

#define UNSENT (VPNS_DELIVERY_RETRY | VPNS_DELIVERY_UNSENT)

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
	const char *silent; /* in the body of what need disturb nobody, and of nothing else; NULL: no such
			       thing */
	uint64_t patience_ms; /* before any other attempt; 0: the host chooses */
	uint64_t wait_ms; /* after a 429 that does not say how long */
	/*
	 * What people see of the body of a request; the test fails when the service would not take it. Freed
	 * with free().
	 */
	char *(*shown)(const char *body);
	/* Takes an answer apart, and checks what must hold when it is none: <0. NULL with refusal. */
	int (*parse)(const char *bytes, size_t len);
};

/* Runs all of them; returns how many failed. */
int post_contract_run(const struct post_subject *subject);

/* --- for the tests of each --------------------------------------------------------------- */

static inline int teardown(void **state)
{
	vpnt_destroy(*state);
	return 0;
}

/* Against one scripted answer. */
static inline const struct vpns_delivery_result *deliver_alert(
	struct vpnt *kit, const struct vpns_alert *alert, const struct vpnt_http *http)
{
	vpns_op op;

	vpnt_expect(kit, http);
	op = vpnt_deliver(kit, alert);
	vpnt_advance(kit, 20000);
	return vpnt_delivery_result(kit, op);
}

/* Likewise, the ready alert. */
static inline const struct vpns_delivery_result *deliver(struct vpnt *kit, const struct vpnt_http *http)
{
	struct vpns_alert alert = vpnt_alert();

	return deliver_alert(kit, &alert, http);
}

/* Of the request that was sent last. */
static inline json_t *sent_body(struct vpnt *kit)
{
	json_t *body = json_loads(vpnt_sent_body(kit), JSON_REJECT_DUPLICATES, NULL);

	assert_non_null(body);
	return body;
}

#endif
