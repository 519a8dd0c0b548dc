#include "tracker_world.h"

#include "base/alloc.h"
#include "model/cause.h"
#include "model/detail.h"
#include "model/incident.h"
#include "model/words.h"

/* A message as text: title, body, and a line for each field. */
static char *tell(const struct vs_transition *t)
{
	struct vs_message message;
	struct vs_buf out;

	vs_message_init(&message);
	vs_words_tell(t, NULL, NULL, &message);
	vs_buf_init(&out);
	vs_buf_printf(&out, "%s\n%s\n", vs_buf_text(&message.title), vs_buf_text(&message.body));
	for (size_t i = 0; i < message.field_count; i++)
		vs_buf_printf(&out, "%s: %s\n", message.fields[i].label, message.fields[i].value);
	vs_message_fini(&message);
	vs_message_fini(&message);
	return vs_buf_take(&out);
}

static void assert_words(const struct world *world, size_t index, const char *expected)
{
	char *text;

	assert_true(index < world->out.count);
	text = tell(&world->out.items[index]);
	assert_string_equal(text, expected);
	vs_free(text);
}

static void a_connected_client_in_words(void **state)
{
	struct world world;

	(void)state;
	world_init(&world);
	send_json(&world,
		"{\"client_id\":\"office-vpn\",\"public_ip\":\"198.51.100.7\",\"country\":\"RO\","
		"\"city\":\"București\",\"provider\":\"AS9009 M247 <Europe>\",\"dns_location\":\"RO\","
		"\"client_version\":\"1.0\"}",
		"10.0.0.2");
	assert_words(&world, 0,
		"🔵 Connected: office-vpn (secure)\n"
		"First keepalive of this client.\n"
		"Evidence: the exit 198.51.100.7 (told by report) is outside the home network; the keepalive "
		"came "
		"from 10.0.0.2, a private address beside the tunnel.\n"
		"Client: office-vpn\n"
		"Exit: 198.51.100.7\n"
		"Location: București, RO\n"
		"Provider: AS9009 M247 <Europe>\n"
		"DNS location: RO\n"
		"Keepalive from: 10.0.0.2, over a private network beside the tunnel\n"
		"Version: 1.0\n"
		"At: 2026-11-23 12:00:00 UTC\n"
		"Sure: likely\n");
	world_fini(&world);
}

static void a_bypass_and_its_end_in_words(void **state)
{
	struct world world;

	(void)state;
	world_init(&world);
	send_good(&world);
	send_facts(&world, HOME, "DE", "DE");
	assert_words(&world, 0,
		"🔴 VPN bypass: office-vpn\n"
		"Traffic leaves through the home network instead of the tunnel.\n"
		"Evidence: the exit 203.0.113.7 (told by ipinfo) is the server's own exit, seen by ipinfo.\n"
		"Client: office-vpn\n"
		"Exit: 203.0.113.7\n"
		"Location: DE\n"
		"DNS location: DE\n"
		"Keepalive from: 203.0.113.7, from the exit itself\n"
		"Version: 0.1.0\n"
		"Since: 2026-11-23 12:00:00 UTC\n"
		"At: 2026-11-23 12:00:00 UTC\n"
		"Sure: certain\n"
		"What to do: Stop what must not be seen, then restart the VPN and check its kill switch.\n");
	world.now += 135 * MINUTE;
	send_good(&world);
	assert_words(&world, 0,
		"✅ VPN bypass is over: office-vpn after 2h 15m\n"
		"Evidence: the exit 198.51.100.7 (told by ipinfo) is outside the home network, and the "
		"keepalive "
		"came from it.\n"
		"Client: office-vpn\n"
		"Exit: 198.51.100.7\n"
		"Location: RO\n"
		"DNS location: RO\n"
		"Keepalive from: 198.51.100.7, from the exit itself\n"
		"Version: 0.1.0\n"
		"Since: 2026-11-23 12:00:00 UTC\n"
		"Until: 2026-11-23 14:15:00 UTC\n"
		"Duration: 2h 15m\n");
	world_fini(&world);
}

