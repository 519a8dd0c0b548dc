#include "server_test.h"

#include "base/id.h"
#include "model/incident.h"
#include "server/delivery.h"

#define ID "01ARYZ6S411000000000000000"

static struct vs_delivery *example(void)
{
	struct vs_transition transition;
	struct vs_incident incident;
	struct vs_delivery *delivery;

	vs_incident_init(&incident, VS_KIND_BYPASS, "office", NOON - HOUR);
	vs_incident_set_evidence(
		&incident, "the exit \"203.0.113.7\" is the server's own\n\xc8\x99i \xe2\x82\xac");
	vs_transition_init_incident(&transition, VS_CHANGE_ESCALATED, &incident, NOON);
	vs_transition_add(&transition, "exit", "203.0.113.7");
	delivery = vs_delivery_create(ID, "oncall", &transition, NOON + 5);
	vs_transition_fini(&transition); /* it was copied */
	vs_incident_fini(&incident);
	return delivery;
}

static struct vs_delivery *copy(const struct vs_delivery *delivery)
{
	struct vs_buf text;
	struct vs_delivery *again;
	struct vs_err err = {0};

	vs_buf_init(&text);
	vs_delivery_encode(delivery, &text);
	again = vs_delivery_decode(delivery->id, vs_buf_view(&text), &err);
	vs_buf_fini(&text);
	assert_string_equal(err.text, "");
	return again;
}

static void a_delivery_is_restored_with_all_that_matters(void **state)
{
	struct vs_delivery *delivery = example();
	struct vs_delivery *again;

	(void)state;
	delivery->attempts = 3;
	delivery->combined = true;
	delivery->unsure = true;
	delivery->refused_at = NOON;
	delivery->patience_ms = 7 * SECOND;
	again = copy(delivery);
	assert_non_null(again);
	assert_string_equal(again->id, ID);
	assert_string_equal(again->channel, "oncall");
	assert_int_equal(again->planned_at, NOON + 5);
	assert_int_equal(again->attempts, 3);
	assert_true(again->combined);
	assert_true(again->unsure);
	assert_int_equal(again->refused_at, NOON);
	assert_int_equal(again->patience_ms, 7 * SECOND);
	assert_false(again->released);
	assert_string_equal(again->transition.id, delivery->transition.id);
	assert_string_equal(again->transition.incident, delivery->transition.incident);
	assert_string_equal(again->transition.client, "office");
	assert_string_equal(again->transition.evidence, delivery->transition.evidence);
	assert_int_equal(again->transition.change, VS_CHANGE_ESCALATED);
	assert_int_equal(again->transition.kind, VS_KIND_BYPASS);
	assert_int_equal(again->transition.severity, VS_SEVERITY_CRITICAL);
	assert_int_equal(again->transition.at, NOON);
	assert_string_equal(vs_transition_detail(&again->transition, "exit"), "203.0.113.7");
	vs_delivery_destroy(again);
	vs_delivery_destroy(delivery);
	vs_delivery_destroy(NULL);
}

static void a_fresh_delivery_was_not_attempted(void **state)
{
	struct vs_delivery *delivery = example();
	struct vs_delivery *again = copy(delivery);

	(void)state;
	assert_int_equal(again->attempts, 0);
	assert_false(again->combined);
	assert_false(again->unsure);
	vs_delivery_destroy(again);
	vs_delivery_destroy(delivery);
}

static void what_was_under_way_when_it_was_stored_may_have_arrived(void **state)
{
	struct vs_delivery *delivery = example();
	struct vs_delivery *again;

	(void)state;
	delivery->attempts = 2; /* both of which were refused */
	again = copy(delivery);
	assert_false(again->unsure);
	vs_delivery_destroy(again);
	delivery->under_way = true;
	again = copy(delivery);
	assert_true(again->unsure);
	assert_false(again->under_way);
	vs_delivery_destroy(again);
	vs_delivery_destroy(delivery);
}

