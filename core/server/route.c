#include "server/route.h"

#include <fnmatch.h>
#include <string.h>

#include "base/view.h"
#include "config/instance.h"
#include "model/transition.h"

static bool in_list(const struct vpns_list *list, const char *text)
{
	uint32_t i;

	for (i = 0; i < list->count; i++) {
		if (strcmp(list->items[i], text) == 0)
			return true;
	}
	return false;
}

static bool client_matches(const struct vpns_list *patterns, const char *client)
{
	uint32_t i;

	for (i = 0; i < patterns->count; i++) {
		if (fnmatch(patterns->items[i], client, 0) == 0)
			return true;
	}
	return false;
}

static bool has_tag(const struct vpns_list *wanted, const char *tags)
{
	struct vs_view rest = vs_view_of(tags);
	struct vs_view tag;
	uint32_t i;

	while (vs_view_split(&rest, ',', &tag)) {
		for (i = 0; i < wanted->count; i++) {
			if (vs_view_equal_text(tag, wanted->items[i]))
				return true;
		}
	}
	return false;
}

bool vs_route_wants(
	const struct vs_route_conf *route, const struct vs_transition *transition, const char *tags)
{
	if (transition->severity < route->severity)
		return false;
	if (route->kind.count > 0 && !in_list(&route->kind, vs_kind_name(transition->kind)))
		return false;
	if (vs_kind_is_of_server(transition->kind))
		return true;
	if (route->client.count > 0 && !client_matches(&route->client, transition->client))
		return false;
	return route->tag.count == 0 || has_tag(&route->tag, tags);
}
