/* Notifier email: every answer of a mail server, and threads. TLS and logins: tests/scenario. */
#include "kit_test.h"
#include "smtp_server.h"

#include <stdio.h>
#include <unistd.h>

#define UNSENT (VPNS_DELIVERY_RETRY | VPNS_DELIVERY_UNSENT)
#define PASSWORD "hunter2-and-more"

static int setup(void **state)
{
	*state = vpnt_create(vpnt_load(VPNS_TEST_PLUGINS "/notifiers", "email"));
	return 0;
}

static int teardown(void **state)
{
	vpnt_destroy(*state);
	return 0;
}

static void start(struct vpnt *kit, const char *port, const char *to)
{
	vpnt_start(kit, VPNT_OPTIONS("host", "127.0.0.1", "port", port, "security", "none", "from",
				"Sentinel <sentinel@vpn.example>", "to", to));
}

static vpns_op deliver_alert(struct vpnt *kit, const struct vpns_alert *alert)
{
	vpns_op op = vpnt_deliver(kit, alert);

	vpnt_advance(kit, 0);
	return op;
}

static const struct vpns_delivery_result *deliver(struct vpnt *kit)
{
	struct vpns_alert alert = vpnt_alert();

	return vpnt_delivery_result(kit, deliver_alert(kit, &alert));
}

/* --- against a server ----------------------------------------------------------------------- */

static void a_message_goes_out_with_all_its_headers(void **state)
{
	static const char *const lines[] = {"MAIL FROM:<sentinel@vpn.example>",
		"RCPT TO:<anna@x.example>\r\n", "RCPT TO:<ben@x.example>\r\n",
		"Date: Fri, 02 Jan 2026 03:04:05 +0000\r\n",
		"From: \"Sentinel\"\r\n <sentinel@vpn.example>\r\n", "To: anna@x.example, ben@x.example\r\n",
		"Subject: [VPN Sentinel] anna lost its tunnel\r\n",
		"Message-ID:\r\n <01JGK0000000000000000INCID_email@vpn.example>\r\n",
		"List-Id: VPN Sentinel\r\n <vpn-sentinel.vpn.example>\r\n",
		"Auto-Submitted: auto-generated\r\n", "X-VPN-Sentinel-Kind: tunnel_lost\r\n",
		"Importance: high\r\n", "No keepalive for 5 minutes.\r\n",
		"Exit: 185.211.32.87 (Bucure=C8=99ti, RO)\r\n"};
	const struct smtp_script script = {0};
	struct smtp_server *server = smtp_start(&script);
	const struct vpns_delivery_result *result;
	const char *heard;
	size_t i;

	start(*state, smtp_port(server), "anna@x.example, ben@x.example");
	result = deliver(*state);
	assert_int_equal(result->status, VPNS_DELIVERY_SENT);
	assert_string_equal(result->ref, "<01JGK0000000000000000INCID_email@vpn.example>");
	heard = smtp_heard(server);
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_contains(heard, lines[i]);
	assert_lacks(heard, "In-Reply-To");
	smtp_stop(server);
}

static void what_follows_of_an_incident_is_a_reply_to_its_first_message(void **state)
{
	const struct smtp_script script = {0};
	struct smtp_server *server = smtp_start(&script);
	struct vpns_alert alert = vpnt_alert();
	const char *heard;

	start(*state, smtp_port(server), "anna@x.example");
	alert.transition = VPNS_TRANSITION_RESOLVED;
	assert_int_equal(
		vpnt_delivery_result(*state, deliver_alert(*state, &alert))->status, VPNS_DELIVERY_SENT);
	heard = smtp_heard(server);
	assert_contains(heard, "Message-ID:\r\n <01JGK0000000000000000DELIV_email@vpn.example>\r\n");
	assert_contains(heard, "In-Reply-To:\r\n <01JGK0000000000000000INCID_email@vpn.example>\r\n");
	assert_contains(heard, "References:\r\n <01JGK0000000000000000INCID_email@vpn.example>\r\n");
	smtp_stop(server);
}

