#include "judge_world.h"

#include "model/cause.h"

#define DOWN(confidence) VS_VERDICT_DOWN, VS_CONFIDENCE_##confidence
#define BRIDGE "172.18.0.5"

/* What two sources agree on, what the kernel and UDP say besides, and tunnels that are down. */
static const struct row rows[] = {
	{"two sources outweigh one",
		"exit.ip=198.51.100.7@ipify trace.ip=198.51.100.7@trace exit.ip=198.51.100.8@ipinfo",
		"198.51.100.7", NULL, NULL, VS_RULE_TUNNEL_ELSEWHERE, LIKELY,
		"the exit 198.51.100.7 (told by ipify and trace) is outside the home network, and the "
		"keepalive "
		"came from it, although ipinfo tells 198.51.100.8",
		0},
	{"one source that tells an address twice is one",
		"exit.ip=198.51.100.7@ipify trace.ip=198.51.100.7@ipify exit.ip=198.51.100.8@ipinfo", "",
		NULL, NULL, VS_RULE_TUNNEL_DISAGREE, UNKNOWN,
		"the sources disagree: ipify tells 198.51.100.7, ipinfo tells 198.51.100.8", 0},
	{"two against two",
		"exit.ip=198.51.100.7@a exit.ip=198.51.100.7@b exit.ip=198.51.100.8@c "
		"trace.ip=198.51.100.8@d",
		"", NULL, NULL, VS_RULE_TUNNEL_DISAGREE, UNKNOWN, NULL, 0},
	{"two say home, one does not",
		"exit.ip=203.0.113.7@ipify trace.ip=203.0.113.7@trace exit.ip=198.51.100.8@ipinfo", "", NULL,
		NULL, VS_RULE_TUNNEL_EXIT_HOME, SURE_LEAK,
		"the exit 203.0.113.7 (told by ipify and trace) is the server's own exit, seen by ipinfo, "
		"although ipinfo tells 198.51.100.8",
		0},
	{"one says home, two do not",
		"exit.ip=203.0.113.7@ipify trace.ip=198.51.100.7@trace exit.ip=198.51.100.7@ipinfo", "", NULL,
		NULL, VS_RULE_TUNNEL_EXIT_HOME, LIKELY_LEAK, NULL, 0},
	{"a private address that two sources contradict",
		"exit.ip=10.8.0.2@odd exit.ip=198.51.100.7@ipify trace.ip=198.51.100.7@trace", "", NULL, NULL,
		VS_RULE_TUNNEL_ELSEWHERE, LIKELY, NULL, 0},

	{"a server without IPv6 takes the network of IPv4 for both",
		"exit.ip=198.51.100.7@ipify exit6.ip=2001:db8:9::7@ipify", "198.51.100.7", NULL,
		"198.51.100.7 AS9009 RO yes M247; 2001:db8:9::7 AS9009 RO yes M247", VS_RULE_TUNNEL_ELSEWHERE,
		SURE,
		"the exit 198.51.100.7 (told by ipify) and the exit 2001:db8:9::7 (told by ipify) are "
		"outside "
		"the home network, and the keepalive came from 198.51.100.7",
		0},
	{"but not another network", "exit.ip=198.51.100.7@ipify exit6.ip=2001:db8:9::7@ipify", "198.51.100.7",
		NULL, "198.51.100.7 AS9009 RO yes M247; 2001:db8:9::7 AS64501 RO yes Example Hosting",
		VS_RULE_TUNNEL_ELSEWHERE, LIKELY, NULL, 0},
	{"two sources and the kernel make sure, wherever the keepalive came from",
		"exit.ip=198.51.100.7@ipify trace.ip=198.51.100.7@trace path.exit=tunnel@tunnel", BRIDGE,
		NULL, NULL, VS_RULE_TUNNEL_ELSEWHERE, SURE, NULL, 0},
	{"so do one source, UDP and the kernel",
		"exit.ip=198.51.100.7@ipify udp.ip=198.51.100.7@dns_witness path.exit=tunnel@tunnel", BRIDGE,
		NULL, NULL, VS_RULE_TUNNEL_ELSEWHERE, SURE, NULL, 0},
	{"UDP that leaves elsewhere confirms nothing, and contradicts nobody",
		"exit.ip=198.51.100.7@ipify udp.ip=192.0.2.9@dns_witness path.exit=tunnel@tunnel", BRIDGE,
		NULL, NULL, VS_RULE_TUNNEL_ELSEWHERE, LIKELY,
		"the exit 198.51.100.7 (told by ipify) is outside the home network; the keepalive came from "
		"172.18.0.5, a private address beside the tunnel",
		0},
	{"UDP that leaves at home is a doubt",
		"exit.ip=198.51.100.7@ipify trace.ip=198.51.100.7@trace udp.ip=203.0.113.7@dns_witness",
		"198.51.100.7", NULL, NULL, VS_RULE_TUNNEL_ELSEWHERE, LIKELY,
		"the exit 198.51.100.7 (told by ipify and trace) is outside the home network, and the "
		"keepalive "
		"came from it, although queries over UDP leave at home",
		0},
	{"UDP alone tells no exit", "udp.ip=203.0.113.7@dns_witness", "", NULL, NULL, VS_RULE_TUNNEL_NOT_TOLD,
		UNKNOWN, "no source told the exit", 0},
	{"the kernel routes beside the tunnel", "exit.ip=198.51.100.7@ipify path.exit=beside@tunnel",
		"198.51.100.7", NULL, NULL, VS_RULE_TUNNEL_ELSEWHERE, LIKELY,
		"the exit 198.51.100.7 (told by ipify) is outside the home network, and the keepalive came "
		"from "
		"it, although the route to the internet goes beside the tunnel",
		0},
	{"the device is down, but the exit is elsewhere", "exit.ip=198.51.100.7@ipify tunnel.up=false@tunnel",
		"198.51.100.7", NULL, NULL, VS_RULE_TUNNEL_ELSEWHERE, LIKELY, NULL, 0},
	{"the device is down, and the exit is home", "exit.ip=203.0.113.7@ipify tunnel.up=false@tunnel", "",
		NULL, NULL, VS_RULE_TUNNEL_EXIT_HOME, SURE_LEAK, NULL, 0},

	{"the device is down", "tunnel.up=false@tunnel tunnel.interface=wg0@tunnel net.devices=2@tunnel",
		BRIDGE, NULL, NULL, VS_RULE_TUNNEL_DEVICE_DOWN, DOWN(HIGH),
		"no source told the exit, and the tunnel's device wg0 is not up", 0},
	{"the device is down, but something got out", "tunnel.up=false@tunnel", "192.0.2.99", NULL, NULL,
		VS_RULE_TUNNEL_DEVICE_DOWN, DOWN(MEDIUM),
		"no source told the exit, and the tunnel's device is not up", 0},
	{"no device at all", "net.devices=0@tunnel tunnel.up=false@tunnel", BRIDGE, NULL, NULL,
		VS_RULE_TUNNEL_NO_DEVICE, DOWN(HIGH),
		"no source told the exit, and no network device but loopback is up", 0},
};

