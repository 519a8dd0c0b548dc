#include "model_test.h"

#include "base/err.h"
#include "model/incident.h"
#include "model/transition.h"

static void make(struct vs_incident *incident)
{
	vs_incident_init(incident, VS_KIND_DNS_LEAK, "office-vpn", NOON);
	incident->confidence = VS_CONFIDENCE_MEDIUM;
	incident->first_bad_at = NOON - 5 * MINUTE;
	incident->flaps = 2;
	vs_incident_set_evidence(incident, "dns_location \"US\" – București");
}

static void an_incident_reads_back_as_it_was_written(void **state)
{
	struct vs_incident written, read;
	struct vs_err err = {0};
	struct vs_buf first, second;

	(void)state;
	make(&written);
	written.open = false;
	written.acknowledged = true;
	written.good_since = NOON + MINUTE;
	written.resolved_at = NOON + 2 * MINUTE;
	vs_buf_init(&first);
	vs_buf_init(&second);
	vs_incident_encode(&written, &first);
	assert_int_equal(vs_incident_decode(&read, vs_buf_view(&first), &err), 0);
	vs_incident_encode(&read, &second);
	assert_string_equal(vs_buf_text(&first), vs_buf_text(&second));
	assert_contains(vs_buf_text(&first), "\"exposure_ms\":360000");
	assert_false(read.open);
	assert_true(read.acknowledged);
	assert_int_equal(read.resolved_at, written.resolved_at);
	assert_string_equal(read.evidence, written.evidence);
	vs_incident_fini(&read);
	vs_incident_fini(&read);
	vs_incident_fini(&written);
	vs_buf_fini(&first);
	vs_buf_fini(&second);
}

static void exposure_goes_from_the_first_bad_to_the_first_good_evidence(void **state)
{
	struct vs_incident incident;

	(void)state;
	make(&incident);
	assert_int_equal(vs_incident_exposure_ms(&incident), 5 * MINUTE);
	incident.last_bad_at = NOON + 10 * MINUTE;
	assert_int_equal(vs_incident_exposure_ms(&incident), 15 * MINUTE);
	incident.good_since = NOON + 12 * MINUTE;
	assert_int_equal(vs_incident_exposure_ms(&incident), 17 * MINUTE);
	vs_incident_fini(&incident);
}

static void broken_incidents_are_refused(void **state)
{
	static const char *const bad[] = {"", "{}", "{\"id\":\"01ARZ3NDEKTSV4RRFFQ69G5FAV\"}",
		"{\"id\":\"01ARZ3NDEKTSV4RRFFQ69G5FAV\",\"kind\":\"bypass\"}",
		"{\"id\":\"01ARZ3NDEKTSV4RRFFQ69G5FAV\",\"kind\":\"bypass\",\"severity\":\"info\"}"};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct vs_incident incident;
		struct vs_err err = {0};

		assert_int_equal(vs_incident_decode(&incident, vs_view_of(bad[i]), &err), VS_ERR_INVALID);
		assert_null(incident.client);
	}
}

static void a_transition_reads_back_as_it_was_written(void **state)
{
	struct vs_incident incident;
	struct vs_transition written, read;
	struct vs_err err = {0};
	struct vs_buf first, second;

	(void)state;
	make(&incident);
	vs_transition_init_incident(&written, VS_CHANGE_OPENED, &incident, NOON);
	vs_transition_add(&written, "exit", "198.51.100.7");
	vs_transition_add(&written, "location", "São \"Paulo\"\n, BR");
	vs_transition_add(&written, "version", "");
	vs_transition_add(&written, "version", NULL);
	written.verdict = VS_VERDICT_LEAK;
	vs_buf_init(&first);
	vs_buf_init(&second);
	vs_transition_encode(&written, &first);
	assert_int_equal(vs_transition_decode(&read, vs_buf_view(&first), &err), 0);
	vs_transition_encode(&read, &second);
	assert_string_equal(vs_buf_text(&first), vs_buf_text(&second));
	assert_int_equal(read.detail_count, 2);
	assert_string_equal(vs_transition_detail(&read, "location"), "São \"Paulo\"\n, BR");
	assert_string_equal(vs_transition_detail(&read, "version"), "");
	assert_string_equal(read.incident, incident.id);
	vs_transition_fini(&read);
	vs_transition_fini(&read);
	vs_transition_fini(&written);
	vs_incident_fini(&incident);
	vs_buf_fini(&first);
	vs_buf_fini(&second);
}

static void broken_transitions_are_refused(void **state)
{
	struct vs_transition written, read;
	struct vs_err err = {0};
	struct vs_buf text;

	(void)state;
	vs_transition_init_notice(&written, VS_KIND_CONNECTED, "a", NOON);
	vs_buf_init(&text);
	vs_transition_encode(&written, &text);
	for (size_t len = 0; len < text.len; len++) {
		assert_int_equal(
			vs_transition_decode(&read, (struct vs_view){text.ptr, len}, &err), VS_ERR_INVALID);
		vs_transition_fini(&read);
	}
	for (const char *word = text.ptr; (word = strchr(word, ':')) != NULL; word++) {
		size_t at = (size_t)(word - text.ptr) + 2;
		char was = text.ptr[at];

		text.ptr[at] = '#';
		(void)vs_transition_decode(&read, vs_buf_view(&text), &err);
		vs_transition_fini(&read);
		text.ptr[at] = was;
	}
	assert_int_equal(vs_transition_decode(&read, vs_view_of("{\"id\":\"x\"}"), &err), VS_ERR_INVALID);
	vs_transition_fini(&read);
	vs_buf_fini(&text);
	vs_transition_fini(&written);
}

static void more_details_than_there_is_room_for_are_left_out(void **state)
{
	struct vs_transition t;

	(void)state;
	vs_transition_init_notice(&t, VS_KIND_CONNECTED, "a", NOON);
	for (int i = 0; i < VS_TRANSITION_DETAILS_MAX + 5; i++)
		vs_transition_add(&t, "reason", "x");
	assert_int_equal(t.detail_count, VS_TRANSITION_DETAILS_MAX);
	vs_transition_fini(&t);
}

static void a_list_of_transitions_grows(void **state)
{
	struct vs_transitions list = {0};

	(void)state;
	for (int i = 0; i < 100; i++)
		vs_transition_init_notice(vs_transitions_push(&list), VS_KIND_CONNECTED, "a", NOON + i);
	assert_int_equal(list.count, 100);
	assert_int_equal(list.items[99].at, NOON + 99);
	vs_transitions_fini(&list);
	vs_transitions_fini(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_incident_reads_back_as_it_was_written),
		cmocka_unit_test(exposure_goes_from_the_first_bad_to_the_first_good_evidence),
		cmocka_unit_test(broken_incidents_are_refused),
		cmocka_unit_test(a_transition_reads_back_as_it_was_written),
		cmocka_unit_test(broken_transitions_are_refused),
		cmocka_unit_test(more_details_than_there_is_room_for_are_left_out),
		cmocka_unit_test(a_list_of_transitions_grows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