static void messages_about_many_are_a_thread_of_their_own(void **state)
{
	static const char *const refs[] = {"<01JGKFIRST_email@vpn.example>", "<a@b>\r\nBcc: <x@y>", "<@b>",
		"<a@>", "a@b", "<a b@c>", "<a@b", ""};
	const struct smtp_script script = {0};
	struct smtp_server *server = smtp_start(&script);
	struct vpns_alert alert = vpnt_alert();
	const struct vpns_delivery_result *result;
	const char *heard = "";
	size_t seen = 0;
	size_t i;

	start(*state, smtp_port(server), "anna@x.example");
	alert.incident_id = "";
	alert.group_count = 500;
	for (i = 0; i < sizeof(refs) / sizeof(refs[0]); i++) {
		alert.replaces_ref = refs[i];
		result = vpnt_delivery_result(*state, deliver_alert(*state, &alert));
		assert_int_equal(result->status, VPNS_DELIVERY_SENT);
		heard = smtp_heard(server) + seen;
		seen += strlen(heard);
		assert_contains(heard, "Message-ID:\r\n <01JGK0000000000000000DELIV_email@vpn.example>\r\n");
		if (i == 0)
			assert_contains(heard, "References:\r\n <01JGKFIRST_email@vpn.example>\r\nList-Id");
		else
			assert_lacks(heard, "References");
		assert_string_equal(
			result->ref, i == 0 ? refs[0] : "<01JGK0000000000000000DELIV_email@vpn.example>");
	}
	smtp_stop(server);
}

static void how_urgent_it_is_stands_in_the_head(void **state)
{
	static const struct {
		uint32_t severity, transition, silent;
		const char *importance;
	} rows[] = {
		{VPNS_SEVERITY_CRITICAL, VPNS_TRANSITION_REMINDED, 0,
			"Importance: high\r\nX-Priority: 1\r\n"},
		{VPNS_SEVERITY_CRITICAL, VPNS_TRANSITION_RESOLVED, 0, NULL},
		{VPNS_SEVERITY_WARNING, VPNS_TRANSITION_OPENED, 0, NULL},
		{VPNS_SEVERITY_CRITICAL, VPNS_TRANSITION_OPENED, 1, "Importance: low\r\nX-Priority: 5\r\n"},
	};
	const struct smtp_script script = {0};
	struct smtp_server *server = smtp_start(&script);
	size_t seen = 0;
	size_t i;

	start(*state, smtp_port(server), "anna@x.example");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct vpns_alert alert = vpnt_alert();
		const char *heard;

		alert.severity = rows[i].severity;
		alert.transition = rows[i].transition;
		alert.silent = rows[i].silent;
		deliver_alert(*state, &alert);
		heard = smtp_heard(server) + seen;
		seen += strlen(heard);
		assert_contains(heard, "Subject:");
		if (rows[i].importance != NULL)
			assert_contains(heard, rows[i].importance);
		else
			assert_lacks(heard, "Importance");
	}
	smtp_stop(server);
}

