#include "judge_world.h"

/* The exit 198.51.100.7 is in AS9009, a data centre in Romania; home is 203.0.113.7. */
#define EXIT "exit.ip=198.51.100.7@ipify trace.ip=198.51.100.7@trace "
#define EXIT_PLACE "198.51.100.7 AS9009 RO yes M247"
#define HOW "dns.techniques=akamai,google@dns dns.labels=10@dns "
#define R(list) EXIT HOW "dns.resolvers=" list "@dns"
#define THIRD VS_VERDICT_THIRD_PARTY

static const struct row table[] = {
	{"the resolver is the server's own exit", R("203.0.113.7"), "", NULL, EXIT_PLACE, VS_RULE_DNS_HOME,
		SURE_LEAK, "the resolver 203.0.113.7 is the server's own exit, seen by ipinfo", 0},
	{"it is in the home network of IPv6", R("2001:db8:1:5::53"), "", BOTH_HOMES, EXIT_PLACE,
		VS_RULE_DNS_HOME, SURE_LEAK,
		"the resolver 2001:db8:1:5::53 is in the network of the server's own exit, 2001:db8:1::/56, "
		"seen by ipinfo",
		0},
	{"the own zone was asked from the LAN", EXIT "zone.resolvers=192.168.1.1@zone zone.labels=6@zone", "",
		NULL, EXIT_PLACE, VS_RULE_DNS_LAN, SURE_LEAK,
		"the resolver 192.168.1.1 asked the server's own zone from a private network beside the "
		"tunnel",
		0},
	{"the own zone is behind a gateway: who asked it is not to be seen there",
		EXIT HOW "dns.resolvers=198.51.100.53@dns zone.resolvers=172.18.0.1@zone zone.labels=6@zone",
		"", NULL, EXIT_PLACE, VS_RULE_DNS_SAME_PREFIX, SURE, NULL, 0},
	{"a gateway excuses nobody", R("203.0.113.7") " zone.resolvers=172.18.0.1@zone zone.labels=6@zone",
		"", NULL, EXIT_PLACE, VS_RULE_DNS_HOME, SURE_LEAK, NULL, 0},
	{"there is no gateway where the own zone sees public addresses",
		R("198.51.100.53") " zone.resolvers=198.51.100.53,192.168.1.1@zone zone.labels=6@zone", "",
		NULL, EXIT_PLACE, VS_RULE_DNS_LAN, SURE_LEAK, NULL, 0},
	{"a CGNAT nameserver that a service tells proves nothing", R("100.64.0.53"), "", NULL, EXIT_PLACE,
		VS_RULE_DNS_PRIVATE, UNKNOWN,
		"the resolver 100.64.0.53 has a private address, which proves nothing", 0},
	{"a private nameserver beside a resolver of the exit's network", R("10.2.0.1,198.51.100.53"), "",
		NULL, EXIT_PLACE, VS_RULE_DNS_SAME_PREFIX, SURE,
		"the resolver 198.51.100.53 is next to the exit 198.51.100.7 (one of 2 resolvers seen)", 0},

	{"same /24", R("198.51.100.53"), "", NULL, "", VS_RULE_DNS_SAME_PREFIX, SURE,
		"the resolver 198.51.100.53 is next to the exit 198.51.100.7", 0},
	{"same /24 in a data centre that is the server's, too",
		"exit.ip=203.0.113.99@ipify " HOW "dns.resolvers=203.0.113.53@dns", "", NULL, "",
		VS_RULE_DNS_SHARED_NETWORK, UNKNOWN,
		"the resolver 203.0.113.53 is next to the exit 203.0.113.99 and to the server's own: it may "
		"be the resolver of either",
		0},
	{"the exit itself is the resolver there",
		"exit.ip=203.0.113.99@ipify " HOW "dns.resolvers=203.0.113.99@dns", "", NULL, "",
		VS_RULE_DNS_SAME_PREFIX, SURE, NULL, 0},
	{"same /48 of IPv6",
		"exit.ip=198.51.100.7@ipify exit6.ip=2001:db8:9::7@ipify " HOW
		"dns.resolvers=2001:db8:9:8::53@dns",
		"", NULL, "", VS_RULE_DNS_SAME_PREFIX, SURE,
		"the resolver 2001:db8:9:8::53 is next to the exit 2001:db8:9::7", 0},
	{"same network", R("192.0.2.53"), "", NULL, EXIT_PLACE "; 192.0.2.53 AS9009 DE yes M247 Europe",
		VS_RULE_DNS_SAME_NETWORK, SURE,
		"the resolver 192.0.2.53 belongs to AS9009 M247 Europe, as the exit does", 0},
	{"an IPv6 resolver of an IPv4 exit is compared by its network", R("2001:db8:53::53"), "", NULL,
		EXIT_PLACE "; 2001:db8:53::53 AS9009 DE yes M247", VS_RULE_DNS_SAME_NETWORK, SURE,
		"the resolver 2001:db8:53::53 belongs to AS9009 M247, as the exit does", 0},
	{"the client itself told the exit's network",
		"exit.ip=198.51.100.7@ipinfo exit.asn=AS9009@ipinfo " HOW "dns.resolvers=192.0.2.53@dns", "",
		NULL, "192.0.2.53 AS9009 DE yes M247", VS_RULE_DNS_SAME_NETWORK, SURE, NULL, 0},
	{"one technique alone",
		EXIT "dns.techniques=akamai@dns dns.labels=6@dns dns.resolvers=198.51.100.53@dns", "", NULL,
		"", VS_RULE_DNS_SAME_PREFIX, LIKELY, NULL, 0},
	{"that a name of the own zone was resolved is no second technique",
		EXIT "dns.techniques=zone,akamai@dns dns.labels=6@dns dns.resolvers=198.51.100.53@dns", "",
		NULL, "", VS_RULE_DNS_SAME_PREFIX, LIKELY, NULL, 0},
	{"the own zone alone, with five names", EXIT "zone.resolvers=198.51.100.53@zone zone.labels=5@zone",
		"", NULL, "", VS_RULE_DNS_SAME_PREFIX, SURE, NULL, 0},
	{"the server does not know its home", R("198.51.100.53"), "", "", "", VS_RULE_DNS_SAME_PREFIX, LIKELY,
		NULL, 0},

	{"a public resolver by its address", R("8.8.8.8"), "", NULL, EXIT_PLACE, VS_RULE_DNS_PUBLIC, THIRD,
		VS_CONFIDENCE_LOW,
		"the resolver 8.8.8.8 is run by Google for everybody, and nothing proves that it is asked "
		"through the tunnel",
		0},
	{"by its network", R("172.217.43.194"), "", NULL, EXIT_PLACE "; 172.217.43.194 AS15169 US yes Google",
		VS_RULE_DNS_PUBLIC, THIRD, VS_CONFIDENCE_LOW, NULL, 0},
	{"by its network, and in the exit's country: anycast", R("162.158.148.72"), "", NULL,
		EXIT_PLACE "; 162.158.148.72 AS13335 RO yes Cloudflare", VS_RULE_DNS_PUBLIC, THIRD,
		VS_CONFIDENCE_LOW, NULL, 0},
	{"the kernel routes queries into the tunnel", R("9.9.9.9") " dns.path=tunnel@tunnel", "", NULL,
		EXIT_PLACE, VS_RULE_DNS_PUBLIC, THIRD, VS_CONFIDENCE_MEDIUM,
		"the resolver 9.9.9.9 is run by Quad9 for everybody, and the route to the nameservers goes "
		"through the tunnel",
		0},
	{"it was told the exit's network", R("172.217.43.194") " dns.ecs=198.51.100.0/24@dns", "", NULL,
		EXIT_PLACE "; 172.217.43.194 AS15169 US yes Google", VS_RULE_DNS_PUBLIC_ECS, THIRD,
		VS_CONFIDENCE_HIGH,
		"the resolver 172.217.43.194 is run by Google for everybody, and it was asked through the "
		"tunnel, from 198.51.100.0/24",
		0},
	{"it was told the home network", R("172.217.43.194") " dns.ecs=203.0.113.0/24@dns", "", NULL,
		EXIT_PLACE "; 172.217.43.194 AS15169 US yes Google", VS_RULE_DNS_ECS_HOME, SURE_LEAK,
		"a resolver passed on that it was asked from 203.0.113.0/24, which holds the home network",
		0},
	{"with the scope behind it", R("8.8.8.8") " dns.ecs=203.0.113.0/24/24@dns", "", NULL, EXIT_PLACE,
		VS_RULE_DNS_ECS_HOME, SURE_LEAK, NULL, 0},
	{"two were told two networks, one of them home",
		R("8.8.8.8") " dns.ecs=198.51.100.0/24,203.0.113.0/24@dns", "", NULL, EXIT_PLACE,
		VS_RULE_DNS_ECS_HOME, SURE_LEAK, NULL, 0},
	{"the own zone was told the home network of IPv6", R("8.8.8.8") " zone.ecs=2001:db8:1::/56@zone", "",
		BOTH_HOMES, EXIT_PLACE, VS_RULE_DNS_ECS_HOME, SURE_LEAK, NULL, 0},
	{"it was told an access network that is not the exit's",
		R("172.217.43.194") " dns.ecs=192.0.2.0/24@dns", "", NULL,
		EXIT_PLACE "; 172.217.43.194 AS15169 US yes Google; 192.0.2.0 AS64501 DE no Example Telecom",
		VS_RULE_DNS_ECS_FOREIGN, LIKELY_LEAK,
		"a resolver passed on that it was asked from 192.0.2.0/24, which belongs to AS64501 Example "
		"Telecom and not to an exit's network",
		0},
	{"the server knows no home, as in a data centre", R("8.8.8.8") " dns.ecs=192.0.2.0/24@dns", "", "",
		EXIT_PLACE "; 192.0.2.0 AS64501 DE no Example Telecom", VS_RULE_DNS_ECS_FOREIGN, LIKELY_LEAK,
		NULL, 0},
	{"one was told the exit's network, the other one not",
		R("8.8.8.8") " dns.ecs=198.51.100.0/24,192.0.2.0/24@dns", "", NULL,
		EXIT_PLACE "; 192.0.2.0 AS64501 DE no Example Telecom", VS_RULE_DNS_ECS_FOREIGN, LIKELY_LEAK,
		NULL, 0},
	{"another network of the exit's owner", R("8.8.8.8") " dns.ecs=192.0.2.0/24@dns", "", NULL,
		EXIT_PLACE "; 192.0.2.0 AS9009 DE no M247", VS_RULE_DNS_PUBLIC, THIRD, VS_CONFIDENCE_LOW,
		NULL, 0},
	{"a data centre's", R("8.8.8.8") " dns.ecs=192.0.2.0/24@dns", "", NULL,
		EXIT_PLACE "; 192.0.2.0 AS64501 DE yes Example Hosting", VS_RULE_DNS_PUBLIC, THIRD,
		VS_CONFIDENCE_LOW, NULL, 0},
	{"one of the operator's own", R("1.1.1.1") " dns.ecs=172.68.1.0/24@dns", "", NULL,
		EXIT_PLACE "; 172.68.1.0 AS13335 DE no Cloudflare", VS_RULE_DNS_PUBLIC, THIRD,
		VS_CONFIDENCE_LOW, NULL, 0},
	{"one that is not looked up yet", R("8.8.8.8") " dns.ecs=192.0.2.0/24@dns", "", NULL, EXIT_PLACE,
		VS_RULE_DNS_PUBLIC, THIRD, VS_CONFIDENCE_LOW, NULL, 0},
	{"where the exit belongs is not known yet", R("8.8.8.8") " dns.ecs=192.0.2.0/24@dns", "", NULL,
		"192.0.2.0 AS64501 DE no Example Telecom", VS_RULE_DNS_PUBLIC, THIRD, VS_CONFIDENCE_LOW, NULL,
		0},
	{"a private one", R("8.8.8.8") " dns.ecs=10.1.2.0/24@dns", "", NULL, EXIT_PLACE, VS_RULE_DNS_PUBLIC,
		THIRD, VS_CONFIDENCE_LOW, NULL, 0},
	{"a network that holds everything tells nothing", R("8.8.8.8") " dns.ecs=0.0.0.0/0@dns", "", NULL,
		EXIT_PLACE, VS_RULE_DNS_PUBLIC, THIRD, VS_CONFIDENCE_LOW, NULL, 0},
	{"a network that holds home and exit tells of neither",
		"exit.ip=203.0.113.99@ipify " HOW "dns.resolvers=8.8.8.8@dns dns.ecs=203.0.113.0/24@dns", "",
		NULL, "", VS_RULE_DNS_PUBLIC, THIRD, VS_CONFIDENCE_LOW, NULL, 0},
	{"nor does it excuse a way beside the tunnel",
		"exit.ip=203.0.113.99@ipify " HOW
		"dns.resolvers=8.8.8.8@dns dns.ecs=203.0.113.0/24@dns dns.path=beside@tunnel",
		"", NULL, "", VS_RULE_DNS_PATH_BESIDE, SURE_LEAK, NULL, 0},
	{"what Google was told proves nothing of Quad9", R("8.8.8.8,9.9.9.9") " dns.ecs=198.51.100.0/24@dns",
		"", NULL, EXIT_PLACE, VS_RULE_DNS_PUBLIC, THIRD, VS_CONFIDENCE_LOW,
		"the resolver 8.8.8.8 is run by Google for everybody, and nothing proves that it is asked "
		"through the tunnel (one of 2 resolvers seen)",
		0},
	{"two addresses of one operator are asked in the same way",
		R("8.8.8.8,8.8.4.4") " dns.ecs=198.51.100.0/24@dns", "", NULL, EXIT_PLACE,
		VS_RULE_DNS_PUBLIC_ECS, THIRD, VS_CONFIDENCE_HIGH, NULL, 0},
	{"one of two nameservers is reached beside the tunnel",
		R("9.9.9.9") " path.exit=tunnel@tunnel dns.path=mixed@tunnel "
			     "dns.beside=192.168.1.1,by,eth0@tunnel",
		"", NULL, EXIT_PLACE, VS_RULE_DNS_PATH_BESIDE, LIKELY_LEAK,
		"the resolver 9.9.9.9 is run by Quad9 for everybody, and the way to some of the nameservers "
		"goes beside the tunnel: 192.168.1.1 by eth0",
		0},
	{"and nobody was seen but the exit's own resolver",
		R("198.51.100.53") " path.exit=tunnel@tunnel dns.path=mixed@tunnel "
				   "dns.beside=192.168.1.1,by,eth0@tunnel",
		"", NULL, EXIT_PLACE, VS_RULE_DNS_SAME_PREFIX, LIKELY, NULL, 0},
	{"one of two is on this host, the other one through the tunnel",
		R("9.9.9.9") " dns.path=mixed@tunnel", "", NULL, EXIT_PLACE, VS_RULE_DNS_PUBLIC, THIRD,
		VS_CONFIDENCE_LOW, NULL, 0},
	{"the tunnel ends in the network of a public resolver",
		"exit.ip=104.28.1.7@ipify " HOW "dns.resolvers=172.68.1.53@dns", "", NULL,
		"104.28.1.7 AS13335 RO yes Cloudflare; 172.68.1.53 AS13335 RO yes Cloudflare",
		VS_RULE_DNS_SAME_NETWORK, LIKELY, NULL, 0},
	{"and queries go into it",
		"exit.ip=104.28.1.7@ipify " HOW "dns.resolvers=172.68.1.53@dns dns.path=tunnel@tunnel", "",
		NULL, "104.28.1.7 AS13335 RO yes Cloudflare; 172.68.1.53 AS13335 RO yes Cloudflare",
		VS_RULE_DNS_SAME_NETWORK, SURE, NULL, 0},
	{"but queries go beside it",
		"exit.ip=104.28.1.7@ipify " HOW "dns.resolvers=1.1.1.1@dns dns.path=beside@tunnel", "", NULL,
		"104.28.1.7 AS13335 RO yes Cloudflare", VS_RULE_DNS_PATH_BESIDE, SURE_LEAK, NULL, 0},
	{"the kernel routes queries beside the tunnel",
		R("8.8.8.8") " path.exit=tunnel@tunnel dns.path=beside@tunnel "
			     "dns.beside=192.168.1.1,by,eth0@tunnel",
		"", NULL, EXIT_PLACE, VS_RULE_DNS_PATH_BESIDE, SURE_LEAK,
		"the resolver 8.8.8.8 is run by Google for everybody, and the way to the nameservers goes "
		"beside "
		"the tunnel: 192.168.1.1 by eth0",
		0},
	{"but it routes everything there: the tunnel begins on another host",
		R("8.8.8.8") " path.exit=beside@tunnel dns.path=beside@tunnel", "", NULL, EXIT_PLACE,
		VS_RULE_DNS_PUBLIC, THIRD, VS_CONFIDENCE_LOW, NULL, 0},

	{"a data centre in the exit's country", R("192.0.2.53"), "", NULL,
		EXIT_PLACE "; 192.0.2.53 AS64501 RO yes Example Hosting", VS_RULE_DNS_SAME_COUNTRY, THIRD,
		VS_CONFIDENCE_LOW,
		"the resolver 192.0.2.53 belongs to AS64501 Example Hosting, a data centre in the exit's "
		"country",
		0},
	{"a data centre in another country", R("192.0.2.53"), "", NULL,
		EXIT_PLACE "; 192.0.2.53 AS64501 DE yes Example Hosting", VS_RULE_DNS_FOREIGN, LIKELY_LEAK,
		"the resolver 192.0.2.53 belongs to AS64501 Example Hosting, the exit to AS9009 M247", 0},
	{"an access network in the exit's country", R("192.0.2.53"), "", NULL,
		EXIT_PLACE "; 192.0.2.53 AS64501 RO no Example Telecom", VS_RULE_DNS_FOREIGN, LIKELY_LEAK,
		"the resolver 192.0.2.53 belongs to AS64501 Example Telecom, the exit to AS9009 M247", 0},
	{"and the kernel says the same", R("192.0.2.53") " dns.path=beside@tunnel", "", NULL,
		EXIT_PLACE "; 192.0.2.53 AS64501 RO no Example Telecom", VS_RULE_DNS_FOREIGN, SURE_LEAK,
		"the resolver 192.0.2.53 belongs to AS64501 Example Telecom, the exit to AS9009 M247, and "
		"the "
		"way to the nameservers goes beside the tunnel",
		0},
	{"a pool with one leaking member", R("198.51.100.53,198.51.100.54,203.0.113.7,8.8.8.8"), "", NULL,
		EXIT_PLACE, VS_RULE_DNS_HOME, SURE_LEAK,
		"the resolver 203.0.113.7 is the server's own exit, seen by ipinfo (one of 4 resolvers seen)",
		0},
	{"only the own zone met the leaking member",
		R("198.51.100.53") " zone.resolvers=203.0.113.7@zone zone.labels=6@zone", "", NULL,
		EXIT_PLACE, VS_RULE_DNS_HOME, SURE_LEAK, NULL, 0},
	{"a query sent straight out leaves at home", R("198.51.100.53") " udp.ip=203.0.113.7@dns_witness", "",
		NULL, EXIT_PLACE, VS_RULE_DNS_UDP_HOME, SURE_LEAK,
		"a query sent straight to a distant DNS server left from 203.0.113.7, which is the server's "
		"own "
		"exit, seen by ipinfo",
		0},
	{"a query that leaves elsewhere than HTTP says nothing",
		R("198.51.100.53") " udp.ip=192.0.2.99@dns_witness", "", NULL, EXIT_PLACE,
		VS_RULE_DNS_SAME_PREFIX, SURE, NULL, 0},

	{"no nameserver answers",
		EXIT "dns.answering=false@dns dns.labels=10@dns dns.nameservers=10.2.0.1,10.2.0.2@dns", "",
		NULL, EXIT_PLACE, VS_RULE_DNS_RESOLVER_DEAD, UNKNOWN,
		"no nameserver answers (10.2.0.1 10.2.0.2)", 0},
	{"no service told which resolver asked", EXIT "dns.answering=true@dns dns.labels=10@dns", "", NULL,
		EXIT_PLACE, VS_RULE_DNS_NOT_SEEN, UNKNOWN, "no service told which resolver asked", 0},
	{"no service told it, but queries are answered beside the tunnel",
		EXIT "dns.answering=true@dns path.exit=tunnel@tunnel dns.path=beside@tunnel", "", NULL,
		EXIT_PLACE, VS_RULE_DNS_PATH_BESIDE, LIKELY_LEAK,
		"the nameservers answer and are reached beside the tunnel", 0},
	{"too few names",
		EXIT "dns.techniques=akamai,google@dns dns.labels=2@dns dns.resolvers=198.51.100.53@dns", "",
		NULL, EXIT_PLACE, VS_RULE_DNS_FEW_LABELS, UNKNOWN,
		"the resolver 198.51.100.53 is next to the exit 198.51.100.7; but 2 names were asked for it, "
		"and "
		"5 are needed to see all of a pool",
		0},
	{"too few names are enough for a leak",
		EXIT "dns.techniques=akamai@dns dns.labels=1@dns dns.resolvers=203.0.113.7@dns", "", NULL,
		EXIT_PLACE, VS_RULE_DNS_HOME, SURE_LEAK, NULL, 0},
	{"the resolver is being looked up", R("192.0.2.53"), "", NULL, EXIT_PLACE, VS_RULE_DNS_LOOKING_UP,
		UNKNOWN, "the resolver 192.0.2.53 belongs to a network that is being looked up", 0},
	{"the exit is being looked up", R("192.0.2.53"), "", NULL, "192.0.2.53 AS64501 RO no Example Telecom",
		VS_RULE_DNS_LOOKING_UP, UNKNOWN,
		"the resolver 192.0.2.53 belongs to AS64501 Example Telecom, and it is being looked up where "
		"the "
		"exit 198.51.100.7 belongs",
		0},
	{"it may be of the IPv6 exit's network, which is being looked up",
		EXIT "exit6.ip=2001:db8:9::7@ipify " HOW "dns.resolvers=192.0.2.53@dns", "", NULL,
		EXIT_PLACE "; 192.0.2.53 AS64501 RO no Example Telecom", VS_RULE_DNS_LOOKING_UP, UNKNOWN,
		NULL, 0},
	{"where that belongs, nobody can tell",
		EXIT "exit6.ip=2001:db8:9::7@ipify " HOW "dns.resolvers=192.0.2.53@dns", "", NULL,
		EXIT_PLACE "; 192.0.2.53 AS64501 RO no Example Telecom; 2001:db8:9::7 AS0 - ?",
		VS_RULE_DNS_FOREIGN, LIKELY_LEAK, NULL, 0},
	{"nobody looks up", R("192.0.2.53"), "", NULL, NULL, VS_RULE_DNS_NO_PLACE, UNKNOWN,
		"the resolver 192.0.2.53 belongs to a network that nobody could tell", 0},
	{"it was looked up in vain", R("192.0.2.53"), "", NULL, EXIT_PLACE "; 192.0.2.53 AS0 - ?",
		VS_RULE_DNS_NO_PLACE, UNKNOWN, NULL, 0},
	{"the exit is not known", HOW "dns.resolvers=192.0.2.53@dns", "", NULL,
		"192.0.2.53 AS64501 RO no Example Telecom", VS_RULE_DNS_NO_EXIT, UNKNOWN,
		"the resolver 192.0.2.53 cannot be compared: no exit of a tunnel is known", 0},
	{"an exit that is home is nothing to compare with",
		"exit.ip=203.0.113.7@ipify " HOW "dns.resolvers=203.0.113.53@dns", "", NULL,
		"203.0.113.53 AS64500 RO no Home Telecom; 203.0.113.7 AS64500 RO no Home Telecom",
		VS_RULE_DNS_NO_EXIT, UNKNOWN, NULL, 0},
};

