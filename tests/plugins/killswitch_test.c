/* Probe killswitch: which devices, what their answers prove, in namespaces of the test's own. */
#include "kit_test.h"

#include "probes/killswitch/killswitch_devices.h"
#include "probes/killswitch/killswitch_target.h"
#include "probes/killswitch/killswitch_verdict.h"

#include <errno.h>
#include <net/if_arp.h>
#include <sched.h>
#include <stdio.h>

static const struct vpns_list none = {NULL, 0, 0};

static void places_to_knock_at_are_read_or_refused(void **state)
{
	static const struct {
		const char *text, *address;
		int port, tcp;
	} good[] = {{"1.1.1.1:53", "1.1.1.1", 53, 0}, {"9.9.9.9:443/tcp", "9.9.9.9", 443, 1},
		{"[2606:4700:4700:0::1111]:53/udp", "2606:4700:4700::1111", 53, 0}};
	static const char *const bad[] = {"", "1.1.1.1", "1.1.1.1:", "1.1.1.1:0", "1.1.1.1:65536",
		"one.example:53", "1.1.1.1:53/sctp", "2606:4700::1:53", "[1.1.1.1]:53", "[::1", "[]:53",
		"1.1.1.1:53 "};
	struct killswitch_target target;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(killswitch_target_parse(&target, good[i].text), 0);
		assert_string_equal(target.address, good[i].address);
		assert_int_equal(target.port, good[i].port);
		assert_int_equal(target.tcp, good[i].tcp);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(killswitch_target_parse(&target, bad[i]), -1);
}

static void only_devices_beside_the_tunnel_with_an_address_are_chosen(void **state)
{
	static const struct killswitch_seen seen[] = {{"lo", 1, 1, 1, 1, ARPHRD_LOOPBACK, 0},
		{"eth0", 1, 0, 1, 0, ARPHRD_ETHER, 0}, {"eth1", 0, 0, 1, 0, ARPHRD_ETHER, 0},
		{"eth2", 1, 0, 0, 0, ARPHRD_ETHER, 0}, {"wlan0", 1, 0, 0, 1, ARPHRD_ETHER, 0},
		{"wg0", 1, 0, 1, 1, ARPHRD_NONE, 0}, {"work", 1, 0, 1, 0, ARPHRD_NONE, 0},
		{"tap0", 1, 0, 1, 0, ARPHRD_ETHER, 0}};
	static const char *const wlan[] = {"wlan*"};
	static const char *const eth[] = {"eth0"};
	const struct vpns_list only_wlan = {wlan, 1, 0};
	const struct vpns_list eth_is_tunnel = {eth, 1, 0};
	struct killswitch_devices devices;

	(void)state;
	killswitch_devices_choose(&devices, seen, 8, &none, &none);
	assert_int_equal(devices.count, 2);
	assert_string_equal(devices.names[0], "eth0");
	assert_string_equal(devices.names[1], "wlan0");
	killswitch_devices_choose(&devices, seen, 8, &only_wlan, &none);
	assert_int_equal(devices.count, 1);
	assert_string_equal(devices.names[0], "wlan0");
	killswitch_devices_choose(&devices, seen, 8, &none, &eth_is_tunnel);
	assert_int_equal(devices.count, 4);
}

static void what_is_more_than_can_be_tried_is_counted(void **state)
{
	struct killswitch_seen seen[KILLSWITCH_DEVICES_MAX + 2] = {0};
	struct killswitch_devices devices;
	struct killswitch_trial trials[KILLSWITCH_DEVICES_MAX] = {0};
	struct killswitch_verdict verdict;
	uint32_t i;

	(void)state;
	for (i = 0; i < KILLSWITCH_DEVICES_MAX + 2; i++) {
		snprintf(seen[i].name, sizeof(seen[i].name), "eth%u", (unsigned)i);
		seen[i].up = seen[i].has4 = 1;
	}
	killswitch_devices_choose(&devices, seen, i, &none, &none);
	assert_int_equal(devices.count, KILLSWITCH_DEVICES_MAX);
	assert_int_equal(devices.left_out, 2);
	trials[0].silent = 1;
	killswitch_judge(&verdict, trials, 1, devices.left_out);
	assert_int_equal(verdict.status, VPNS_PROBE_WARN);
	assert_contains(verdict.reason, "2 more devices");
}

