/* One client that tells of its tunnel: reports of any facts, and silence. */
#ifndef VS_TESTS_TUNNEL_WORLD_H
#define VS_TESTS_TUNNEL_WORLD_H

#include "tracker_world.h"

#include "model/cause.h"

#define SIDE "10.0.0.2" /* where a keepalive comes from that goes beside the tunnel */
#define WELL "\"exit.ip\":\"" VPN "\",\"tunnel.up\":true,\"net.devices\":2"
#define DOWN "\"tunnel.up\":false,\"net.devices\":1"
#define AT_HOME "\"exit.ip\":\"" HOME "\",\"tunnel.up\":false"
#define OPEN ",\"killswitch.tested\":\"eth0\",\"killswitch.open\":\"eth0\""
#define QUERIES_AT_HOME ",\"udp.ip\":\"" HOME "\""

/* A report with these facts, by one source that measured what it could. */
static inline void send_all(struct world *world, const char *source, const char *facts)
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

static inline void begin(struct world *world)
{
	world_init(world);
	send_all(world, VPN, WELL);
	assert_told(world, "notice connected");
}

static inline void fall_silent(struct world *world, enum vs_cause cause)
{
	pass_minutes(world, 15);
	vs_transitions_fini(&world->out);
	vs_tracker_lost(&world->tracker, &world->client, world->now, &(struct vs_silence){15 * MINUTE, cause},
		&world->out);
}

#endif
