#include "server/conf_change.h"

#include <string.h>

#include "base/buf.h"
#include "config/server_conf.h"

#define SERVER "server"

/* Told by itself, instance by instance. */
static const char *const instances[] = {"auth", "notifiers", "probes", "store", NULL};
static const char *const nothing[] = {NULL};

static bool in_list(const char *const *list, const char *text)
{
	for (; *list != NULL; list++)
		if (strcmp(*list, text) == 0)
			return true;
	return false;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* Nothing is said there: unset, or a map or a list of nothing else. */
static bool is_empty(const struct vs_node *node)
{
	size_t i;

	if (!vs_node_is_set(node))
		return true;
	for (i = 0; i < vs_node_count(node); i++)
		if (!is_empty(vs_node_item(node, i)))
			return false;
	return vs_node_kind(node) != VS_NODE_SCALAR;
}

static bool same_node(const struct vs_node *a, const struct vs_node *b);

static bool same_children(const struct vs_node *a, const struct vs_node *b)
{
	size_t i;

	for (i = 0; i < vs_node_count(a); i++) {
		const struct vs_node *other = vs_node_item(b, i);

		if (vs_node_kind(a) == VS_NODE_MAP)
			other = vs_node_get(b, vs_node_key(a, i, NULL));
		if (!same_node(vs_node_item(a, i), other))
			return false;
	}
	return true;
}

/* The order of a map's keys means nothing, and neither does a key without a value. */
static bool same_node(const struct vs_node *a, const struct vs_node *b)
{
	if (is_empty(a) || is_empty(b))
		return is_empty(a) && is_empty(b);
	if (vs_node_kind(a) != vs_node_kind(b))
		return false;
	if (vs_node_kind(a) == VS_NODE_SCALAR)
		return same_text(vs_node_text(a), vs_node_text(b));
	if (vs_node_kind(a) == VS_NODE_SEQUENCE)
		return vs_node_count(a) == vs_node_count(b) && same_children(a, b);
	return same_children(a, b) && same_children(b, a);
}

static const struct vs_node *find(const struct vs_server_conf *conf, const char *section)
{
	const struct vs_node *root = vs_conf_root(conf->tree);
	const char *dot = strchr(section, '.');

	return dot == NULL ? vs_node_get(root, section) : vs_node_get(vs_node_get(root, SERVER), dot + 1);
}

bool vs_conf_change_in(
	const struct vs_server_conf *before, const struct vs_server_conf *now, const char *section)
{
	return !same_node(find(before, section), find(now, section));
}

/* What cannot change, with its place. */
static void refuse(
	const struct vs_server_conf *now, const char *section, const char *why, struct vs_problems *problems)
{
	const struct vs_node *node = find(now, section);
	const struct vs_node *root = vs_conf_root(now->tree);

	vs_problems_error(problems, vs_node_mark(node != NULL ? node : root),
		"'%s' cannot change while the server runs, since %s: restart it", section, why);
}

static bool same_store(const struct vs_instance_conf *a, const struct vs_instance_conf *b)
{
	return strcmp(a->plugin, b->plugin) == 0 && strcmp(a->name, b->name) == 0 &&
	       same_text(a->sha256, b->sha256) && same_node(a->options, b->options);
}

void vs_conf_change_check(
	const struct vs_server_conf *before, const struct vs_server_conf *now, struct vs_problems *problems)
{
	if (!same_text(before->state_dir, now->state_dir))
		refuse(now, "state_dir", "what it keeps lies there", problems);
	if (before->server.api_path != NULL && now->server.api_path != NULL &&
		strcmp(before->server.api_path, now->server.api_path) != 0)
		refuse(now, "server.api_path", "clients are there", problems);
	if (now->store.plugin != NULL && !same_store(&before->store, &now->store))
		refuse(now, "store", "all it knows is in it", problems);
}

/* Appends the keys of a that b has otherwise; of those of b only the ones that a lacks: reverse. */
static void list_keys(const struct vs_node *a, const struct vs_node *b, const char *prefix,
	const char *const *except, bool reverse, struct vs_buf *out)
{
	size_t i;

	for (i = 0; i < vs_node_count(a); i++) {
		const char *key = vs_node_key(a, i, NULL);
		const struct vs_node *other = vs_node_get(b, key);

		if (in_list(except, key) || (reverse && vs_node_is_set(other)) ||
			!vs_node_is_set(vs_node_item(a, i)) || same_node(vs_node_item(a, i), other))
			continue;
		vs_buf_printf(out, "%s%s%s", out->len > 0 ? "; " : "", prefix, key);
	}
}

static void list_both(const struct vs_node *before, const struct vs_node *now, const char *prefix,
	const char *const *except, struct vs_buf *out)
{
	list_keys(now, before, prefix, except, false, out);
	list_keys(before, now, prefix, except, true, out);
}

void vs_conf_change_list(
	const struct vs_server_conf *before, const struct vs_server_conf *now, struct vs_buf *out)
{
	const char *except[sizeof(instances) / sizeof(instances[0]) + 1] = {SERVER};

	memcpy(&except[1], instances, sizeof(instances));
	list_both(vs_conf_root(before->tree), vs_conf_root(now->tree), "", except, out);
	list_both(vs_node_get(vs_conf_root(before->tree), SERVER),
		vs_node_get(vs_conf_root(now->tree), SERVER), SERVER ".", nothing, out);
}

static bool same_list(const struct vpns_list *a, const struct vpns_list *b)
{
	uint32_t i;

	if (a->count != b->count)
		return false;
	for (i = 0; i < a->count; i++)
		if (strcmp(a->items[i], b->items[i]) != 0)
			return false;
	return true;
}

static bool same_route(const struct vs_route_conf *a, const struct vs_route_conf *b)
{
	return a->severity == b->severity && same_list(&a->kind, &b->kind) &&
	       same_list(&a->client, &b->client) && same_list(&a->tag, &b->tag);
}

static bool same_templates(const struct vs_templates_conf *a, const struct vs_templates_conf *b)
{
	for (size_t i = 0; i < VS_TEMPLATES; i++)
		if (!same_text(a->text[i], b->text[i]))
			return false;
	return true;
}

static bool same_group(const struct vs_group_conf *a, const struct vs_group_conf *b)
{
	return a->by == b->by && a->wait_ms == b->wait_ms && a->interval_ms == b->interval_ms;
}

static bool same_quiet(const struct vs_quiet_conf *a, const struct vs_quiet_conf *b)
{
	return a->severities == b->severities && a->weekdays == b->weekdays && a->from == b->from &&
	       a->to == b->to && same_text(a->zone, b->zone);
}

static bool same_budget(const struct vs_instance_conf *a, const struct vs_instance_conf *b)
{
	return a->budget_given == b->budget_given && a->budget.requests == b->budget.requests &&
	       a->budget.per_ms == b->budget.per_ms;
}

bool vs_conf_change_of(const struct vs_instance_conf *before, const struct vs_instance_conf *now)
{
	return before->control != now->control || before->interval_ms != now->interval_ms ||
	       before->timeout_ms != now->timeout_ms || !same_text(before->language, now->language) ||
	       !same_text(before->timezone, now->timezone) ||
	       !same_templates(&before->templates, &now->templates) ||
	       !same_route(&before->route, &now->route) || !same_group(&before->group, &now->group) ||
	       before->group_given != now->group_given || !same_quiet(&before->quiet, &now->quiet) ||
	       !same_budget(before, now);
}
