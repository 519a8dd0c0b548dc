/* Everything that server.yaml can say, checked. */
#ifndef VS_CONFIG_SERVER_CONF_H
#define VS_CONFIG_SERVER_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vpn_sentinel/option.h"

#include "config/arena.h"
#include "config/common_conf.h"
#include "config/conf.h"
#include "config/instance.h"
#include "config/locate_conf.h"
#include "config/places.h"
#include "config/policy_conf.h"
#include "config/prefixes.h"
#include "config/tls_conf.h"
#include "config/zone_conf.h"

#define VS_SERVE_API (1u << 0)
#define VS_SERVE_HEALTH (1u << 1)
#define VS_SERVE_METRICS (1u << 2)

struct vs_listen_conf {
	const char *host; /* address or name without brackets; NULL for a unix socket */
	uint16_t port; /* 0: the kernel chooses */
	const char *path; /* of a unix socket, else NULL */
	uint32_t serve; /* VS_SERVE_* */
	bool secure; /* encrypted: server.tls is set, and this listener does not say tls: false */
	struct vs_mark mark;
};

/* What peers may take of the HTTP server, all listeners together; see net/http_server.h. */
struct vs_limits_conf {
	int64_t connections;
	int64_t per_address;
	int64_t handshake_timeout_ms;
	int64_t request_timeout_ms;
	int64_t idle_timeout_ms;
	int64_t write_timeout_ms;
	int64_t body;
};

struct vs_server_section {
	const char *api_path; /* "/api/v1": one leading slash, none at the end; "" for the root */
	int64_t drain_timeout_ms;
	struct vpns_list trusted_proxies; /* as written; parsed in proxies below */
	uint32_t proxy_header; /* enum vs_proxy_header_choice */
};

enum vs_proxy_header_choice {
	VS_PROXY_HEADER_AUTO,
	VS_PROXY_HEADER_X_FORWARDED_FOR,
	VS_PROXY_HEADER_FORWARDED
};

struct vs_metrics_conf {
	uint8_t is_public; /* /metrics needs no key */
};

struct vs_heartbeat_conf {
	const char *url; /* NULL: none */
	int64_t interval_ms;
	int64_t timeout_ms;
};

struct vs_audit_conf {
	uint8_t enabled;
	const char *path; /* NULL: audit.log in state_dir, as far as there is one */
	int64_t max_size;
	int64_t keep;
};

struct vs_rate_limit_conf {
	int64_t requests; /* in each `per`, for one address; 0: no limit */
	int64_t per_ms;
	int64_t burst; /* never 0 unless requests is */
};

struct vs_monitor_conf {
	int64_t interval_ms; /* what clients are told */
	int64_t grace_ms;
	int64_t lost_after_ms;
	struct vpns_list dns_leak_tolerance; /* as written; parsed in tolerance below */
	int64_t max_clients;
	int64_t forget_after_ms;
};

struct vs_server_conf {
	const char *state_dir;
	struct vs_plugins_conf plugins;
	struct vs_server_section server;
	struct vs_limits_conf limits;
	struct vs_prefixes proxies; /* server.trusted_proxies */
	struct vs_server_tls_conf tls;
	struct vs_listen_conf *listens;
	size_t listen_count; /* at least 1 */
	struct vs_rate_limit_conf rate_limit;
	struct vs_monitor_conf monitor;
	struct vs_tolerance_conf tolerance;
	struct vs_home_conf home; /* monitor.home */
	struct vs_policies_conf policies; /* monitor.policy */
	struct vs_instances_conf auth;
	struct vs_instance_conf store; /* plugin "memory" unless another is named */
	struct vs_instances_conf notifiers;
	struct vs_instances_conf probes;
	struct vs_locate_conf locate;
	struct vs_log_conf log;
	struct vs_metrics_conf metrics;
	struct vs_audit_conf audit;
	struct vs_heartbeat_conf heartbeat;
	struct vs_zone_conf zone;

	const char *file; /* as given */
	const char *folder;
	struct vs_conf *tree; /* owned; options nodes of instances live in it */
	struct vs_arena arena;
};

/*
 * Reads and checks a whole file. NULL only when it is no YAML map; otherwise the struct,
 * which may be used to run only if problems->errors is 0 (a check can go on with it anyway,
 * to look at the plugins' options too). env is for substitution.
 */
struct vs_server_conf *vs_server_conf_read(
	const char *path, const struct vs_env *env, struct vs_problems *problems);
void vs_server_conf_destroy(struct vs_server_conf *conf); /* NULL is fine */

#endif