static void whoever_answers_was_reached_and_a_refusal_may_be_the_kill_switchs_own(void **state)
{
	static const struct {
		int32_t error;
		uint32_t connected;
		enum killswitch_outcome outcome;
	} rows[] = {{VPNS_SOCKET_OK, 0, KILLSWITCH_OPEN}, {VPNS_SOCKET_E_REFUSED, 0, KILLSWITCH_SILENT},
		{VPNS_SOCKET_E_CLOSED, 0, KILLSWITCH_OPEN}, {VPNS_SOCKET_E_TIMEOUT, 0, KILLSWITCH_SILENT},
		{VPNS_SOCKET_E_TIMEOUT, 1, KILLSWITCH_OPEN}, {VPNS_SOCKET_E_BLOCKED, 0, KILLSWITCH_SILENT},
		{VPNS_SOCKET_E_UNREACHABLE, 0, KILLSWITCH_SILENT},
		{VPNS_SOCKET_E_PERMISSION, 0, KILLSWITCH_NOT_TRIED},
		{VPNS_SOCKET_E_DEVICE, 0, KILLSWITCH_NOT_TRIED},
		{VPNS_SOCKET_E_OTHER, 0, KILLSWITCH_NOT_TRIED}};
	static const struct {
		int32_t error;
		enum killswitch_outcome outcome;
	} canaries[] = {{VPNS_CANARY_ARRIVED, KILLSWITCH_OPEN}, {VPNS_CANARY_E_REFUSED, KILLSWITCH_OPEN},
		{VPNS_CANARY_E_BLOCKED, KILLSWITCH_SILENT}, {VPNS_CANARY_E_TOKEN, KILLSWITCH_NOT_TRIED},
		{VPNS_CANARY_E_NAME, KILLSWITCH_NOT_TRIED}, {VPNS_CANARY_E_DEVICE, KILLSWITCH_NOT_TRIED}};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct vpns_socket_reply reply = {
			.error = rows[i].error, .connected = rows[i].connected};

		assert_int_equal(killswitch_of_socket(&reply), rows[i].outcome);
	}
	for (i = 0; i < sizeof(canaries) / sizeof(canaries[0]); i++) {
		const struct vpns_canary_reply reply = {.error = canaries[i].error};

		assert_int_equal(killswitch_of_canary(&reply), canaries[i].outcome);
	}
}

/* --- the plugin, where eth0 is the only device but loopback ----------------------------- */

static int why_not; /* errno of a namespace that was not to be had */

static int setup(void **state)
{
	*state = NULL;
	if (unshare(CLONE_NEWNET) != 0) {
		why_not = errno;
		return 0;
	}
	if (system("ip link set lo up && ip link add eth0 type veth peer name peer0 && ip link set eth0 up "
		   "&& "
		   "ip link set peer0 up && ip addr add 10.1.0.2/24 dev eth0") != 0)
		return -1;
	*state = vpnt_create(vpnt_load(VPNS_TEST_PLUGINS "/probes", "killswitch"));
	return 0;
}

static int teardown(void **state)
{
	if (*state != NULL)
		vpnt_destroy(*state);
	return 0;
}

static struct vpnt *kit_or_skip(void **state)
{
	if (*state == NULL) {
		print_message("skipped: no network namespace is allowed here: %s\n", strerror(why_not));
		skip();
	}
	return *state;
}

static vpns_op probe(struct vpnt *kit)
{
	vpns_op op = vpnt_probe(kit, 10000);

	vpnt_advance(kit, 9000);
	return op;
}

