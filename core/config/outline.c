#include "config/outline.h"

#include "config/common_conf.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

#define LISTENERS                                                                                            \
	"A list. Without it the server listens on 0.0.0.0:5000, and all is served there. Unix sockets are "  \
	"never encrypted."
#define HOME                                                                                                 \
	"The network outside the tunnel: a client that is seen with one of these is not in its tunnel. "     \
	"What "                                                                                              \
	"the server's own probes see of its exit is added by itself."
#define POLICIES "A list; the first entry that names a client is its own. Without it exits may be anywhere."
#define CHECKS                                                                                               \
	"A list: who may ask. Checks are asked in this order; no required one may refuse, and one "          \
	"sufficient one must allow. Where there is no sufficient one, a required one must allow."
#define STORE                                                                                                \
	"One plugin in use: where clients, incidents and waiting messages are kept. Without it that is the " \
	"plugin memory, which keeps nothing when the server ends."
#define CHANNELS "A list: who is told."
#define SERVER_PROBES                                                                                        \
	"A list: the server's own probes. They learn the exit that a client must not have, and whether it "  \
	"is the server itself that is cut off."
#define CLIENT_PROBES                                                                                        \
	"A list: run side by side, each within its own deadline. A report goes out even when all of them "   \
	"fail."
#define SOURCES                                                                                              \
	"A list: probes that can tell where an address is, asked in this order, none beyond its budget."
#define USE                                                                                                  \
	"What each plugin in use can be given beside plugin and options. Its own options stand only under "  \
	"options: see vpn-sentinel-plugin-show(1)."

#define SHARED_PLACES                                                                                        \
	{"locate", &vs_locate_rows, "Where addresses are, and whose."}, {"locate.sources", NULL, SOURCES},   \
		{"locate.sources[].budget", &vs_budget_rows, "Without it, what the provider allows."},

static const struct vs_outline server[] = {
	{"", &vs_server_root_rows, NULL},
	{"plugins", &vs_plugins_rows, NULL},
	{"server", &vs_server_rows, NULL},
	{"server.listen[]", &vs_listen_rows, LISTENERS},
	{"server.tls", &vs_tls_rows, "With both files every listener speaks TLS, unless it says otherwise."},
	{"server.limits", &vs_limits_rows, "What peers may take, of all listeners together."},
	{"rate_limit", &vs_rate_limit_rows, NULL},
	{"monitor", &vs_monitor_rows, NULL},
	{"monitor.home", &vs_home_rows, HOME},
	{"monitor.policy[]", &vs_policy_rows, POLICIES},
	{"auth", NULL, CHECKS},
	{"store", NULL, STORE},
	{"notifiers", NULL, CHANNELS},
	{"probes", NULL, SERVER_PROBES},
	{"PLUGIN", &vs_instance_rows, USE},
	{"PLUGIN.run", &vs_run_rows, NULL},
	{"notifiers[].route", &vs_route_rows, "What this channel is told."},
	{"notifiers[].locale", &vs_locale_rows, NULL},
	{"notifiers[].locale.templates", &vs_template_rows, "Texts in place of the built-in ones."},
	{"notifiers[].group", &vs_group_rows, "Many messages of one sort are told as one."},
	{"notifiers[].escalate", &vs_escalate_rows, NULL},
	{"notifiers[].quiet", &vs_quiet_rows, "What comes in these hours waits for their end."},
	SHARED_PLACES{"log", &vs_log_rows, NULL},
	{"audit", &vs_audit_rows, "A line of JSON for each request."},
	{"metrics", &vs_metrics_rows, NULL},
	{"heartbeat", &vs_heartbeat_rows, NULL},
	{"zone", &vs_zone_rows, "A DNS zone of the server's own, to see through whom clients resolve names."},
};

static const struct vs_outline client[] = {
	{"", &vs_client_root_rows, NULL},
	{"plugins", &vs_plugins_rows, NULL},
	{"client", &vs_client_rows, NULL},
	{"client.dense", &vs_dense_rows, "Rounds closer together for a while."},
	{"client.on_verdict", &vs_on_verdict_rows, "A program of yours that hears of changes."},
	{"probes", NULL, CLIENT_PROBES},
	{"PLUGIN", &vs_instance_rows, USE},
	{"PLUGIN.run", &vs_run_rows, NULL},
	SHARED_PLACES{"log", &vs_log_rows, NULL},
};

const struct vs_outline *vs_server_outline(size_t *count)
{
	*count = COUNT(server);
	return server;
}

const struct vs_outline *vs_client_outline(size_t *count)
{
	*count = COUNT(client);
	return client;
}
