/* Notifier console: whole lines to where they belong, and streams that cannot take them. */
#include "kit_test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

static int setup(void **state)
{
	*state = vpnt_create(vpnt_load(VPNS_TEST_PLUGINS "/notifiers", "console"));
	return 0;
}

static int teardown(void **state)
{
	vpnt_destroy(*state);
	return 0;
}

/* Puts a pipe in the place of descriptor fd; returns the one to put back. */
static int divert(int fd, int pipe_fds[2])
{
	int kept;

	fflush(stdout);
	assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
	kept = dup(fd);
	assert_true(kept >= 0);
	assert_true(dup2(pipe_fds[1], fd) >= 0);
	close(pipe_fds[1]);
	return kept;
}

static void put_back(int fd, int kept)
{
	assert_true(dup2(kept, fd) >= 0);
	close(kept);
}

static void read_all(int fd, char *text, size_t size)
{
	size_t len = 0;
	ssize_t got;

	while (len < size - 1 && (got = read(fd, text + len, size - 1 - len)) > 0)
		len += (size_t)got;
	text[len] = '\0';
	close(fd);
}

/* Delivers alert while fd is diverted; text gets what arrived. */
static vpns_op deliver(struct vpnt *kit, const struct vpns_alert *alert, int fd, char *text, size_t size)
{
	int pipe_fds[2];
	int kept = divert(fd, pipe_fds);
	vpns_op op = vpnt_deliver(kit, alert);

	put_back(fd, kept);
	read_all(pipe_fds[0], text, size);
	return op;
}

static void an_alert_is_one_line_on_standard_output(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	char text[8192];
	vpns_op op;

	vpnt_start(kit, VPNT_DEFAULTS);
	alert.body = "one\ntwo";
	op = deliver(kit, &alert, STDOUT_FILENO, text, sizeof(text));
	assert_int_equal(vpnt_delivery_result(kit, op)->status, VPNS_DELIVERY_SENT);
	assert_contains(text, "anna lost its tunnel");
	assert_contains(text, "one two");
	assert_contains(text, "Bucure\xc8\x99ti");
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
}

static void standard_error_can_be_chosen_while_running(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	char text[8192];

	vpnt_start(kit, VPNT_DEFAULTS);
	assert_int_equal(vpnt_reconfigure(kit, VPNT_OPTIONS("stream", "stderr")), 0);
	deliver(kit, &alert, STDERR_FILENO, text, sizeof(text));
	assert_contains(text, "anna lost its tunnel");
}

static void the_log_gets_the_level_of_the_severity(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	vpns_op op;

	vpnt_start(kit, VPNT_OPTIONS("stream", "log"));
	op = vpnt_deliver(kit, &alert);
	assert_int_equal(vpnt_delivery_result(kit, op)->status, VPNS_DELIVERY_SENT);
	alert.severity = VPNS_SEVERITY_WARNING;
	vpnt_deliver(kit, &alert);
	alert.severity = VPNS_SEVERITY_INFO;
	vpnt_deliver(kit, &alert);
	assert_contains(vpnt_log(kit), "ERROR anna");
	assert_contains(vpnt_log(kit), "WARN anna");
	assert_contains(vpnt_log(kit), "INFO anna");
}

static void names_from_outside_cannot_steer_the_terminal(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	char text[8192];

	vpnt_start(kit, VPNT_DEFAULTS);
	alert.title = "\x1b[2J\x07\x7f\xc2\x9b"
		      "31m\xc2\xa9\xc3\xa9";
	deliver(kit, &alert, STDOUT_FILENO, text, sizeof(text));
	assert_contains(text, "?[2J????31m\xc2\xa9\xc3\xa9");
}

static void a_long_alert_stays_one_line_that_fits_a_pipe(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	char *longer = malloc(20001);
	char text[30000];

	assert_non_null(longer);
	memset(longer, 'x', 20000);
	longer[20000] = '\0';
	alert.body = longer;
	vpnt_start(kit, VPNT_DEFAULTS);
	deliver(kit, &alert, STDOUT_FILENO, text, sizeof(text));
	assert_in_range(strlen(text), 3500, 4096);
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	free(longer);
}