/* What older versions stored says how many attempts had begun, and not whether one was under way. */
static void of_an_older_record_every_attempt_may_have_arrived(void **state)
{
	struct vs_delivery *delivery = example();
	struct vs_delivery *again;
	struct vs_buf text;
	const char *gone = "\"under_way\":false,";
	char *at;

	(void)state;
	delivery->attempts = 1;
	vs_buf_init(&text);
	vs_delivery_encode(delivery, &text);
	at = strstr(text.ptr, gone);
	assert_non_null(at);
	memmove(at, at + strlen(gone), strlen(at + strlen(gone)) + 1);
	again = vs_delivery_decode(ID, vs_view_of(text.ptr), NULL);
	assert_non_null(again);
	assert_true(again->unsure);
	vs_delivery_destroy(again);
	vs_buf_fini(&text);
	vs_delivery_destroy(delivery);
}

static void patience_ends_and_is_never_longer_than_it_was(void **state)
{
	struct vs_delivery *delivery = example();

	(void)state;
	assert_int_equal(vs_delivery_patience_left(delivery, NOON), 0);
	delivery->refused_at = NOON;
	delivery->patience_ms = 7 * SECOND;
	assert_int_equal(vs_delivery_patience_left(delivery, NOON), 7 * SECOND);
	assert_int_equal(vs_delivery_patience_left(delivery, NOON + 6 * SECOND), SECOND);
	assert_int_equal(vs_delivery_patience_left(delivery, NOON + 7 * SECOND), 0);
	assert_int_equal(vs_delivery_patience_left(delivery, NOON + 10 * 365 * DAY), 0);
	assert_int_equal(vs_delivery_patience_left(delivery, NOON - DAY), 7 * SECOND);
	delivery->patience_ms = -1;
	assert_int_equal(vs_delivery_patience_left(delivery, NOON), 0);
	vs_delivery_destroy(delivery);
}

static void assert_refused(const char *id, const char *text, const char *why)
{
	struct vs_err err = {0};

	assert_null(vs_delivery_decode(id, vs_view_of(text), &err));
	assert_int_equal(err.code, VS_ERR_INVALID);
	assert_contains(err.text, why);
}

static void an_unreadable_record_is_refused_and_named(void **state)
{
	(void)state;
	assert_refused(ID, "", ID);
	assert_refused(ID, "{", ID);
	assert_refused(ID, "{\"channel\":\"x\"}", ID);
	assert_refused(ID, "[]", ID);
	assert_refused(ID,
		"{\"channel\":\"x\",\"planned_at\":1,\"attempts\":0,\"combined\":false,\"unsure\":false,"
		"\"transition\":\"{}\"}",
		ID);
	assert_refused(ID,
		"{\"channel\":7,\"planned_at\":1,\"attempts\":0,\"combined\":false,\"unsure\":false,"
		"\"transition\":\"{}\"}",
		ID);
	assert_refused("short", "{}", "short");
	assert_refused("01ARYZ6S41100000000000000!", "{}", "not an id");
}

static void every_cut_of_a_record_is_refused(void **state)
{
	struct vs_delivery *delivery = example();
	struct vs_buf text;
	size_t len;

	(void)state;
	vs_buf_init(&text);
	vs_delivery_encode(delivery, &text);
	for (len = 0; len < text.len; len++)
		assert_null(vs_delivery_decode(ID, (struct vs_view){text.ptr, len}, NULL));
	vs_buf_fini(&text);
	vs_delivery_destroy(delivery);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_delivery_is_restored_with_all_that_matters),
		cmocka_unit_test(a_fresh_delivery_was_not_attempted),
		cmocka_unit_test(what_was_under_way_when_it_was_stored_may_have_arrived),
		cmocka_unit_test(of_an_older_record_every_attempt_may_have_arrived),
		cmocka_unit_test(patience_ends_and_is_never_longer_than_it_was),
		cmocka_unit_test(an_unreadable_record_is_refused_and_named),
		cmocka_unit_test(every_cut_of_a_record_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
