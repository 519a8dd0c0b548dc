#include "server/keys.h"

#include "base/view.h"
#include "config/conf.h"
#include "config/option.h"
#include "config/server_conf.h"

static size_t count_items(const struct vs_node *keys)
{
	struct vs_view rest;
	struct vs_view item;
	size_t count = 0;
	size_t i;

	if (keys == NULL)
		return 0;
	if (vs_node_kind(keys) == VS_NODE_SEQUENCE) {
		for (i = 0; i < vs_node_count(keys); i++)
			count += vs_node_is_set(vs_node_item(keys, i));
		return count;
	}
	if (vs_node_text(keys) == NULL)
		return 0; /* a map, which is told when the check is made */
	rest = vs_view_of(vs_node_text(keys));
	while (vs_list_next(&rest, vs_list_separator(vs_node_text(keys)), &item))
		count++;
	return count;
}

size_t vs_keys_count(const struct vs_server_conf *conf)
{
	size_t count = 0;
	size_t i;

	for (i = 0; i < conf->auth.count; i++)
		if (conf->auth.items[i].enabled != VS_ENABLED_NO)
			count += count_items(vs_node_get(conf->auth.items[i].options, "keys"));
	return count;
}
