/* When a notifier tells an incident again, or for the first time, while nobody acknowledges it. */
#ifndef VS_CONFIG_REMIND_CONF_H
#define VS_CONFIG_REMIND_CONF_H

#include <stddef.h>
#include <stdint.h>

#include "vpn_sentinel/option.h"

#include "config/conf.h"

struct vs_arena;
struct vs_instances_conf;

#define VS_REMIND_GAPS_MAX 16

struct vs_remind_conf {
	int64_t gaps_ms[VS_REMIND_GAPS_MAX]; /* the last one comes again and again */
	size_t gap_count; /* 0: nobody is reminded */
	int64_t escalate_after_ms; /* an incident is told no sooner than that; 0: at once */
};

/* instance: the notifier's map; gaps: its `remind`, as texts. */
void vs_remind_read(const struct vs_node *instance, const struct vpns_list *gaps, struct vs_remind_conf *out,
	struct vs_arena *arena, struct vs_problems *problems);

/* Warns about a step that no other notifier comes before. */
void vs_remind_check(const struct vs_instances_conf *notifiers, struct vs_problems *problems);

#endif
