#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "client/outage.h"
#include "model/json.h"
#include "model/report.h"
#include "plug/round.h"
#include "vpn_sentinel/probe.h"

#define BODY                                                                                                 \
	"{\"client_id\":\"a\",\"v\":2,\"timestamp\":\"2026-01-02T03:04:05Z\",\"seq\":4,\"observations\":[{"  \
	"\"source\":\"ipify\",\"status\":\"pass\",\"facts\":{\"exit.ip\":\"198.51.100.7\"}}]}"

static const struct vs_round_fact no_devices = {"net.devices", "0", VPNS_FACT_INT};
static const struct vs_round_fact tunnel_gone = {"tunnel.up", "false", VPNS_FACT_BOOL};
static const struct vs_round_fact reached = {"exit.ip", "198.51.100.7", VPNS_FACT_ADDR};

static void round_of(struct vs_outage *outage, const struct vs_round_fact *fact, bool lost)
{
	const struct vs_round_result result = {.name = "x",
		.status = fact != NULL ? VPNS_PROBE_PASS : VPNS_PROBE_UNKNOWN,
		.reason = "",
		.facts = fact,
		.fact_count = fact != NULL};

	vs_outage_round(outage, &result, 1, lost);
}

/* The fact as the server would read it from body. */
static void assert_says(const struct vs_buf *body, enum vs_fact known, const char *value)
{
	struct vs_report *report = vs_alloc(sizeof(*report));
	const struct vs_report_fact *fact;

	assert_int_equal(vs_report_parse(report, vs_buf_view(body), NULL), 0);
	fact = vs_report_find(report, known);
	if (value == NULL) {
		assert_null(fact);
	} else {
		assert_non_null(fact);
		assert_true(vs_view_equal_text(fact->value, value));
	}
	assert_non_null(vs_report_find(report, VS_FACT_EXIT_IP)); /* nothing else was lost */
	assert_int_equal(report->seq, 4);
	vs_report_fini(report);
	vs_free(report);
}

static void amend(const struct vs_outage *outage, struct vs_buf *body, uint64_t lost_ms)
{
	if (body->len == 0)
		vs_buf_add_text(body, BODY);
	vs_outage_amend(outage, body, lost_ms);
}

static void a_report_in_an_outage_says_cause_and_duration_as_of_now(void **state)
{
	struct vs_outage outage = {0};
	struct vs_buf body;

	(void)state;
	vs_buf_init(&body);
	round_of(&outage, &tunnel_gone, false);
	vs_outage_failed(&outage);
	amend(&outage, &body, 1500);
	assert_says(&body, VS_FACT_OUTAGE_CAUSE, "tunnel_down");
	assert_says(&body, VS_FACT_OUTAGE_DURATION, "1500ms");
	amend(&outage, &body, 180000);
	assert_says(&body, VS_FACT_OUTAGE_DURATION, "180s");
	vs_buf_fini(&body);
}

static void what_lies_nearest_to_the_root_stands(void **state)
{
	struct vs_outage outage = {0};

	(void)state;
	round_of(&outage, NULL, false);
	vs_outage_failed(&outage);
	assert_int_equal(outage.cause, VS_CAUSE_UNKNOWN);
	round_of(&outage, &no_devices, true);
	vs_outage_failed(&outage);
	assert_int_equal(outage.cause, VS_CAUSE_NAMESPACE_DEAD);
	round_of(&outage, &tunnel_gone, true); /* while it comes back */
	vs_outage_failed(&outage);
	assert_int_equal(outage.cause, VS_CAUSE_NAMESPACE_DEAD);
	vs_outage_over(&outage);
	round_of(&outage, &tunnel_gone, false);
	vs_outage_failed(&outage);
	assert_int_equal(outage.cause, VS_CAUSE_TUNNEL_DOWN);
}

static void that_only_the_server_is_gone_must_be_measured_while_it_is(void **state)
{
	struct vs_outage outage = {0};

	(void)state;
	round_of(&outage, &reached, false); /* before the failure: the exit may have died since */
	vs_outage_failed(&outage);
	assert_int_equal(outage.cause, VS_CAUSE_NONE);
	round_of(&outage, &reached, true);
	vs_outage_failed(&outage);
	assert_int_equal(outage.cause, VS_CAUSE_SERVER_UNREACHABLE);
}

static void a_round_that_heals_is_no_cause(void **state)
{
	struct vs_outage outage = {0};
	struct vs_buf body;

	(void)state;
	vs_buf_init(&body);
	round_of(&outage, &tunnel_gone, false);
	vs_outage_failed(&outage);
	round_of(&outage, &reached, true); /* the report of this one gets through */
	amend(&outage, &body, 60000);
	assert_says(&body, VS_FACT_OUTAGE_CAUSE, "tunnel_down");
	vs_buf_fini(&body);
}

static void a_round_between_two_failures_is_heard(void **state)
{
	struct vs_outage outage = {0};

	(void)state;
	round_of(&outage, &reached, false);
	vs_outage_failed(&outage); /* the tunnel died after that round */
	round_of(&outage, &tunnel_gone, true);
	round_of(&outage, &reached, true); /* it is back, and the report of this round gets through */
	assert_int_equal(outage.cause, VS_CAUSE_TUNNEL_DOWN);
}

static void an_outage_that_nothing_explains_has_a_duration_alone(void **state)
{
	struct vs_outage outage = {0};
	struct vs_buf body;

	(void)state;
	vs_buf_init(&body);
	vs_outage_failed(&outage); /* before any round */
	amend(&outage, &body, 60000);
	assert_says(&body, VS_FACT_OUTAGE_CAUSE, NULL);
	assert_says(&body, VS_FACT_OUTAGE_DURATION, "60s");
	vs_buf_fini(&body);
}

static void a_body_that_is_no_report_stays_as_it_is(void **state)
{
	struct vs_outage outage = {0};
	struct vs_buf body;

	(void)state;
	vs_buf_init(&body);
	vs_buf_add_text(&body, "not a report");
	vs_outage_amend(&outage, &body, 1000);
	assert_string_equal(vs_buf_text(&body), "not a report");
	vs_buf_fini(&body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_report_in_an_outage_says_cause_and_duration_as_of_now),
		cmocka_unit_test(what_lies_nearest_to_the_root_stands),
		cmocka_unit_test(that_only_the_server_is_gone_must_be_measured_while_it_is),
		cmocka_unit_test(a_round_that_heals_is_no_cause),
		cmocka_unit_test(a_round_between_two_failures_is_heard),
		cmocka_unit_test(an_outage_that_nothing_explains_has_a_duration_alone),
		cmocka_unit_test(a_body_that_is_no_report_stays_as_it_is),
	};

	vs_json_setup();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
