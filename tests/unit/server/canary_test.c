#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/alloc.h"
#include "base/err.h"
#include "model/json.h"
#include "model/report.h"
#include "model/rules.h"
#include "plug/env.h"
#include "server/canary.h"
#include "server/canary_word.h"
#include "server/clock.h"
#include "server/extra.h"

#define NOON_S INT64_C(1795435200)
#define BODY                                                                                                 \
	"{\"client_id\":\"anna\",\"device\":\"eth0\",\"nonce\":\"00112233445566778899aabbccddeeff\","        \
	"\"sent_at\":\"2026-11-23T12:00:00.000Z\"}"

/* --- a world: a clock, a state that is kept, canaries ---------------------------------- */

static struct {
	uint64_t mono;
	int64_t wall;
	char *kept;
} fake;

static uint64_t fake_mono(void)
{
	return fake.mono;
}

static int64_t fake_wall(void)
{
	return fake.wall;
}

static const char *get_state(void *arg, const char *owner, const char *key)
{
	(void)arg;
	assert_string_equal(owner, "server/canary");
	assert_string_equal(key, "secret");
	return fake.kept;
}

static int put_state(void *arg, const char *owner, const char *key, const char *text)
{
	(void)get_state(arg, owner, key);
	vs_free(fake.kept);
	fake.kept = vs_strdup(text);
	return 0;
}

static struct vs_rules rules;

static struct vs_canaries *create(void)
{
	const struct vs_clock clock = {fake_mono, fake_wall};
	const struct vs_state_backend state = {get_state, put_state, NULL};

	return vs_canaries_create(&clock, &rules, &state);
}

static int set_up(void **state)
{
	fake.mono = 1000000;
	fake.wall = NOON_S * 1000;
	vs_rules_init(&rules);
	fake.wall -= 2000 * VS_CANARY_WINDOW_S;
	*state = create();
	fake.wall += 2000 * VS_CANARY_WINDOW_S;
	return 0;
}

static int tear_down(void **state)
{
	vs_canaries_destroy(*state);
	vs_rules_fini(&rules);
	vs_free(fake.kept);
	fake.kept = NULL;
	return 0;
}

/* What a client would write into the header. */
static const char *sign_by(const char *token, int64_t time_s, const char *body)
{
	static char header[200];
	char mac[VS_HMAC_TEXT];
	char text[2048];

	snprintf(text, sizeof(text), "%lld.%s", (long long)time_s, body);
	vs_hmac_text(mac, vs_view_of(token), vs_view_of(text));
	snprintf(header, sizeof(header), "t=%lld,v1=%s", (long long)time_s, mac);
	return header;
}

static const char *sign(
	const struct vs_canaries *canaries, const char *client, int64_t time_s, const char *body)
{
	char token[VS_HMAC_TEXT];

	vs_canaries_token(canaries, client, token);
	return sign_by(token, time_s, body);
}

static bool check(struct vs_canaries *canaries, const char *header, const char *body)
{
	struct vs_canary_word word;

	return vs_canaries_check(canaries, vs_view_of(header), vs_view_of(body), &word);
}

/* --- signatures ------------------------------------------------------------------------ */

static void what_the_token_signs_is_taken_once(void **state)
{
	struct vs_canaries *canaries = *state;
	struct vs_canary_word word;
	const char *header = sign(canaries, "anna", NOON_S, BODY);

	assert_true(vs_canaries_check(canaries, vs_view_of(header), vs_view_of(BODY), &word));
	assert_string_equal(word.client_id, "anna");
	assert_string_equal(word.device, "eth0");
	assert_false(check(canaries, header, BODY));
	assert_true(check(canaries, sign(canaries, "anna", NOON_S + 1, BODY), BODY));
}

static void anything_changed_is_refused(void **state)
{
	static const char *const bodies[] = {
		"{\"client_id\":\"bob\",\"device\":\"eth0\",\"nonce\":\"00112233445566778899aabbccddeeff\"}",
		BODY " ",
		"",
		"{}",
	};
	struct vs_canaries *canaries = *state;
	char header[200];
	size_t i;

	for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		assert_false(check(canaries, sign(canaries, "anna", NOON_S, BODY), bodies[i]));
	snprintf(header, sizeof(header), "%s", sign(canaries, "anna", NOON_S, BODY));
	header[strlen(header) - 1] ^= 1;
	assert_false(check(canaries, header, BODY));
	snprintf(header, sizeof(header), "%s", sign(canaries, "anna", NOON_S, BODY));
	header[11] = '1'; /* the last digit of the time */
	assert_false(check(canaries, header, BODY));
	assert_false(check(canaries, "", BODY));
	assert_false(check(canaries, "t=1795435200", BODY));
	assert_false(check(canaries, sign(canaries, "bob", NOON_S, BODY), BODY));
}