static void every_row_of_the_table_of_resolvers_is_judged_as_it_says(void **state)
{
	(void)state;
	check_rows(table, COUNT(table), VS_QUESTION_DNS);
}

static void tolerate(struct bench *bench, const char *place)
{
	assert_int_equal(vs_tolerance_add(&bench->rules.tolerance, vs_view_of(place), NULL), 0);
}

static void a_tolerated_address_network_or_country_is_no_leak(void **state)
{
	static const struct {
		const char *tolerated, *resolver;
		enum vs_rule rule;
	} cases[] = {
		{"192.0.2.0/24", "192.0.2.53", VS_RULE_DNS_TOLERATED},
		{"AS64501", "192.0.2.53", VS_RULE_DNS_TOLERATED}, {"DE", "192.0.2.53", VS_RULE_DNS_TOLERATED},
		{"AS15169", "8.8.8.8", VS_RULE_DNS_TOLERATED},
		{"US", "8.8.8.8", VS_RULE_DNS_PUBLIC}, /* where a public resolver is says nothing */
		{"AS64502", "192.0.2.53", VS_RULE_DNS_FOREIGN}, {"FR", "192.0.2.53", VS_RULE_DNS_FOREIGN},
		{"203.0.113.0/24", "203.0.113.7", VS_RULE_DNS_HOME}, /* home is never tolerated */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char facts[300];
		struct row row = {
			.facts = facts, .places = EXIT_PLACE "; 192.0.2.53 AS64501 DE no Example Telecom"};
		struct vs_judgement out;
		struct bench bench;

		snprintf(facts, sizeof(facts), EXIT HOW "dns.resolvers=%s@dns", cases[i].resolver);
		bench_open(&bench);
		tolerate(&bench, cases[i].tolerated);
		bench_judge(&bench, &row, &out);
		if (out.rule[VS_QUESTION_DNS] != cases[i].rule)
			fail_msg("%s with %s: %s", cases[i].resolver, cases[i].tolerated,
				out.evidence[VS_QUESTION_DNS]);
		bench_close(&bench);
	}
}

