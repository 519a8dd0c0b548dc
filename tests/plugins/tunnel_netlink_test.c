/* Probe tunnel: what recorded answers of a kernel mean, and files of nameservers. */
#include "kit_test.h"

#include "probes/tunnel/tunnel_netlink.h"
#include "probes/tunnel/tunnel_resolv.h"
#include "probes/tunnel/tunnel_view.h"
#include "probes/tunnel/tunnel_wireguard.h"

#include <errno.h>
#include <linux/if.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>

#define CORPUS VPNS_TEST_SOURCE "/tests/fuzz/corpus/tunnel/"

static const struct vpns_list any_tunnel = {NULL, 0, 0};

/* A recorded answer without the four bytes before it; the block ends where it ends. */
static char *recorded(const char *name, size_t *len)
{
	char path[256];
	char bytes[16384];
	FILE *file;
	size_t all;

	snprintf(path, sizeof(path), CORPUS "%s", name);
	file = fopen(path, "rb");
	assert_non_null(file);
	all = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	assert_true(all > 4);
	*len = all - 4;
	return exact_copy(bytes + 4, *len);
}

static const struct tunnel_link *named(const struct tunnel_links *links, const char *name)
{
	uint32_t i;

	for (i = 0; i < links->count; i++)
		if (strcmp(links->items[i].name, name) == 0)
			return &links->items[i];
	return NULL;
}

static void recorded_links_are_read_with_kinds_flags_and_public_addresses(void **state)
{
	struct tunnel_links *links = calloc(1, sizeof(*links));
	size_t len;
	char *bytes;

	(void)state;
	bytes = recorded("links", &len);
	assert_int_equal(tunnel_links_read(links, bytes, len), TUNNEL_DONE);
	free(bytes);
	bytes = recorded("addresses", &len);
	assert_int_equal(tunnel_addresses_read(links, bytes, len), TUNNEL_DONE);
	free(bytes);
	assert_int_equal(links->count, 4);
	assert_true(named(links, "lo")->loopback);
	assert_string_equal(named(links, "eth0")->kind, "veth");
	assert_true(named(links, "eth0")->up && named(links, "eth0")->global6);
	assert_string_equal(named(links, "wg0")->kind, "tun");
	assert_true(named(links, "wg0")->on);
	assert_false(named(links, "wg0")->up); /* nobody held it: no carrier */
	assert_false(named(links, "wg0")->global6);
	tunnel_view_mark(links, &any_tunnel);
	assert_true(named(links, "wg0")->tunnel);
	assert_false(named(links, "eth0")->tunnel);
	free(links);
}

/* What the kernel tells of one device. */
static void tell_link(struct tunnel_links *links, int32_t index, const char *name, int32_t master)
{
	struct {
		struct nlmsghdr head;
		struct ifinfomsg info;
		struct nlattr name_head;
		char name[IFNAMSIZ];
		struct nlattr master_head;
		int32_t master;
	} message = {
		.head = {sizeof(message), RTM_NEWLINK, 0, 1, 0},
		.info = {.ifi_index = index, .ifi_flags = IFF_UP},
		.name_head = {sizeof(struct nlattr) + IFNAMSIZ, IFLA_IFNAME},
		.master_head = {sizeof(struct nlattr) + sizeof(int32_t), IFLA_MASTER},
		.master = master,
	};

	snprintf(message.name, sizeof(message.name), "%s", name);
	assert_int_equal(tunnel_links_read(links, &message, sizeof(message)), TUNNEL_MORE);
}

static void ports_of_bridges_make_room_for_devices_that_traffic_can_leave_by(void **state)
{
	struct tunnel_links *links = calloc(1, sizeof(*links));
	char name[IFNAMSIZ];
	int32_t i;

	(void)state;
	for (i = 1; i <= 2 * TUNNEL_LINKS_MAX; i++) {
		snprintf(name, sizeof(name), i == 2 ? "eth0" : "veth%d", i);
		tell_link(links, i, name, i == 2 ? 0 : 9999);
	}
	tell_link(links, i++, "docker0", 0);
	tell_link(links, i++, "wg0", 0);
	tell_link(links, i, "veth-late", 9999);
	assert_int_equal(links->count, TUNNEL_LINKS_MAX);
	assert_int_equal(links->left_out, 0);
	assert_non_null(named(links, "eth0"));
	assert_non_null(named(links, "docker0"));
	assert_non_null(named(links, "wg0"));
	free(links);
}