static void a_reader_that_is_behind_means_later(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	char junk[4096] = "";
	int pipe_fds[2];
	vpns_op op;
	int kept;

	vpnt_start(kit, VPNT_DEFAULTS);
	kept = divert(STDOUT_FILENO, pipe_fds);
	assert_int_equal(fcntl(STDOUT_FILENO, F_SETFL, O_NONBLOCK), 0);
	while (write(STDOUT_FILENO, junk, sizeof(junk)) > 0)
		continue;
	assert_int_equal(fcntl(STDOUT_FILENO, F_SETFL, 0), 0); /* a plain write would block now */
	op = vpnt_deliver(kit, &alert);
	put_back(STDOUT_FILENO, kept);
	close(pipe_fds[0]);
	assert_int_equal(vpnt_delivery_result(kit, op)->status, VPNS_DELIVERY_RETRY | VPNS_DELIVERY_UNSENT);
}

/* A terminal takes what it has room for, unlike a pipe. Returns the two ends, or skips. */
static int open_terminal(int *reader)
{
	struct termios mode;
	int fd;

	*reader = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (*reader < 0 || grantpt(*reader) != 0 || unlockpt(*reader) != 0) {
		print_message("skipped: there are no terminals: %s\n", strerror(errno));
		skip();
	}
	fd = open(ptsname(*reader), O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	assert_true(fd >= 0);
	assert_int_equal(tcgetattr(fd, &mode), 0);
	cfmakeraw(&mode);
	assert_int_equal(tcsetattr(fd, TCSANOW, &mode), 0);
	return fd;
}

static void a_line_of_which_a_part_got_out_may_have_been_read(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	char longer[4001] = "";
	char part[1000];
	int reader;
	int terminal = open_terminal(&reader);
	uint32_t status = VPNS_DELIVERY_SENT;
	vpns_op op;
	int kept;

	memset(longer, 'x', sizeof(longer) - 1);
	alert.body = longer;
	vpnt_start(kit, VPNT_DEFAULTS);
	fflush(stdout);
	kept = dup(STDOUT_FILENO);
	dup2(terminal, STDOUT_FILENO);
	close(terminal);
	for (int i = 0; i < 1000 && status != VPNS_DELIVERY_RETRY; i++) {
		op = vpnt_deliver(kit, &alert);
		status = vpnt_delivery_result(kit, op)->status;
		if (status != VPNS_DELIVERY_SENT) /* full to the byte: room for a part of the next line */
			(void)!read(reader, part, sizeof(part));
	}
	put_back(STDOUT_FILENO, kept);
	close(reader);
	assert_int_equal(status, VPNS_DELIVERY_RETRY);
}

static void a_reader_that_has_gone_means_never(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	int pipe_fds[2];
	vpns_op op;
	int kept;

	vpnt_start(kit, VPNT_DEFAULTS);
	kept = divert(STDOUT_FILENO, pipe_fds);
	close(pipe_fds[0]);
	op = vpnt_deliver(kit, &alert);
	put_back(STDOUT_FILENO, kept);
	assert_int_equal(vpnt_delivery_result(kit, op)->status, VPNS_DELIVERY_DROP);
	assert_contains(vpnt_delivery_result(kit, op)->reason, strerror(EPIPE));
}

static void a_full_disk_means_never(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	vpns_op op;
	int kept;

	if (full < 0) {
		print_message("skipped: /dev/full cannot be opened: %s\n", strerror(errno));
		skip();
	}
	vpnt_start(kit, VPNT_DEFAULTS);
	fflush(stdout);
	kept = dup(STDOUT_FILENO);
	dup2(full, STDOUT_FILENO);
	close(full);
	op = vpnt_deliver(kit, &alert);
	put_back(STDOUT_FILENO, kept);
	assert_int_equal(vpnt_delivery_result(kit, op)->status, VPNS_DELIVERY_DROP);
	assert_contains(vpnt_delivery_result(kit, op)->reason, strerror(ENOSPC));
}

static void the_readme_names_the_options(void **state)
{
	(void)state;
	vpnt_check_readme(vpnt_load(VPNS_TEST_PLUGINS "/notifiers", "console"),
		VPNS_TEST_SOURCE "/plugins/notifiers/console/README.md");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_alert_is_one_line_on_standard_output),
		TEST(standard_error_can_be_chosen_while_running),
		TEST(the_log_gets_the_level_of_the_severity),
		TEST(names_from_outside_cannot_steer_the_terminal),
		TEST(a_long_alert_stays_one_line_that_fits_a_pipe),
		TEST(a_reader_that_is_behind_means_later),
		TEST(a_line_of_which_a_part_got_out_may_have_been_read),
		TEST(a_reader_that_has_gone_means_never),
		TEST(a_full_disk_means_never),
		cmocka_unit_test(the_readme_names_the_options),
	};

	signal(SIGPIPE, SIG_IGN); /* as the host does */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
