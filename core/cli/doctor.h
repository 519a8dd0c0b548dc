/* `doctor` from inside: what its parts share. Each part looks at one thing and adds findings. */
#ifndef VS_CLI_DOCTOR_H
#define VS_CLI_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/buf.h"
#include "cli/findings.h"
#include "plug/env.h"

struct vpns_list;
struct vs_captures;
struct vs_client_conf;
struct vs_instances_conf;
struct vs_loop;
struct vs_probe_world;
struct vs_search;
struct vs_server_conf;

#define VS_DOCTOR_OFFSETS 64
#define VS_DOCTOR_NAMES 32

struct vs_doctor {
	struct vs_findings findings;
	struct vs_loop *loop;
	struct vs_probe_world *world;
	struct vs_plug_env env; /* the world's, with the role that is looked at */
	struct vs_search *search;
	bool pinned;
	struct vs_captures *captures; /* NULL: nothing is recorded */

	char *names[VS_DOCTOR_NAMES]; /* hosts of what is configured that are no addresses */
	size_t name_count;
	char exit[VS_ADDR_TEXT]; /* told by a probe; "": none so far */
	size_t witnesses; /* probes that were asked, and look for the exit */
	size_t exits; /* that told an exit */

	/* Of the services' clocks against ours, in milliseconds. */
	int64_t offsets[VS_DOCTOR_OFFSETS];
	size_t offset_count;
	size_t replies; /* that the instance which is asked got, or was refused */
	int last_error; /* enum vs_http_error of the first that was none, or of the last */
	unsigned last_status;
};

/* doctor_host.c: this machine. */
void vs_doctor_state_dir(struct vs_doctor *doctor, const char *folder);
void vs_doctor_routes(struct vs_doctor *doctor);
void vs_doctor_add_name(struct vs_doctor *doctor, const char *url); /* NULL is fine */
void vs_doctor_resolver(struct vs_doctor *doctor);
void vs_doctor_running(struct vs_doctor *doctor, const char *role, const char *state_dir);

/* doctor_probe.c: services, asked by the plugins that the configuration names. */
void vs_doctor_collect_names(struct vs_doctor *doctor, const struct vs_instances_conf *list);
void vs_doctor_probes(struct vs_doctor *doctor, const struct vs_instances_conf *list);
void vs_doctor_sources(struct vs_doctor *doctor, const struct vs_instances_conf *list);
void vs_doctor_witnesses(struct vs_doctor *doctor); /* after the probes: is anything left that tells exits? */
void vs_doctor_seen(void *arg, uint64_t handle, const char *url, const struct vs_http_reply *reply);

/* doctor_clock.c */
void vs_doctor_add_date(struct vs_doctor *doctor, const struct vs_http_reply *reply);
void vs_doctor_clock(struct vs_doctor *doctor); /* against the services that were asked */
/* How far the reply's clock is before ours; false: it names no time. */
bool vs_doctor_offset(int64_t *offset_ms, const struct vs_http_reply *reply);
/* sure: if the two differ, it is ours that is wrong. */
void vs_doctor_clock_finding(
	struct vs_doctor *doctor, const char *what, int64_t offset_ms, bool sure, const char *whose);

/* doctor_server.c: the client's server, and the server's own certificate. */
void vs_doctor_server(struct vs_doctor *doctor, const struct vs_client_conf *conf);
void vs_doctor_own_certificate(struct vs_doctor *doctor, const struct vs_server_conf *conf);

/* doctor_tls.c: what certificate stands at a port, whether or not it can be believed. */
void vs_doctor_certificate(struct vs_doctor *doctor, const char *url);

#endif