static void a_lost_and_recovered_client_in_words(void **state)
{
	struct world world;

	(void)state;
	world_init(&world);
	send_facts(&world, "", "", "");
	pass_minutes(&world, 15);
	vs_transitions_fini(&world.out);
	vs_tracker_lost(&world.tracker, &world.client, world.now,
		&(struct vs_silence){0, VS_CAUSE_CLIENT_SILENT}, &world.out);
	assert_words(&world, 0,
		"🔴 Lost: office-vpn\n"
		"The client has fallen silent: its tunnel, its host or the way from there to this server is "
		"down.\n"
		"Evidence: no keepalive for 15m.\n"
		"Client: office-vpn\n"
		"Keepalive from: 10.0.0.2, over a private network beside the tunnel\n"
		"Version: 0.1.0\n"
		"Since: 2026-11-23 12:00:00 UTC\n"
		"At: 2026-11-23 12:15:00 UTC\n"
		"Sure: certain\n"
		"What to do: Look at the VPN container and the client's log; with a kill switch nothing "
		"leaks "
		"meanwhile.\n");
	pass_minutes(&world, 3);
	send_good(&world);
	assert_words(&world, 0,
		"✅ Recovered: office-vpn after 18m\n"
		"There was: no keepalive for 18m.\n"
		"Client: office-vpn\n"
		"Exit: 198.51.100.7\n"
		"Location: RO\n"
		"DNS location: RO\n"
		"Keepalive from: 198.51.100.7, from the exit itself\n"
		"Version: 0.1.0\n"
		"Since: 2026-11-23 12:00:00 UTC\n"
		"Until: 2026-11-23 12:18:00 UTC\n"
		"Duration: 18m\n");
	world_fini(&world);
}

static void a_changed_exit_in_words(void **state)
{
	struct world world;

	(void)state;
	world_init(&world);
	send_good(&world);
	send_facts(&world, "198.51.100.8", "RO", "RO");
	assert_words(&world, 0,
		"🔵 Exit changed: office-vpn\n"
		"The client's exit has another address than before.\n"
		"Evidence: the exit 198.51.100.8 (told by ipinfo) is outside the home network, and the "
		"keepalive came from it.\n"
		"Client: office-vpn\n"
		"Exit: 198.51.100.8\n"
		"Before: 198.51.100.7\n"
		"Location: RO\n"
		"DNS location: RO\n"
		"Keepalive from: 198.51.100.8, from the exit itself\n"
		"Version: 0.1.0\n"
		"At: 2026-11-23 12:00:00 UTC\n"
		"Sure: certain\n");
	world_fini(&world);
}

/* An info notice shouts neither what is not sure nor what has its own alert. */
static void a_connected_client_with_a_problem_in_words(void **state)
{
	struct world world;
	char *text;

	(void)state;
	world_init(&world);
	send_facts(&world, VPN, "RO", "US");
	text = tell(&world.out.items[0]);
	assert_contains(text, "🔵 Connected: office-vpn (a DNS leak is suspected)\n");
	assert_contains(text, "\nSuspected: a DNS leak\n");
	assert_contains(text, "\nSure: likely\n");
	assert_null(strstr(text, "leaking"));
	vs_free(text);
	world_fini(&world);

	world_init(&world);
	send_facts(&world, HOME, "DE", "DE");
	text = tell(&world.out.items[0]);
	assert_contains(text, "🔵 Connected: office-vpn\n");
	assert_contains(text, "\nVerdict: leaking\n");
	vs_free(text);
	world_fini(&world);
}

static void a_suspicion_that_no_kind_explains_is_told_as_it_is(void **state)
{
	struct vs_transition t;
	char *text;

	(void)state;
	vs_transition_init_notice(&t, VS_KIND_CONNECTED, "a", NOON);
	t.verdict = VS_VERDICT_LEAK;
	vs_transition_add(&t, "suspected", "of_a_later_version");
	text = tell(&t);
	assert_contains(text, "🔵 Connected: a\n");
	assert_contains(text, "\nSuspected: of_a_later_version\n");
	vs_free(text);
	vs_transition_fini(&t);
}

static void a_broken_channel_in_words(void **state)
{
	struct vs_incident incident;
	struct vs_transition t;
	char *text;

	(void)state;
	vs_incident_init(&incident, VS_KIND_CHANNEL_BROKEN, "", NOON);
	vs_incident_set_evidence(&incident, "oncall: api.telegram.org: timed out");
	vs_transition_init_incident(&t, VS_CHANGE_OPENED, &incident, NOON);
	text = tell(&t);
	assert_string_equal(text,
		"🟡 Channel broken\n"
		"A channel for alerts cannot deliver.\n"
		"Evidence: oncall: api.telegram.org: timed out.\n"
		"Since: 2026-11-23 12:00:00 UTC\n"
		"At: 2026-11-23 12:00:00 UTC\n"
		"What to do: Act on the reason: if the service refused, correct the token or the recipient "
		"in the configuration; if it was not reached, look at the way there from this server.\n");
	vs_free(text);
	vs_transition_fini(&t);
	vs_incident_fini(&incident);
}