/* The server's own exit is in AS64500; who else is there is its provider's customer, or its resolver. */
static void locate_home(struct bench *bench, uint8_t hosting)
{
	struct vs_addr exit = addr(HOME4);
	struct vs_place place;

	vs_place_init(&place);
	place.asn = 64500;
	place.hosting = hosting;
	bench_learn(bench, HOME4);
	assert_true(vs_home_locate(bench->home, &exit, &place));
}

static const struct row provider = {"the provider's resolver", R("192.0.2.53"), "", NULL,
	EXIT_PLACE "; 192.0.2.53 AS64500 RO no Home Telecom", VS_RULE_DNS_HOME_ASN, SURE_LEAK,
	"the resolver 192.0.2.53 belongs to AS64500, the network of the server's own exit 203.0.113.7", 0};

static void the_resolver_of_the_provider_at_home_is_a_leak(void **state)
{
	struct bench bench;

	(void)state;
	bench_open(&bench);
	locate_home(&bench, VS_HOSTING_NO);
	bench_check(&bench, &provider, VS_QUESTION_DNS);
	bench_close(&bench);
}

static void a_server_in_a_data_centre_has_no_home_network(void **state)
{
	struct row row = provider;
	struct bench bench;

	(void)state;
	row.rule = VS_RULE_DNS_SAME_COUNTRY;
	row.verdict = THIRD;
	row.confidence = VS_CONFIDENCE_LOW;
	row.evidence = NULL;
	row.places = EXIT_PLACE "; 192.0.2.53 AS64500 RO yes Example Cloud";
	bench_open(&bench);
	locate_home(&bench, VS_HOSTING_YES);
	bench_check(&bench, &row, VS_QUESTION_DNS);
	bench_close(&bench);
}

