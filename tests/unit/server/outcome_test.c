#include "server_test.h"

#include "fake_loop.h"
#include "transitions.h"

#include "server/delivery.h"
#include "server/outcome.h"
#include "server/unit.h"

#define ID "01ARYZ6S411000000000000000"

static struct vs_unit *unit_of(
	const struct vs_transition *transition, enum vs_outcome_state state, const char *why)
{
	struct vs_delivery *delivery = vs_delivery_create(ID, "oncall", transition, NOON);
	struct vs_unit *unit = vs_unit_create();

	delivery->attempts = 3;
	vs_outcome_put(unit, delivery, state, NOON + 7, why);
	vs_delivery_destroy(delivery);
	assert_int_equal(unit->count, 1);
	return unit;
}

static struct vs_view key_of(const struct vs_unit *unit)
{
	return (struct vs_view){unit->records[0].key + 1, unit->records[0].key_len - 1};
}

static struct vs_view value_of(const struct vs_unit *unit)
{
	return (struct vs_view){unit->records[0].value, unit->records[0].value_len};
}

static void every_outcome_comes_back_as_it_was(void **state)
{
	struct vs_incident incident = incident_of(VS_KIND_BYPASS, "office");
	struct vs_transition transition = change_of(&incident, VS_CHANGE_OPENED);
	enum vs_outcome_state i;

	(void)state;
	for (i = 0; i < VS_OUTCOMES; i++) {
		struct vs_unit *unit = unit_of(&transition, i, i == VS_OUTCOME_SENT ? "" : "it \"rains\"");
		struct vs_outcome outcome;

		assert_int_equal(vs_outcome_read(&outcome, key_of(unit), value_of(unit), NULL), 0);
		assert_int_equal(outcome.state, i);
		assert_string_equal(outcome.transition, transition.id);
		assert_string_equal(outcome.incident, incident.id);
		assert_string_equal(outcome.change, "opened");
		assert_string_equal(outcome.channel, "oncall");
		assert_int_equal(outcome.at, NOON + 7);
		assert_int_equal(outcome.attempts, 3);
		assert_string_equal(outcome.reason, i == VS_OUTCOME_SENT ? "" : "it \"rains\"");
		vs_outcome_fini(&outcome);
		vs_outcome_fini(&outcome);
		vs_unit_destroy(unit);
	}
	vs_transition_fini(&transition);
	vs_incident_fini(&incident);
}

static void the_api_shows_a_reason_only_where_there_is_one(void **state)
{
	struct vs_transition transition = notice_of("office");
	struct vs_unit *unit = unit_of(&transition, VS_OUTCOME_SENT, "");
	struct vs_outcome outcome;
	struct vs_buf out;

	(void)state;
	assert_int_equal(vs_outcome_read(&outcome, key_of(unit), value_of(unit), NULL), 0);
	assert_string_equal(outcome.incident, "");
	vs_buf_init(&out);
	vs_outcome_show(&outcome, &out);
	assert_contains(
		vs_buf_text(&out), "{\"channel\":\"oncall\",\"transition\":\"notice\",\"state\":\"sent\",");
	assert_contains(vs_buf_text(&out), "\"attempts\":3}");
	vs_buf_fini(&out);
	vs_outcome_fini(&outcome);
	vs_unit_destroy(unit);
	vs_transition_fini(&transition);
}

static void the_key_tells_the_transition_and_a_cut_one_does_not(void **state)
{
	struct vs_transition transition = notice_of("office");
	struct vs_unit *unit = unit_of(&transition, VS_OUTCOME_SENT, "");
	struct vs_view key = key_of(unit);
	struct vs_outcome outcome;
	size_t len;

	(void)state;
	assert_true(vs_view_equal_text(vs_outcome_ulid(key), transition.id));
	for (len = 0; len <= strlen("office") + VS_ULID_TEXT - 1; len++) {
		assert_int_equal(vs_outcome_ulid((struct vs_view){key.ptr, len}).len, 0);
		assert_int_equal(
			vs_outcome_read(&outcome, (struct vs_view){key.ptr, len}, value_of(unit), NULL),
			VS_ERR_INVALID);
	}
	vs_unit_destroy(unit);
	vs_transition_fini(&transition);
}

static void a_value_that_cannot_be_read_is_refused(void **state)
{
	static const char *const values[] = {"", "{", "[]", "{}", "{\"state\":\"sent\"}",
		"{\"state\":\"lost\",\"change\":\"opened\"}",
		"{\"state\":\"sent\",\"change\":\"opened\",\"incident\":\"no id\"}"};
	struct vs_transition transition = notice_of("office");
	struct vs_unit *unit = unit_of(&transition, VS_OUTCOME_SENT, "");
	struct vs_outcome outcome;
	struct vs_err err;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(values); i++)
		assert_int_equal(
			vs_outcome_read(&outcome, key_of(unit), vs_view_of(values[i]), &err), VS_ERR_INVALID);
	vs_unit_destroy(unit);
	vs_transition_fini(&transition);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_outcome_comes_back_as_it_was),
		cmocka_unit_test(the_api_shows_a_reason_only_where_there_is_one),
		cmocka_unit_test(the_key_tells_the_transition_and_a_cut_one_does_not),
		cmocka_unit_test(a_value_that_cannot_be_read_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
