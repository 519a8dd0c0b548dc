/* Probe tunnel: what recorded answers of a kernel mean, what views mean, and a live namespace. */
#include "kit_test.h"

#include "probes/tunnel/tunnel_netlink.h"
#include "probes/tunnel/tunnel_resolv.h"
#include "probes/tunnel/tunnel_view.h"
#include "probes/tunnel/tunnel_wireguard.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define CORPUS VPNS_TEST_SOURCE "/tests/fuzz/corpus/tunnel/"

static const char *const wg[] = {"wg0"};
static const struct vpns_list any_tunnel = {NULL, 0, 0};
static const struct vpns_list only_wg = {wg, 1, 0};

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

/* --- views ------------------------------------------------------------------------------ */

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

/* --- a namespace of our own ------------------------------------------------------------- */

static void run(const char *command)
{
	if (system(command) != 0)
		fail_msg("%s", command);
}

/* A namespace with eth0 as the only way out; skips where that is not allowed. */
static void enter_namespace(void)
{
	if (unshare(CLONE_NEWNET) != 0) {
		print_message("skipped: no network namespace is allowed here: %s\n", strerror(errno));
		skip();
	}
	run("ip link set lo up && ip link add eth0 type veth peer name peer0 && ip link set eth0 up && "
	    "ip link set peer0 up && ip addr add 10.1.0.2/24 dev eth0 && ip route add default via 10.1.0.1");
}

/* A tun device with a carrier for as long as the descriptor is open. */
static int open_tun(const char *name)
{
	struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

	if (fd < 0) {
		print_message("skipped: /dev/net/tun cannot be opened: %s\n", strerror(errno));
		skip();
	}
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	assert_int_equal(ioctl(fd, TUNSETIFF, &request), 0);
	run("ip link set wg0 up && ip addr add 10.99.0.2/32 dev wg0 && "
	    "ip rule add not fwmark 51820 table 51820 && ip route add default dev wg0 table 51820 && "
	    "ip rule add table main suppress_prefixlength 0 pref 100");
	return fd;
}

static vpns_op probe(struct vpnt *kit)
{
	vpns_op op = vpnt_probe(kit, 10000);

	vpnt_advance(kit, 1);
	return op;
}

static void a_live_namespace_is_seen_as_it_is(void **state)
{
	struct vpnt *kit;
	vpns_op op;
	int tun;

	(void)state;
	enter_namespace();
	kit = vpnt_create(vpnt_load(VPNS_TEST_PLUGINS "/probes", "tunnel"));
	vpnt_start(kit, VPNT_OPTIONS("resolv_conf", "/nonexistent/resolv.conf", "watch", "no"));
	op = probe(kit);
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_FAIL);
	assert_fact(kit, op, "path.exit", "beside");
	assert_fact(kit, op, "path.exit6", "none");
	assert_fact(kit, op, "tunnel.up", "false");
	tun = open_tun("wg0"); /* by policy rules, as wg-quick makes them */
	op = probe(kit);
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_PASS);
	assert_fact(kit, op, "path.exit", "tunnel");
	assert_fact(kit, op, "tunnel.interface", "wg0");
	close(tun);
	op = probe(kit);
	assert_fact(kit, op, "tunnel.up", "false");
	assert_fact(kit, op, "path.exit", "beside");
	run("ip link del eth0");
	op = probe(kit);
	assert_fact(kit, op, "net.devices", "0");
	assert_fact(kit, op, "path.exit", "none");
	vpnt_destroy(kit);
}

/* The descriptor that the plugin watches; -1: none. */
static int32_t watched_fd(const struct vpnt *kit)
{
	int32_t fd;

	for (fd = 3; fd < 256; fd++)
		if (vpnt_watched(kit, fd) >= 0)
			return fd;
	return -1;
}

static void a_change_of_the_tunnel_asks_for_a_round_once(void **state)
{
	struct vpnt *kit;
	int32_t fd;
	int tun;

	(void)state;
	enter_namespace();
	tun = open_tun("wg0");
	kit = vpnt_create(vpnt_load(VPNS_TEST_PLUGINS "/probes", "tunnel"));
	vpnt_start(kit, VPNT_OPTIONS("resolv_conf", "/nonexistent/resolv.conf", "interface", "auto"));
	fd = watched_fd(kit);
	assert_true(fd >= 0);
	probe(kit);
	run("ip addr add 10.1.0.3/24 dev eth0");
	vpnt_ready(kit, fd, VPNS_POLL_READ);
	vpnt_advance(kit, 300);
	assert_int_equal(vpnt_hurried(kit), 0); /* the tunnel is what it was */
	close(tun);
	vpnt_ready(kit, fd, VPNS_POLL_READ);
	vpnt_advance(kit, 300);
	assert_int_equal(vpnt_hurried(kit), 1);
	run("ip addr add 10.1.0.4/24 dev eth0");
	vpnt_ready(kit, fd, VPNS_POLL_READ);
	vpnt_advance(kit, 300);
	assert_int_equal(vpnt_hurried(kit), 1);
	vpnt_ready(kit, fd, VPNS_POLL_ERROR);
	assert_int_equal(watched_fd(kit), -1);
	assert_contains(vpnt_log(kit), "stopped telling");
	vpnt_destroy(kit);
}

static void a_cancelled_probe_finishes_at_once(void **state)
{
	struct vpnt *kit = vpnt_create(vpnt_load(VPNS_TEST_PLUGINS "/probes", "tunnel"));
	vpns_op op;

	(void)state;
	vpnt_start(kit, VPNT_OPTIONS("watch", "no"));
	op = vpnt_probe(kit, 10000);
	vpnt_cancel(kit, op);
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_UNKNOWN);
	vpnt_advance(kit, 1); /* its job ends, too */
	vpnt_destroy(kit);
}

static void a_witness_that_is_no_address_is_refused_by_name(void **state)
{
	struct vpnt *kit = vpnt_create(vpnt_load(VPNS_TEST_PLUGINS "/probes", "tunnel"));

	(void)state;
	assert_contains(
		vpnt_start_refused(kit, VPNT_OPTIONS("witnesses", "1.1.1.1, one.example")), "one.example");
	assert_contains(vpnt_start_refused(kit, VPNT_OPTIONS("witnesses", "127.0.0.1")), "127.0.0.1");
	vpnt_destroy(kit);
}

static void the_readme_names_the_options(void **state)
{
	(void)state;
	vpnt_check_readme(vpnt_load(VPNS_TEST_PLUGINS "/probes", "tunnel"),
		VPNS_TEST_SOURCE "/plugins/probes/tunnel/README.md");
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
		cmocka_unit_test(a_cancelled_probe_finishes_at_once),
		cmocka_unit_test(a_witness_that_is_no_address_is_refused_by_name),
		cmocka_unit_test(the_readme_names_the_options),
		cmocka_unit_test(a_live_namespace_is_seen_as_it_is),
		cmocka_unit_test(a_change_of_the_tunnel_asks_for_a_round_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
