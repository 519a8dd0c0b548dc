#include "judge_world.h"

#define EXIT4 "exit.ip=198.51.100.7@ipify "
#define EXIT6 EXIT4 "exit6.ip=2001:db8:9::7@ipify "
#define PLACE4 "198.51.100.7 AS9009 RO yes M247; "
#define NOT_CHECKED VS_VERDICT_NOT_CHECKED, VS_CONFIDENCE_NONE
#define EXPOSED(confidence) VS_VERDICT_EXPOSED, VS_CONFIDENCE_##confidence

static const struct row rows[] = {
	{"the exit is the server's", EXIT4 "exit6.ip=2001:db8:1::7@ipify", "", BOTH_HOMES, NULL,
		VS_RULE_IPV6_HOME, SURE_LEAK,
		"the exit 2001:db8:1::7 (told by ipify) is the server's own exit, seen by ipinfo", 0},
	{"it is in the server's /56", EXIT4 "exit6.ip=2001:db8:1:ff::9@ipify", "", BOTH_HOMES, NULL,
		VS_RULE_IPV6_HOME, SURE_LEAK, NULL, 0},
	{"the trace left there", EXIT4 "trace.ip=2001:db8:1::bad@trace", "198.51.100.7", BOTH_HOMES, NULL,
		VS_RULE_IPV6_HOME, SURE_LEAK, NULL, 0},
	{"one of two sources left there", EXIT6 "trace.ip=2001:db8:1::bad@trace", "", BOTH_HOMES, NULL,
		VS_RULE_IPV6_HOME, SURE_LEAK, NULL, 0},
	{"a query over UDP left there", EXIT4 "udp6.ip=2001:db8:1::9@dns_witness", "", BOTH_HOMES, NULL,
		VS_RULE_IPV6_HOME, SURE_LEAK,
		"a query over IPv6 left from 2001:db8:1::9, which is in the network of the server's own "
		"exit, "
		"2001:db8:1::/56, seen by ipinfo",
		0},
	{"the keepalive came from there", EXIT4, "2001:db8:1::9", BOTH_HOMES, NULL, VS_RULE_IPV6_SOURCE_HOME,
		SURE_LEAK,
		"the keepalive came from 2001:db8:1::9, which is in the network of the server's own exit, "
		"2001:db8:1::/56, seen by ipinfo",
		0},

	{"same network as IPv4", EXIT6, "", BOTH_HOMES, PLACE4 "2001:db8:9::7 AS9009 DE yes M247",
		VS_RULE_IPV6_SAME_NETWORK, SURE,
		"the exit 2001:db8:9::7 (told by ipify) belongs to AS9009 M247, as that of IPv4 does", 0},
	{"the server has no IPv6 of its own", EXIT6, "", NULL, PLACE4 "2001:db8:9::7 AS9009 DE yes M247",
		VS_RULE_IPV6_SAME_NETWORK, SURE, NULL, 0},
	{"the client told its networks", EXIT6 "exit.asn=AS9009@ipify exit6.asn=AS9009@ipify", "", NULL, NULL,
		VS_RULE_IPV6_SAME_NETWORK, SURE, NULL, 0},
	{"an access network", EXIT6, "", NULL, PLACE4 "2001:db8:9::7 AS64501 RO no Example Telecom",
		VS_RULE_IPV6_FOREIGN, LIKELY_LEAK,
		"the exit 2001:db8:9::7 (told by ipify) belongs to AS64501 Example Telecom, that of IPv4 to "
		"AS9009 M247",
		0},
	{"another data centre", EXIT6, "", NULL, PLACE4 "2001:db8:9::7 AS64501 RO yes Example Hosting",
		VS_RULE_IPV6_OTHER_HOSTING, UNKNOWN, NULL, 0},
	{"another network, but the kernel routes into the tunnel", EXIT6 "path.exit6=tunnel@tunnel", "", NULL,
		PLACE4 "2001:db8:9::7 AS64501 RO no Example Telecom", VS_RULE_IPV6_TUNNEL, LIKELY, NULL, 0},
	{"the kernel routes beside the tunnel", EXIT6 "path.exit=tunnel@tunnel path.exit6=beside@tunnel", "",
		NULL, PLACE4 "2001:db8:9::7 AS9009 DE yes M247", VS_RULE_IPV6_BESIDE, LIKELY_LEAK,
		"the exit 2001:db8:9::7 (told by ipify) is reached by IPv6, whose route goes beside the "
		"tunnel",
		0},
	{"it routes everything beside: the tunnel begins elsewhere",
		EXIT6 "path.exit=beside@tunnel path.exit6=beside@tunnel", "", NULL,
		PLACE4 "2001:db8:9::7 AS9009 DE yes M247", VS_RULE_IPV6_SAME_NETWORK, SURE, NULL, 0},
	{"being looked up", EXIT6, "", NULL, PLACE4, VS_RULE_IPV6_LOOKING_UP, UNKNOWN,
		"where the exit 2001:db8:9::7 belongs is being looked up", 0},
	{"the exit of IPv4 is being looked up", EXIT6, "", NULL, "2001:db8:9::7 AS9009 DE yes M247",
		VS_RULE_IPV6_LOOKING_UP, UNKNOWN, "where the exit 198.51.100.7 belongs is being looked up",
		0},
	{"nobody looks up", EXIT6, "", NULL, NULL, VS_RULE_IPV6_NO_PLACE, UNKNOWN,
		"nobody could tell where the exit 198.51.100.7 belongs", 0},
	{"the sources disagree", EXIT6 "trace.ip=2001:db8:8::7@trace", "", NULL, PLACE4,
		VS_RULE_IPV6_DISAGREE, UNKNOWN, NULL, 0},
	{"the only exit", "exit6.ip=2001:db8:9::7@ipify", "", BOTH_HOMES, NULL, VS_RULE_IPV6_ONLY_EXIT,
		LIKELY, "the exit 2001:db8:9::7 (told by ipify) is outside the home network", 0},
	{"the only exit, and the server has no IPv6 of its own", "exit6.ip=2001:db8:9::7@ipify", "", NULL,
		NULL, VS_RULE_IPV6_HOME_UNKNOWN, UNKNOWN, NULL, 0},

	{"no route", EXIT4 "path.exit6=none@tunnel", "", NULL, NULL, VS_RULE_IPV6_NO_ROUTE, SURE,
		"no IPv6: there is no route to the internet", 0},
	{"nothing reached", EXIT4 "ipv6.reachable=false@ipify", "", NULL, NULL, VS_RULE_IPV6_NOT_REACHED,
		LIKELY, "no IPv6: no service could be reached", 0},
	{"nothing reached but by a query, from an access network",
		EXIT4 "ipv6.reachable=false@ipify udp6.ip=2001:db8:77::9@dns_witness", "", NULL,
		"198.51.100.7 AS9009 RO yes M247; 2001:db8:77::9 AS64501 DE no Example Telecom",
		VS_RULE_IPV6_FOREIGN, LIKELY_LEAK,
		"a query over IPv6 left from 2001:db8:77::9, which belongs to AS64501 Example Telecom, the "
		"exit of IPv4 to AS9009 M247",
		0},
	{"from who knows where", EXIT4 "ipv6.reachable=false@ipify udp6.ip=2001:db8:77::9@dns_witness", "",
		NULL, "198.51.100.7 AS9009 RO yes M247", VS_RULE_IPV6_QUERY, UNKNOWN,
		"a query over IPv6 left from 2001:db8:77::9, and no source told an IPv6 exit", 0},
	{"from a data centre, as providers redirect queries",
		EXIT4 "path.exit6=none@tunnel udp6.ip=2001:db8:77::9@dns_witness", "", NULL,
		"198.51.100.7 AS9009 RO yes M247; 2001:db8:77::9 AS64501 DE yes Example Hosting",
		VS_RULE_IPV6_QUERY, UNKNOWN, NULL, 0},
	{"from the exit's network", EXIT4 "ipv6.reachable=false@ipify udp6.ip=2001:db8:77::9@dns_witness", "",
		NULL, "198.51.100.7 AS9009 RO yes M247; 2001:db8:77::9 AS9009 DE yes M247",
		VS_RULE_IPV6_NOT_REACHED, LIKELY, NULL, 0},
	{"by the route into the tunnel", EXIT4 "path.exit6=tunnel@tunnel udp6.ip=2001:db8:77::9@dns_witness",
		"", NULL, "198.51.100.7 AS9009 RO yes M247; 2001:db8:77::9 AS64501 DE no Example Telecom",
		VS_RULE_IPV6_TUNNEL, LIKELY, NULL, 0},
	{"nothing reached, and the route goes into the tunnel",
		EXIT4 "ipv6.reachable=false@ipify path.exit6=tunnel@tunnel", "", NULL, NULL,
		VS_RULE_IPV6_TUNNEL, SURE, NULL, 0},
	{"a global address beside the tunnel, and the route",
		EXIT4 "ipv6.reachable=false@ipify ipv6.global=eth0@tunnel path.exit6=beside@tunnel", "", NULL,
		NULL, VS_RULE_IPV6_EXPOSED_ROUTE, EXPOSED(HIGH),
		"eth0 has a global IPv6 address beside the tunnel, and the route to the internet goes there",
		0},
	{"the same, and IPv4 goes there too: the tunnel may just come up",
		EXIT4 "ipv6.global=eth0@tunnel path.exit=beside@tunnel path.exit6=beside@tunnel", "", NULL,
		NULL, VS_RULE_IPV6_EXPOSED_ROUTE, EXPOSED(MEDIUM),
		"eth0 has a global IPv6 address beside the tunnel, and the route to the internet goes there",
		0},
	{"and IPv4 goes through the tunnel",
		EXIT4 "ipv6.global=eth0@tunnel path.exit=tunnel@tunnel path.exit6=beside@tunnel", "", NULL,
		NULL, VS_RULE_IPV6_EXPOSED_ROUTE, EXPOSED(HIGH), NULL, 0},
	{"two of them, and no word of a route", EXIT4 "ipv6.global=eth0,eth1@tunnel", "", NULL, NULL,
		VS_RULE_IPV6_EXPOSED_DEVICE, EXPOSED(MEDIUM),
		"eth0 eth1 have a global IPv6 address beside the tunnel", 0},
	{"a global address, and the route goes into the tunnel",
		EXIT4 "ipv6.global=eth0@tunnel path.exit6=tunnel@tunnel", "", NULL, NULL, VS_RULE_IPV6_TUNNEL,
		LIKELY, NULL, 0},
	{"a route beside the tunnel, and nobody tried it", EXIT4 "path.exit6=beside@tunnel", "", NULL, NULL,
		VS_RULE_IPV6_NOT_TOLD, UNKNOWN, "no source told an IPv6 exit", 0},
	{"reached, but no exit was told", EXIT4 "ipv6.reachable=true@x", "", NULL, NULL,
		VS_RULE_IPV6_NOT_TOLD, UNKNOWN, NULL, 0},
};

