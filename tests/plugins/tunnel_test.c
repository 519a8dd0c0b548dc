/* Probe tunnel: a live namespace, and the options. */
#include "kit_test.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

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
		cmocka_unit_test(a_cancelled_probe_finishes_at_once),
		cmocka_unit_test(a_witness_that_is_no_address_is_refused_by_name),
		cmocka_unit_test(the_readme_names_the_options),
		cmocka_unit_test(a_live_namespace_is_seen_as_it_is),
		cmocka_unit_test(a_change_of_the_tunnel_asks_for_a_round_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
