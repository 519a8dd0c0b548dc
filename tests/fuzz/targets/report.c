/* The body of a keepalive, in any of its three forms. */
#include "fuzz.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/text.h"
#include "model/json.h"
#include "model/report.h"

void fuzz_begin(void)
{
	vs_json_setup();
}

static void check_text(const char *text, size_t max)
{
	VS_REQUIRE(text != NULL);
	VS_REQUIRE(strlen(text) <= max);
	VS_REQUIRE(vs_utf8_valid(vs_view_of(text)));
}

static void check_fact(const struct vs_report *report, const struct vs_report_fact *fact)
{
	char scratch[VS_FACT_SCRATCH];
	struct vs_view canonical;

	check_text(fact->name, VS_FACT_NAME_MAX);
	VS_REQUIRE(vs_fact_name_valid(vs_view_of(fact->name)));
	VS_REQUIRE(fact->observation < report->observation_count);
	VS_REQUIRE(fact->value.len > 0 && fact->value.len <= VS_FACT_VALUE_MAX);
	VS_REQUIRE(vs_utf8_valid(fact->value));
	VS_REQUIRE(fact->known == vs_fact_find(vs_view_of(fact->name)));
	VS_REQUIRE(vs_fact_check(fact->type, fact->value, &canonical, scratch) == 0);
	VS_REQUIRE(vs_view_equal(canonical, fact->value)); /* it is canonical already */
}

/* What the rest of the server counts on. */
static void check_report(const struct vs_report *report)
{
	VS_REQUIRE(vs_client_id_valid(vs_view_of(report->client_id)));
	VS_REQUIRE(report->interval_ms == 0 || (report->interval_ms >= VS_REPORT_INTERVAL_MIN_MS &&
						       report->interval_ms <= VS_REPORT_INTERVAL_MAX_MS));
	VS_REQUIRE(report->tag_count <= VS_REPORT_TAGS_MAX && report->nonce_count <= VS_REPORT_NONCES_MAX);
	VS_REQUIRE(report->observation_count <= VS_REPORT_OBSERVATIONS_MAX);
	VS_REQUIRE(report->fact_count <= VS_FACTS_MAX);
	for (uint32_t i = 0; i < report->tag_count; i++)
		check_text(report->tags[i], VS_FACT_VALUE_MAX);
	for (uint32_t i = 0; i < report->nonce_count; i++)
		check_text(report->nonces[i], VS_FACT_VALUE_MAX);
	for (uint32_t i = 0; i < report->observation_count; i++) {
		check_text(report->observations[i].source, VS_FACT_VALUE_MAX);
		VS_REQUIRE(report->observations[i].status <= VS_OBSERVED_UNKNOWN);
	}
	for (uint32_t i = 0; i < report->fact_count; i++)
		check_fact(report, &report->facts[i]);
	VS_REQUIRE(report->member[0] == '\0');
}

static struct vs_report *parse(struct vs_view body, struct vs_err *err)
{
	struct vs_report *report = vs_alloc(sizeof(*report));
	char *copy = fuzz_copy(body);
	int rc;

	memset(report, 0xee, sizeof(*report)); /* it need not be initialised */
	rc = vs_report_parse(report, (struct vs_view){copy, body.len}, err);
	vs_free(copy); /* nothing in the report points into it */
	if (rc == 0)
		return report;
	VS_REQUIRE(err->code < 0 && err->code == rc);
	fuzz_require_sentence(err->text, sizeof(err->text));
	fuzz_require_text(report->member, sizeof(report->member));
	VS_REQUIRE(report->member[0] == '\0' || strstr(err->text, report->member) != NULL);
	vs_report_fini(report);
	vs_free(report);
	return NULL;
}

/* Other programs may name a country; ours give its code, and what is written as ours must do so too. */
static bool names_a_country(const struct vs_report *report)
{
	for (uint32_t i = 0; i < report->fact_count; i++)
		if (report->facts[i].known != VS_FACT_OTHER &&
			report->facts[i].type != vs_fact_type(report->facts[i].known))
			return true;
	return false;
}

/* Written as our own body and read again, it says the same. */
static void check_round_trip(const struct vs_report *report)
{
	struct vs_err err = {0};
	struct vs_report *again;
	struct vs_buf first;
	struct vs_buf second;

	vs_buf_init(&first);
	vs_buf_init(&second);
	vs_report_write(report, &first);
	VS_REQUIRE(memchr(first.ptr, '\n', first.len) == NULL); /* the spool has one a line */
	again = parse(vs_buf_view(&first), &err);
	VS_REQUIRE(again != NULL);
	VS_REQUIRE(again->own && again->fact_count == report->fact_count);
	vs_report_write(again, &second);
	VS_REQUIRE(vs_view_equal(vs_buf_view(&first), vs_buf_view(&second)));
	vs_report_fini(again);
	vs_report_fini(again); /* twice is fine */
	vs_free(again);
	vs_buf_fini(&first);
	vs_buf_fini(&second);
}

void fuzz_one(struct vs_view input)
{
	struct vs_err err = {0};
	struct vs_report *report = parse(input, &err);

	if (report == NULL)
		return;
	check_report(report);
	if (!names_a_country(report))
		check_round_trip(report);
	vs_report_fini(report);
	vs_free(report);
}