/* No kind may lack a headline, a meaning or, when it is an incident, advice. */
static void every_kind_and_change_has_words(void **state)
{
	static const enum vs_change changes[] = {VS_CHANGE_OPENED, VS_CHANGE_ESCALATED,
		VS_CHANGE_ACKNOWLEDGED, VS_CHANGE_REMINDED, VS_CHANGE_RESOLVED};

	(void)state;
	for (int kind = 0; kind < VS_KINDS; kind++) {
		for (size_t i = 0; i < COUNT(changes) && !vs_kind_is_notice((enum vs_kind)kind); i++) {
			bool of_server = vs_kind_is_of_server((enum vs_kind)kind);
			struct vs_incident incident;
			struct vs_transition t;
			char *text;

			vs_incident_init(&incident, (enum vs_kind)kind, of_server ? "" : "office-vpn", NOON);
			vs_transition_init_incident(&t, changes[i], &incident, NOON);
			text = tell(&t);
			assert_null(strstr(text, "(null)"));
			assert_int_equal(strstr(text, "office-vpn") == NULL, of_server);
			if (changes[i] != VS_CHANGE_RESOLVED)
				assert_contains(text, "What to do: ");
			vs_free(text);
			vs_transition_fini(&t);
			vs_incident_fini(&incident);
		}
	}
}

static void a_reminder_and_an_acknowledgment_say_so(void **state)
{
	struct vs_incident incident;
	struct vs_transition t;
	char *text;

	(void)state;
	vs_incident_init(&incident, VS_KIND_DNS_LEAK, "a", NOON);
	vs_transition_init_incident(&t, VS_CHANGE_REMINDED, &incident, NOON + HOUR);
	text = tell(&t);
	assert_contains(text, "🟡 Still: DNS leak: a\n");
	vs_free(text);
	vs_transition_fini(&t);
	vs_transition_init_incident(&t, VS_CHANGE_ACKNOWLEDGED, &incident, NOON + HOUR);
	text = tell(&t);
	assert_contains(text, "🟡 Acknowledged: DNS leak: a\n");
	vs_free(text);
	vs_transition_fini(&t);
	vs_incident_fini(&incident);
}

/* One of each kind, as a person reads it. */
static void assert_incident(enum vs_kind kind, enum vs_cause cause, int64_t bytes, const char *expected)
{
	struct vs_incident incident;
	struct vs_transition t;
	char *text;

	vs_incident_init(&incident, kind, "a", NOON);
	incident.confidence = VS_CONFIDENCE_HIGH;
	incident.cause = (uint8_t)cause;
	incident.exposed_bytes = bytes;
	vs_incident_set_evidence(&incident, "it was seen");
	vs_transition_init_incident(&t, VS_CHANGE_OPENED, &incident, NOON);
	vs_details_of_incident(&t, &incident);
	text = tell(&t);
	assert_contains(text, expected);
	assert_contains(text, "\nEvidence: it was seen.\n");
	assert_contains(text, "\nSure: certain\n");
	assert_contains(text, "\nSince: 2026-11-23 12:00:00 UTC\n");
	vs_free(text);
	vs_transition_fini(&t);
	vs_incident_fini(&incident);
}

static void each_problem_says_what_happened_and_what_to_do(void **state)
{
	(void)state;
	assert_incident(VS_KIND_DNS_LEAK, VS_CAUSE_NONE, -1,
		"🟡 DNS leak: a\nSomebody outside the tunnel sees which names the client looks up.\n");
	assert_incident(VS_KIND_IPV6_LEAK, VS_CAUSE_NONE, -1,
		"🔴 IPv6 leak: a\nIPv6 traffic leaves outside the tunnel.\n");
	assert_incident(VS_KIND_IPV6_EXPOSED, VS_CAUSE_NONE, -1, "Nothing was seen to use it.\n");
	assert_incident(VS_KIND_POLICY, VS_CAUSE_NONE, -1, "monitor.policy");
	assert_incident(VS_KIND_KILLSWITCH_OPEN, VS_CAUSE_NONE, -1, "🔴 Kill switch open: a\n");
	assert_incident(VS_KIND_TUNNEL_LOST, VS_CAUSE_TUNNEL_DOWN, -1,
		"🔴 Lost: a\nThe client can be heard, but its tunnel carries nothing.\n");
	assert_incident(VS_KIND_TUNNEL_LOST, VS_CAUSE_EXIT_SILENT, -1,
		"🔴 Lost: a\nAll clients of this exit fell silent together");
}

