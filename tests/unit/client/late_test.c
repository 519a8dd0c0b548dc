#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "client/late.h"
#include "model/json.h"
#include "model/report.h"

#define MADE INT64_C(1000000000000) /* by the clock as it was */
#define STARTED (MADE - 500000)
#define MINUTE INT64_C(60000)
#define YEARS (INT64_C(10) * 365 * 86400000)

/* A report that a probe found something for two seconds before it was made. */
static void write_spooled(struct vs_buf *out)
{
	struct vs_report *report = vs_alloc(sizeof(*report));

	vs_report_init(report);
	report->client_id = "office-vpn";
	report->seq = 7;
	report->sent_at = MADE;
	report->started_at = STARTED;
	assert_true(vs_report_observe(report, "ipinfo", VS_OBSERVED_PASS, NULL, MADE - 2000));
	assert_true(vs_report_add_fact(report, "exit.ip", VS_TYPE_ADDR, "198.51.100.7"));
	assert_true(vs_report_observe(report, "trace", VS_OBSERVED_UNKNOWN, "no answer", 0));
	vs_report_write(report, out);
	vs_report_fini(report);
	vs_free(report);
}

/* What a server reads of it when it leaves at now. To be freed. */
static struct vs_report *sent(int64_t now, int64_t age_ms)
{
	struct vs_report *report = vs_alloc(sizeof(*report));
	struct vs_buf spooled;
	struct vs_buf body;

	vs_buf_init(&spooled);
	vs_buf_init(&body);
	write_spooled(&spooled);
	vs_late_write(&body, vs_buf_view(&spooled), now, age_ms);
	assert_int_equal(vs_report_parse(report, vs_buf_view(&body), NULL), 0);
	assert_true(report->late);
	assert_int_equal(report->sent_at, now);
	assert_int_equal(report->seq, 7);
	assert_int_equal(report->started_at, STARTED);
	assert_int_equal(report->observation_count, 2);
	assert_int_equal(report->fact_count, 1);
	vs_buf_fini(&spooled);
	vs_buf_fini(&body);
	return report;
}

static void assert_made(int64_t now, int64_t age_ms, int64_t made)
{
	struct vs_report *report = sent(now, age_ms);

	assert_int_equal(report->observed_at, made);
	assert_int_equal(report->observations[0].observed_at, made - 2000);
	assert_int_equal(report->observations[1].observed_at, 0);
	vs_report_fini(report);
	vs_free(report);
}

static void a_clock_that_went_on_changes_nothing(void **state)
{
	(void)state;
	assert_made(MADE + MINUTE, MINUTE, MADE);
	assert_made(MADE, 0, MADE);
}

static void a_clock_that_jumped_takes_the_times_along(void **state)
{
	(void)state;
	assert_made(MADE + MINUTE + YEARS, MINUTE, MADE + YEARS);
	assert_made(MADE + MINUTE - YEARS, MINUTE, MADE - YEARS);
	assert_made(MADE + YEARS, 0, MADE + YEARS);
}

static void without_a_measured_age_the_times_stay(void **state)
{
	(void)state;
	assert_made(MADE + MINUTE, VS_LATE_AGE_UNKNOWN, MADE);
	assert_made(MADE - YEARS, VS_LATE_AGE_UNKNOWN, MADE);
}

/* A server refuses times before 1970, and takes 1970 itself for "not said". */
static void a_clock_that_began_anew_gives_times_that_servers_take(void **state)
{
	struct vs_report *report = sent(5000, MINUTE);

	(void)state;
	assert_int_equal(report->observed_at, 1);
	assert_int_equal(report->observations[0].observed_at, 1);
	vs_report_fini(report);
	vs_free(report);
}

static void what_is_no_report_becomes_none(void **state)
{
	static const char *const bodies[] = {"", "{}", "{\"client_id\":\"c\",\"v\"", "garbage"};
	struct vs_buf body;

	(void)state;
	vs_buf_init(&body);
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		vs_late_write(&body, vs_view_of(bodies[i]), MADE, MINUTE);
		assert_int_equal(body.len, 0);
	}
	vs_buf_fini(&body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_clock_that_went_on_changes_nothing),
		cmocka_unit_test(a_clock_that_jumped_takes_the_times_along),
		cmocka_unit_test(without_a_measured_age_the_times_stay),
		cmocka_unit_test(a_clock_that_began_anew_gives_times_that_servers_take),
		cmocka_unit_test(what_is_no_report_becomes_none),
	};

	vs_json_setup();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
