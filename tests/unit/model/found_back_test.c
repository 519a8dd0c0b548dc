/* The round that finds a tunnel back was begun before it was, perhaps: what it tells of the rest may be of
 * that time. */
#include "tunnel_world.h"

#include "model/incident.h"
#include "model/policy.h"

#define HOME6 "2001:db8:77::5"
#define LEAK6 ",\"exit6.ip\":\"" HOME6 "\""
#define ROUTES(v4, v6) ",\"ipv6.global\":\"eth0\",\"path.exit\":\"" v4 "\",\"path.exit6\":\"" v6 "\""
#define CLOSED ",\"killswitch.tested\":\"eth0\""
#define COUNTRY(code) ",\"exit.country\":\"" code "\""

/* Each question that has an answer besides the tunnel's own, with an answer that is bad. */
static const struct {
	const char *bad, *good, *opened;
	bool likely; /* no more than that: two rounds */
} rows[] = {
	{WELL QUERIES_AT_HOME, WELL ",\"udp.ip\":\"" VPN "\"", "opened dns_leak", false},
	{WELL LEAK6, WELL ",\"ipv6.reachable\":false", "opened ipv6_leak", false},
	{WELL ROUTES("tunnel", "beside"), WELL ROUTES("tunnel", "tunnel"), "opened ipv6_exposed", false},
	{WELL OPEN, WELL CLOSED, "opened killswitch_open", false},
	{WELL COUNTRY("CH"), WELL COUNTRY("RO"), "opened policy", true},
};

/* How a tunnel is lost, and what is told when it is back. */
enum loss { BY_SILENCE, BY_ITS_OWN_WORD, BYPASSED };
static const char *const found_back[] = {"resolved tunnel_lost", "resolved tunnel_lost", "resolved bypass"};

/* A client whose home has IPv6, and whose exit may be anywhere but in CH, or in its network alone. */
static void begin_strict(struct world *world, struct vs_policies *policies, const char *allowed)
{
	struct vs_addr home6 = addr("2001:db8:77::9");
	struct vs_err err;

	vs_policies_add(policies);
	assert_int_equal(allowed != NULL ? vs_policies_add_allowed(policies, vs_view_of(allowed), &err)
					 : vs_policies_add_denied(policies, vs_view_of("CH"), &err),
		0);
	begin(world);
	world->tracker.policies = policies;
	vs_home_learn(world->home, &home6, "ipify", NOON);
}

static void lose(struct world *world, enum loss how)
{
	if (how == BY_SILENCE)
		fall_silent(world, VS_CAUSE_CLIENT_SILENT);
	else
		send_all(world, how == BYPASSED ? HOME : SIDE, how == BYPASSED ? AT_HOME : DOWN);
	assert_told(world, how == BYPASSED ? "opened bypass" : "opened tunnel_lost");
}

/* After the loss come these rounds; what each of them told. */
static void assert_life(enum loss how, const char *const rounds[], const char *const told[], size_t count)
{
	struct vs_policies *policies = vs_policies_create();
	struct world world;

	begin_strict(&world, policies, NULL);
	lose(&world, how);
	for (size_t i = 0; i < count; i++) {
		send_all(&world, VPN, rounds[i]);
		assert_told(&world, told[i]);
	}
	world_fini(&world);
	vs_policies_destroy(policies);
}

static void what_the_next_round_takes_back_was_never_told(void **state)
{
	(void)state;
	for (int how = BY_SILENCE; how <= BYPASSED; how++)
		for (size_t i = 0; i < COUNT(rows); i++)
			assert_life((enum loss)how, (const char *[]){rows[i].bad, rows[i].good, rows[i].good},
				(const char *[]){found_back[how], "", ""}, 3);
}

static void what_stays_opens_in_the_next_round(void **state)
{
	(void)state;
	for (int how = BY_SILENCE; how <= BYPASSED; how++)
		for (size_t i = 0; i < COUNT(rows); i++)
			assert_life((enum loss)how, (const char *[]){rows[i].bad, rows[i].bad, rows[i].bad},
				(const char *[]){found_back[how], rows[i].opened, ""}, 3);
}

static void what_is_bad_only_later_is_counted_from_then(void **state)
{
	(void)state;
	for (int how = BY_SILENCE; how <= BYPASSED; how++)
		for (size_t i = 0; i < COUNT(rows); i++) {
			bool likely = rows[i].likely;

			assert_life((enum loss)how, (const char *[]){rows[i].good, rows[i].bad, rows[i].bad},
				(const char *[]){found_back[how], likely ? "" : rows[i].opened,
					likely ? rows[i].opened : ""},
				3);
		}
}

/* It leaves at home, where no policy wants it: while the leak waits, the policy must not go ahead. */
static void an_ipv6_exit_of_the_time_before_violates_no_policy(void **state)
{
	struct vs_policies *policies = vs_policies_create();
	struct world world;

	(void)state;
	begin_strict(&world, policies, "198.51.100.0/24");
	lose(&world, BY_SILENCE);
	send_all(&world, VPN, WELL LEAK6);
	assert_told(&world, "resolved tunnel_lost");
	assert_int_equal(world.client.verdicts.verdict[VS_QUESTION_POLICY], VS_VERDICT_VIOLATION);
	send_all(&world, VPN, WELL LEAK6);
	assert_told(&world, "opened ipv6_leak");
	assert_contains(world.out.items[0].evidence, "along with it");
	world_fini(&world);
	vs_policies_destroy(policies);
}

/* Whenever it was seen, the traffic did leave there. */
static void an_exit_at_home_is_a_bypass_in_any_round(void **state)
{
	static const char *const told[] = {"resolved tunnel_lost, opened bypass", "resolved bypass"};

	(void)state;
	assert_life(BY_SILENCE, (const char *[]){AT_HOME, WELL}, told, 2);
}

static void what_was_open_before_is_not_held_back(void **state)
{
	struct world world;

	(void)state;
	begin(&world);
	send_all(&world, VPN, WELL OPEN);
	assert_told(&world, "opened killswitch_open");
	lose(&world, BY_SILENCE);
	send_all(&world, VPN, WELL OPEN);
	assert_told(&world, "resolved tunnel_lost");
	assert_non_null(vs_client_incident(&world.client, VS_KIND_KILLSWITCH_OPEN));
	send_all(&world, VPN, WELL CLOSED);
	assert_told(&world, "resolved killswitch_open");
	assert_int_equal(world.out.items[0].duration_ms, 25 * MINUTE);
	world_fini(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_next_round_takes_back_was_never_told),
		cmocka_unit_test(what_stays_opens_in_the_next_round),
		cmocka_unit_test(what_is_bad_only_later_is_counted_from_then),
		cmocka_unit_test(an_ipv6_exit_of_the_time_before_violates_no_policy),
		cmocka_unit_test(an_exit_at_home_is_a_bypass_in_any_round),
		cmocka_unit_test(what_was_open_before_is_not_held_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