static void ipv6_is_a_question_of_its_own(void **state)
{
	(void)state;
	check_rows(rows, COUNT(rows), VS_QUESTION_IPV6);
}

static void what_nobody_asked_is_not_checked(void **state)
{
	static const struct row row = {.what = "IPv4 alone", .facts = EXIT4};
	struct vs_judgement out;
	struct bench bench;

	(void)state;
	bench_open(&bench);
	bench_judge(&bench, &row, &out);
	assert_int_equal(out.verdict[VS_QUESTION_IPV6], VS_VERDICT_NOT_CHECKED);
	assert_int_equal(out.rule[VS_QUESTION_IPV6], VS_RULE_NOT_CHECKED);
	assert_string_equal(out.evidence[VS_QUESTION_IPV6], "");
	bench_close(&bench);
}

static void the_provider_at_home_is_a_leak(void **state)
{
	static const struct row row = {"the provider", EXIT6, "", NULL,
		PLACE4 "2001:db8:9::7 AS64500 RO no Home Telecom", VS_RULE_IPV6_HOME_ASN, SURE_LEAK,
		"the exit 2001:db8:9::7 (told by ipify) belongs to AS64500, the network of the server's own "
		"exit "
		"203.0.113.7",
		0};
	struct vs_addr exit = addr(HOME4);
	struct vs_place place;
	struct bench bench;

	(void)state;
	vs_place_init(&place);
	place.asn = 64500;
	place.hosting = VS_HOSTING_NO;
	bench_open(&bench);
	bench_learn(&bench, HOME4);
	vs_home_locate(bench.home, &exit, &place);
	bench_check(&bench, &row, VS_QUESTION_IPV6);
	bench_close(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ipv6_is_a_question_of_its_own),
		cmocka_unit_test(what_nobody_asked_is_not_checked),
		cmocka_unit_test(the_provider_at_home_is_a_leak),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
