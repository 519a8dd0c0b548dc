/* The client role from inside: what client.c runs and reload.c exchanges. Nobody else includes this. [loop]
 */
#ifndef VS_CLIENT_ROLE_H
#define VS_CLIENT_ROLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "client/change.h"
#include "client/endpoint.h"
#include "client/identity.h"
#include "client/outage.h"
#include "client/owner.h"
#include "client/reply.h"
#include "client/schedule.h"
#include "client/status.h"

#define VS_ROLE_DRAIN_MS 400 /* for probes that are running: the client must be gone within a second */

struct vs_client_conf;
struct vs_err;
struct vs_hook;
struct vs_isolation;
struct vs_local;
struct vs_locating;
struct vs_loop;
struct vs_probe_set;
struct vs_probe_world;
struct vs_round;
struct vs_round_result;
struct vs_signal;
struct vs_spool;
struct vs_timer;
struct vs_uplink;

struct vs_role {
	const struct vs_client_conf *conf; /* the caller's, or reloaded */
	struct vs_client_conf *reloaded; /* NULL: none; owned */
	struct vs_loop *loop;
	struct vs_identity identity;
	struct vs_endpoint endpoint;
	bool persistent; /* the state directory can be written */
	struct vs_probe_world *world;
	struct vs_probe_set *probes;
	struct vs_probe_set *sources; /* of places; none unless this client asks */
	struct vs_locating *locating;
	struct vs_round *round; /* NULL: not started yet, or stopping */
	struct vs_schedule schedule;
	struct vs_timer *due; /* the next round */
	struct vs_timer *reload; /* a reload that was asked for and waits for the end of a round */
	struct vs_timer *reminder; /* of a connection that proves too little */
	struct vs_spool *spool;
	struct vs_uplink *uplink;
	struct vs_hook *hook; /* runs a program when the verdict changes */
	struct vs_isolation *isolation; /* of the network namespace */
	struct vs_owner owner; /* of the network namespace, where it is a container's */
	struct vs_change change; /* of the tunnel, from round to round */
	struct vs_outage outage;
	struct vs_local *local; /* NULL: there is none */
	struct vs_signal *signals[4];
	bool reload_wanted;
	bool again; /* a probe wished for a round while one was running */
	int exit_code; /* of a role that ran */

	uint64_t seq;
	bool told_left_out; /* about what did not fit into a report */
	struct vs_buf report; /* the latest body */
	struct vs_reply reply;
	bool replied;
	struct vs_client_status status;
};

/* When the next round is due, by the schedule as it is now. */
void vs_role_arm(struct vs_role *role);
/* A round has ended. For vs_probe_set_round(). */
void vs_role_on_round(void *arg, const struct vs_round_result *results, size_t count);
/* Looks for what changed since the last round, before its report is sent. */
void vs_role_follow(struct vs_role *role, const struct vs_round_result *results, size_t count);
/* The server took a report of now, and answered. */
void vs_role_heard(struct vs_role *role, const struct vs_reply *reply);
/* Rounds are dense from now on, since something changed; why is for the log. */
void vs_role_stir(struct vs_role *role, const char *why);
/* For vs_uplink_settings. */
void vs_role_on_failed(void *arg);
void vs_role_on_amend(void *arg, struct vs_buf *body, uint64_t lost_ms);
/* role_stop.c. Ends the role; for vs_signal_create(). A second one is harmless. */
void vs_role_on_signal(void *arg, int number);
/* From now on the role ends when its network namespace is dead, if it is told to. */
void vs_role_watch_isolation(struct vs_role *role);
/* role_locate.c. A failure leaves nothing behind. */
int vs_role_open_sources(struct vs_role *role, struct vs_err *err);
/* Others, made with the ones before as old; conf is what they were made of. */
void vs_role_take_sources(
	struct vs_role *role, struct vs_probe_set *sources, const struct vs_client_conf *conf);
void vs_role_close_sources(struct vs_role *role); /* twice is fine */
/* The results, and where the exits among them are as far as that is known; to be freed. */
struct vs_round_result *vs_role_add_places(
	struct vs_role *role, const struct vs_round_result *results, size_t *count);
/* Says what is wrong with the connection, if anything, now and once a day from now on. */
void vs_role_remind(struct vs_role *role);

/*
 * Reads the configuration file again and takes all of it or nothing; the log says which, and why. Only
 * between two rounds.
 */
void vs_role_reload(struct vs_role *role);

#endif
