/* Probe tunnel: what is found in a view of the machine. */
#include "kit_test.h"

#include "probes/tunnel/tunnel_netlink.h"
#include "probes/tunnel/tunnel_resolv.h"
#include "probes/tunnel/tunnel_view.h"

#include <errno.h>
#include <stdio.h>

static const char *const wg[] = {"wg0"};
static const struct vpns_list any_tunnel = {NULL, 0, 0};
static const struct vpns_list only_wg = {wg, 1, 0};

enum { LO = 1, ETH0, WG0 };

static void add_link(struct tunnel_view *view, int32_t index, const char *name, const char *kind)
{
	struct tunnel_link *link = &view->links.items[view->links.count++];

	link->index = index;
	link->on = link->up = 1;
	link->loopback = index == LO;
	link->rx = link->tx = (uint64_t)index * 100;
	snprintf(link->name, sizeof(link->name), "%s", name);
	snprintf(link->kind, sizeof(link->kind), "%s", kind);
}

static void add_way(struct tunnel_view *view, const char *address, int32_t device, uint8_t is_nameserver)
{
	struct tunnel_way *way = &view->ways[view->way_count++];

	assert_int_equal(tunnel_server_parse(&way->to, address, strlen(address)), 0);
	way->is_nameserver = is_nameserver;
	way->route.found = 1;
	way->route.device = device;
	way->route.error = device == 0 ? ENETUNREACH : 0;
}

/* eth0 and wg0, everything through wg0, no IPv6. */
static struct tunnel_view *healthy(void)
{
	struct tunnel_view *view = calloc(1, sizeof(*view));

	add_link(view, LO, "lo", "");
	add_link(view, ETH0, "eth0", "veth");
	add_link(view, WG0, "wg0", "wireguard");
	add_way(view, "1.1.1.1", WG0, 0);
	add_way(view, "2606:4700:4700::1111", 0, 0);
	add_way(view, "10.64.0.1", WG0, 1);
	view->handshake_age_s = 30;
	return view;
}

static struct tunnel_findings judged(struct tunnel_view *view, const struct vpns_list *patterns)
{
	struct tunnel_findings findings;

	tunnel_view_mark(&view->links, patterns);
	tunnel_view_judge(&findings, view, patterns, 600);
	free(view);
	return findings;
}

static void everything_through_the_tunnel_passes_with_all_facts(void **state)
{
	struct tunnel_findings found = judged(healthy(), &any_tunnel);

	(void)state;
	assert_int_equal(found.status, VPNS_PROBE_PASS);
	assert_string_equal(found.reason, "");
	assert_string_equal(found.interface, "wg0");
	assert_string_equal(found.up, "true");
	assert_string_equal(found.handshake_age, "30s");
	assert_string_equal(found.devices, "2");
	assert_string_equal(found.path_exit, "tunnel");
	assert_string_equal(found.path_exit6, "none");
	assert_string_equal(found.dns_path, "tunnel");
	assert_string_equal(found.beside_tx, "200");
	assert_string_equal(found.tunnel_tx, "300");
	assert_string_equal(found.path_beside, "");
}

static void a_missing_tunnel_fails_and_is_called_by_its_name(void **state)
{
	struct tunnel_view *view = healthy();
	struct tunnel_findings found;

	(void)state;
	view->links.count = 2;
	view->ways[0].route.device = ETH0;
	found = judged(view, &only_wg);
	assert_int_equal(found.status, VPNS_PROBE_FAIL);
	assert_contains(found.reason, "wg0");
	assert_contains(found.reason, "1.1.1.1 by eth0");
	assert_string_equal(found.up, "false");
	assert_string_equal(found.path_exit, "beside");
	assert_string_equal(found.path_beside, "1.1.1.1 by eth0");
}

static void one_witness_past_the_tunnel_is_enough(void **state)
{
	struct tunnel_view *view = healthy();
	struct tunnel_findings found;

	(void)state;
	add_way(view, "208.67.222.222", ETH0, 0);
	found = judged(view, &any_tunnel);
	assert_int_equal(found.status, VPNS_PROBE_FAIL);
	assert_string_equal(found.path_exit, "beside");
	assert_string_equal(found.path_beside, "208.67.222.222 by eth0");
}

static void a_namespace_with_nothing_but_loopback_says_so(void **state)
{
	struct tunnel_view *view = healthy();
	struct tunnel_findings found;

	(void)state;
	view->links.count = 1;
	found = judged(view, &any_tunnel);
	assert_int_equal(found.status, VPNS_PROBE_FAIL);
	assert_string_equal(found.devices, "0");
	assert_string_equal(found.path_exit, "none");
	assert_contains(found.reason, "no network device but loopback");
}