static void what_is_likely_is_not_told_as_certain(void **state)
{
	struct world world;
	char *text;

	(void)state;
	world_init(&world);
	send_facts(&world, VPN, "RO", "US");
	send_facts(&world, VPN, "RO", "US");
	assert_told(&world, "opened dns_leak");
	text = tell(&world.out.items[0]);
	assert_contains(text, "seems to see which names");
	assert_contains(text, "Sure: likely");
	vs_free(text);
	world_fini(&world);
}

static void causes_and_exposures_are_fields(void **state)
{
	(void)state;
	assert_incident(VS_KIND_BYPASS, VS_CAUSE_TUNNEL_DOWN, -1, "\nCause: the tunnel is down\n");
	assert_incident(VS_KIND_BYPASS, VS_CAUSE_NONE, 512,
		"\nExposed: at most 512 bytes left beside the tunnel so far\n");
	assert_incident(VS_KIND_BYPASS, VS_CAUSE_NONE, 4404019, "\nExposed: at most 4.2 MiB left");
	assert_incident(VS_KIND_BYPASS, VS_CAUSE_NONE, INT64_MAX, "TiB left");
}

static void hostile_texts_are_told_literally(void **state)
{
	static const char hostile[] = "<b>%s</b> {{7*7}} &amp; 😀";
	struct vs_transition t;
	char *text;

	(void)state;
	vs_transition_init_notice(&t, VS_KIND_CONNECTED, "a", NOON);
	vs_transition_add(&t, "location", hostile);
	vs_transition_set_evidence(&t, hostile);
	text = tell(&t);
	assert_contains(text, "Location: <b>%s</b> {{7*7}} &amp; 😀\n");
	assert_contains(text, "Evidence: <b>%s</b> {{7*7}} &amp; 😀.\n");
	vs_free(text);
	vs_transition_fini(&t);
}

/* No value may make a line of its own, nor turn the text around it. */
static void what_acts_on_the_text_around_it_is_a_blank(void **state)
{
	static const char *const acting[] = {"\n", "\r", "\t", "\x1b", "\x7f", "\xc2\x85", "\xc2\x9b",
		"\u061c", "\u200e", "\u200f", "\u2028", "\u2029", "\u202a", "\u202e", "\u2066", "\u2069"};

	(void)state;
	for (size_t i = 0; i < COUNT(acting); i++) {
		struct vs_transition t;
		char hostile[40], *text;

		snprintf(hostile, sizeof(hostile), "Oslo%sExit: 192.0.2.1", acting[i]);
		vs_transition_init_notice(&t, VS_KIND_CONNECTED, "a", NOON);
		vs_transition_add(&t, "location", hostile);
		vs_transition_set_evidence(&t, hostile);
		text = tell(&t);
		assert_contains(text, "\nLocation: Oslo Exit: 192.0.2.1\n");
		assert_contains(text, "\nEvidence: Oslo Exit: 192.0.2.1.\n");
		assert_string_equal(vs_transition_detail(&t, "location"), hostile); /* exact for the API */
		vs_free(text);
		vs_transition_fini(&t);
	}
}

static void a_key_that_is_not_in_the_table_is_none(void **state)
{
	(void)state;
	assert_string_equal(vs_detail_key("exit"), "exit");
	assert_null(vs_detail_key("mood"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_connected_client_in_words),
		cmocka_unit_test(a_bypass_and_its_end_in_words),
		cmocka_unit_test(a_lost_and_recovered_client_in_words),
		cmocka_unit_test(a_changed_exit_in_words),
		cmocka_unit_test(a_connected_client_with_a_problem_in_words),
		cmocka_unit_test(a_suspicion_that_no_kind_explains_is_told_as_it_is),
		cmocka_unit_test(a_broken_channel_in_words),
		cmocka_unit_test(every_kind_and_change_has_words),
		cmocka_unit_test(a_reminder_and_an_acknowledgment_say_so),
		cmocka_unit_test(each_problem_says_what_happened_and_what_to_do),
		cmocka_unit_test(what_is_likely_is_not_told_as_certain),
		cmocka_unit_test(causes_and_exposures_are_fields),
		cmocka_unit_test(hostile_texts_are_told_literally),
		cmocka_unit_test(what_acts_on_the_text_around_it_is_a_blank),
		cmocka_unit_test(a_key_that_is_not_in_the_table_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
