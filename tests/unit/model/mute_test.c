#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "model/json.h"
#include "model/kind.h"
#include "model/mute.h"

#define NOW INT64_C(1795435200000) /* 2026-11-23T12:00:00Z, a Monday */
#define HOUR INT64_C(3600000)

static int read_text(struct vs_mute *mute, const char *text, struct vs_err *err)
{
	json_t *json = vs_json_parse(vs_view_of(text), err);
	int rc;

	assert_non_null(json);
	rc = vs_mute_read(mute, json, "ana", NOW, err);
	json_decref(json);
	return rc;
}

static struct vs_mute read_good(const char *text)
{
	struct vs_mute mute;
	struct vs_err err = {0};

	if (read_text(&mute, text, &err) < 0)
		fail_msg("%s: %s", text, err.text);
	return mute;
}

static void assert_refused(const char *text, const char *sentence)
{
	struct vs_mute mute;
	struct vs_err err = {0};

	assert_int_equal(read_text(&mute, text, &err), VS_ERR_INVALID);
	if (strstr(err.text, sentence) == NULL)
		fail_msg("%s: expected \"%s\" in \"%s\"", text, sentence, err.text);
	assert_null(mute.clients);
}

static void a_silence_of_a_client_lasts_as_long_as_it_says(void **state)
{
	struct vs_mute mute = read_good("{\"client\":\"lab-*\",\"for\":\"2h\",\"comment\":\"new kernel\"}");

	(void)state;
	assert_string_equal(mute.clients, "lab-*");
	assert_string_equal(mute.author, "ana");
	assert_string_equal(mute.comment, "new kernel");
	assert_true(vs_mute_is_on(&mute, NOW, NULL));
	assert_true(vs_mute_is_on(&mute, NOW + 2 * HOUR - 1, NULL));
	assert_false(vs_mute_is_on(&mute, NOW + 2 * HOUR, NULL));
	assert_true(vs_mute_is_over(&mute, NOW + 2 * HOUR));
	vs_mute_fini(&mute);
	vs_mute_fini(&mute);
}

static void it_is_about_what_all_its_matchers_name(void **state)
{
	struct vs_mute mute = read_good("{\"client\":[\"lab-*\",\"attic\"],\"kind\":[\"dns_leak\",\"policy\"]"
					",\"severity\":\"warning\","
					"\"tag\":[\"test\",\"old\"],\"for\":\"1h\"}");

	(void)state;
	assert_true(vs_mute_is_about(&mute, "lab-3", VS_KIND_DNS_LEAK, VS_SEVERITY_WARNING, "home,old"));
	assert_true(vs_mute_is_about(&mute, "attic", VS_KIND_POLICY, VS_SEVERITY_WARNING, "test"));
	assert_false(vs_mute_is_about(&mute, "office", VS_KIND_DNS_LEAK, VS_SEVERITY_WARNING, "old"));
	assert_false(vs_mute_is_about(&mute, "lab-3", VS_KIND_BYPASS, VS_SEVERITY_WARNING, "old"));
	assert_false(vs_mute_is_about(&mute, "lab-3", VS_KIND_DNS_LEAK, VS_SEVERITY_CRITICAL, "old"));
	assert_false(vs_mute_is_about(&mute, "lab-3", VS_KIND_DNS_LEAK, VS_SEVERITY_WARNING, "older"));
	assert_false(vs_mute_is_about(&mute, "lab-3", VS_KIND_DNS_LEAK, VS_SEVERITY_WARNING, ""));
	vs_mute_fini(&mute);
}

static void every_client_is_not_the_server(void **state)
{
	struct vs_mute all = read_good("{\"client\":\"*\",\"for\":\"1h\"}");
	struct vs_mute kind = read_good("{\"kind\":\"channel_broken\",\"for\":\"1h\"}");

	(void)state;
	assert_true(vs_mute_is_about(&all, "office", VS_KIND_BYPASS, VS_SEVERITY_CRITICAL, ""));
	assert_false(vs_mute_is_about(&all, "", VS_KIND_CHANNEL_BROKEN, VS_SEVERITY_WARNING, ""));
	assert_true(vs_mute_is_about(&kind, "", VS_KIND_CHANNEL_BROKEN, VS_SEVERITY_WARNING, ""));
	vs_mute_fini(&all);
	vs_mute_fini(&kind);
}

static bool on_at(const struct vs_mute *mute, unsigned day, unsigned hour, unsigned minute)
{
	struct vs_local_time local = {(uint8_t)day, (uint16_t)(hour * 60 + minute)};

	return vs_mute_is_on(mute, NOW + HOUR, &local);
}

