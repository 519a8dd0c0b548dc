/*
 * What judging costs: a full report of a healthy client, with every fact that a rule looks at, a policy,
 * and an atlas that knows all addresses. Prints nanoseconds for each; the argument is how many rounds.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/addr.h"
#include "model/atlas.h"
#include "model/client.h"
#include "model/epoch.h"
#include "model/home.h"
#include "model/judge.h"
#include "model/names.h"
#include "model/place.h"
#include "model/policy.h"
#include "model/report.h"
#include "model/report_facts.h"
#include "model/rules.h"
#include "model/tracker.h"
#include "model/transition.h"

#define NOON INT64_C(1795435200000)
#define EXTRA 5 /* facts that the server adds */
#define SETS 5 /* the best one is told: others had company on their core */

struct told {
	const char *source;
	const char *name;
	const char *value;
};

/* As shipped probes tell it, source by source. */
static const struct told full[] = {
	{"ipify", "exit.ip", "198.51.100.7"},
	{"ipify", "exit6.ip", "2001:db8:9::7"},
	{"ipify", "ipv6.reachable", "true"},
	{"ipinfo", "exit.ip", "198.51.100.7"},
	{"ipinfo", "exit.country", "RO"},
	{"ipinfo", "exit.city", "Bucharest"},
	{"ipinfo", "exit.region", "Bucharest"},
	{"ipinfo", "exit.asn", "AS9009"},
	{"ipinfo", "exit.org", "M247 Europe SRL"},
	{"ipinfo", "exit.timezone", "Europe/Bucharest"},
	{"ipinfo", "exit.hostname", "vpn7.example.net"},
	{"ipinfo", "exit.hosting", "true"},
	{"cloudflare_trace", "trace.ip", "198.51.100.7"},
	{"cloudflare_trace", "dns_location", "RO"},
	{"cloudflare_trace", "trace.colo", "OTP"},
	{"cloudflare_trace", "trace.warp", "off"},
	{"cloudflare_trace", "dns.colo", "OTP"},
	{"cloudflare_trace", "warp", "off"},
	{"dns_witness", "udp.ip", "198.51.100.7"},
	{"dns_witness", "udp6.ip", "2001:db8:9::7"},
	{"dns_resolver", "dns.resolvers", "198.51.100.53 192.0.2.53 192.0.2.54 192.0.2.55 172.217.43.194"},
	{"dns_resolver", "dns.techniques", "zone akamai akahelp google"},
	{"dns_resolver", "dns.labels", "12"},
	{"dns_resolver", "dns.ecs", "198.51.100.0/24"},
	{"dns_resolver", "dns.nameservers", "10.2.0.1 10.2.0.2"},
	{"dns_resolver", "dns.answering", "true"},
	{"dns_resolver", "dns.rewrites", "false"},
	{"tunnel", "dns.path", "tunnel"},
	{"tunnel", "tunnel.interface", "wg0"},
	{"tunnel", "tunnel.up", "true"},
	{"tunnel", "tunnel.handshake_age", "40s"},
	{"tunnel", "tunnel.rx_bytes", "123456789"},
	{"tunnel", "tunnel.tx_bytes", "23456789"},
	{"tunnel", "beside.rx_bytes", "3456789"},
	{"tunnel", "beside.tx_bytes", "456789"},
	{"tunnel", "net.devices", "2"},
	{"tunnel", "path.exit", "tunnel"},
	{"tunnel", "path.exit6", "tunnel"},
	{"killswitch", "killswitch.tested", "eth0"},
};

static const char *const places[] = {"198.51.100.7", "2001:db8:9::7", "198.51.100.53", "192.0.2.53",
	"192.0.2.54", "192.0.2.55", "172.217.43.194"};

struct world {
	struct vs_names *names;
	struct vs_home *home;
	struct vs_atlas *atlas;
	struct vs_policies *policies;
	struct vs_rules rules;
	struct vs_epoch epoch;
	struct vs_tracker tracker;
	struct vs_client client;
	struct vs_report report;
	struct vs_addr source;
	struct vs_fact_value extra[EXTRA];
	struct vs_transitions out;
	int64_t now;
};

static struct vs_addr address(const char *text)
{
	struct vs_addr addr = {0};

	if (vs_addr_parse(&addr, vs_view_of(text)) < 0)
		abort();
	return addr;
}

static void fill_report(struct vs_report *report)
{
	const char *source = "";

	vs_report_init(report);
	report->client_id = "office-vpn";
	report->interval_ms = 300000;
	report->started_at = NOON;
	for (size_t i = 0; i < sizeof(full) / sizeof(full[0]); i++) {
		enum vs_fact known = vs_fact_find(vs_view_of(full[i].name));

		if (strcmp(source, full[i].source) != 0)
			vs_report_observe(report, full[i].source, VS_OBSERVED_PASS, NULL, 0);
		source = full[i].source;
		if (!vs_report_add_fact(report, full[i].name, vs_fact_type(known), full[i].value))
			abort();
	}
}

