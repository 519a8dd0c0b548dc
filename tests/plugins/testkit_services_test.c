/*
 * The testkit's name servers, sockets, descriptors and programs: the probe that tests the real host's runs on
 * them too. What nobody scripted, and what is left behind, fails the test; each in a child process, whose
 * failing test is the success of ours.
 */
#include "kit_test.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define ZOO_NAME "asker"
#include "../abi/zoo/asker.c"

static struct vpnt *open_kit(const char *mode, const char *what)
{
	struct vpnt *kit = vpnt_create(&vpns_plugin);

	vpnt_start(kit, VPNT_OPTIONS("mode", mode, "target", what, "fd", "5"));
	return kit;
}

static void assert_told(struct vpnt *kit, vpns_op op, const char *text)
{
	vpnt_advance(kit, 20000);
	assert_fact(kit, op, "own.text", text);
	vpnt_destroy(kit);
}

static void a_question_gets_the_first_answer_that_fits(void **state)
{
	struct vpnt *kit = open_kit("dns_txt", "A.example.net");

	(void)state;
	vpnt_expect_dns(kit,
		&(struct vpnt_dns){
			.name = "a.example.net", .type = VPNS_DNS_A, .repeat = 1, .records = "A 1.2.3.4"});
	vpnt_expect_dns(
		kit, &(struct vpnt_dns){.name = "*.example.net", .server = "", .records = "TXT a\tb\nTXT c"});
	assert_told(kit, vpnt_probe(kit, 10000), "0 0 A.example.net=ab/2 A.example.net=c/1");
}

static void an_answer_without_records_is_none_and_silence_a_timeout(void **state)
{
	struct vpnt *kit = open_kit("dns", "a.example.net");

	(void)state;
	vpnt_expect_dns(kit, &(struct vpnt_dns){.name = NULL});
	assert_told(kit, vpnt_probe(kit, 10000), "2 0");
	kit = open_kit("dns", "a.example.net");
	vpnt_expect_dns(kit, &(struct vpnt_dns){.never = 1});
	assert_told(kit, vpnt_probe(kit, 10000), "7 0");
	kit = open_kit("dns", "a.example.net");
	vpnt_expect_dns(kit, &(struct vpnt_dns){.error = VPNS_DNS_E_NXDOMAIN});
	assert_told(kit, vpnt_probe(kit, 10000), "1 3");
}

static void questions_are_remembered_newest_first(void **state)
{
	struct vpnt *kit = open_kit("nameservers", "x");

	(void)state;
	vpnt_nameservers(kit, "192.0.2.1 2001:db8::1");
	assert_null(vpnt_asked_name(kit, 0));
	assert_told(kit, vpnt_probe(kit, 10000), "-192.0.2.1 2001:db8::1 ");
}

static void an_exchange_and_a_program_get_what_was_scripted(void **state)
{
	struct vpnt *kit = open_kit("socket_tcp", "192.0.2.1");

	(void)state;
	vpnt_expect_exchange(kit,
		&(struct vpnt_exchange){.address = "192.0.2.1", .device = "", .port = 9, .reply = "pong"});
	assert_told(kit, vpnt_probe(kit, 10000), "0 1 pong");
	kit = open_kit("socket", "192.0.2.1");
	vpnt_expect_exchange(kit, &(struct vpnt_exchange){.never = 1});
	assert_told(kit, vpnt_probe(kit, 10000), "7 0 ");
	kit = open_kit("spawn", "echo");
	vpnt_expect_run(kit,
		&(struct vpnt_run){.command = "sh -c echo", .input = "in", .exit_code = 3, .output = "out"});
	assert_told(kit, vpnt_probe(kit, 10000), "0 3 out|");
	kit = open_kit("spawn", "echo");
	vpnt_expect_run(kit, &(struct vpnt_run){.never = 1});
	assert_told(kit, vpnt_probe(kit, 20000), "2 0 |");
}

static void a_descriptor_is_ready_when_the_test_says_so(void **state)
{
	struct vpnt *kit = open_kit("poll", "x");
	vpns_op op = vpnt_probe(kit, 10000);

	(void)state;
	assert_int_equal(vpnt_watched(kit, 5), VPNS_POLL_READ);
	assert_int_equal(vpnt_watched(kit, 6), -1);
	vpnt_ready(kit, 5, VPNS_POLL_ERROR);
	assert_int_equal(vpnt_watched(kit, 5), -1);
	assert_told(kit, op, "4 -");
}