static void a_device_without_carrier_is_down(void **state)
{
	struct tunnel_view *view = healthy();
	struct tunnel_findings found;

	(void)state;
	view->links.items[2].up = 0;
	found = judged(view, &any_tunnel);
	assert_int_equal(found.status, VPNS_PROBE_FAIL);
	assert_string_equal(found.up, "false");
	assert_contains(found.reason, "wg0 is down");
}

static void ipv6_past_the_tunnel_fails_only_with_a_public_address(void **state)
{
	struct tunnel_view *view = healthy();
	struct tunnel_findings found;

	(void)state;
	view->ways[1].route = (struct tunnel_route){.device = ETH0, .found = 1};
	found = judged(view, &any_tunnel);
	assert_int_equal(found.status, VPNS_PROBE_WARN);
	assert_string_equal(found.path_exit6, "beside");
	view = healthy();
	view->ways[1].route = (struct tunnel_route){.device = ETH0, .found = 1};
	view->links.items[1].global6 = 1;
	found = judged(view, &any_tunnel);
	assert_int_equal(found.status, VPNS_PROBE_FAIL);
	assert_string_equal(found.ipv6_global, "eth0");
}

static void nameservers_are_told_apart_by_their_way(void **state)
{
	static const struct {
		const char *address;
		int32_t device;
		const char *path;
		const char *beside;
	} rows[] = {{"192.168.1.1", ETH0, "beside", "192.168.1.1 by eth0"}, {"127.0.0.11", LO, "local", ""},
		{"10.64.0.1", WG0, "tunnel", ""}, {"9.9.9.9", 0, "none", ""},
		{"fe80::1%eth9", 0, "none", ""}};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct tunnel_view *view = healthy();
		struct tunnel_findings found;

		view->way_count = 2;
		add_way(view, rows[i].address, rows[i].device, 1);
		found = judged(view, &any_tunnel);
		assert_string_equal(found.dns_path, rows[i].path);
		assert_string_equal(found.dns_beside, rows[i].beside);
	}
}

static void a_link_local_nameserver_leaves_by_the_device_it_names(void **state)
{
	struct tunnel_view *view = healthy();
	struct tunnel_findings found;

	(void)state;
	add_way(view, "fe80::1%eth0", ETH0, 1);
	found = judged(view, &any_tunnel);
	assert_string_equal(found.dns_path, "mixed");
	assert_string_equal(found.dns_beside, "fe80::1 by eth0");
	assert_int_equal(found.status, VPNS_PROBE_WARN);
}

static void a_long_silence_of_wireguard_is_mentioned(void **state)
{
	struct tunnel_view *view = healthy();
	struct tunnel_findings found;

	(void)state;
	view->handshake_age_s = 601;
	found = judged(view, &any_tunnel);
	assert_int_equal(found.status, VPNS_PROBE_WARN);
	assert_contains(found.reason, "601 s ago");
	view = healthy();
	view->handshake_never = 1;
	found = judged(view, &any_tunnel);
	assert_int_equal(found.status, VPNS_PROBE_WARN);
	assert_string_equal(found.handshake_age, "");
	assert_contains(found.reason, "not heard");
}

static void counters_and_ages_are_no_change(void **state)
{
	struct tunnel_findings before = judged(healthy(), &any_tunnel);
	struct tunnel_view *view = healthy();
	struct tunnel_findings after;

	(void)state;
	view->handshake_age_s = 99;
	view->links.items[1].tx = 12345;
	after = judged(view, &any_tunnel);
	assert_false(tunnel_view_differs(&before, &after));
	view = healthy();
	view->links.items[2].up = 0;
	after = judged(view, &any_tunnel);
	assert_true(tunnel_view_differs(&before, &after));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_through_the_tunnel_passes_with_all_facts),
		cmocka_unit_test(a_missing_tunnel_fails_and_is_called_by_its_name),
		cmocka_unit_test(one_witness_past_the_tunnel_is_enough),
		cmocka_unit_test(a_namespace_with_nothing_but_loopback_says_so),
		cmocka_unit_test(a_device_without_carrier_is_down),
		cmocka_unit_test(ipv6_past_the_tunnel_fails_only_with_a_public_address),
		cmocka_unit_test(nameservers_are_told_apart_by_their_way),
		cmocka_unit_test(a_link_local_nameserver_leaves_by_the_device_it_names),
		cmocka_unit_test(a_long_silence_of_wireguard_is_mentioned),
		cmocka_unit_test(counters_and_ages_are_no_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
