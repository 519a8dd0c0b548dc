/* When a way out over IPv6 becomes an incident of its own: not by a round in which the tunnel came up. */
#include "tracker_world.h"

#define SIDE "10.0.0.2"
#define WELL "\"exit.ip\":\"" VPN "\",\"tunnel.up\":true,\"net.devices\":2"
#define DOWN "\"tunnel.up\":false,\"net.devices\":1"
#define GLOBAL6 ",\"ipv6.global\":\"eth0\""
#define ROUTES(v4, v6) GLOBAL6 ",\"path.exit\":\"" v4 "\",\"path.exit6\":\"" v6 "\""

/* A report with these facts, by one source that measured what it could. */
static void send_all(struct world *world, const char *source, const char *facts)
{
	char json[1200];

	pass_minutes(world, 5);
	snprintf(json, sizeof(json),
		"{\"client_id\":\"office-vpn\",\"v\":2,\"seq\":%d,\"started_at\":\"2026-11-23T11:00:00Z\","
		"\"interval_seconds\":300,\"observations\":[{\"source\":\"all\",\"status\":\"pass\","
		"\"facts\":"
		"{%s}},{\"source\":\"ipify\",\"status\":\"%s\",\"reason\":\"timeout\",\"facts\":{}}]}",
		(int)++world->seq, facts, strstr(facts, "exit.ip") == NULL ? "unknown" : "pass");
	send_json(world, json, source);
}

static void begin(struct world *world)
{
	world_init(world);
	send_all(world, VPN, WELL);
	assert_told(world, "notice connected");
}

/* Routes are looked at first: such a round saw those of the time before. */
static void a_round_in_which_the_tunnel_comes_up_exposes_nothing(void **state)
{
	static const char *const rounds[] = {
		WELL ROUTES("beside", "beside"), /* before any route of it was there */
		WELL ROUTES("tunnel", "beside"), /* between that of IPv4 and that of IPv6 */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rounds); i++) {
		struct world world;

		begin(&world);
		send_all(&world, SIDE, DOWN ROUTES("beside", "beside"));
		assert_told(&world, "opened tunnel_lost");
		for (int k = 0; k < 2; k++) { /* while it lasts it is named there alone */
			send_all(&world, SIDE, DOWN ROUTES("beside", "beside"));
			assert_told(&world, "");
			assert_int_equal(world.client.verdicts.verdict[VS_QUESTION_IPV6], VS_VERDICT_EXPOSED);
		}
		send_all(&world, VPN, rounds[i]);
		assert_told(&world, "resolved tunnel_lost");
		send_all(&world, VPN, WELL ROUTES("tunnel", "tunnel"));
		assert_told(&world, "");
		world_fini(&world);
	}
}

static void a_tunnel_that_bounces_within_one_round_exposes_nothing(void **state)
{
	struct world world;

	(void)state;
	begin(&world);
	for (int i = 0; i < 3; i++) {
		send_all(&world, VPN, WELL ROUTES("beside", "beside"));
		assert_told(&world, "");
		send_all(&world, VPN, WELL ROUTES("tunnel", "tunnel"));
		assert_told(&world, "");
	}
	world_fini(&world);
}

static void what_is_exposed_when_the_tunnel_is_back_is_told_a_round_later(void **state)
{
	struct world world;

	(void)state;
	begin(&world);
	send_all(&world, SIDE, DOWN ROUTES("beside", "beside"));
	assert_told(&world, "opened tunnel_lost");
	send_all(&world, VPN, WELL ROUTES("tunnel", "beside"));
	assert_told(&world, "resolved tunnel_lost");
	send_all(&world, VPN, WELL ROUTES("tunnel", "beside"));
	assert_told(&world, "opened ipv6_exposed");
	world_fini(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_round_in_which_the_tunnel_comes_up_exposes_nothing),
		cmocka_unit_test(a_tunnel_that_bounces_within_one_round_exposes_nothing),
		cmocka_unit_test(what_is_exposed_when_the_tunnel_is_back_is_told_a_round_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
