#include "model/resolvers.h"

#include <string.h>

static void add(struct vs_resolvers *resolvers, const struct vs_addr *addr, bool by_zone)
{
	for (size_t i = 0; i < resolvers->count; i++)
		if (vs_addr_equal(&resolvers->items[i].addr, addr)) {
			resolvers->items[i].by_zone |= by_zone;
			return;
		}
	if (resolvers->count < VS_RESOLVERS_MAX)
		resolvers->items[resolvers->count++] = (struct vs_resolver){*addr, by_zone};
}

static void read_list(struct vs_resolvers *resolvers, struct vs_view list, bool by_zone)
{
	struct vs_view item;
	struct vs_addr addr;

	while (vs_view_split(&list, ' ', &item))
		if (vs_addr_parse(&addr, item) == 0)
			add(resolvers, &addr, by_zone);
}

void vs_resolvers_read(struct vs_resolvers *resolvers, struct vs_view told, struct vs_view by_zone)
{
	resolvers->count = 0;
	read_list(resolvers, told, false);
	read_list(resolvers, by_zone, true);
}

/* Without what follows a second slash. */
static struct vs_view without_scope(struct vs_view item)
{
	const char *slash = memchr(item.ptr, '/', item.len);
	size_t rest = slash == NULL ? 0 : item.len - (size_t)(slash + 1 - item.ptr);
	const char *second = slash == NULL ? NULL : memchr(slash + 1, '/', rest);

	if (second != NULL)
		item.len = (size_t)(second - item.ptr);
	return item;
}

bool vs_subnet_next(struct vs_view *rest, struct vs_prefix *subnet)
{
	struct vs_view item;

	while (vs_view_split(rest, ' ', &item))
		if (item.len > 0 && vs_prefix_parse(subnet, without_scope(item)) == 0)
			return true;
	return false;
}

size_t vs_items_count(struct vs_view list)
{
	struct vs_view item;
	size_t count = 0;

	while (vs_view_split(&list, ' ', &item))
		count += item.len > 0 ? 1 : 0;
	return count;
}

bool vs_items_contain(struct vs_view list, const char *wanted)
{
	struct vs_view item;

	while (vs_view_split(&list, ' ', &item))
		if (vs_view_equal_text(item, wanted))
			return true;
	return false;
}
