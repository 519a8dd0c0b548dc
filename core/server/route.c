#include "server/route.h"

#include <fnmatch.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "base/view.h"
#include "config/instance.h"
#include "model/transition.h"

/* Of a list that is not empty: one of what it names fits, or it names none, and nothing fits that it leaves
 * out. */
static bool list_takes(
	const struct vpns_list *list, bool (*fits)(const char *item, const char *text), const char *text)
{
	bool fitted = false;
	bool named = false;
	uint32_t i;

	for (i = 0; i < list->count; i++) {
		const char *item = list->items[i];

		if (item[0] == VS_ROUTE_NOT && fits(item + 1, text))
			return false;
		if (item[0] == VS_ROUTE_NOT)
			continue;
		named = true;
		fitted = fitted || fits(item, text);
	}
	return fitted || !named;
}

static bool is_kind(const char *item, const char *kind)
{
	return strcmp(item, kind) == 0;
}

static bool matches(const char *pattern, const char *client)
{
	return fnmatch(pattern, client, 0) == 0;
}

static bool is_among(const char *item, const char *tags)
{
	struct vs_view rest = vs_view_of(tags);
	struct vs_view tag;

	while (vs_view_split(&rest, ',', &tag))
		if (vs_view_equal_text(tag, item))
			return true;
	return false;
}

bool vs_route_takes(const struct vs_route_conf *route, enum vs_kind kind, enum vs_severity severity)
{
	return (int)severity >= (int)route->severity && list_takes(&route->kind, is_kind, vs_kind_name(kind));
}

bool vs_route_wants(
	const struct vs_route_conf *route, const struct vs_transition *transition, const char *tags)
{
	if (!vs_route_takes(route, (enum vs_kind)transition->kind, (enum vs_severity)transition->severity))
		return false;
	if (vs_kind_is_of_server(transition->kind))
		return true;
	return list_takes(&route->client, matches, transition->client) &&
	       list_takes(&route->tag, is_among, tags);
}

int vs_route_check(const struct vs_route_conf *route, struct vs_err *err)
{
	const char *names[VS_KINDS];
	const char *near;
	uint8_t known;
	uint32_t i;
	int kind;

	for (kind = 0; kind < VS_KINDS; kind++)
		names[kind] = vs_kind_name((enum vs_kind)kind);
	for (i = 0; i < route->kind.count; i++) {
		const char *item = route->kind.items[i] + (route->kind.items[i][0] == VS_ROUTE_NOT);

		if (vs_kind_parse(&known, vs_view_of(item)) == 0)
			continue;
		near = vs_nearest(item, names, VS_KINDS);
		return vs_err_set(err, VS_ERR_INVALID, "there is no kind '%.60s'%s%s%s", item,
			near != NULL ? "; did you mean '" : "", near != NULL ? near : "",
			near != NULL ? "'?" : "");
	}
	return 0;
}

int vs_routes_check(const struct vs_instances_conf *notifiers, struct vs_err *err)
{
	struct vs_err why = {0};
	size_t i;

	for (i = 0; i < notifiers->count; i++)
		if (notifiers->items[i].enabled != VS_ENABLED_NO &&
			vs_route_check(&notifiers->items[i].route, &why) < 0)
			return vs_err_set(err, VS_ERR_INVALID, "route of the notifier '%s': %s",
				notifiers->items[i].name, why.text);
	return 0;
}
