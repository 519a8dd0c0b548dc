#include "config/zone_conf.h"

#include <string.h>

#include "base/err.h"
#include "base/host.h"
#include "config/listen.h"
#include "config/outline.h"

#define SECTION "zone"
#define NONCE_LEN 27 /* with its dot: what stands before the zone's name */
#define HINT "a name such as leak.example.net"
#define LOCALHOST "localhost"

struct zone_text {
	const char *name;
	const char *ns;
	struct vpns_list listen;
	struct vpns_list address;
	int64_t ttl_ms;
	int64_t rate;
};

static const struct vpns_option options[] = {
	{"name", VPNS_TEXT(struct zone_text, name), 0, NULL, 0, 0, 0, NULL,
		"the zone that was delegated to this server, such as leak.example.net; unset: none"},
	{"ns", VPNS_TEXT(struct zone_text, ns), 0, NULL, 0, 0, 0, NULL,
		"the server's name that the zone above delegates to, such as leak-ns.example.net"},
	{"listen", VPNS_LIST(struct zone_text, listen), 0, "0.0.0.0:53", 0, 0, 0, NULL,
		"where DNS is answered, over UDP and TCP"},
	{"address", VPNS_LIST(struct zone_text, address), 0, NULL, 0, 0, 0, NULL,
		"the addresses that its names resolve to; 192.0.2.1, where nobody is, when not given"},
	{"ttl", VPNS_DURATION(struct zone_text, ttl_ms), 0, "0s", 0, 3600000, 1000, NULL,
		"how long resolvers may remember them; each name is asked for once only"},
	{"rate", VPNS_INT(struct zone_text, rate), 0, "100", 0, 100000, 0, NULL,
		"answers a second to one network (/24, of IPv6 /56) over UDP; 0 is no limit"},
};

const struct vs_rows vs_zone_rows = VS_ROWS(options, SECTION, NULL);
static const struct vs_section section = {SECTION, &vs_zone_rows, 0, sizeof(struct zone_text)};

static const char *read_name(
	const struct vs_reading *reading, const struct vs_node *map, const char *key, const char *text)
{
	char name[VS_HOST_TEXT];

	if (text == NULL)
		return NULL;
	if (vs_host_parse(name, vs_view_of(text)) == 0)
		return vs_arena_text(reading->arena, vs_view_of(name));
	vs_problems_error(
		reading->problems, vs_mark_of(map, key), "'%s' must be " HINT ", not '%.80s'", key, text);
	return NULL;
}

static void read_listens(const struct vs_reading *reading, const struct vs_node *map,
	const struct vpns_list *items, struct vs_zone_conf *zone)
{
	struct vs_mark mark = vs_mark_of(map, "listen");
	uint32_t i;

	if (items->count > VS_ZONE_LISTENS_MAX)
		vs_problems_error(
			reading->problems, mark, "'listen' has at most %d addresses", VS_ZONE_LISTENS_MAX);
	for (i = 0; i < items->count && i < VS_ZONE_LISTENS_MAX; i++) {
		struct vs_zone_listen *one = &zone->listens[zone->listen_count];
		struct vs_listen_conf listen = {0};
		struct vs_err err;
		const char *host;

		if (vs_listen_parse(&listen, vs_view_of(items->items[i]), reading->arena, &err) < 0 ||
			listen.path != NULL) {
			vs_problems_error(reading->problems, mark,
				"'listen' is a list of addresses with ports such as '0.0.0.0:53' or "
				"'[::]:53', not "
				"'%.80s'",
				items->items[i]);
			continue;
		}
		host = strcmp(listen.host, LOCALHOST) == 0 ? "127.0.0.1" : listen.host;
		if (vs_addr_parse(&one->addr, vs_view_of(host)) < 0)
			continue; /* it was parsed just now */
		one->port = listen.port;
		zone->listen_count++;
	}
}

static void read_addresses(const struct vs_reading *reading, const struct vs_node *map,
	const struct vpns_list *items, struct vs_zone_conf *zone)
{
	struct vs_mark mark = vs_mark_of(map, "address");
	uint32_t i;

	if (items->count > VS_ZONE_ADDRESSES_MAX)
		vs_problems_error(
			reading->problems, mark, "'address' has at most %d addresses", VS_ZONE_ADDRESSES_MAX);
	for (i = 0; i < items->count && i < VS_ZONE_ADDRESSES_MAX; i++) {
		if (vs_addr_parse(&zone->addresses[zone->address_count], vs_view_of(items->items[i])) < 0)
			vs_problems_error(reading->problems, mark,
				"'address' is a list of IPv4 and IPv6 addresses, not '%.80s'",
				items->items[i]);
		else
			zone->address_count++;
	}
}

/* What else a zone needs to work at all. */
static void check(const struct vs_reading *reading, const struct vs_node *map, const struct zone_text *text,
	const struct vs_zone_conf *zone)
{
	struct vs_view inside;

	if (strlen(zone->name) + NONCE_LEN >= VS_HOST_TEXT)
		vs_problems_error(reading->problems, vs_mark_of(map, "name"),
			"'name' is so long that no name fits below it: at most %d characters",
			VS_HOST_TEXT - NONCE_LEN - 1);
	if (text->ns == NULL)
		vs_problems_error(reading->problems, zone->mark,
			"a zone needs 'ns': the name of this server that the NS record of %s in the zone "
			"above "
			"points to",
			zone->name);
	else if (zone->ns != NULL && text->address.count == 0 &&
		 (strcmp(zone->ns, zone->name) == 0 || vs_host_is_below(zone->ns, zone->name, &inside)))
		vs_problems_error(reading->problems, vs_mark_of(map, "ns"),
			"%s lies in the zone itself, which then has to tell its address: set 'address' to "
			"the "
			"server's public one, or choose a name outside",
			zone->ns);
}

static void set_default_address(struct vs_zone_conf *zone)
{
	if (zone->address_count == 0)
		(void)vs_addr_parse(&zone->addresses[zone->address_count++], vs_view_of("192.0.2.1"));
}

void vs_zone_conf_read(
	const struct vs_reading *reading, const struct vs_node *root, struct vs_zone_conf *zone)
{
	const struct vs_node *map = vs_node_get(root, SECTION);
	struct zone_text text = {0};

	*zone = (struct vs_zone_conf){.mark = vs_mark_of(root, SECTION)};
	vs_section_read(reading, &section, root, &text);
	if (map == NULL || vs_node_kind(map) != VS_NODE_MAP || text.name == NULL)
		return;
	zone->name = read_name(reading, map, "name", text.name);
	zone->ns = read_name(reading, map, "ns", text.ns);
	zone->ttl_s = (uint32_t)(text.ttl_ms / 1000);
	zone->rate = (uint32_t)text.rate;
	read_listens(reading, map, &text.listen, zone);
	read_addresses(reading, map, &text.address, zone);
	if (zone->name != NULL)
		check(reading, map, &text, zone);
	set_default_address(zone);
}