static void a_network_that_home_and_exit_share_tells_nothing(void **state)
{
	struct row row = provider;
	struct bench bench;

	(void)state;
	row.rule = VS_RULE_DNS_SHARED_NETWORK;
	row.verdict = VS_VERDICT_UNKNOWN;
	row.confidence = VS_CONFIDENCE_NONE;
	row.evidence =
		"the resolver 192.0.2.53 belongs to AS64500 Home Telecom, as the exit and the home network "
		"do: it may be the resolver of either";
	row.places = "198.51.100.7 AS64500 RO no Home Telecom; 192.0.2.53 AS64500 RO no Home Telecom";
	bench_open(&bench);
	locate_home(&bench, VS_HOSTING_NO);
	bench_check(&bench, &row, VS_QUESTION_DNS);
	bench_close(&bench);
}

static void a_listed_network_is_home_even_in_a_data_centre(void **state)
{
	struct row row = provider;
	struct bench bench;

	(void)state;
	row.evidence = "the resolver 192.0.2.53 belongs to the home network AS64500";
	row.places = EXIT_PLACE "; 192.0.2.53 AS64500 RO yes Example Cloud";
	bench_open(&bench);
	vs_home_list(bench.home, vs_view_of("AS64500"), NULL);
	bench_check(&bench, &row, VS_QUESTION_DNS);
	bench_close(&bench);
}