static void wishes_and_nonces_are_kept_for_the_test(void **state)
{
	struct vpnt *kit = open_kit("hurry", "the path has changed");

	(void)state;
	vpnt_probe(kit, 10000);
	assert_int_equal(vpnt_hurried(kit), 1);
	assert_string_equal(vpnt_hurry_reason(kit), "the path has changed");
	vpnt_destroy(kit);
	kit = open_kit("nonce", "abc");
	vpnt_probe(kit, 10000);
	vpnt_probe(kit, 10000);
	assert_string_equal(vpnt_nonces(kit), "abc abc");
	assert_string_equal(vpnt_nonces(kit), "");
	vpnt_destroy(kit);
}

struct breach {
	const char *mode;
	const char *sentence;
};

static struct breach current;

static void commit(void **state)
{
	struct vpnt *kit = open_kit(current.mode, "192.0.2.1");

	(void)state;
	if (strstr(current.mode, "_leave") != NULL) {
		vpnt_expect_dns(kit, &(struct vpnt_dns){.never = 1, .repeat = 1});
		if (strstr(current.mode, "socket") != NULL)
			vpnt_expect_exchange(kit, &(struct vpnt_exchange){.never = 1});
		if (strstr(current.mode, "spawn") != NULL)
			vpnt_expect_run(kit, &(struct vpnt_run){.never = 1});
	}
	if (strcmp(current.mode, "nonce") == 0)
		vpnt_expect_run(kit, &(struct vpnt_run){.never = 1});
	if (strcmp(current.mode, "hurry") == 0)
		vpnt_expect_dns(kit, &(struct vpnt_dns){.name = "never.example"});
	vpnt_probe(kit, 10000);
	vpnt_destroy(kit);
}

/* What a test that commits the breach says before it fails. */
static void expect_breach(const struct breach *breach)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(commit)};
	char said[8192] = "";
	size_t len = 0;
	ssize_t got;
	int ends[2];
	int status;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	fflush(NULL);
	current = *breach;
	child = fork();
	if (child == 0) {
		dup2(ends[1], STDOUT_FILENO);
		dup2(ends[1], STDERR_FILENO);
		close(ends[0]);
		status = cmocka_run_group_tests(tests, NULL, NULL);
		fflush(NULL);
		_exit(status != 0);
	}
	close(ends[1]);
	while ((got = read(ends[0], said + len, sizeof(said) - 1 - len)) > 0)
		len += (size_t)got;
	said[len] = '\0';
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_not_equal(status, 0);
	assert_contains(said, breach->sentence);
}

static void every_breach_fails_the_test_with_its_sentence(void **state)
{
	static const struct breach breaches[] = {
		{"dns", "unexpected question about 192.0.2.1"},
		{"dns_ill", "a question without size"},
		{"socket", "unexpected exchange with 192.0.2.1"},
		{"socket_ill", "an exchange without size"},
		{"spawn", "unexpected program sh"},
		{"spawn_ill", "a program without size"},
		{"poll_ill", "for events that do not exist"},
		{"dns_leave", "asker left a question behind"},
		{"socket_leave", "asker left an exchange behind"},
		{"spawn_leave", "asker left a program behind"},
		{"poll_leave", "asker left a watched descriptor behind"},
		{"nonce", "an expected program was never run"},
		{"hurry", "an expected question about never.example never came"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(breaches) / sizeof(breaches[0]); i++)
		expect_breach(&breaches[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_question_gets_the_first_answer_that_fits),
		cmocka_unit_test(an_answer_without_records_is_none_and_silence_a_timeout),
		cmocka_unit_test(questions_are_remembered_newest_first),
		cmocka_unit_test(an_exchange_and_a_program_get_what_was_scripted),
		cmocka_unit_test(a_descriptor_is_ready_when_the_test_says_so),
		cmocka_unit_test(wishes_and_nonces_are_kept_for_the_test),
		cmocka_unit_test(every_breach_fails_the_test_with_its_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