static void add_extra(
	struct world *world, size_t at, enum vs_fact known, const char *source, const char *value)
{
	world->extra[at] = (struct vs_fact_value){
		vs_fact_name(known), source, vs_view_of(value), NOON, vs_fact_type(known), known};
}

static void open_world(struct world *world)
{
	struct vs_addr home = address("203.0.113.7");
	struct vs_place place;

	*world = (struct world){.names = vs_names_create(), .home = vs_home_create(), .now = NOON};
	world->atlas = vs_atlas_create(0);
	world->policies = vs_policies_create();
	world->source = address("198.51.100.7");
	vs_rules_init(&world->rules);
	vs_home_learn(world->home, &home, "ipify", NOON);
	vs_policies_add(world->policies);
	vs_policies_add_allowed(world->policies, vs_view_of("RO"), NULL);
	vs_place_init(&place);
	place.asn = 9009;
	place.org = "M247 Europe SRL";
	place.hosting = VS_HOSTING_YES;
	place.agreed = place.asked = 2;
	place.at = NOON;
	memcpy(place.country, "RO", 3);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct vs_addr addr = address(places[i]);

		place.asn = i == 6 ? 15169 : 9009;
		vs_atlas_put(world->atlas, &addr, &place);
	}
	world->tracker = (struct vs_tracker){.names = world->names,
		.home = world->home,
		.rules = &world->rules,
		.epoch = &world->epoch,
		.atlas = world->atlas,
		.policies = world->policies};
	vs_client_init(&world->client, "office-vpn");
	fill_report(&world->report);
	add_extra(world, 0, VS_FACT_ZONE_RESOLVERS, "zone", "198.51.100.53 192.0.2.53");
	add_extra(world, 1, VS_FACT_ZONE_LABELS, "zone", "6");
	add_extra(world, 2, VS_FACT_EXIT6_COUNTRY, "located", "RO");
	add_extra(world, 3, VS_FACT_EXIT6_ASN, "located", "AS9009");
	add_extra(world, 4, VS_FACT_EXIT6_ORG, "located", "M247 Europe SRL");
}

static void close_world(struct world *world)
{
	vs_transitions_fini(&world->out);
	vs_client_fini(&world->client, world->names);
	vs_report_fini(&world->report);
	vs_policies_destroy(world->policies);
	vs_atlas_destroy(world->atlas);
	vs_home_destroy(world->home);
	vs_names_destroy(world->names);
	vs_rules_fini(&world->rules);
}

static void report(struct world *world)
{
	world->now += 1;
	world->report.seq++;
	for (size_t i = 0; i < EXTRA; i++)
		world->extra[i].observed_at = world->now;
	vs_transitions_fini(&world->out);
	vs_tracker_report(&world->tracker, &world->client, &world->report, &world->source, world->extra,
		EXTRA, world->now, &world->out);
}

static void same_facts(struct world *world, int round)
{
	(void)round;
	report(world);
}

static void other_facts(struct world *world, int round)
{
	for (uint32_t i = 0; i < world->report.fact_count; i++)
		if (world->report.facts[i].known == VS_FACT_TUNNEL_RX)
			world->report.facts[i].value = vs_view_of(round % 2 == 0 ? "123456790" : "123456789");
	report(world);
}

static void judge_alone(struct world *world, int round)
{
	struct vs_judgement out;
	struct vs_case in = {.facts = &world->client.facts,
		.names = world->names,
		.observations = world->report.observations,
		.observation_count = world->report.observation_count,
		.source = world->source,
		.home = world->home,
		.rules = &world->rules,
		.atlas = world->atlas,
		.policies = world->policies,
		.client_id = "office-vpn",
		.now = world->now};

	(void)round;
	vs_judge(&in, &out);
	for (int q = 0; q < VS_QUESTIONS; q++)
		if (out.verdict[q] > VS_VERDICT_THIRD_PARTY || out.wanted_count > 0) {
			fprintf(stderr, "%s: %s\n", vs_question_name((enum vs_question)q), out.evidence[q]);
			abort();
		}
}

static double now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void measure(struct world *world, const char *name, void (*once)(struct world *, int), int rounds)
{
	double best = 0;

	for (int set = 0; set < SETS; set++) {
		double begun = now_ns(), each;

		for (int i = 0; i < rounds; i++)
			once(world, i);
		each = (now_ns() - begun) / rounds;
		best = set == 0 || each < best ? each : best;
	}
	printf("%s %.0f\n", name, best);
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 100000;
	struct world world;

	open_world(&world);
	report(&world);
	measure(&world, "same_ns", same_facts, rounds);
	measure(&world, "changed_ns", other_facts, rounds);
	measure(&world, "judge_ns", judge_alone, rounds);
	printf("facts %zu\n", vs_facts_count(&world.client.facts));
	close_world(&world);
	return 0;
}