static void what_is_not_known_is_asked_for_and_nothing_else(void **state)
{
	static const struct row row = {
		.facts = R("192.0.2.53,8.8.8.8,198.51.100.53,10.0.0.1,203.0.113.7"), .places = ""};
	struct vs_judgement out;
	struct bench bench;

	(void)state;
	bench_open(&bench);
	bench_judge(&bench, &row, &out);
	assert_true(bench_wants(&out, "192.0.2.53"));
	assert_true(bench_wants(&out, "198.51.100.7"));
	assert_int_equal(out.wanted_count, 2);
	bench_places(&bench, EXIT_PLACE "; 192.0.2.53 AS64501 DE no Example Telecom");
	bench_judge(&bench, &row, &out);
	assert_int_equal(out.wanted_count, 0);
	bench_close(&bench);
}

static void a_stale_place_is_used_and_asked_for_again(void **state)
{
	static const struct row row = {.facts = R("192.0.2.53"), .places = ""};
	struct vs_addr at = addr("192.0.2.53");
	struct vs_judgement out;
	struct vs_place place;
	struct bench bench;

	(void)state;
	vs_place_init(&place);
	place.asn = 64501;
	place.at = NOON - 72 * HOUR;
	bench_open(&bench);
	bench_places(&bench, EXIT_PLACE);
	vs_atlas_put(bench.atlas, &at, &place);
	bench_judge(&bench, &row, &out);
	assert_int_equal(out.rule[VS_QUESTION_DNS], VS_RULE_DNS_FOREIGN);
	assert_contains(out.evidence[VS_QUESTION_DNS], "(as of long ago)");
	assert_true(bench_wants(&out, "192.0.2.53"));
	bench_close(&bench);
}

