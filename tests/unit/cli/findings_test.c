/* What doctor prints of what it found. */
#include "caught.h"

#include "cli/findings.h"

/* Two findings, one of them with what must not reach a terminal; the text they make, and the exit code. */
static int make(bool json, enum vs_finding worst, char *text, size_t size)
{
	struct vs_findings findings;
	FILE *out = tmpfile();
	int rc;

	assert_non_null(out);
	vs_findings_init(&findings, out, json);
	vs_findings_add(&findings, VS_FINDING_OK, "routes", NULL, "IPv4 by %s", "wg0");
	vs_findings_add(&findings, worst, "probe a\x1b[2J", "try \"again\"", "it said\nhidden-secret");
	rc = vs_findings_end(&findings, "client", "client.yaml");
	vs_findings_fini(&findings);
	rewind(out);
	text[fread(text, 1, size - 1, out)] = '\0';
	fclose(out);
	return rc;
}

static void each_is_a_line_with_its_remedy(void **state)
{
	char text[1024];

	(void)state;
	vs_log_secret("hidden-secret");
	assert_int_equal(make(false, VS_FINDING_UNKNOWN, text, sizeof(text)), 0);
	vs_log_forget_secrets();
	assert_string_equal(text, "ok       routes                  IPv4 by wg0\n"
				  "unknown  probe a?[2J             it said?***  -> try \"again\"\n"
				  "1 ok, 0 warn, 0 fail, 1 unknown\n");
}

static void only_what_fails_makes_the_exit_code_1(void **state)
{
	char text[1024];

	(void)state;
	assert_int_equal(make(false, VS_FINDING_WARN, text, sizeof(text)), 0);
	assert_int_equal(make(false, VS_FINDING_FAIL, text, sizeof(text)), VS_EXIT_FAILED);
	assert_int_equal(make(true, VS_FINDING_FAIL, text, sizeof(text)), VS_EXIT_FAILED);
	assert_has(text, "\"ok\":false");
}

static void json_is_one_object(void **state)
{
	char text[1024];

	(void)state;
	assert_int_equal(make(true, VS_FINDING_WARN, text, sizeof(text)), 0);
	assert_string_equal(text,
		"{\"role\":\"client\",\"configuration\":\"client.yaml\",\"ok\":true,\"findings\":["
		"{\"state\":\"ok\",\"what\":\"routes\",\"detail\":\"IPv4 by wg0\"},"
		"{\"state\":\"warn\",\"what\":\"probe a?[2J\",\"detail\":\"it said?hidden-secret\","
		"\"remedy\":\"try \\\"again\\\"\"}]}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_a_line_with_its_remedy),
		cmocka_unit_test(only_what_fails_makes_the_exit_code_1),
		cmocka_unit_test(json_is_one_object),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