static void what_a_server_refuses_is_tried_again_or_given_up_as_it_says(void **state)
{
	static const struct {
		struct smtp_script script;
		uint32_t status;
		uint32_t scope;
		const char *reason;
	} rows[] = {
		{{.greeting = "554 5.7.1 go away"}, VPNS_DELIVERY_DROP, VPNS_SCOPE_INSTANCE,
			"554 5.7.1 go away"},
		{{.greeting = "421 4.3.2 later"}, UNSENT, VPNS_SCOPE_INSTANCE, "421 4.3.2 later"},
		{{.mail = "550 5.7.1 not you"}, VPNS_DELIVERY_DROP, VPNS_SCOPE_INSTANCE, "550 5.7.1 not you"},
		{{.mail = "452 4.3.1 disk is full"}, UNSENT, VPNS_SCOPE_INSTANCE, "disk is full"},
		{{.rcpt = {"550 5.1.1 nobody"}}, VPNS_DELIVERY_DROP, VPNS_SCOPE_CHAT, "550 5.1.1 nobody"},
		{{.rcpt = {"450 4.2.0 grey"}}, UNSENT, VPNS_SCOPE_INSTANCE, "450 4.2.0 grey"},
		{{.data = "554 5.5.1 no"}, VPNS_DELIVERY_DROP, VPNS_SCOPE_CHAT, "554 5.5.1 no"},
		{{.data = "451 4.3.0 no"}, UNSENT, VPNS_SCOPE_INSTANCE, "451 4.3.0 no"},
		{{.end = "554 5.7.1 spam"}, VPNS_DELIVERY_DROP, VPNS_SCOPE_CHAT, "554 5.7.1 spam"},
		{{.end = "452 4.2.2 mailbox full"}, UNSENT, VPNS_SCOPE_INSTANCE, "mailbox full"},
		/* Perhaps before libcurl knows of the connection. */
		{{.greeting = SMTP_RESET}, UNSENT, VPNS_SCOPE_INSTANCE, "mail server: "},
		{{.mail = SMTP_RESET}, UNSENT, VPNS_SCOPE_INSTANCE, "the mail server: "},
		{{.rcpt = {SMTP_RESET}}, UNSENT, VPNS_SCOPE_INSTANCE, "the mail server: "},
		{{.data = SMTP_RESET}, UNSENT, VPNS_SCOPE_INSTANCE, "the mail server: "},
		{{.end = SMTP_RESET}, VPNS_DELIVERY_RETRY, VPNS_SCOPE_INSTANCE, "the mail server: "},
	};
	struct vpnt *kit = *state;
	const struct vpns_delivery_result *result;
	struct smtp_server *server;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		server = smtp_start(&rows[i].script);
		start(kit, smtp_port(server), "anna@x.example");
		result = deliver(kit);
		if (result->status != rows[i].status || result->scope != rows[i].scope)
			fail_msg("row %zu: status %u, scope %u: %s", i, (unsigned)result->status,
				(unsigned)result->scope, result->reason != NULL ? result->reason : "");
		assert_contains(result->reason, rows[i].reason);
		vpnt_stop(kit);
		smtp_stop(server);
	}
}

static void nobody_who_listens_is_tried_again(void **state)
{
	const struct smtp_script script = {0};
	struct smtp_server *server = smtp_start(&script);
	const struct vpns_delivery_result *result;
	char port[8];

	snprintf(port, sizeof(port), "%s", smtp_port(server));
	smtp_stop(server);
	start(*state, port, "anna@x.example");
	result = deliver(*state);
	assert_int_equal(result->status, UNSENT);
	assert_contains(result->reason, "no mail server: ");
}

static void a_server_without_encryption_gets_nothing_when_encryption_is_wanted(void **state)
{
	const struct smtp_script script = {0};
	struct smtp_server *server = smtp_start(&script);
	const struct vpns_delivery_result *result;

	vpnt_start(*state, VPNT_OPTIONS("host", "127.0.0.1", "port", smtp_port(server), "user", "u",
				   "password", PASSWORD, "from", "s@vpn.example", "to", "a@x.example"));
	result = deliver(*state);
	assert_int_equal(result->status, UNSENT);
	assert_contains(result->reason, "STARTTLS");
	assert_lacks(smtp_heard(server), "AUTH");
	smtp_stop(server);
}

