/* The explanation: every member, read back as JSON. */
#include "tracker_world.h"

#include <jansson.h>

#include "model/atlas.h"
#include "model/cause.h"
#include "model/json.h"
#include "model/why.h"

static json_t *explain(struct world *world)
{
	struct vs_err err = {0};
	struct vs_buf out;
	json_t *why;

	vs_buf_init(&out);
	vs_why_json(&out, &(struct vs_why){.client = &world->client,
				  .names = world->names,
				  .world = &world->tracker,
				  .now = world->now,
				  .mono_ms = NOON + 3 * MINUTE});
	why = vs_json_parse(vs_buf_view(&out), &err);
	if (why == NULL)
		fail_msg("%s in %s", err.text, vs_buf_text(&out));
	vs_buf_fini(&out);
	return why;
}

/* The entry of a list whose member says so. */
static const json_t *entry(const json_t *why, const char *list, const char *member, const char *value)
{
	const json_t *item;
	size_t i;

	json_array_foreach(json_object_get(why, list), i,
		item) if (strcmp(vs_json_get_text(item, member), value) == 0) return item;
	fail_msg("no %s with the %s %s", list, member, value);
	return NULL;
}

static void send_resolvers(struct world *world, const char *resolvers)
{
	char json[900];

	snprintf(json, sizeof(json),
		"{\"client_id\":\"office-vpn\",\"v\":2,\"observations\":["
		"{\"source\":\"ipify\",\"status\":\"pass\",\"facts\":{\"exit.ip\":\"" VPN "\"}},"
		"{\"source\":\"trace\",\"status\":\"unknown\",\"reason\":\"HTTP 429\",\"facts\":{}},"
		"{\"source\":\"dns\",\"status\":\"warn\",\"reason\":\"akamai: timeout\",\"facts\":"
		"{\"dns.resolvers\":\"%s\",\"dns.techniques\":\"akamai google\",\"dns.labels\":6}}]}",
		resolvers);
	send_json(world, json, VPN);
}

static void put_place(struct vs_atlas *atlas, const char *address, uint32_t asn, const char *org, int64_t at)
{
	struct vs_addr where = addr(address);
	struct vs_place place;

	vs_place_init(&place);
	place.asn = asn;
	memcpy(place.country, "RO", 3);
	place.org = org;
	place.asked = 3;
	place.agreed = 2;
	place.sources = "ipinfo, ip_api, ipwhois";
	place.disagreement = "country: ipinfo RO, ip_api DE, ipwhois RO";
	place.hosting = VS_HOSTING_YES;
	place.at = at;
	vs_atlas_put(atlas, &where, &place);
}

static void every_question_is_told_with_its_rule_in_plain_words(void **state)
{
	struct world world;
	const json_t *question;
	json_t *why;

	(void)state;
	world_init(&world);
	send_good(&world);
	why = explain(&world);
	assert_string_equal(vs_json_get_text(why, "client_id"), "office-vpn");
	assert_string_equal(vs_json_get_text(why, "side_path"), "exit");
	assert_int_equal(json_array_size(json_object_get(why, "questions")), VS_QUESTIONS);
	question = entry(why, "questions", "question", "tunnel");
	assert_string_equal(vs_json_get_text(question, "verdict"), "secure");
	assert_string_equal(vs_json_get_text(question, "confidence"), "high");
	assert_string_equal(vs_json_get_text(question, "rule"), "tunnel_elsewhere");
	assert_string_equal(
		vs_json_get_text(question, "rule_words"), "every exit is outside the home network");
	assert_contains(vs_json_get_text(question, "evidence"), VPN);
	question = entry(why, "questions", "question", "policy");
	assert_string_equal(vs_json_get_text(question, "rule"), "not_checked");
	assert_string_equal(
		vs_json_get_text(question, "rule_words"), "no policy of this server names the client");
	question = entry(why, "questions", "question", "killswitch");
	assert_string_equal(
		vs_json_get_text(question, "rule_words"), "no test of the kill switch is reported");
	assert_null(json_object_get(why, "cause"));
	json_decref(why);
	world_fini(&world);
}