static void resolvers_may_be_looked_for_less_often_than_exits(void **state)
{
	static const struct {
		int age;
		enum vs_rule dns, tunnel;
	} cases[] = {
		{0, VS_RULE_DNS_HOME, VS_RULE_TUNNEL_ELSEWHERE}, {4, VS_RULE_DNS_HOME, VS_RULE_TUNNEL_STALE},
		{15, VS_RULE_DNS_HOME, VS_RULE_TUNNEL_STALE},
		{16, VS_RULE_DNS_NOT_SEEN, VS_RULE_TUNNEL_STALE}, /* and countries are no answer instead */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct row row = {.facts = R("203.0.113.7"), .age = cases[i].age};
		struct vs_judgement out;
		struct bench bench;

		bench_open(&bench);
		bench.interval_ms = MINUTE;
		bench_judge(&bench, &row, &out);
		assert_int_equal(out.rule[VS_QUESTION_DNS], cases[i].dns);
		assert_int_equal(out.rule[VS_QUESTION_TUNNEL], cases[i].tunnel);
		bench_close(&bench);
	}
}

/* Otherwise a probe that fails would make an open leak look mended. */
static void countries_are_no_answer_where_resolvers_are_looked_for(void **state)
{
	static const struct vs_observation failed[] = {
		{.source = "ipinfo", .status = VS_OBSERVED_PASS},
		{.source = "dns_resolver", .status = VS_OBSERVED_UNKNOWN, .reason = "no answer in time"},
	};
	struct row row = {"no probe looks for resolvers",
		"exit.ip=198.51.100.7@ipinfo exit.country=RO@ipinfo dns_location=RO@trace", "", NULL, NULL,
		VS_RULE_DNS_LOCATION_EQUAL, LIKELY, NULL, 0};
	struct bench bench;

	(void)state;
	bench_open(&bench);
	bench_check(&bench, &row, VS_QUESTION_DNS);
	bench.observations = failed;
	bench.observation_count = COUNT(failed);
	row.what = "one does, in vain";
	row.rule = VS_RULE_DNS_NOT_SEEN;
	row.verdict = VS_VERDICT_UNKNOWN;
	row.confidence = VS_CONFIDENCE_NONE;
	row.evidence = "no service told which resolver asked: dns_resolver: no answer in time";
	bench_check(&bench, &row, VS_QUESTION_DNS);
	bench_close(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_of_the_table_of_resolvers_is_judged_as_it_says),
		cmocka_unit_test(a_tolerated_address_network_or_country_is_no_leak),
		cmocka_unit_test(the_resolver_of_the_provider_at_home_is_a_leak),
		cmocka_unit_test(a_server_in_a_data_centre_has_no_home_network),
		cmocka_unit_test(a_network_that_home_and_exit_share_tells_nothing),
		cmocka_unit_test(a_listed_network_is_home_even_in_a_data_centre),
		cmocka_unit_test(what_is_not_known_is_asked_for_and_nothing_else),
		cmocka_unit_test(a_stale_place_is_used_and_asked_for_again),
		cmocka_unit_test(resolvers_may_be_looked_for_less_often_than_exits),
		cmocka_unit_test(countries_are_no_answer_where_resolvers_are_looked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