static void one_refused_recipient_keeps_nobody_else_from_the_message(void **state)
{
	const struct smtp_script script = {.rcpt = {NULL, "550 5.1.1 nobody"}};
	struct smtp_server *server = smtp_start(&script);

	start(*state, smtp_port(server), "a@x.example, b@x.example, c@x.example");
	assert_int_equal(deliver(*state)->status, VPNS_DELIVERY_SENT);
	assert_contains(vpnt_log(*state), "accepts 2 of 3 recipients");
	assert_contains(vpnt_log(*state), "550 5.1.1 nobody");
	smtp_stop(server);
}

static void who_was_put_off_gets_it_later_and_nobody_twice(void **state)
{
	struct smtp_script script = {.rcpt = {NULL, "450 4.2.0 grey", "550 5.1.1 nobody"}};
	struct smtp_server *server = smtp_start(&script);
	const struct vpns_delivery_result *result;
	const char *heard;
	size_t first;

	start(*state, smtp_port(server), "a@x.example, b@x.example, c@x.example");
	result = deliver(*state);
	assert_int_equal(result->status, UNSENT);
	assert_contains(result->reason, "accepts 1 of 3");
	first = strlen(smtp_heard(server));
	memset(script.rcpt, 0, sizeof(script.rcpt));
	assert_int_equal(deliver(*state)->status, VPNS_DELIVERY_SENT);
	heard = smtp_heard(server) + first;
	assert_contains(heard, "RCPT TO:<b@x.example>");
	assert_lacks(heard, "RCPT TO:<a@x.example>");
	assert_lacks(heard, "RCPT TO:<c@x.example>");
	smtp_stop(server);
}

static void a_login_is_never_repeated_to_anybody(void **state)
{
	/* The second is base64 of NUL u NUL PASSWORD. */
	static const char *const answers[] = {
		"535 5.7.8 no: " PASSWORD, "535 5.7.8 AHUAaHVudGVyMi1hbmQtbW9yZQ=="};
	const struct vpns_delivery_result *result;
	struct vpnt *kit = *state;
	size_t i;

	for (i = 0; i < 2; i++) {
		struct smtp_script script = {.login = answers[i], .ehlo = "250-here\r\n250 AUTH PLAIN"};
		struct smtp_server *server = smtp_start(&script);

		vpnt_start(kit, VPNT_OPTIONS("host", "127.0.0.1", "port", smtp_port(server), "security",
					"none", "user", "u", "password", PASSWORD, "from", "s@vpn.example",
					"to", "a@x.example"));
		result = deliver(kit);
		assert_int_equal(result->status, VPNS_DELIVERY_DROP);
		assert_int_equal(result->scope, VPNS_SCOPE_INSTANCE);
		assert_lacks(result->reason, PASSWORD);
		assert_lacks(result->reason, "AHUAaHV");
		assert_contains(smtp_heard(server), "AHUAaHVudGVyMi1hbmQtbW9yZQ==");
		vpnt_stop(kit);
		smtp_stop(server);
	}
}

static void a_token_is_read_for_each_message_and_a_stale_one_tried_again(void **state)
{
	struct smtp_script script = {
		.ehlo = "250-here\r\n250 AUTH XOAUTH2", .login = "535 5.7.8 expired: tok-1"};
	struct smtp_server *server = smtp_start(&script);
	const struct vpns_delivery_result *result;
	char path[] = "/tmp/vpns-email-token-XXXXXX";
	const char *heard;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	vpnt_start(*state,
		VPNT_OPTIONS("host", "127.0.0.1", "port", smtp_port(server), "security", "none", "user", "u",
			"token_file", path, "from", "s@vpn.example", "to", "a@x.example"));
	result = deliver(*state);
	assert_int_equal(result->status, UNSENT);
	assert_contains(result->reason, "it is empty");
	assert_int_equal(write(fd, "tok-1\n", 6), 6);
	result = deliver(*state);
	assert_int_equal(result->status, UNSENT);
	assert_contains(result->reason, "535 5.7.8 expired: *");
	script.login = NULL;
	assert_int_equal(pwrite(fd, "tok-2\n", 6, 0), 6);
	assert_int_equal(deliver(*state)->status, VPNS_DELIVERY_SENT);
	/* user=u^Aauth=Bearer tok-1^A^A, and the same of the second */
	heard = smtp_heard(server);
	assert_contains(heard, "dXNlcj11AWF1dGg9QmVhcmVyIHRvay0xAQE=");
	assert_contains(heard, "dXNlcj11AWF1dGg9QmVhcmVyIHRvay0yAQE=");
	unlink(path);
	result = deliver(*state);
	assert_int_equal(result->status, UNSENT);
	assert_contains(result->reason, "No such file");
	close(fd);
	smtp_stop(server);
}

