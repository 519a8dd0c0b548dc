/* The page: what clients say of themselves must not become markup. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "base/buf.h"
#include "model/client.h"
#include "model/facts.h"
#include "model/names.h"
#include "server/page.h"

#define HOSTILE "<script>alert(\"1\")</script>&'"
#define TAMED "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;"

struct fact {
	const char *name;
	enum vs_fact known;
	enum vs_fact_type type;
	const char *value;
};

static void row_of(struct vs_buf *out, const struct fact *facts, size_t count, const char *evidence)
{
	struct vs_names *names = vs_names_create();
	struct vs_fact_value values[8] = {{0}};
	uint8_t verdict[VS_QUESTIONS] = {VS_VERDICT_LEAK};
	uint8_t confidence[VS_QUESTIONS] = {VS_CONFIDENCE_HIGH};
	const char *evidences[VS_QUESTIONS] = {evidence};
	struct vs_client client;
	size_t i;

	for (i = 0; i < count; i++)
		values[i] = (struct vs_fact_value){.name = facts[i].name,
			.source = "report",
			.value = vs_view_of(facts[i].value),
			.observed_at = 1,
			.type = facts[i].type,
			.known = facts[i].known};
	vs_client_init(&client, "office-vpn");
	client.last_seen = 1700000000000;
	client.side = VS_SIDE_PRIVATE;
	vs_facts_set(&client.facts, names, values, count);
	vs_verdicts_set(&client.verdicts, verdict, confidence, evidences);
	vs_buf_init(out);
	vs_page_row(out, &client, names);
	vs_client_fini(&client, names);
	vs_names_destroy(names);
}

static void every_text_of_a_client_is_escaped(void **state)
{
	const struct fact facts[] = {
		{"exit.city", VS_FACT_EXIT_CITY, VS_TYPE_TEXT, HOSTILE},
		{"exit.org", VS_FACT_EXIT_ORG, VS_TYPE_TEXT, HOSTILE},
	};
	struct vs_buf out;
	const char *at;
	unsigned tamed = 0;

	(void)state;
	row_of(&out, facts, 2, HOSTILE);
	assert_null(strstr(vs_buf_text(&out), "<script"));
	for (at = vs_buf_text(&out); (at = strstr(at, TAMED)) != NULL; at++)
		tamed++;
	assert_int_equal(tamed, 3);
	vs_buf_fini(&out);
}

static void no_text_of_a_client_turns_the_row_around(void **state)
{
	const struct fact facts[] = {
		{"exit.city", VS_FACT_EXIT_CITY, VS_TYPE_TEXT, "Os\u202elo"},
	};
	struct vs_buf out;

	(void)state;
	row_of(&out, facts, 1, "two\nlines\u2066");
	assert_non_null(strstr(vs_buf_text(&out), ">Os lo<"));
	assert_non_null(strstr(vs_buf_text(&out), "two lines "));
	assert_null(strstr(vs_buf_text(&out), "\u202e"));
	vs_buf_fini(&out);
}

static void a_row_tells_what_people_want_to_know(void **state)
{
	static const char *const words[] = {">office-vpn<", ">leaking<", "title=\"tunnel: it leaks. \"",
		">alive<", ">185.211.32.87<", ">București, RO<", ">M247 Europe SRL<", ">US<",
		">2023-11-14 22:13:20 UTC<", ">over a private network beside the tunnel<"};
	const struct fact facts[] = {
		{"exit.ip", VS_FACT_EXIT_IP, VS_TYPE_ADDR, "185.211.32.87"},
		{"exit.country", VS_FACT_EXIT_COUNTRY, VS_TYPE_COUNTRY, "RO"},
		{"exit.city", VS_FACT_EXIT_CITY, VS_TYPE_TEXT, "București"},
		{"exit.org", VS_FACT_EXIT_ORG, VS_TYPE_TEXT, "M247 Europe SRL"},
		{"dns_location", VS_FACT_DNS_LOCATION, VS_TYPE_COUNTRY, "US"},
	};
	struct vs_buf out;
	size_t i;

	(void)state;
	row_of(&out, facts, 5, "it leaks");
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strstr(vs_buf_text(&out), words[i]) == NULL)
			fail_msg("%s is missing in %s", words[i], vs_buf_text(&out));
	vs_buf_fini(&out);
}

static void what_is_not_known_is_called_unknown(void **state)
{
	struct vs_buf out;
	const char *at;
	unsigned count = 0;

	(void)state;
	row_of(&out, NULL, 0, NULL);
	for (at = vs_buf_text(&out); (at = strstr(at, "<td>unknown</td>")) != NULL; at++)
		count++;
	assert_int_equal(count, 4); /* exit, location, provider, DNS location */
	vs_buf_fini(&out);
}

static void the_page_has_no_script_and_loads_nothing(void **state)
{
	static const char *const forbidden[] = {"<script", "src=", "href=", "url(", "@import", "javascript:"};
	struct vs_buf out;
	size_t i;

	(void)state;
	vs_buf_init(&out);
	vs_page_head(&out, "healthy", 1, 1700000000000);
	vs_page_tail(&out);
	for (i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++)
		assert_null(strcasestr(vs_buf_text(&out), forbidden[i]));
	assert_non_null(strstr(vs_buf_text(&out), "1 client is known; the server is healthy"));
	assert_non_null(strstr(vs_buf_text(&out), "</html>"));
	vs_buf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_text_of_a_client_is_escaped),
		cmocka_unit_test(no_text_of_a_client_turns_the_row_around),
		cmocka_unit_test(a_row_tells_what_people_want_to_know),
		cmocka_unit_test(what_is_not_known_is_called_unknown),
		cmocka_unit_test(the_page_has_no_script_and_loads_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
