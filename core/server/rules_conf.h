/* From what is configured to what the model judges by. */
#ifndef VS_SERVER_RULES_CONF_H
#define VS_SERVER_RULES_CONF_H

#include "base/err.h"

struct vs_home;
struct vs_policies;
struct vs_rules;
struct vs_server_conf;

/* Fills rules, which must be freed with vs_rules_fini() even after an error. */
int vs_rules_from_conf(struct vs_rules *rules, const struct vs_server_conf *conf, struct vs_err *err);
/* The configured part of the home set, in place of what was; what was learned stays, unless it may not. */
int vs_home_from_conf(struct vs_home *home, const struct vs_server_conf *conf, struct vs_err *err);
/* The policies, in place of those that were. */
int vs_policies_from_conf(
	struct vs_policies *policies, const struct vs_server_conf *conf, struct vs_err *err);

#endif
