/* A channel while a silence covers what waits there. */
#include "channel_world.h"

#define WARNING (1u << VS_SEVERITY_WARNING)
#define CRITICAL (1u << VS_SEVERITY_CRITICAL)
#define ALL (1u << VS_SEVERITY_INFO | WARNING | CRITICAL)

/* Nothing is delivered, and surely nobody got it. */
static void refuse(struct fixture *f)
{
	f->script.answer = SCRIPT_RETRY;
	f->script.unsent = true;
}

static void accept(struct fixture *f)
{
	f->script.answer = SCRIPT_SENT;
	f->script.count = 0;
}

/* One more of incident that waits, as the channel refuses it. */
static void keep(struct fixture *f, const struct vs_incident *incident, enum vs_change change)
{
	refuse(f);
	tell_change(f, incident, change);
	settle(f->loop);
}

/* From now on the channel would take all. */
static void hush(struct fixture *f, unsigned severities)
{
	silence(f, severities);
	accept(f);
}

static void assert_told_nobody(struct fixture *f)
{
	advance(f->loop, MINUTE);
	assert_alerts(&f->script, "");
	assert_int_equal(rows(f), 0);
	silence(f, 0);
	advance(f->loop, MINUTE);
	assert_alerts(&f->script, "");
}

static void what_a_failing_channel_keeps_is_not_told_in_a_silence(void **state)
{
	struct fixture *f = *state;
	struct vs_incident incident = incident_of(VS_KIND_BYPASS, "a");

	keep(f, &incident, VS_CHANGE_OPENED);
	hush(f, ALL);
	advance(f->loop, 3 * DAY);
	assert_alerts(&f->script, "");
	assert_int_equal(rows(f), 1);
	silence(f, 0);
	advance(f->loop, MINUTE);
	assert_alerts(&f->script, "opened bypass a");
	assert_contains(f->script.alerts[0].body, "silenced until now");
	assert_int_equal(f->script.alerts[0].flags, 0);
	assert_int_equal(rows(f), 0);
	vs_incident_fini(&incident);
}

static void what_may_have_arrived_is_told_again_in_a_silence(void **state)
{
	struct fixture *f = *state;
	struct vs_incident incident = incident_of(VS_KIND_BYPASS, "a");

	f->script.answer = SCRIPT_RETRY;
	tell_change(f, &incident, VS_CHANGE_OPENED);
	settle(f->loop);
	hush(f, ALL);
	advance(f->loop, MINUTE);
	assert_alerts(&f->script, "opened bypass a");
	assert_int_equal(f->script.alerts[0].flags, VPNS_ALERT_POSSIBLE_DUPLICATE);
	vs_incident_fini(&incident);
}

static void what_came_and_went_in_a_silence_is_told_nobody(void **state)
{
	struct fixture *f = *state;
	struct vs_incident incident = incident_of(VS_KIND_BYPASS, "a");

	keep(f, &incident, VS_CHANGE_OPENED);
	hush(f, ALL);
	tell_change(f, &incident, VS_CHANGE_RESOLVED);
	assert_told_nobody(f);
	assert_int_equal(look(f).ended[VS_OUTCOME_SUPERSEDED], 2);
	vs_incident_fini(&incident);
}

/* It became worse, too, and all of it waited before the silence began. */
static void all_that_waits_about_what_came_and_went_is_told_nobody(void **state)
{
	struct fixture *f = *state;
	struct vs_incident incident = incident_of(VS_KIND_BYPASS, "a");

	refuse(f);
	tell_change(f, &incident, VS_CHANGE_OPENED);
	tell_change(f, &incident, VS_CHANGE_ESCALATED);
	tell_change(f, &incident, VS_CHANGE_RESOLVED);
	hush(f, ALL);
	assert_told_nobody(f);
	vs_incident_fini(&incident);
}

static void what_became_worse_and_went_in_a_silence_is_told_nobody(void **state)
{
	struct fixture *f = *state;
	struct vs_incident incident = incident_of(VS_KIND_BYPASS, "a");

	keep(f, &incident, VS_CHANGE_OPENED);
	keep(f, &incident, VS_CHANGE_ESCALATED);
	hush(f, ALL);
	tell_change(f, &incident, VS_CHANGE_RESOLVED);
	assert_told_nobody(f);
	vs_incident_fini(&incident);
}

static void the_end_of_what_was_told_does_not_wait_behind_what_is_silenced(void **state)
{
	struct fixture *f = *state;
	struct vs_incident incident = incident_of(VS_KIND_BYPASS, "a");

	tell_change(f, &incident, VS_CHANGE_OPENED);
	settle(f->loop);
	keep(f, &incident, VS_CHANGE_ESCALATED);
	hush(f, ALL);
	tell_change(f, &incident, VS_CHANGE_RESOLVED);
	advance(f->loop, MINUTE);
	assert_alerts(&f->script, "resolved bypass a");
	assert_int_equal(rows(f), 0);
	vs_incident_fini(&incident);
}

