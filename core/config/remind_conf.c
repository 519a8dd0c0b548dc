#include "config/remind_conf.h"

#include "base/text.h"
#include "config/instance.h"
#include "config/outline.h"
#include "config/rows.h"

#define SECOND INT64_C(1000)
#define DAY (24 * 3600 * SECOND)
#define GAP_MAX (31 * DAY)

struct escalate_text {
	int64_t after;
};

static const struct vpns_option escalate_options[] = {
	{"after", VPNS_DURATION(struct escalate_text, after), VPNS_OPTION_REQUIRED, NULL, SECOND, 7 * DAY,
		SECOND, NULL, "tells an incident only when nobody acknowledged it for so long"},
};

const struct vs_rows vs_escalate_rows = VS_ROWS(escalate_options, "escalate", NULL);

static struct vs_mark mark_of(const struct vs_node *instance, const char *key)
{
	const struct vs_node *node = vs_node_get(instance, key);

	return vs_node_mark(node != NULL ? node : instance);
}

static void add_gap(const struct vs_node *instance, const char *text, struct vs_remind_conf *out,
	struct vs_problems *problems)
{
	int64_t before = out->gap_count > 0 ? out->gaps_ms[out->gap_count - 1] : SECOND;
	struct vs_mark mark = mark_of(instance, "remind");
	int64_t gap;

	if (vs_duration_parse(&gap, vs_view_of(text), SECOND) < 0 || gap < SECOND || gap > GAP_MAX)
		vs_problems_error(problems, mark,
			"'remind' takes durations from 1s to 31d, such as [1h, 4h, 1d], not '%.40s'", text);
	else if (gap < before)
		vs_problems_error(problems, mark,
			"'remind' takes gaps that grow: '%.40s' is shorter than the one before it", text);
	else
		out->gaps_ms[out->gap_count++] = gap;
}

void vs_remind_read(const struct vs_node *instance, const struct vpns_list *gaps, struct vs_remind_conf *out,
	struct vs_arena *arena, struct vs_problems *problems)
{
	struct escalate_text text;
	uint32_t i;

	*out = (struct vs_remind_conf){.gap_count = 0};
	for (i = 0; i < gaps->count && i < VS_REMIND_GAPS_MAX; i++)
		add_gap(instance, gaps->items[i], out, problems);
	if (!vs_node_is_set(vs_node_get(instance, "escalate")))
		return;
	vs_rows_fill(&vs_escalate_rows, vs_node_get(instance, "escalate"), vs_node_mark(instance), NULL,
		&text, sizeof(text), arena, problems);
	out->escalate_after_ms = text.after;
}

static bool comes_before(const struct vs_instance_conf *one, const struct vs_instance_conf *other)
{
	return one != other && one->enabled != VS_ENABLED_NO &&
	       one->remind.escalate_after_ms < other->remind.escalate_after_ms &&
	       one->route.severity <= other->route.severity;
}

void vs_remind_check(const struct vs_instances_conf *notifiers, struct vs_problems *problems)
{
	const struct vs_instance_conf *step;
	size_t i;
	size_t k;

	for (i = 0; i < notifiers->count; i++) {
		step = &notifiers->items[i];
		if (step->remind.escalate_after_ms == 0 || step->enabled == VS_ENABLED_NO)
			continue;
		for (k = 0; k < notifiers->count && !comes_before(&notifiers->items[k], step); k++)
			;
		if (k == notifiers->count)
			vs_problems_warn(problems, step->mark,
				"'escalate' of '%s': no other notifier tells the same incidents earlier, so "
				"nobody can acknowledge them before; remove it, or add a notifier without it",
				step->name);
	}
}