static void one_that_recurs_has_its_days_and_hours(void **state)
{
	struct vs_mute mute = read_good("{\"client\":\"*\",\"recurring\":{\"weekdays\":[\"mon\",\"Wed\"],"
					"\"from\":\"08:30\",\"to\":\"17:00\",\"zone\":\"Europe/Madrid\"}}");

	(void)state;
	assert_string_equal(mute.zone, "Europe/Madrid");
	assert_false(on_at(&mute, 0, 8, 29));
	assert_true(on_at(&mute, 0, 8, 30));
	assert_true(on_at(&mute, 2, 16, 59));
	assert_false(on_at(&mute, 2, 17, 0));
	assert_false(on_at(&mute, 1, 12, 0));
	assert_false(vs_mute_is_over(&mute, NOW + 1000 * HOUR));
	vs_mute_fini(&mute);
}

static void a_night_belongs_to_the_day_on_which_it_begins(void **state)
{
	struct vs_mute mute = read_good("{\"client\":\"*\",\"recurring\":{\"weekdays\":\"sun\","
					"\"from\":\"22:00\",\"to\":\"06:00\"}}");

	(void)state;
	assert_string_equal(mute.zone, "UTC");
	assert_true(on_at(&mute, 6, 23, 0));
	assert_true(on_at(&mute, 0, 5, 59)); /* Monday's morning */
	assert_false(on_at(&mute, 0, 6, 0));
	assert_false(on_at(&mute, 6, 5, 0)); /* that of Saturday's night */
	assert_false(on_at(&mute, 0, 22, 0));
	vs_mute_fini(&mute);
}

static void one_that_recurs_may_have_an_end_too(void **state)
{
	struct vs_mute mute = read_good("{\"client\":\"*\",\"for\":\"30m\",\"recurring\":{\"from\":\"00:00\","
					"\"to\":\"24:00\"}}");
	struct vs_local_time local = {3, 700};

	(void)state;
	assert_true(vs_mute_is_on(&mute, NOW, &local));
	assert_false(vs_mute_is_on(&mute, NOW + HOUR, &local));
	vs_mute_fini(&mute);
}

static void one_may_begin_later(void **state)
{
	struct vs_mute mute =
		read_good("{\"client\":\"*\",\"starts_at\":\"2026-11-23T14:00:00Z\",\"for\":\"1h\"}");

	(void)state;
	assert_int_equal(mute.starts_at, NOW + 2 * HOUR);
	assert_false(vs_mute_is_on(&mute, NOW + HOUR, NULL));
	assert_true(vs_mute_is_on(&mute, NOW + 2 * HOUR, NULL));
	assert_false(vs_mute_is_on(&mute, NOW + 3 * HOUR, NULL));
	vs_mute_fini(&mute);
}

static void what_is_wrong_is_named(void **state)
{
	(void)state;
	assert_refused("[]", "an object");
	assert_refused("{\"for\":\"1h\"}", "client: say what to silence");
	assert_refused("{\"client\":\"*\"}", "for: say how long");
	assert_refused("{\"client\":\"*\",\"for\":\"7\"}", "for: expected a length");
	assert_refused("{\"client\":\"*\",\"for\":\"367d\"}", "366 days");
	assert_refused("{\"client\":\"*\",\"for\":3600}", "for: expected a length");
	assert_refused("{\"client\":\"*\",\"until\":\"2020-01-01T00:00:00Z\"}", "until: that is over");
	assert_refused("{\"client\":\"*\",\"until\":\"2030-01-01T00:00:00Z\"}", "until: that is more");
	assert_refused("{\"client\":\"*\",\"until\":\"soon\"}", "until: expected a time");
	assert_refused("{\"client\":\"*\",\"for\":\"1h\",\"until\":\"2026-11-24T00:00:00Z\"}", "not both");
	assert_refused("{\"client\":\"a,b\",\"for\":\"1h\"}", "client: each is a word");
	assert_refused("{\"client\":[1],\"for\":\"1h\"}", "client: expected a text");
	assert_refused("{\"kind\":\"dns_leek\",\"for\":\"1h\"}", "\"dns_leek\" is no kind");
	assert_refused("{\"severity\":\"urgent\",\"for\":\"1h\"}", "\"urgent\" is no severity");
	assert_refused("{\"client\":\"*\",\"for\":\"1h\",\"coment\":\"x\"}", "did you mean \"comment\"");
	assert_refused("{\"client\":\"*\",\"for\":\"1h\",\"comment\":[]}", "comment: expected a text");
	assert_refused("{\"client\":\"*\",\"recurring\":\"nights\"}", "recurring: expected an object");
	assert_refused("{\"client\":\"*\",\"recurring\":{\"from\":\"22:00\"}}", "recurring.to");
	assert_refused(
		"{\"client\":\"*\",\"recurring\":{\"from\":\"24:00\",\"to\":\"02:00\"}}", "recurring.from");
	assert_refused(
		"{\"client\":\"*\",\"recurring\":{\"from\":\"2:00\",\"to\":\"04:00\"}}", "recurring.from");
	assert_refused(
		"{\"client\":\"*\",\"recurring\":{\"from\":\"22:00\",\"to\":\"25:00\"}}", "recurring.to");
	assert_refused("{\"client\":\"*\",\"recurring\":{\"from\":\"22:00\",\"to\":\"23:00\","
		       "\"weekdays\":[\"monday\"]}}",
		"\"monday\" is no day");
}