static void more_devices_than_can_be_looked_at_prove_nothing(void **state)
{
	struct tunnel_view *view = calloc(1, sizeof(*view));
	struct tunnel_findings found;
	char name[IFNAMSIZ];
	int32_t i;

	(void)state;
	for (i = 1; i <= TUNNEL_LINKS_MAX; i++) {
		snprintf(name, sizeof(name), "macvlan%d", i);
		tell_link(&view->links, i, name, 0);
	}
	tunnel_view_judge(&found, view, &any_tunnel, 600);
	assert_int_equal(found.status, VPNS_PROBE_FAIL); /* none of them is a tunnel */
	tell_link(&view->links, i, "wg0", 0);
	tunnel_view_judge(&found, view, &any_tunnel, 600);
	assert_int_equal(found.status, VPNS_PROBE_UNKNOWN);
	assert_string_equal(found.up, "");
	assert_string_equal(found.path_exit, "");
	assert_contains(found.reason, "1 network devices more than the 256");
	free(view);
}

static void recorded_routes_say_device_or_why_there_is_none(void **state)
{
	static const struct {
		const char *name;
		int error;
		int device;
		int local;
	} rows[] = {{"route_tunnel", 0, 1, 0}, {"route_beside", 0, 1, 0}, {"route6_beside", 0, 1, 0},
		{"route_none6", ENETUNREACH, 0, 0}, {"route_prohibited", EACCES, 0, 0},
		{"route_local", 0, 1, 1}};
	struct tunnel_route route;
	size_t i, len;
	char *bytes;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bytes = recorded(rows[i].name, &len);
		assert_int_equal(tunnel_route_read(&route, bytes, len), TUNNEL_DONE);
		free(bytes);
		assert_int_equal(route.error, rows[i].error);
		assert_int_equal(route.device > 0, rows[i].device);
		assert_int_equal(route.local, rows[i].local);
	}
}

static void an_answer_cut_at_any_byte_is_malformed_or_less(void **state)
{
	struct tunnel_links *links = calloc(1, sizeof(*links));
	struct tunnel_route route;
	size_t len, cut;
	char *bytes = recorded("links", &len);

	(void)state;
	for (cut = 0; cut < len; cut++) {
		char *part = exact_copy(bytes, cut);

		memset(links, 0, sizeof(*links));
		assert_int_not_equal(tunnel_links_read(links, part, cut), TUNNEL_DONE);
		assert_true(links->count <= 4);
		tunnel_route_read(&route, part, cut);
		assert_false(route.found);
		free(part);
	}
	free(bytes);
	free(links);
}

static void handshakes_are_read_from_the_kernel_and_from_wireguard_go(void **state)
{
	struct tunnel_handshake handshake = {0};
	size_t len;
	char *bytes = recorded("wireguard", &len);

	(void)state;
	assert_int_equal(tunnel_wireguard_read(&handshake, bytes, len), TUNNEL_DONE);
	free(bytes);
	assert_int_equal(handshake.at, 1767323000);
	assert_int_equal(handshake.peers, 1);
	bytes = recorded("family", &len);
	assert_int_equal(tunnel_family_read(bytes, len), 0x1c);
	free(bytes);
	bytes = recorded("uapi", &len);
	assert_int_equal(tunnel_uapi_read(&handshake, bytes, len), 0);
	assert_int_equal(handshake.at, 1767323000);
	assert_int_equal(handshake.peers, 1);
	assert_int_equal(tunnel_uapi_read(&handshake, bytes, len / 2), -1);
	free(bytes);
}

static void nameservers_are_read_as_resolvers_read_them(void **state)
{
	struct tunnel_server servers[TUNNEL_SERVERS_MAX];
	size_t len;
	char *bytes = recorded("resolv", &len);

	(void)state;
	assert_int_equal(tunnel_resolv_read(servers, bytes, len), 4);
	free(bytes);
	assert_string_equal(servers[0].address, "192.168.1.1");
	assert_true(servers[1].loopback);
	assert_string_equal(servers[2].address, "fe80::1");
	assert_string_equal(servers[2].device, "eth0");
	assert_int_equal(servers[3].family, 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recorded_links_are_read_with_kinds_flags_and_public_addresses),
		cmocka_unit_test(recorded_routes_say_device_or_why_there_is_none),
		cmocka_unit_test(ports_of_bridges_make_room_for_devices_that_traffic_can_leave_by),
		cmocka_unit_test(more_devices_than_can_be_looked_at_prove_nothing),
		cmocka_unit_test(an_answer_cut_at_any_byte_is_malformed_or_less),
		cmocka_unit_test(handshakes_are_read_from_the_kernel_and_from_wireguard_go),
		cmocka_unit_test(nameservers_are_read_as_resolvers_read_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
