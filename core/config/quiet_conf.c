#include "config/quiet_conf.h"

#include "base/text.h"
#include "config/instance.h"
#include "config/outline.h"
#include "config/rows.h"
#include "config/zone.h"

#define MINUTES_OF_DAY (24 * 60)
#define ALL_DAYS 0x7f

struct quiet_text {
	const char *hours;
	struct vpns_list weekdays;
	const char *zone;
	struct vpns_list severity;
};

static const struct vpns_option options[] = {
	{"hours", VPNS_TEXT(struct quiet_text, hours), VPNS_OPTION_REQUIRED, NULL, 0, 0, 0, NULL,
		"from when to when nothing is told that can wait, such as 22:00-07:00"},
	{"weekdays", VPNS_LIST(struct quiet_text, weekdays), 0, NULL, 0, 7, 0, NULL,
		"the days on which these hours begin (mon, tue, ...); without any: each"},
	{"zone", VPNS_TEXT(struct quiet_text, zone), 0, NULL, 0, 0, 0, NULL,
		"the time zone of the hours, such as Europe/Bucharest; the channel's when not given"},
	{"severity", VPNS_LIST(struct quiet_text, severity), 0, "info,warning", 0, 3, 0, NULL,
		"what waits until the hours are over"},
};

const struct vs_rows vs_quiet_rows = VS_ROWS(options, "quiet", NULL);

static struct vs_mark mark_of(const struct vs_node *quiet, const char *key)
{
	const struct vs_node *node = vs_node_get(quiet, key);

	return vs_node_mark(node != NULL ? node : quiet);
}

/* "22:00", and "24:00" for the end of a day. */
static bool read_minute(uint16_t *minute, struct vs_view text)
{
	struct vs_view rest = vs_view_trim(text);
	struct vs_view part;
	int64_t hours;
	int64_t minutes;

	if (!vs_view_split(&rest, ':', &part) || part.len != 2 || rest.len != 2 ||
		vs_int_parse(&hours, part) < 0 || vs_int_parse(&minutes, rest) < 0 || hours < 0 ||
		minutes < 0 || minutes > 59 || hours * 60 + minutes > MINUTES_OF_DAY)
		return false;
	*minute = (uint16_t)(hours * 60 + minutes);
	return true;
}

static void read_hours(
	const char *text, struct vs_mark mark, struct vs_quiet_conf *out, struct vs_problems *problems)
{
	struct vs_view rest = vs_view_of(text);
	struct vs_view from;

	if (!vs_view_split(&rest, '-', &from) || !read_minute(&out->from, from) ||
		!read_minute(&out->to, rest) || out->from == MINUTES_OF_DAY)
		vs_problems_error(problems, mark,
			"'hours' must be from when to when, such as 22:00-07:00, not '%.40s'", text);
	else if (out->from == out->to)
		vs_problems_error(problems, mark,
			"'hours' begin when they end: '%.40s' is no time, or all of it; write 00:00-24:00 "
			"for "
			"whole days",
			text);
}

static uint8_t read_bits(const struct vpns_list *list, const char *const *names, size_t count, unsigned first,
	struct vs_mark mark, const char *what, struct vs_problems *problems)
{
	uint8_t bits = 0;
	uint32_t i;
	size_t k;

	for (i = 0; i < list->count; i++) {
		for (k = 0; k < count; k++)
			if (vs_view_equal_nocase(vs_view_of(list->items[i]), names[k]))
				break;
		if (k == count)
			vs_problems_error(problems, mark, "'%.40s' is no %s", list->items[i], what);
		else
			bits |= (uint8_t)(1u << (k + first));
	}
	return bits;
}

void vs_quiet_read(const struct vs_node *instance, struct vs_quiet_conf *out, struct vs_arena *arena,
	struct vs_problems *problems)
{
	static const char *const days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
	static const char *const severities[] = {"info", "warning", "critical"};
	const struct vs_node *quiet = vs_node_get(instance, "quiet");
	struct quiet_text text;
	struct vs_err err;

	*out = (struct vs_quiet_conf){0};
	if (!vs_node_is_set(quiet))
		return;
	vs_rows_fill(
		&vs_quiet_rows, quiet, vs_node_mark(instance), NULL, &text, sizeof(text), arena, problems);
	if (text.hours != NULL)
		read_hours(text.hours, mark_of(quiet, "hours"), out, problems);
	out->weekdays = read_bits(&text.weekdays, days, 7, 0, mark_of(quiet, "weekdays"),
		"day of the week: mon, tue, wed, thu, fri, sat or sun", problems);
	if (text.weekdays.count == 0)
		out->weekdays = ALL_DAYS;
	if (out->from == 0 && out->to == MINUTES_OF_DAY && out->weekdays == ALL_DAYS)
		vs_problems_error(problems, mark_of(quiet, "hours"),
			"these hours never end: nothing would be told; leave out a day, or raise 'severity' "
			"of "
			"'route'");
	out->severities = read_bits(&text.severity, severities, 3, VS_ROUTE_INFO, mark_of(quiet, "severity"),
		"severity: info, warning or critical", problems);
	if (text.zone != NULL && vs_zone_resolve(&out->zone, text.zone, arena, &err) < 0)
		vs_problems_error(problems, mark_of(quiet, "zone"), "'zone' %s", err.text);
}
