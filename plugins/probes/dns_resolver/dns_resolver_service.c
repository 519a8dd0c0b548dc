#include "dns_resolver_service.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static void add(struct dns_resolver_found *found, const char *text)
{
	char address[DNS_RESOLVER_ADDR];
	uint32_t i;

	if (text == NULL || found->count == DNS_RESOLVER_FOUND_MAX || !dns_resolver_address(address, text))
		return;
	for (i = 0; i < found->count; i++)
		if (strcmp(found->addresses[i], address) == 0)
			return;
	memcpy(found->addresses[found->count++], address, sizeof(address));
}

/* With a length where it has one; otherwise the one that resolvers pass on by custom. */
static void set_network(struct dns_resolver_found *found, const char *text)
{
	char whole[DNS_RESOLVER_PREFIX + 8];

	if (text == NULL || strlen(text) >= DNS_RESOLVER_PREFIX)
		return;
	snprintf(whole, sizeof(whole), "%s%s", text,
		strchr(text, '/') != NULL   ? ""
		: strchr(text, ':') != NULL ? "/56"
					    : "/24");
	(void)dns_resolver_prefix(found->ecs, whole);
}

static int read_list(struct dns_resolver_found *found, const json_t *list, const char *type)
{
	const json_t *item;
	const char *have;
	size_t i;

	if (!json_is_array(list))
		return -1;
	json_array_foreach(list, i, item)
	{
		have = json_string_value(json_object_get(item, "type"));
		if (type == NULL || (have != NULL && strcmp(have, type) == 0))
			add(found, json_string_value(json_object_get(item, "ip")));
	}
	return 0;
}

static int read_counts(struct dns_resolver_found *found, json_t *counts)
{
	const char *address;
	json_t *count;

	if (json_is_array(counts) && json_array_size(counts) == 0)
		return 0;
	if (!json_is_object(counts))
		return -1;
	json_object_foreach(counts, address, count) add(found, address);
	return 0;
}

static int read_edns(struct dns_resolver_found *found, const json_t *object)
{
	const json_t *dns = json_object_get(object, "dns");

	if (!json_is_object(dns))
		return -1;
	add(found, json_string_value(json_object_get(dns, "ip")));
	set_network(found, json_string_value(json_object_get(json_object_get(object, "edns"), "ip")));
	return 0;
}

static int read_nextdns(struct dns_resolver_found *found, const json_t *object)
{
	const char *resolver = json_string_value(json_object_get(object, "resolver"));

	if (json_object_get(object, "status") == NULL && resolver == NULL)
		return -1;
	add(found, resolver);
	set_network(found, json_string_value(json_object_get(object, "ecs")));
	return 0;
}

static int read(struct dns_resolver_found *found, enum dns_resolver_service service, json_t *root)
{
	switch (service) {
	case DNS_RESOLVER_BASH_WS:
		return json_object_get(root, "error") != NULL ? 0 : read_list(found, root, "dns");
	case DNS_RESOLVER_IPLEAK:
		return read_counts(found, json_object_get(root, "ip"));
	case DNS_RESOLVER_MULLVAD:
		return read_list(found, root, NULL);
	case DNS_RESOLVER_EDNS_IP_API:
		return read_edns(found, root);
	default:
		return read_nextdns(found, root);
	}
}

int dns_resolver_service_parse(
	struct dns_resolver_found *found, enum dns_resolver_service service, const char *body, size_t len)
{
	json_t *root;
	int rc;

	memset(found, 0, sizeof(*found));
	root = json_loadb(body, len, 0, NULL);
	if (root == NULL)
		return -1;
	rc = read(found, service, root);
	json_decref(root);
	return rc;
}