static void what_else_is_known_of_the_tunnel_makes_surer_or_less_sure(void **state)
{
	(void)state;
	check_rows(rows, COUNT(rows), VS_QUESTION_TUNNEL);
}

static const struct vs_observation timeouts[] = {
	{"ipify", "no answer: the connection timed out", 0, VS_OBSERVED_UNKNOWN},
	{"trace", "Cloudflare does not answer: timed out", 0, VS_OBSERVED_UNKNOWN},
	{"tunnel", NULL, 0, VS_OBSERVED_PASS},
};

static const struct vs_observation refusals[] = {
	{"ipify", "the service answers HTTP 429", 0, VS_OBSERVED_UNKNOWN},
	{"trace", "Cloudflare answers HTTP 503", 0, VS_OBSERVED_UNKNOWN},
};

/* Nobody told an exit: down, or not measured. */
static void silence_of_all_services_means_down_only_beside_the_tunnel(void **state)
{
	static const struct {
		struct row row;
		const struct vs_observation *observations;
		size_t count;
		enum vs_cause cause;
	} cases[] = {
		{{"the session is dead", "tunnel.up=true@tunnel tunnel.handshake_age=5m@tunnel", BRIDGE, NULL,
			 NULL, VS_RULE_TUNNEL_DEAD, DOWN(HIGH),
			 "nothing on the internet answered, and the keepalive came from 172.18.0.5, a "
			 "private "
			 "address beside the tunnel, and WireGuard's last handshake was 5m ago: ipify: no "
			 "answer: "
			 "the connection timed out; trace: Cloudflare does not answer: timed out",
			 0},
			timeouts, 3, VS_CAUSE_TUNNEL_DOWN},
		{{"the device is up, and nothing passes", "tunnel.up=true@tunnel", BRIDGE, NULL, NULL,
			 VS_RULE_TUNNEL_DEAD, DOWN(MEDIUM), NULL, 0},
			timeouts, 3, VS_CAUSE_TUNNEL_DOWN},
		{{"the keepalive came from outside", "tunnel.up=true@tunnel", "198.51.100.7", NULL, NULL,
			 VS_RULE_TUNNEL_NOT_TOLD, UNKNOWN, NULL, 0},
			timeouts, 3, VS_CAUSE_PROVIDER_OUTAGE},
		{{"services refuse: they were reached", "tunnel.up=true@tunnel", BRIDGE, NULL, NULL,
			 VS_RULE_TUNNEL_NOT_TOLD, UNKNOWN, NULL, 0},
			refusals, 2, VS_CAUSE_UNKNOWN},
		{{"no word about a tunnel", "", BRIDGE, NULL, NULL, VS_RULE_TUNNEL_NOT_TOLD, UNKNOWN, NULL,
			 0},
			timeouts, 2, VS_CAUSE_UNKNOWN},
		{{"resolvers answer through the tunnel",
			 "tunnel.up=true@tunnel dns.path=tunnel@tunnel dns.resolvers=198.51.100.53@dns",
			 BRIDGE, NULL, NULL, VS_RULE_TUNNEL_NOT_TOLD, UNKNOWN, NULL, 0},
			timeouts, 3, VS_CAUSE_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct vs_judgement out;
		struct bench bench;

		bench_open(&bench);
		bench.observations = cases[i].observations;
		bench.observation_count = cases[i].count;
		bench_judge(&bench, &cases[i].row, &out);
		bench_expect(&cases[i].row, &out, VS_QUESTION_TUNNEL);
		if (cases[i].cause != VS_CAUSE_UNKNOWN && out.cause != cases[i].cause)
			fail_msg("%s: %s", cases[i].row.what, vs_cause_name((enum vs_cause)out.cause));
		if (out.verdict[VS_QUESTION_TUNNEL] != VS_VERDICT_DOWN)
			assert_int_not_equal(out.cause, VS_CAUSE_TUNNEL_DOWN);
		bench_close(&bench);
	}
}

static void locate_home(struct bench *bench, uint8_t hosting)
{
	struct vs_addr exit = addr(HOME4);
	struct vs_place place;

	vs_place_init(&place);
	place.asn = 64500;
	place.hosting = hosting;
	bench_learn(bench, HOME4);
	vs_home_locate(bench->home, &exit, &place);
}

static void an_exit_of_the_provider_at_home_is_likely_a_bypass_unless_data_centres_are_there(void **state)
{
	static const struct {
		const char *places;
		uint8_t home_hosting;
		enum vs_rule rule;
	} cases[] = {
		{"198.51.100.7 AS64500 RO no Home Telecom", VS_HOSTING_NO, VS_RULE_TUNNEL_HOME_ASN},
		{"198.51.100.7 AS64500 RO ? Home Telecom", VS_HOSTING_UNKNOWN, VS_RULE_TUNNEL_HOME_ASN},
		{"198.51.100.7 AS64500 RO yes Big Cloud", VS_HOSTING_YES, VS_RULE_TUNNEL_ELSEWHERE},
		{"198.51.100.7 AS64500 RO yes Big Cloud", VS_HOSTING_NO, VS_RULE_TUNNEL_ELSEWHERE},
		{"198.51.100.7 AS64501 RO no Other Telecom", VS_HOSTING_NO, VS_RULE_TUNNEL_ELSEWHERE},
		{"", VS_HOSTING_NO, VS_RULE_TUNNEL_ELSEWHERE},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct row row = {.facts = "exit.ip=198.51.100.7@ipify", .places = cases[i].places};
		struct vs_judgement out;
		struct bench bench;

		bench_open(&bench);
		locate_home(&bench, cases[i].home_hosting);
		bench_judge(&bench, &row, &out);
		assert_int_equal(out.rule[VS_QUESTION_TUNNEL], cases[i].rule);
		if (cases[i].rule == VS_RULE_TUNNEL_HOME_ASN) {
			assert_int_equal(out.confidence[VS_QUESTION_TUNNEL], VS_CONFIDENCE_MEDIUM);
			assert_string_equal(out.evidence[VS_QUESTION_TUNNEL],
				"the exit 198.51.100.7 (told by ipify) belongs to AS64500, the network of "
				"the "
				"server's own exit 203.0.113.7");
		}
		bench_close(&bench);
	}
}

static void a_listed_network_is_found_by_the_atlas_too(void **state)
{
	static const struct row row = {"listed", "exit.ip=198.51.100.7@ipify", "", NULL,
		"198.51.100.7 AS64500 RO no Home Telecom", VS_RULE_TUNNEL_EXIT_HOME, SURE_LEAK,
		"the exit 198.51.100.7 (told by ipify) belongs to the home network AS64500", 0};
	struct bench bench;

	(void)state;
	bench_open(&bench);
	vs_home_list(bench.home, vs_view_of("AS64500"), NULL);
	bench_check(&bench, &row, VS_QUESTION_TUNNEL);
	bench_close(&bench);
}

static void the_exit_is_the_one_that_most_sources_tell(void **state)
{
	static const struct row row = {
		.facts =
			"exit.ip=198.51.100.8@ipinfo trace.ip=198.51.100.7@trace exit.ip=198.51.100.7@ipify"};
	struct vs_addr wanted = addr("198.51.100.7");
	struct vs_judgement out;
	struct bench bench;

	(void)state;
	bench_open(&bench);
	bench_judge(&bench, &row, &out);
	assert_true(vs_addr_equal(&out.exit, &wanted));
	bench_close(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_else_is_known_of_the_tunnel_makes_surer_or_less_sure),
		cmocka_unit_test(silence_of_all_services_means_down_only_beside_the_tunnel),
		cmocka_unit_test(
			an_exit_of_the_provider_at_home_is_likely_a_bypass_unless_data_centres_are_there),
		cmocka_unit_test(a_listed_network_is_found_by_the_atlas_too),
		cmocka_unit_test(the_exit_is_the_one_that_most_sources_tell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