static void only_a_clock_that_is_about_right_is_believed(void **state)
{
	struct vs_canaries *canaries = *state;

	assert_true(check(canaries, sign(canaries, "anna", NOON_S - VS_CANARY_WINDOW_S, BODY), BODY));
	assert_true(check(canaries, sign(canaries, "anna", NOON_S + VS_CANARY_WINDOW_S, BODY), BODY));
	assert_false(check(canaries, sign(canaries, "anna", NOON_S - VS_CANARY_WINDOW_S - 1, BODY), BODY));
	assert_false(check(canaries, sign(canaries, "anna", NOON_S + VS_CANARY_WINDOW_S + 1, BODY), BODY));
}

static void a_clock_that_was_ahead_at_the_start_bars_nobody(void **state)
{
	struct vs_canaries *next;

	(void)state;
	fake.wall += 3600 * 1000;
	next = create();
	fake.wall -= 3600 * 1000;
	assert_true(check(next, sign(next, "anna", NOON_S, BODY), BODY));
	vs_canaries_destroy(next);
}

static void a_body_that_no_client_writes_is_refused_though_signed(void **state)
{
	static const char *const bodies[] = {
		"{\"client_id\":\"anna\",\"device\":\"eth "
		"0\",\"nonce\":\"00112233445566778899aabbccddeeff\"}",
		"{\"client_id\":\"anna\",\"device\":\"0123456789abcdef\",\"nonce\":"
		"\"00112233445566778899aabbccddeeff\"}",
		"{\"client_id\":\"anna\",\"device\":\"eth0\",\"nonce\":\"short\"}",
		"{\"client_id\":\"anna\",\"device\":\"eth0\",\"nonce\":5}",
		"[\"anna\"]",
		"anna",
	};
	struct vs_canaries *canaries = *state;
	char *long_body = vs_zalloc(VS_CANARY_BODY_MAX + 2);
	size_t i;

	for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		assert_false(check(canaries, sign(canaries, "anna", NOON_S, bodies[i]), bodies[i]));
	memset(long_body, ' ', VS_CANARY_BODY_MAX + 1);
	memcpy(long_body, BODY, strlen(BODY));
	assert_false(check(canaries, sign(canaries, "anna", NOON_S, long_body), long_body));
	long_body[VS_CANARY_BODY_MAX] = '\0';
	assert_true(check(canaries, sign(canaries, "anna", NOON_S, long_body), long_body));
	vs_free(long_body);
}

static void the_secret_outlives_a_restart_and_is_made_anew_when_it_is_damaged(void **state)
{
	struct vs_canaries *canaries = *state;
	struct vs_canaries *other = create();
	char token[VS_HMAC_TEXT];
	char again[VS_HMAC_TEXT];

	vs_canaries_token(canaries, "anna", token);
	vs_canaries_token(other, "anna", again);
	assert_string_equal(token, again);
	vs_canaries_destroy(other);
	fake.kept[0] = 'x';
	other = create();
	vs_canaries_token(other, "anna", again);
	assert_string_not_equal(token, again);
	assert_int_equal(strlen(fake.kept), 64);
	vs_canaries_token(other, "bob", token);
	assert_string_not_equal(token, again);
	vs_canaries_destroy(other);
}

static void what_the_process_before_may_have_seen_is_not_taken_again(void **state)
{
	struct vs_canaries *canaries = *state;
	struct vs_canaries *next;
	char header[200];

	snprintf(header, sizeof(header), "%s", sign(canaries, "anna", NOON_S - 5, BODY));
	assert_true(check(canaries, header, BODY));
	next = create();
	assert_false(check(next, header, BODY));
	assert_true(check(next, sign(next, "anna", NOON_S, BODY), BODY));
	vs_canaries_destroy(next);
}

/* The canary of that number, of the client of that number. */
static bool send_one(struct vs_canaries *canaries, unsigned client, unsigned number, int64_t time_s)
{
	char name[20];
	char body[200];

	snprintf(name, sizeof(name), "client-%u", client);
	snprintf(body, sizeof(body),
		"{\"client_id\":\"%s\",\"device\":\"eth0\",\"nonce\":\"0123456789abcdef%u\"}", name, number);
	return check(canaries, sign(canaries, name, time_s, body), body);
}

