/*
 * The rules of the judge, by name: which of them gave an answer, and what it says in plain words. The
 * numbers are stored: for ever. A new rule takes the next number.
 */
#ifndef VS_MODEL_RULE_H
#define VS_MODEL_RULE_H

#include <stdbool.h>
#include <stdint.h>

/* number, name on the wire, the rule as a sentence without a full stop */
#define VS_RULE_ROWS(X)                                                                                      \
	X(NONE, 0, "", "")                                                                                   \
	X(NOT_CHECKED, 1, "not_checked", "nothing was measured that answers this question")                  \
	X(SILENT, 2, "silent", "the client is silent, and what it said before no longer counts")             \
	/* tunnel */                                                                                         \
	X(TUNNEL_EXIT_HOME, 10, "tunnel_exit_home", "an exit belongs to the network outside the tunnel")     \
	X(TUNNEL_SOURCE_HOME, 11, "tunnel_source_home",                                                      \
		"the keepalive came from the network outside the tunnel")                                    \
	X(TUNNEL_HOME_ASN, 12, "tunnel_home_asn",                                                            \
		"an exit belongs to the internet provider of the network outside the tunnel")                \
	X(TUNNEL_NO_DEVICE, 13, "tunnel_no_device",                                                          \
		"no exit was told, and the client has no network device that is up")                         \
	X(TUNNEL_DEVICE_DOWN, 14, "tunnel_device_down", "no exit was told, and the tunnel's device is down") \
	X(TUNNEL_DEAD, 15, "tunnel_dead",                                                                    \
		"nothing on the internet answered, while the keepalive came beside the tunnel")              \
	X(TUNNEL_NOT_TOLD, 16, "tunnel_not_told", "no source told the exit")                                 \
	X(TUNNEL_STALE, 17, "tunnel_stale", "the exit was measured too long ago to count")                   \
	X(TUNNEL_DISAGREE, 18, "tunnel_disagree", "the sources disagree about the exit")                     \
	X(TUNNEL_PRIVATE, 19, "tunnel_private", "the exit that was told is no public address")               \
	X(TUNNEL_HOME_UNKNOWN, 20, "tunnel_home_unknown",                                                    \
		"the server does not know its own exit, which the client's is compared with")                \
	X(TUNNEL_ELSEWHERE, 21, "tunnel_elsewhere", "every exit is outside the home network")                \
	/* dns, as long as no resolver was seen */                                                           \
	X(DNS_LOCATION_EQUAL, 30, "dns_location_equal",                                                      \
		"no resolver was seen, and Cloudflare's trace names the country of the exit")                \
	X(DNS_LOCATION_TOLERATED, 31, "dns_location_tolerated",                                              \
		"no resolver was seen, and the country that Cloudflare's trace names is tolerated")          \
	X(DNS_LOCATION_DIFFERS, 32, "dns_location_differs",                                                  \
		"no resolver was seen, and Cloudflare's trace names another country than the exit's")        \
	X(DNS_LOCATION_MISSING, 33, "dns_location_missing",                                                  \
		"no resolver was seen, and a country that could be compared is missing")                     \
	X(DNS_LOCATION_NO_CODE, 34, "dns_location_no_code",                                                  \
		"no resolver was seen, and what was told is the name of no country")                         \
	X(DNS_LOCATION_EXITS, 35, "dns_location_exits",                                                      \
		"no resolver was seen, and the countries are those of different exits")                      \
	/* dns, by the resolvers that asked */                                                               \
	X(DNS_HOME, 40, "dns_home", "the resolver belongs to the network outside the tunnel")                \
	X(DNS_LAN, 41, "dns_lan", "the resolver asked the server's own zone from a private network")         \
	X(DNS_HOME_ASN, 42, "dns_home_asn",                                                                  \
		"the resolver belongs to the internet provider of the network outside the tunnel")           \
	X(DNS_ECS_HOME, 43, "dns_ecs_home",                                                                  \
		"a resolver passed on that the query came from the network outside the tunnel")              \
	X(DNS_UDP_HOME, 44, "dns_udp_home", "queries sent straight out leave through the home network")      \
	X(DNS_PATH_BESIDE, 45, "dns_path_beside",                                                            \
		"the way to the nameservers goes beside the tunnel, and what answers is not the tunnel's")   \
	X(DNS_FOREIGN, 46, "dns_foreign",                                                                    \
		"the resolver belongs to a network that is neither the exit's nor known nor tolerated")      \
	X(DNS_SAME_PREFIX, 47, "dns_same_prefix", "the resolver is next to the exit")                        \
	X(DNS_SAME_NETWORK, 48, "dns_same_network", "the resolver belongs to the exit's network")            \
	X(DNS_TOLERATED, 49, "dns_tolerated", "the resolver is one of those that are tolerated")             \
	X(DNS_PUBLIC, 50, "dns_public",                                                                      \
		"the resolver is a public one, and nothing proves which way the queries go to it")           \
	X(DNS_PUBLIC_ECS, 51, "dns_public_ecs",                                                              \
		"the resolver is a public one, and it was asked through the tunnel")                         \
	X(DNS_SAME_COUNTRY, 52, "dns_same_country",                                                          \
		"the resolver is in a data centre in the exit's country")                                    \
	X(DNS_RESOLVER_DEAD, 53, "dns_resolver_dead", "no nameserver answers")                               \
	X(DNS_NOT_SEEN, 54, "dns_not_seen", "nobody could tell which resolver asked")                        \
	X(DNS_FEW_LABELS, 55, "dns_few_labels",                                                              \
		"too few names were asked: another resolver of the same pool may not have been seen")        \
	X(DNS_LOOKING_UP, 56, "dns_looking_up", "where the resolver or the exit belongs is being looked up") \
	X(DNS_NO_PLACE, 57, "dns_no_place", "nobody can tell where the resolver or the exit belongs")        \
	X(DNS_NO_EXIT, 58, "dns_no_exit", "the exit that the resolver would be compared with is not known")  \
	X(DNS_PRIVATE, 59, "dns_private", "only private addresses were told, which prove nothing")           \
	X(DNS_SHARED_NETWORK, 60, "dns_shared_network",                                                      \
		"the resolver belongs to a network that the exit and the home network share")                \
	X(DNS_ECS_FOREIGN, 61, "dns_ecs_foreign",                                                            \
		"a resolver passed on that the query came from an access network that is not the exit's")    \
	/* ipv6 */                                                                                           \
	X(IPV6_HOME, 70, "ipv6_home", "the IPv6 exit belongs to the network outside the tunnel")             \
	X(IPV6_HOME_ASN, 71, "ipv6_home_asn",                                                                \
		"the IPv6 exit belongs to the internet provider of the network outside the tunnel")          \
	X(IPV6_BESIDE, 72, "ipv6_beside", "IPv6 works, and its way goes beside the tunnel")                  \
	X(IPV6_FOREIGN, 73, "ipv6_foreign", "the IPv6 exit belongs to another network than the tunnel's")    \
	X(IPV6_EXPOSED_ROUTE, 74, "ipv6_exposed_route",                                                      \
		"a device beside the tunnel has a global IPv6 address and the route to the internet")        \
	X(IPV6_EXPOSED_DEVICE, 75, "ipv6_exposed_device",                                                    \
		"a device beside the tunnel has a global IPv6 address, and the route is not known")          \
	X(IPV6_NO_ROUTE, 76, "ipv6_no_route", "there is no way to the internet over IPv6")                   \
	X(IPV6_NOT_REACHED, 77, "ipv6_not_reached", "no service could be reached over IPv6")                 \
	X(IPV6_SAME_NETWORK, 78, "ipv6_same_network", "the IPv6 exit belongs to the exit's network")         \
	X(IPV6_TUNNEL, 79, "ipv6_tunnel", "the way to the internet over IPv6 goes through the tunnel")       \
	X(IPV6_ONLY_EXIT, 80, "ipv6_only_exit",                                                              \
		"the tunnel has no other exit than the IPv6 one, which is outside the home network")         \
	X(IPV6_OTHER_HOSTING, 81, "ipv6_other_hosting",                                                      \
		"the IPv6 exit is in another data centre's network than the exit")                           \
	X(IPV6_LOOKING_UP, 82, "ipv6_looking_up", "where the exits belong is being looked up")               \
	X(IPV6_NO_PLACE, 83, "ipv6_no_place", "nobody can tell where the exits belong")                      \
	X(IPV6_DISAGREE, 84, "ipv6_disagree", "the sources disagree about the IPv6 exit")                    \
	X(IPV6_NOT_TOLD, 85, "ipv6_not_told", "IPv6 was not measured as far as an exit")                     \
	X(IPV6_HOME_UNKNOWN, 86, "ipv6_home_unknown",                                                        \
		"the server does not know its own IPv6 exit, which the client's is compared with")           \
	X(IPV6_SOURCE_HOME, 87, "ipv6_source_home",                                                          \
		"the keepalive came over IPv6 from the network outside the tunnel")                          \
	X(IPV6_QUERY, 88, "ipv6_query", "a query got out over IPv6, and nothing tells which way")            \
	/* policy */                                                                                         \
	X(POLICY_ALLOWED, 100, "policy_allowed", "the exit is where the policy wants it")                    \
	X(POLICY_DENIED, 101, "policy_denied", "the exit is where the policy forbids it")                    \
	X(POLICY_NOT_ALLOWED, 102, "policy_not_allowed", "the exit is nowhere the policy allows")            \
	X(POLICY_NO_EXIT, 103, "policy_no_exit", "the exit is not known")                                    \
	X(POLICY_DISAGREE, 104, "policy_disagree", "the sources disagree about where the exit is")           \
	X(POLICY_LOOKING_UP, 105, "policy_looking_up", "where the exit is is being looked up")               \
	X(POLICY_NO_PLACE, 106, "policy_no_place", "nobody can tell where the exit is")                      \
	/* killswitch */                                                                                     \
	X(KILLSWITCH_CANARY, 120, "killswitch_canary", "a canary arrived that was sent beside the tunnel")   \
	X(KILLSWITCH_OPEN, 121, "killswitch_open", "something answered that was sent beside the tunnel")     \
	X(KILLSWITCH_CLOSED, 122, "killswitch_closed", "nothing that was sent beside the tunnel got out")    \
	X(KILLSWITCH_FAILED, 123, "killswitch_failed", "the test of the kill switch could not be made")      \
	X(KILLSWITCH_CANARY_EXIT, 124, "killswitch_canary_exit",                                             \
		"a canary arrived from the exit itself: what it was sent through may lead into the tunnel")

enum vs_rule {
#define VS_RULE_ENUM(name, number, text, words) VS_RULE_##name = number,
	VS_RULE_ROWS(VS_RULE_ENUM)
#undef VS_RULE_ENUM
};

/* "" for NONE and for numbers that are no rule. */
const char *vs_rule_name(uint8_t rule);
const char *vs_rule_words(uint8_t rule);

/* Whether it is the number of a rule. */
bool vs_rule_is_known(uint8_t rule);

#endif