static void too_many_patterns_are_refused(void **state)
{
	char text[2000];
	char pattern[VS_MUTE_TEXT_MAX + 2];

	(void)state;
	memset(pattern, 'a', sizeof(pattern) - 1);
	pattern[sizeof(pattern) - 1] = '\0';
	snprintf(text, sizeof(text), "{\"client\":\"%s\",\"for\":\"1h\"}", pattern);
	assert_refused(text, "client: together they are longer");
}

static void what_is_stored_is_read_back_whole(void **state)
{
	struct vs_mute mute = read_good(
		"{\"client\":[\"lab-*\",\"attic\"],\"kind\":\"dns_leak\",\"severity\":[\"info\",\"warning\"],"
		"\"tag\":\"x\",\"for\":\"2h\",\"comment\":\"\\\"caf\\u00e9\\\"\\n\",\"recurring\":{\"from\":"
		"\"22:05\","
		"\"to\":\"24:00\",\"weekdays\":[\"fri\",\"sat\"],\"zone\":\"Europe/Bucharest\"}}");
	struct vs_mute again;
	struct vs_buf first;
	struct vs_buf second;
	struct vs_err err = {0};

	(void)state;
	vs_buf_init(&first);
	vs_buf_init(&second);
	strcpy(mute.id, "01ARZ3NDEKTSV4RRFFQ69G5FAV");
	vs_mute_encode(&mute, &first);
	assert_int_equal(vs_mute_decode(&again, vs_buf_view(&first), &err), 0);
	vs_mute_encode(&again, &second);
	assert_string_equal(vs_buf_text(&first), vs_buf_text(&second));
	assert_int_equal(again.weekdays, 1u << 4 | 1u << 5);
	assert_int_equal(again.from, 22 * 60 + 5);
	assert_int_equal(again.to, 24 * 60);
	assert_int_equal(again.ends_at, NOW + 2 * HOUR);
	vs_mute_fini(&mute);
	vs_mute_fini(&again);
	vs_buf_fini(&first);
	vs_buf_fini(&second);
}

static void what_is_stored_and_no_silence_is_refused(void **state)
{
	struct vs_mute mute;
	struct vs_err err = {0};

	(void)state;
	assert_int_equal(vs_mute_decode(&mute, vs_view_of("{"), &err), VS_ERR_INVALID);
	assert_int_equal(vs_mute_decode(&mute, vs_view_of("{\"id\":\"x\"}"), &err), VS_ERR_INVALID);
	assert_int_equal(
		vs_mute_decode(
			&mute, vs_view_of("{\"id\":\"01ARZ3NDEKTSV4RRFFQ69G5FAV\",\"client\":\"*\"}"), &err),
		VS_ERR_INVALID);
	assert_null(mute.clients);
}

static void what_a_stranger_wrote_is_quoted_without_what_acts_on_a_terminal(void **state)
{
	struct vs_mute mute;
	struct vs_err err = {0};

	(void)state;
	assert_true(
		read_text(&mute, "{\"client\":\"*\",\"for\":\"1h\",\"com\\u007f\\u001bent\":1}", &err) < 0);
	assert_non_null(strstr(err.text, "com  ent: a silence has no such member"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_silence_of_a_client_lasts_as_long_as_it_says),
		cmocka_unit_test(it_is_about_what_all_its_matchers_name),
		cmocka_unit_test(every_client_is_not_the_server),
		cmocka_unit_test(one_that_recurs_has_its_days_and_hours),
		cmocka_unit_test(a_night_belongs_to_the_day_on_which_it_begins),
		cmocka_unit_test(one_that_recurs_may_have_an_end_too),
		cmocka_unit_test(one_may_begin_later),
		cmocka_unit_test(what_a_stranger_wrote_is_quoted_without_what_acts_on_a_terminal),
		cmocka_unit_test(what_is_wrong_is_named),
		cmocka_unit_test(too_many_patterns_are_refused),
		cmocka_unit_test(what_is_stored_is_read_back_whole),
		cmocka_unit_test(what_is_stored_and_no_silence_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
