/* What the two configuration files can say, section by section: for their manual pages. */
#ifndef VS_CONFIG_OUTLINE_H
#define VS_CONFIG_OUTLINE_H

#include <stddef.h>

#include "config/rows.h"

/* The rows of each section, where it is read. */
extern const struct vs_rows vs_audit_rows;
extern const struct vs_rows vs_budget_rows;
extern const struct vs_rows vs_client_root_rows;
extern const struct vs_rows vs_client_rows;
extern const struct vs_rows vs_dense_rows;
extern const struct vs_rows vs_escalate_rows;
extern const struct vs_rows vs_group_rows;
extern const struct vs_rows vs_heartbeat_rows;
extern const struct vs_rows vs_home_rows;
extern const struct vs_rows vs_instance_rows;
extern const struct vs_rows vs_limits_rows;
extern const struct vs_rows vs_listen_rows;
extern const struct vs_rows vs_locale_rows;
extern const struct vs_rows vs_locate_rows;
extern const struct vs_rows vs_metrics_rows;
extern const struct vs_rows vs_monitor_rows;
extern const struct vs_rows vs_on_verdict_rows;
extern const struct vs_rows vs_policy_rows;
extern const struct vs_rows vs_quiet_rows;
extern const struct vs_rows vs_rate_limit_rows;
extern const struct vs_rows vs_route_rows;
extern const struct vs_rows vs_run_rows;
extern const struct vs_rows vs_server_root_rows;
extern const struct vs_rows vs_server_rows;
extern const struct vs_rows vs_template_rows;
extern const struct vs_rows vs_tls_rows;
extern const struct vs_rows vs_zone_rows;

struct vs_outline {
	const char *path; /* "server.limits", "auth[].run"; "" for the top of the file */
	const struct vs_rows *rows; /* NULL: a list of plugins in use, each as "PLUGIN" below */
	const char *note; /* what the rows do not say: a sentence or more; NULL: nothing */
};

/* The sections of server.yaml and of client.yaml, in the order of the shipped files. Static. */
const struct vs_outline *vs_server_outline(size_t *count);
const struct vs_outline *vs_client_outline(size_t *count);

#endif