static void every_source_is_told_with_what_it_said_and_when(void **state)
{
	struct world world;
	const json_t *source;
	json_t *why;

	(void)state;
	world_init(&world);
	send_resolvers(&world, "198.51.100.53");
	pass_minutes(&world, 2);
	why = explain(&world);
	source = entry(why, "sources", "source", "ipify");
	assert_string_equal(vs_json_get_text(source, "status"), "told");
	assert_int_equal(vs_json_get_int(source, "age_ms"), 2 * MINUTE);
	assert_string_equal(vs_json_get_text(json_object_get(source, "facts"), "exit.ip"), VPN);
	source = entry(why, "sources", "source", "trace");
	assert_string_equal(vs_json_get_text(source, "status"), "failed");
	assert_string_equal(vs_json_get_text(source, "reason"), "HTTP 429");
	source = entry(why, "sources", "source", "dns");
	assert_string_equal(vs_json_get_text(source, "status"), "partly");
	assert_int_equal(json_array_size(json_object_get(why, "sources")), 3);
	json_decref(why);
	world_fini(&world);
}

static void each_resolver_has_its_own_verdict_and_place(void **state)
{
	struct vs_atlas *atlas = vs_atlas_create(0);
	struct world world;
	const json_t *resolver, *place;
	size_t names;
	json_t *why;

	(void)state;
	world_init(&world);
	world.tracker.atlas = atlas;
	put_place(atlas, VPN, 9009, "M247", NOON);
	put_place(atlas, "192.0.2.53", 9009, "M247", NOON);
	send_resolvers(&world, "192.0.2.53 " HOME);
	names = vs_names_count(world.names);
	why = explain(&world);
	assert_int_equal(vs_names_count(world.names), names);
	resolver = entry(why, "resolvers", "address", HOME);
	assert_string_equal(vs_json_get_text(resolver, "verdict"), "leak");
	assert_string_equal(vs_json_get_text(resolver, "rule"), "dns_home");
	assert_true(json_is_null(json_object_get(resolver, "place")));
	resolver = entry(why, "resolvers", "address", "192.0.2.53");
	assert_string_equal(vs_json_get_text(resolver, "verdict"), "secure");
	assert_string_equal(vs_json_get_text(resolver, "rule"), "dns_same_network");
	place = json_object_get(resolver, "place");
	assert_string_equal(vs_json_get_text(place, "asn"), "AS9009");
	assert_string_equal(vs_json_get_text(place, "country_name"), "Romania");
	assert_int_equal(vs_json_get_int(place, "agreed"), 2);
	assert_contains(vs_json_get_text(place, "disagreement"), "ip_api DE");
	assert_false(vs_json_get_bool(place, "stale"));
	json_decref(why);
	world_fini(&world);
	vs_atlas_destroy(atlas);
}

static void an_exit_is_told_with_who_told_it_and_what_it_is(void **state)
{
	struct vs_atlas *atlas = vs_atlas_create(0);
	struct world world;
	const json_t *exit;
	json_t *why;

	(void)state;
	world_init(&world);
	world.tracker.atlas = atlas;
	put_place(atlas, HOME, 5617, "Orange", NOON - 48 * HOUR);
	send_facts(&world, HOME, "PL", "PL");
	why = explain(&world);
	exit = entry(why, "exits", "address", HOME);
	assert_contains(vs_json_get_text(exit, "home"), "server's own exit");
	assert_true(vs_json_get_bool(json_object_get(exit, "place"), "stale"));
	assert_int_equal(json_array_size(json_object_get(exit, "told_by")), 1);
	assert_string_equal(
		vs_json_get_text(json_array_get(json_object_get(exit, "told_by"), 0), "fact"), "exit.ip");
	assert_int_equal(json_array_size(json_object_get(why, "incidents")), 1);
	json_decref(why);
	world_fini(&world);
	vs_atlas_destroy(atlas);
}

