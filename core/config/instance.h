/* One configured use of a plugin: everything of it except the plugin's own options. */
#ifndef VS_CONFIG_INSTANCE_H
#define VS_CONFIG_INSTANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vpn_sentinel/abi.h"
#include "vpn_sentinel/option.h"

#include "config/arena.h"
#include "config/conf.h"
#include "config/quiet_conf.h"
#include "config/remind_conf.h"
#include "config/template_conf.h"

enum vs_enabled {
	VS_ENABLED_YES,
	VS_ENABLED_NO,
	VS_ENABLED_AUTO, /* skipped with one line when a required option is unset */
};

/* The numbers of VPNS_SEVERITY_*. */
enum vs_route_severity { VS_ROUTE_INFO = 1, VS_ROUTE_WARNING, VS_ROUTE_CRITICAL };

enum vs_control { VS_CONTROL_REQUIRED, VS_CONTROL_SUFFICIENT }; /* of access checks */

/* Lists are empty when unset: no restriction. */
struct vs_route_conf {
	enum vs_route_severity severity; /* the lowest that is delivered */
	struct vpns_list kind; /* "dns_leak", "connected" */
	struct vpns_list client; /* shell patterns of client ids */
	struct vpns_list tag; /* at least one of the client's tags */
	struct vs_mark mark;
};

enum vs_group_by { VS_GROUP_BY_NONE, VS_GROUP_BY_SEVERITY, VS_GROUP_BY_KIND, VS_GROUP_BY_TAG };

/* Which messages a channel tells as one; each is of one severity. See server/group.h. */
struct vs_group_conf {
	enum vs_group_by by; /* KIND: of one kind; TAG: and of clients with the same tags */
	int64_t wait_ms;
	int64_t interval_ms;
};

/* Of a source of places: so many questions in each `per`, and no more. */
struct vs_budget_conf {
	int64_t requests; /* 0: no limit */
	int64_t per_ms;
};

struct vs_instance_conf {
	uint32_t kind; /* VPNS_KIND_* */
	bool locates; /* a probe that is asked where addresses are, and nothing else */
	const char *plugin;
	const char *name; /* unique within its kind; the plugin's when not given */
	enum vs_enabled enabled; /* NO, too, by `when` and `unless` */
	const char *off; /* why it is NO, as "enabled is no" */
	enum vs_control control;
	int64_t interval_ms; /* 0: the role's */
	int64_t timeout_ms; /* 0: the host's default */
	bool budget_given; /* of one that locates */
	struct vs_budget_conf budget;
	struct vs_route_conf route;
	struct vs_group_conf group;
	bool group_given; /* else a channel that programs read tells each alone */
	struct vs_quiet_conf quiet;
	struct vs_remind_conf remind;
	const char *language; /* "es"; never NULL of one that was given */
	const char *timezone; /* "Europe/Bucharest"; NULL: the role's default */
	struct vs_templates_conf templates;
	const char *sha256; /* 64 lower-case hex digits that the plugin's file must have, or NULL */
	const struct vs_node *options; /* for vs_rows_fill; NULL when none are given */
	struct vs_mark mark;
};

struct vs_instances_conf {
	struct vs_instance_conf *items;
	size_t count;
};

const char *vs_kind_text(uint32_t kind); /* "probe", "notifier", "auth", "store" */
/* What this use of a plugin is called: as its kind, or "source" when it locates. Names are unique within it.
 */
const char *vs_use_text(const struct vs_instance_conf *conf);

/*
 * Reads a sequence of instances (NULL: none) called section. Memory comes from arena; nodes
 * are borrowed. Items with problems are kept as far as they are known, if a plugin is named.
 */
bool vs_instances_read(const struct vs_node *list, uint32_t kind, const char *section,
	struct vs_instances_conf *out, struct vs_arena *arena, struct vs_problems *problems);
/* The same of probes that locate; each may have a `budget`. */
bool vs_sources_read(const struct vs_node *list, struct vs_instances_conf *out, struct vs_arena *arena,
	struct vs_problems *problems);
/* The same of a single instance, as `store:` is; out->plugin is NULL when node is. */
bool vs_instance_read(const struct vs_node *node, uint32_t kind, const char *section,
	struct vs_instance_conf *out, struct vs_arena *arena, struct vs_problems *problems);

/* A language that messages can be in, "en" first; NULL behind the last one. */
const char *vs_instance_language(size_t index);

#endif