static void what_may_have_been_forgotten_is_not_taken_again(void **state)
{
	struct vs_canaries *canaries = *state;
	char first[200];
	unsigned i;

	snprintf(first, sizeof(first), "%s", sign(canaries, "anna", NOON_S - 10, BODY));
	assert_true(check(canaries, first, BODY));
	for (i = 0; i < VS_CANARY_SEEN_MAX; i++)
		assert_true(send_one(canaries, i / VS_CANARY_SEEN_OF_ONE, i, NOON_S));
	assert_false(check(canaries, first, BODY));
	assert_true(check(canaries, sign(canaries, "anna", NOON_S + 1, BODY), BODY));
}

static void one_client_cannot_push_out_the_canaries_of_others(void **state)
{
	struct vs_canaries *canaries = *state;
	unsigned i;

	for (i = 0; i < VS_CANARY_SEEN_OF_ONE; i++)
		assert_true(send_one(canaries, 7, i, NOON_S + VS_CANARY_WINDOW_S));
	for (; i < VS_CANARY_SEEN_MAX + 1; i++)
		assert_false(send_one(canaries, 7, i, NOON_S + VS_CANARY_WINDOW_S));
	assert_true(send_one(canaries, 8, 0, NOON_S - VS_CANARY_WINDOW_S));
	assert_true(check(canaries, sign(canaries, "anna", NOON_S, BODY), BODY));

	fake.wall += (2 * VS_CANARY_WINDOW_S + 1) * 1000; /* what is old makes room for the same one, too */
	assert_true(send_one(canaries, 7, i, NOON_S + 2 * VS_CANARY_WINDOW_S));
}

static void a_token_is_good_for_its_week_and_the_next(void **state)
{
	struct vs_canaries *canaries = *state;
	const int64_t thursday_s = NOON_S - NOON_S % VS_CANARY_TOKEN_S + VS_CANARY_TOKEN_S;
	char before[VS_HMAC_TEXT];
	char token[VS_HMAC_TEXT];
	char other[VS_HMAC_TEXT];

	vs_canaries_token(canaries, "anna", before);
	fake.wall = thursday_s * 1000 - 1;
	vs_canaries_token(canaries, "anna", token);
	assert_string_equal(token, before);

	fake.wall = (thursday_s + VS_CANARY_TOKEN_S - 1) * 1000;
	vs_canaries_token(canaries, "anna", other);
	assert_string_not_equal(token, other);
	assert_true(check(canaries, sign_by(token, thursday_s + VS_CANARY_TOKEN_S - 2, BODY), BODY));
	fake.wall += 2000;
	assert_false(check(canaries, sign_by(token, thursday_s + VS_CANARY_TOKEN_S, BODY), BODY));
	assert_true(check(canaries, sign_by(other, thursday_s + VS_CANARY_TOKEN_S, BODY), BODY));
}

static void a_token_of_a_server_whose_clock_is_ahead_is_good(void **state)
{
	struct vs_canaries *canaries = *state;
	char token[VS_HMAC_TEXT];

	fake.wall += VS_CANARY_TOKEN_S * 1000 - fake.wall % (VS_CANARY_TOKEN_S * 1000);
	vs_canaries_token(canaries, "anna", token);
	fake.wall -= 60000;
	assert_true(check(canaries, sign_by(token, fake.wall / 1000, BODY), BODY));
	fake.wall -= VS_CANARY_WINDOW_S * 1000;
	assert_false(check(canaries, sign_by(token, fake.wall / 1000, BODY), BODY));
}

/* --- what it proves -------------------------------------------------------------------- */

static void arrive(struct vs_canaries *canaries, const char *client)
{
	struct vs_fact_value facts[VS_CANARY_FACTS];
	struct vs_canary_word word = {.device = "eth0"};
	struct vs_addr from;

	snprintf(word.client_id, sizeof(word.client_id), "%s", client);
	assert_int_equal(vs_addr_parse(&from, vs_view_of("203.0.113.7")), 0);
	vs_canaries_arrived(canaries, &word, &from, facts);
	assert_true(vs_view_equal_text(facts[0].value, "203.0.113.7"));
	assert_true(vs_view_equal_text(facts[1].value, "eth0"));
}