static void home_is_told_as_it_was_learned_and_listed(void **state)
{
	struct world world;
	const json_t *home, *learned;
	json_t *why;

	(void)state;
	world_init(&world);
	vs_home_list(world.home, vs_view_of("192.0.2.0/24"), NULL);
	vs_home_list(world.home, vs_view_of("AS64500"), NULL);
	why = explain(&world);
	home = json_object_get(why, "home");
	assert_true(vs_json_get_bool(home, "learn"));
	assert_string_equal(vs_json_get_text(home, "asn"), "auto");
	learned = json_array_get(json_object_get(home, "learned"), 0);
	assert_string_equal(vs_json_get_text(learned, "address"), HOME);
	assert_string_equal(vs_json_get_text(learned, "source"), "ipinfo");
	assert_int_equal(vs_json_get_int(learned, "age_ms"), 3 * MINUTE);
	assert_int_equal(json_array_size(json_object_get(home, "listed")), 2);
	assert_string_equal(json_string_value(json_array_get(json_object_get(home, "listed"), 1)), "AS64500");
	assert_int_equal(json_array_size(json_object_get(why, "exits")), 0);
	json_decref(why);
	world_fini(&world);
}

static void what_is_wrong_is_told_as_a_cause(void **state)
{
	struct world world;
	json_t *why;

	(void)state;
	world_init(&world);
	send_good(&world);
	vs_tracker_lost(&world.tracker, &world.client, world.now,
		&(struct vs_silence){15 * MINUTE, VS_CAUSE_CLIENT_SILENT}, &world.out);
	why = explain(&world);
	assert_string_equal(vs_json_get_text(why, "status"), "lost");
	assert_string_equal(vs_json_get_text(why, "cause"), "client_silent");
	assert_string_equal(vs_json_get_text(entry(why, "questions", "question", "dns"), "rule"), "silent");
	json_decref(why);
	send_json(&world,
		"{\"client_id\":\"office-vpn\",\"v\":2,\"observations\":[{\"source\":\"ipify\",\"status\":"
		"\"unknown\",\"reason\":\"timeout\",\"facts\":{}}]}",
		VPN);
	why = explain(&world);
	assert_string_equal(vs_json_get_text(why, "cause"), "provider_outage");
	assert_true(strlen(vs_json_get_text(why, "cause_words")) > 0);
	json_decref(why);
	world_fini(&world);
}

static void what_a_silent_client_told_is_explained_as_it_was_judged(void **state)
{
	struct world world;
	const json_t *resolver;
	json_t *why;

	(void)state;
	world_init(&world);
	send_resolvers(&world, "198.51.100.53");
	pass_minutes(&world, 120); /* what was told is old by now */
	why = explain(&world);
	resolver = entry(why, "resolvers", "address", "198.51.100.53");
	assert_string_equal(vs_json_get_text(resolver, "verdict"), "secure");
	assert_string_equal(vs_json_get_text(resolver, "rule"), "dns_same_prefix");
	json_decref(why);
	world_fini(&world);
}

static void hostile_texts_are_told_as_json(void **state)
{
	struct world world;
	json_t *why;

	(void)state;
	world_init(&world);
	send_json(&world,
		"{\"client_id\":\"office-vpn\",\"v\":2,\"observations\":[{\"source\":\"x\",\"status\":"
		"\"warn\","
		"\"reason\":\"\\\"}],\\u0007\",\"facts\":{\"exit.city\":\"\\\"\\\\\",\"dns.resolvers\":"
		"\"nonsense  1.2.3 ::g\"}}]}",
		VPN);
	why = explain(&world);
	assert_int_equal(json_array_size(json_object_get(why, "resolvers")), 0);
	assert_string_equal(
		vs_json_get_text(json_object_get(entry(why, "sources", "source", "x"), "facts"), "exit.city"),
		"\"\\");
	json_decref(why);
	world_fini(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_question_is_told_with_its_rule_in_plain_words),
		cmocka_unit_test(every_source_is_told_with_what_it_said_and_when),
		cmocka_unit_test(each_resolver_has_its_own_verdict_and_place),
		cmocka_unit_test(an_exit_is_told_with_who_told_it_and_what_it_is),
		cmocka_unit_test(home_is_told_as_it_was_learned_and_listed),
		cmocka_unit_test(what_is_wrong_is_told_as_a_cause),
		cmocka_unit_test(what_a_silent_client_told_is_explained_as_it_was_judged),
		cmocka_unit_test(hostile_texts_are_told_as_json),
	};

	vs_json_setup();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
