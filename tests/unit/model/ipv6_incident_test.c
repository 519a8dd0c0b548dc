/* When a way out over IPv6 becomes an incident of its own: not by a round in which the tunnel came up. */
#include "tunnel_world.h"

#define GLOBAL6 ",\"ipv6.global\":\"eth0\""
#define ROUTES(v4, v6) GLOBAL6 ",\"path.exit\":\"" v4 "\",\"path.exit6\":\"" v6 "\""

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

/* That round was begun before the tunnel was back, perhaps, and counts for nothing: not even as the first. */
static void the_report_that_breaks_a_silence_exposes_nothing_unless_it_stays(void **state)
{
	static const struct {
		const char *facts;
		int more; /* rounds until it is told, after the one that broke the silence */
	} rows[] = {
		{WELL ROUTES("tunnel", "beside"), 1},
		{WELL ROUTES("beside", "beside"), 2}, /* of which one proves nothing */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		for (int stays = 0; stays < 2; stays++) {
			struct world world;

			begin(&world);
			fall_silent(&world, VS_CAUSE_CLIENT_SILENT);
			assert_told(&world, "opened tunnel_lost");
			send_all(&world, VPN, rows[i].facts);
			assert_told(&world, "resolved tunnel_lost");
			assert_int_equal(world.client.verdicts.verdict[VS_QUESTION_IPV6], VS_VERDICT_EXPOSED);
			for (int k = 1; stays && k < rows[i].more; k++) {
				send_all(&world, VPN, rows[i].facts);
				assert_told(&world, "");
			}
			send_all(&world, VPN, stays ? rows[i].facts : WELL ROUTES("tunnel", "tunnel"));
			assert_told(&world, stays ? "opened ipv6_exposed" : "");
			world_fini(&world);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_round_in_which_the_tunnel_comes_up_exposes_nothing),
		cmocka_unit_test(a_tunnel_that_bounces_within_one_round_exposes_nothing),
		cmocka_unit_test(what_is_exposed_when_the_tunnel_is_back_is_told_a_round_later),
		cmocka_unit_test(the_report_that_breaks_a_silence_exposes_nothing_unless_it_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
