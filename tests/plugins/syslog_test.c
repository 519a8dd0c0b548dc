/* Notifier syslog: records, and logs of this machine and others that take them or not. */
#include "kit_test.h"

#include "notifiers/syslog/syslog_line.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define UNSENT (VPNS_DELIVERY_RETRY | VPNS_DELIVERY_UNSENT)

static int setup(void **state)
{
	*state = vpnt_create(vpnt_load(VPNS_TEST_PLUGINS "/notifiers", "syslog"));
	return 0;
}

static int teardown(void **state)
{
	vpnt_destroy(*state);
	return 0;
}

static const struct vpns_delivery_result *deliver(struct vpnt *kit, const struct vpns_alert *alert)
{
	vpns_op op = vpnt_deliver(kit, alert);

	vpnt_advance(kit, 0);
	return vpnt_delivery_result(kit, op);
}

/* A socket at a path of its own, which the caller removes. */
static int local_log(char *path, size_t size, int type)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	snprintf(path, size, "/tmp/syslog_test.%d", (int)getpid());
	unlink(path);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

/* A socket of loopback; its port as text. */
static int remote_log(char *port, size_t size, int type)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	snprintf(port, size, "%u", ntohs(address.sin_port));
	return fd;
}

static void the_local_log_gets_a_short_record(void **state)
{
	struct vpns_alert alert = vpnt_alert();
	char record[9000] = "";
	char wanted[64];
	char path[64];
	int fd = local_log(path, sizeof(path), SOCK_DGRAM);

	vpnt_start(*state, VPNT_OPTIONS("path", path));
	assert_int_equal(deliver(*state, &alert)->status, VPNS_DELIVERY_SENT);
	assert_true(recv(fd, record, sizeof(record) - 1, 0) > 0);
	snprintf(wanted, sizeof(wanted), "<26>vpn-sentinel[%d]: anna lost its tunnel;", (int)getpid());
	assert_memory_equal(record, wanted, strlen(wanted));
	close(fd);
	unlink(path);
}

static void a_local_log_that_is_not_there_or_nobodys_is_tried_again(void **state)
{
	struct vpns_alert alert = vpnt_alert();
	char path[64];

	close(local_log(path, sizeof(path), SOCK_DGRAM));
	vpnt_start(*state, VPNT_OPTIONS("path", path));
	assert_int_equal(deliver(*state, &alert)->status, UNSENT);
	unlink(path);
	assert_int_equal(deliver(*state, &alert)->status, UNSENT);
	assert_contains(deliver(*state, &alert)->reason, path);
}

static void another_machines_log_gets_rfc_5424_over_udp(void **state)
{
	struct vpns_alert alert = vpnt_alert();
	char record[9000] = "";
	char port[8];
	int fd = remote_log(port, sizeof(port), SOCK_DGRAM);

	vpnt_start(*state,
		VPNT_OPTIONS("transport", "udp", "host", "127.0.0.1", "port", port, "facility", "local3"));
	assert_int_equal(deliver(*state, &alert)->status, VPNS_DELIVERY_SENT);
	assert_true(recv(fd, record, sizeof(record) - 1, 0) > 0);
	assert_contains(record, "<154>1 2026-01-02T03:04:05.000Z ");
	assert_contains(record,
		" tunnel_lost [vpnSentinel@32473 event=\"opened\" severity=\"critical\" client=\"anna\" "
		"incident=\"01JGK0000000000000000INCID\" delivery=\"01JGK0000000000000000DELIV\"] "
		"\xef\xbb\xbf"
		"anna lost its tunnel; ");
	alert.group_count = 487;
	deliver(*state, &alert);
	assert_true(recv(fd, record, sizeof(record) - 1, 0) > 0);
	assert_contains(record, "DELIV\" count=\"487\"] ");
	close(fd);
	assert_int_equal(deliver(*state, &alert)->status, UNSENT);
}

static void a_refused_connection_is_tried_again(void **state)
{
	struct vpns_alert alert = vpnt_alert();
	char port[8];
	int fd = remote_log(port, sizeof(port), SOCK_STREAM); /* it does not listen */

	vpnt_start(*state, VPNT_OPTIONS("transport", "tcp", "host", "127.0.0.1", "port", port));
	assert_int_equal(deliver(*state, &alert)->status, UNSENT);
	assert_contains(deliver(*state, &alert)->reason, "refused");
	close(fd);
}

static void a_delivery_that_is_cancelled_at_once_is_unsent(void **state)
{
	struct vpns_alert alert = vpnt_alert();
	vpns_op op;

	vpnt_start(*state, VPNT_DEFAULTS);
	op = vpnt_deliver(*state, &alert);
	vpnt_cancel(*state, op);
	vpnt_advance(*state, 0);
	assert_int_equal(vpnt_delivery_result(*state, op)->status, UNSENT);
}

static void options_that_cannot_be_right_are_refused(void **state)
{
	char longer[200];

	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_contains(vpnt_start_refused(*state, VPNT_OPTIONS("transport", "udp")), "it must be set");
	assert_contains(vpnt_start_refused(*state, VPNT_OPTIONS("host", "h")), "neither udp nor tcp");
	assert_contains(vpnt_start_refused(*state, VPNT_OPTIONS("path", longer)), "too long");
}

static void what_is_over_is_a_notice_and_nothing_breaks_out_of_its_data(void **state)
{
	struct syslog_line line = {3, 1, 7, "a b", "app", "x\ny \xf0\x9f\x94\xa5", 2048};
	struct vpns_alert alert = vpnt_alert();
	char out[SYSLOG_LINE_MAX + 1];

	(void)state;
	alert.transition = VPNS_TRANSITION_RESOLVED;
	alert.client_id = "a\"] [b\\\n";
	alert.kind = "";
	assert_true(syslog_line_build(out, &line, &alert) > 0);
	assert_contains(out, "<29>1 ");
	assert_contains(out, " a_b app 7 - [");
	assert_contains(out, " client=\"a\\\"\\] [b\\\\ \" ");
	assert_contains(out, "] \xef\xbb\xbf"
			     "x y \xf0\x9f\x94\xa5");
}

static void a_long_text_is_cut_to_what_fits(void **state)
{
	static char text[20001];
	struct syslog_line line = {3, 1, 7, "m", "app", text, 2048};
	struct vpns_alert alert = vpnt_alert();
	char out[SYSLOG_LINE_MAX + 1];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	assert_in_range(syslog_line_build(out, &line, &alert), 2000, 2048);
	line.max = SYSLOG_LINE_MAX;
	assert_in_range(syslog_line_build(out, &line, &alert), 8000, 8192);
}

static void the_readme_names_the_options(void **state)
{
	(void)state;
	vpnt_check_readme(vpnt_load(VPNS_TEST_PLUGINS "/notifiers", "syslog"),
		VPNS_TEST_SOURCE "/plugins/notifiers/syslog/README.md");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_local_log_gets_a_short_record),
		TEST(a_local_log_that_is_not_there_or_nobodys_is_tried_again),
		TEST(another_machines_log_gets_rfc_5424_over_udp),
		TEST(a_refused_connection_is_tried_again),
		TEST(a_delivery_that_is_cancelled_at_once_is_unsent),
		TEST(options_that_cannot_be_right_are_refused),
		cmocka_unit_test(what_is_over_is_a_notice_and_nothing_breaks_out_of_its_data),
		cmocka_unit_test(a_long_text_is_cut_to_what_fits),
		cmocka_unit_test(the_readme_names_the_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