static void a_cancelled_delivery_ends_before_it_begins(void **state)
{
	const struct smtp_script script = {0};
	struct smtp_server *server = smtp_start(&script);
	struct vpns_alert alert = vpnt_alert();
	vpns_op op;

	start(*state, smtp_port(server), "a@x.example");
	op = vpnt_deliver(*state, &alert);
	vpnt_cancel(*state, op);
	vpnt_advance(*state, 0);
	assert_int_equal(vpnt_delivery_result(*state, op)->status, UNSENT);
	assert_int_equal(deliver(*state)->status, VPNS_DELIVERY_SENT);
	smtp_stop(server);
}

static void options_that_cannot_be_right_are_refused(void **state)
{
	static const struct {
		const char *name, *value, *sentence;
	} rows[] = {
		{"host", "mail.example/evil", "neither a name nor an address"},
		{"from", "nobody", "the option from is no address"},
		{"to", "a@x.example, b@x.example\r\nBcc: c@x.example", "item 2 of the option to"},
		{"user", "u", "there is only one"},
		{"from", "\xc3\xa4@x.example", "the option from is no address"},
	};
	const char *texts[] = {
		"host", "mail.example", "from", "s@vpn.example", "to", "a@x.example", NULL, NULL, NULL};
	struct vpnt *kit = *state;
	const char *said;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *row[9];
		size_t k;

		memcpy(row, texts, sizeof(row));
		for (k = 0; row[k] != NULL && strcmp(row[k], rows[i].name) != 0; k += 2)
			continue;
		row[k] = rows[i].name;
		row[k + 1] = rows[i].value;
		assert_contains(vpnt_start_refused(kit, row), rows[i].sentence);
	}
	said = vpnt_start_refused(
		kit, VPNT_OPTIONS("host", "mail.example", "security", "none", "user", "u", "password",
			     PASSWORD, "from", "s@vpn.example", "to", "a@x.example"));
	assert_contains(said, "unencrypted");
	assert_lacks(said, PASSWORD);
}

static void the_readme_names_the_options(void **state)
{
	(void)state;
	vpnt_check_readme(vpnt_load(VPNS_TEST_PLUGINS "/notifiers", "email"),
		VPNS_TEST_SOURCE "/plugins/notifiers/email/README.md");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_message_goes_out_with_all_its_headers),
		TEST(what_follows_of_an_incident_is_a_reply_to_its_first_message),
		TEST(messages_about_many_are_a_thread_of_their_own),
		TEST(how_urgent_it_is_stands_in_the_head),
		TEST(what_a_server_refuses_is_tried_again_or_given_up_as_it_says),
		TEST(nobody_who_listens_is_tried_again),
		TEST(a_server_without_encryption_gets_nothing_when_encryption_is_wanted),
		TEST(one_refused_recipient_keeps_nobody_else_from_the_message),
		TEST(who_was_put_off_gets_it_later_and_nobody_twice),
		TEST(a_login_is_never_repeated_to_anybody),
		TEST(a_token_is_read_for_each_message_and_a_stale_one_tried_again),
		TEST(a_cancelled_delivery_ends_before_it_begins),
		TEST(options_that_cannot_be_right_are_refused),
		cmocka_unit_test(the_readme_names_the_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
