/* One client on a fake clock: reports of facts in words, transitions counted and taken. */
#ifndef VS_TESTS_TRACKER_WORLD_H
#define VS_TESTS_TRACKER_WORLD_H

#include "model_test.h"

#include "model/client.h"
#include "model/tracker.h"
#include "model/transition.h"

struct world {
	struct vs_names *names;
	struct vs_home *home;
	struct vs_rules rules;
	struct vs_tracker tracker;
	struct vs_client client;
	struct vs_transitions out; /* of the last call */
	int64_t now;
	uint64_t seq;
};

/* The server's own exit is 203.0.113.7, the time is noon. */
static inline void world_init(struct world *world)
{
	struct vs_addr exit = addr("203.0.113.7");

	*world = (struct world){.names = vs_names_create(), .home = vs_home_create(), .now = NOON};
	vs_home_learn(world->home, &exit, "ipinfo", NOON);
	vs_rules_init(&world->rules);
	world->tracker =
		(struct vs_tracker){.names = world->names, .home = world->home, .rules = &world->rules};
	vs_client_init(&world->client, "office-vpn");
}

static inline void world_fini(struct world *world)
{
	vs_transitions_fini(&world->out);
	vs_client_fini(&world->client, world->names);
	assert_int_equal(vs_names_count(world->names), 0);
	vs_names_destroy(world->names);
	vs_home_destroy(world->home);
	vs_rules_fini(&world->rules);
}

static inline void send_json(struct world *world, const char *json, const char *source)
{
	struct vs_addr from = addr(source);
	struct vs_report report;

	parse(&report, json);
	vs_transitions_fini(&world->out);
	vs_tracker_report(&world->tracker, &world->client, &report, &from, NULL, 0, world->now, &world->out);
	vs_report_fini(&report);
}

/* exit, country, dns: "" for what was not measured. */
static inline void send_facts(struct world *world, const char *exit, const char *country, const char *dns)
{
	char json[600];

	snprintf(json, sizeof(json),
		"{\"client_id\":\"office-vpn\",\"v\":2,\"seq\":%d,\"started_at\":\"2026-11-23T11:00:00Z\","
		"\"interval_seconds\":300,\"client_version\":\"0.1.0\",\"observations\":["
		"{\"source\":\"ipinfo\",\"status\":\"%s\",\"reason\":\"it rained\",\"facts\":"
		"{\"exit.ip\":\"%s\",\"exit.country\":\"%s\"}},"
		"{\"source\":\"cloudflare_trace\",\"status\":\"pass\",\"facts\":{\"dns_location\":\"%s\"}}]}",
		(int)++world->seq, *exit == '\0' ? "unknown" : "pass", exit, country, dns);
	send_json(world, json, *exit == '\0' ? "10.0.0.2" : exit);
}

#define VPN "198.51.100.7"
#define HOME "203.0.113.7"

static inline void send_good(struct world *world)
{
	send_facts(world, VPN, "RO", "RO");
}

static inline void pass_minutes(struct world *world, int64_t minutes)
{
	world->now += minutes * MINUTE;
}

/* Exactly these transitions came, in this order: "opened bypass, notice connected". */
static inline void assert_told(const struct world *world, const char *expected)
{
	char text[400] = "";
	size_t len = 0;

	for (size_t i = 0; i < world->out.count; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s %s", i == 0 ? "" : ", ",
			vs_change_name((enum vs_change)world->out.items[i].change),
			vs_kind_name((enum vs_kind)world->out.items[i].kind));
	assert_string_equal(text, expected);
}

#endif