/* "203.0.113.7 eth0", or "": what is added to a report of anna's that says this. */
static const char *added(struct vs_canaries *canaries, const char *observations)
{
	struct vs_extra_source source = vs_canaries_source(canaries);
	struct vs_report *report = vs_alloc(sizeof(*report));
	struct vs_extra *extra = vs_alloc(sizeof(*extra));
	static char text[200];
	char json[800];
	size_t i;

	snprintf(json, sizeof(json),
		"{\"client_id\":\"anna\",\"v\":2,\"seq\":1,\"interval_seconds\":100,"
		"\"timestamp\":\"2026-11-23T12:00:00Z\",\"sent_at\":\"2026-11-23T12:00:00Z\","
		"\"observations\":[%s]}",
		observations);
	assert_int_equal(vs_report_parse(report, vs_view_of(json), NULL), 0);
	vs_extra_init(extra, fake.wall);
	source.add(source.arg, extra, report);
	text[0] = '\0';
	for (i = 0; i < extra->count; i++) {
		assert_string_equal(extra->values[i].source, "canary");
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", i == 0 ? "" : " ",
			extra->values[i].value.ptr);
	}
	vs_report_fini(report);
	vs_free(report);
	vs_free(extra);
	return text;
}

#define CLOSED(at)                                                                                           \
	"{\"source\":\"killswitch\",\"status\":\"pass\",\"observed_at\":\"" at                               \
	"\",\"facts\":{\"killswitch.tested\":\"eth0\"}}"
#define OPEN                                                                                                 \
	"{\"source\":\"killswitch\",\"status\":\"fail\",\"reason\":\"open\",\"facts\":"                      \
	"{\"killswitch.tested\":\"eth0\",\"killswitch.open\":\"eth0\"}}"

static void an_arrival_counts_for_three_intervals(void **state)
{
	struct vs_canaries *canaries = *state;

	assert_string_equal(added(canaries, ""), "");
	arrive(canaries, "anna");
	arrive(canaries, "bob");
	assert_int_equal(vs_canaries_count(canaries), 2);
	fake.mono += 300000;
	assert_string_equal(added(canaries, ""), "203.0.113.7 eth0");
	arrive(canaries, "anna");
	fake.mono += 300000;
	assert_string_equal(added(canaries, ""), "203.0.113.7 eth0");
	fake.mono += 1;
	assert_string_equal(added(canaries, ""), "");
	assert_int_equal(vs_canaries_count(canaries), 1);
}

static void a_later_test_that_got_nothing_out_ends_it(void **state)
{
	struct vs_canaries *canaries = *state;

	arrive(canaries, "anna");
	fake.mono += 90000;
	assert_string_equal(added(canaries, OPEN), "203.0.113.7 eth0");
	/* an old result, and the one of the very test that sent it */
	assert_string_equal(added(canaries, CLOSED("2026-11-23T11:50:00Z")), "203.0.113.7 eth0");
	assert_string_equal(added(canaries, CLOSED("2026-11-23T11:58:40Z")), "203.0.113.7 eth0");
	assert_string_equal(added(canaries, CLOSED("2026-11-23T12:00:00Z")), "");
}

static void an_arrival_counts_as_long_as_its_test_is_told(void **state)
{
	struct vs_canaries *canaries = *state;

	arrive(canaries, "anna");
	fake.mono += 3600000;
	assert_string_equal(added(canaries, OPEN), "203.0.113.7 eth0");
	fake.mono += 1;
	assert_string_equal(added(canaries, OPEN), "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_the_token_signs_is_taken_once),
		TEST(anything_changed_is_refused),
		TEST(only_a_clock_that_is_about_right_is_believed),
		TEST(a_clock_that_was_ahead_at_the_start_bars_nobody),
		TEST(a_body_that_no_client_writes_is_refused_though_signed),
		TEST(the_secret_outlives_a_restart_and_is_made_anew_when_it_is_damaged),
		TEST(what_the_process_before_may_have_seen_is_not_taken_again),
		TEST(what_may_have_been_forgotten_is_not_taken_again),
		TEST(one_client_cannot_push_out_the_canaries_of_others),
		TEST(a_token_is_good_for_its_week_and_the_next),
		TEST(a_token_of_a_server_whose_clock_is_ahead_is_good),
		TEST(an_arrival_counts_for_three_intervals),
		TEST(a_later_test_that_got_nothing_out_ends_it),
		TEST(an_arrival_counts_as_long_as_its_test_is_told),
	};

	vs_json_setup();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