static void the_end_of_what_was_told_waits_for_no_silence(void **state)
{
	struct fixture *f = *state;
	struct vs_incident incident = incident_of(VS_KIND_BYPASS, "a");

	tell_change(f, &incident, VS_CHANGE_OPENED);
	settle(f->loop);
	keep(f, &incident, VS_CHANGE_RESOLVED);
	hush(f, ALL);
	advance(f->loop, MINUTE);
	assert_alerts(&f->script, "resolved bypass a");
	vs_incident_fini(&incident);
}

static void notices_that_wait_are_dropped_by_a_silence(void **state)
{
	struct fixture *f = *state;

	refuse(f);
	tell(f, notice_of("a"));
	tell(f, notice_of("b"));
	settle(f->loop);
	hush(f, ALL);
	assert_told_nobody(f);
}

static void what_became_worse_than_the_silence_covers_is_told_with_its_beginning(void **state)
{
	struct fixture *f = *state;
	struct vs_incident incident = incident_of(VS_KIND_DNS_LEAK, "a");

	refuse(f);
	assert_int_equal(incident.severity, VS_SEVERITY_WARNING);
	tell_change(f, &incident, VS_CHANGE_OPENED);
	settle(f->loop);
	hush(f, WARNING);
	advance(f->loop, MINUTE);
	assert_alerts(&f->script, "");
	incident.severity = VS_SEVERITY_CRITICAL;
	tell_change(f, &incident, VS_CHANGE_ESCALATED);
	advance(f->loop, MINUTE);
	assert_alerts(&f->script, "opened dns_leak a, escalated dns_leak a");
	vs_incident_fini(&incident);
}

static void others_pass_what_is_silenced(void **state)
{
	struct fixture *f = *state;
	struct vs_incident worse = incident_of(VS_KIND_BYPASS, "a");
	struct vs_incident other = incident_of(VS_KIND_DNS_LEAK, "b");

	refuse(f);
	tell_change(f, &worse, VS_CHANGE_OPENED);
	tell_change(f, &other, VS_CHANGE_OPENED);
	settle(f->loop);
	hush(f, CRITICAL);
	advance(f->loop, MINUTE);
	assert_alerts(&f->script, "opened dns_leak b");
	vs_incident_fini(&worse);
	vs_incident_fini(&other);
}

static void who_asks_why_it_waits_is_told(void *arg, const struct vs_waiting *waiting)
{
	snprintf(arg, 64, "%s: %s", waiting->change, waiting->reason);
}

static void a_message_that_waits_for_a_silence_says_so(void **state)
{
	struct fixture *f = *state;
	struct vs_incident incident = incident_of(VS_KIND_BYPASS, "a");
	char said[64];

	keep(f, &incident, VS_CHANGE_OPENED);
	silence(f, ALL);
	advance(f->loop, MINUTE);
	vs_channel_each_waiting(f->channel, incident.id, NULL, who_asks_why_it_waits_is_told, said);
	assert_string_equal(said, "opened: silenced");
	vs_incident_fini(&incident);
}

/* More than one turn of the loop looks at. */
static void a_crowd_is_held_back_and_told_whole(void **state)
{
	struct fixture *f = *state;
	struct vs_incident incidents[600];
	size_t i;

	refuse(f);
	for (i = 0; i < 600; i++) {
		incidents[i] = incident_of(VS_KIND_BYPASS, "a");
		tell_change(f, &incidents[i], VS_CHANGE_OPENED);
	}
	settle(f->loop);
	hush(f, ALL);
	advance(f->loop, HOUR);
	assert_int_equal(f->script.count, 0);
	for (i = 0; i < 300; i++)
		tell_change(f, &incidents[i], VS_CHANGE_RESOLVED);
	advance(f->loop, HOUR);
	assert_int_equal(f->script.count, 0);
	assert_int_equal(rows(f), 300);
	silence(f, 0);
	advance(f->loop, HOUR);
	assert_int_equal(f->script.count, 300);
	assert_int_equal(rows(f), 0);
	for (i = 0; i < 600; i++)
		vs_incident_fini(&incidents[i]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, channel_setup, channel_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_a_failing_channel_keeps_is_not_told_in_a_silence),
		TEST(what_may_have_arrived_is_told_again_in_a_silence),
		TEST(what_came_and_went_in_a_silence_is_told_nobody),
		TEST(all_that_waits_about_what_came_and_went_is_told_nobody),
		TEST(what_became_worse_and_went_in_a_silence_is_told_nobody),
		TEST(the_end_of_what_was_told_does_not_wait_behind_what_is_silenced),
		TEST(the_end_of_what_was_told_waits_for_no_silence),
		TEST(notices_that_wait_are_dropped_by_a_silence),
		TEST(what_became_worse_than_the_silence_covers_is_told_with_its_beginning),
		TEST(others_pass_what_is_silenced),
		TEST(a_message_that_waits_for_a_silence_says_so),
		TEST(a_crowd_is_held_back_and_told_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