/* A round later_ms after the last one; whether it sends anything. The answer is as old as the test. */
static void test_again(struct vpnt *kit, uint64_t later_ms, int sends)
{
	struct vpnt_exchange exchange = {.device = "eth0", .never = 1};
	int64_t now;
	vpns_op op;

	vpnt_advance(kit, later_ms);
	now = vpnt_wall_ms(kit);
	if (sends)
		vpnt_expect_exchange(kit, &exchange);
	op = vpnt_probe(kit, 10000);
	vpnt_advance(kit, sends ? 9000 : 0);
	assert_fact(kit, op, "killswitch.tested", "eth0");
	if (sends)
		assert_true(vpnt_probe_result(kit, op)->observed_at_ms >= now);
	else
		assert_true(vpnt_probe_result(kit, op)->observed_at_ms <= now - (int64_t)later_ms);
}

static void a_device_that_came_or_was_made_anew_is_a_reason_to_test_at_once(void **state)
{
#define MAKE                                                                                                 \
	"ip link add wg0 type veth peer name far && ip link set wg0 up && ip addr add 10.8.0.2/24 dev wg0"
	static const char *const changes[] = {MAKE, ("ip link delete wg0 && " MAKE), "ip link delete wg0"};
#undef MAKE
	struct vpnt *kit = kit_or_skip(state);
	size_t i;

	vpnt_start(kit, VPNT_OPTIONS("canary", "no"));
	vpnt_expect_exchange(kit, &(struct vpnt_exchange){.device = "eth0", .never = 1});
	probe(kit);
	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		test_again(kit, 5000, 0);
		assert_int_equal(system(changes[i]), 0);
		test_again(kit, 5000, 1);
	}
}

static void without_a_token_yet_the_canary_is_tried_in_the_next_round_once(void **state)
{
	struct vpnt *kit = kit_or_skip(state);
	int i;

	vpnt_offer_canary(kit);
	vpnt_start(kit, VPNT_DEFAULTS);
	for (i = 0; i < 2; i++) {
		vpnt_expect_exchange(kit, &(struct vpnt_exchange){.device = "eth0", .never = 1});
		vpnt_expect_canary(
			kit, &(struct vpnt_canary){.device = "eth0", .error = VPNS_CANARY_E_TOKEN});
		probe(kit);
	}
	test_again(kit, 5000, 0);
}

static void silence_through_every_device_passes_for_a_quarter_of_an_hour(void **state)
{
	struct vpnt *kit = kit_or_skip(state);
	vpns_op op;

	vpnt_start(kit, VPNT_OPTIONS("canary", "no", "tunnel", "auto"));
	vpnt_expect_exchange(
		kit, &(struct vpnt_exchange){.address = "1.1.1.1", .port = 53, .device = "eth0", .never = 1});
	op = probe(kit);
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_PASS);
	assert_fact(kit, op, "killswitch.tested", "eth0");
	assert_fact(kit, op, "killswitch.open", NULL);
	test_again(kit, 890000, 0);
	test_again(kit, 15000, 1);
}

static void an_answer_is_a_hole_and_is_looked_at_again_soon(void **state)
{
	struct vpnt *kit = kit_or_skip(state);
	vpns_op op;

	vpnt_start(kit, VPNT_OPTIONS("canary", "no"));
	vpnt_expect_exchange(kit, &(struct vpnt_exchange){.device = "eth0", .reply = "x"});
	op = probe(kit);
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_FAIL);
	assert_fact(kit, op, "killswitch.tested", "eth0");
	assert_fact(kit, op, "killswitch.open", "eth0");
	assert_contains(vpnt_probe_result(kit, op)->reason, "1.1.1.1 port 53");
	test_again(kit, 45000, 0);
	test_again(kit, 15000, 1);
	test_again(kit, 45000, 0); /* once more: the first that gets nowhere proves little */
	test_again(kit, 15000, 1);
	test_again(kit, 870000, 0);
	test_again(kit, 30000, 1);
}

static void a_canary_that_arrives_is_a_hole(void **state)
{
	struct vpnt *kit = kit_or_skip(state);
	vpns_op op;

	vpnt_offer_canary(kit);
	vpnt_start(kit, VPNT_DEFAULTS);
	vpnt_expect_exchange(kit, &(struct vpnt_exchange){.never = 1});
	vpnt_expect_canary(kit, &(struct vpnt_canary){.device = "eth0"});
	op = probe(kit);
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_FAIL);
	assert_fact(kit, op, "killswitch.open", "eth0");
	assert_contains(vpnt_probe_result(kit, op)->reason, "VPN Sentinel server");
}

static void a_device_that_cannot_be_bound_to_is_unknown_with_the_reason(void **state)
{
	struct vpnt *kit = kit_or_skip(state);
	vpns_op op;

	vpnt_start(kit, VPNT_OPTIONS("canary", "no"));
	vpnt_expect_exchange(kit, &(struct vpnt_exchange){.error = VPNS_SOCKET_E_PERMISSION});
	op = probe(kit);
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_UNKNOWN);
	assert_contains(vpnt_probe_result(kit, op)->reason, "eth0 could not be tried");
	assert_fact(kit, op, "killswitch.tested", NULL);
	assert_int_equal(vpnt_probe_result(kit, op)->retry_after_ms, 0);
}

static void without_another_device_there_is_nothing_to_try(void **state)
{
	struct vpnt *kit = kit_or_skip(state);
	vpns_op op;

	vpnt_start(kit, VPNT_OPTIONS("canary", "no", "tunnel", "eth0"));
	op = probe(kit);
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_UNKNOWN);
	assert_contains(vpnt_probe_result(kit, op)->reason, "no device beside the tunnel");
}

static void a_cancelled_test_ends_all_its_attempts(void **state)
{
	struct vpnt *kit = kit_or_skip(state);
	vpns_op op;

	vpnt_offer_canary(kit);
	vpnt_start(kit, VPNT_OPTIONS("targets", "1.1.1.1:53, 9.9.9.9:443/tcp"));
	vpnt_expect_exchange(kit, &(struct vpnt_exchange){.never = 1});
	vpnt_expect_exchange(kit, &(struct vpnt_exchange){.transport = VPNS_SOCKET_TCP, .never = 1});
	vpnt_expect_canary(kit, &(struct vpnt_canary){.never = 1});
	op = vpnt_probe(kit, 10000);
	vpnt_cancel(kit, op);
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_UNKNOWN);
}

static void a_place_that_is_none_is_refused_by_name(void **state)
{
	struct vpnt *kit = kit_or_skip(state);

	assert_contains(vpnt_start_refused(kit, VPNT_OPTIONS("targets", "one.example:53")), "one.example:53");
	assert_contains(vpnt_start_refused(kit, VPNT_OPTIONS("targets", ",", "canary", "no")), "nobody");
}

static void the_readme_names_the_options(void **state)
{
	(void)state;
	vpnt_check_readme(vpnt_load(VPNS_TEST_PLUGINS "/probes", "killswitch"),
		VPNS_TEST_SOURCE "/plugins/probes/killswitch/README.md");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_to_knock_at_are_read_or_refused),
		cmocka_unit_test(only_devices_beside_the_tunnel_with_an_address_are_chosen),
		cmocka_unit_test(what_is_more_than_can_be_tried_is_counted),
		cmocka_unit_test(whoever_answers_was_reached_and_a_refusal_may_be_the_kill_switchs_own),
		TEST(silence_through_every_device_passes_for_a_quarter_of_an_hour),
		TEST(an_answer_is_a_hole_and_is_looked_at_again_soon),
		TEST(a_device_that_came_or_was_made_anew_is_a_reason_to_test_at_once),
		TEST(without_a_token_yet_the_canary_is_tried_in_the_next_round_once),
		TEST(a_canary_that_arrives_is_a_hole),
		TEST(a_device_that_cannot_be_bound_to_is_unknown_with_the_reason),
		TEST(without_another_device_there_is_nothing_to_try),
		TEST(a_cancelled_test_ends_all_its_attempts),
		TEST(a_place_that_is_none_is_refused_by_name),
		cmocka_unit_test(the_readme_names_the_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
