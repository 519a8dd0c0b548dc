/* `why`: the explanation for people, and what can go wrong. */
#include "asking.h"

#include "cli/commands.h"
#include "cli/shown.h"
#include "cli/wrap.h"

#define KEY "a-key-of-decent-length"

#define ASK(world, status, body, ...) ASK_BY(world, vs_command_why, status, body, __VA_ARGS__)

static const char full[] =
	"{\"client_id\":\"office\",\"at\":\"2026-11-23T12:00:00.000Z\",\"status\":\"alive\",\"age_ms\":12345,"
	"\"verdict\":\"leak\",\"source_address\":\"203.0.113.20\",\"side_path\":\"home\",\"side\":\"from the "
	"home network\",\"cause\":\"tunnel_down\",\"cause_words\":\"the tunnel is down\",\"questions\":["
	"{\"question\":\"tunnel\",\"verdict\":\"leak\",\"confidence\":\"high\",\"rule\":\"tunnel_exit_home\","
	"\"rule_words\":\"an exit belongs to the network outside the tunnel\",\"evidence\":\"it is home\"}],"
	"\"sources\":[{\"source\":\"ipify\",\"status\":\"told\",\"age_ms\":12345,\"facts\":{\"exit.ip\":"
	"\"203.0.113.20\"}},{\"source\":\"trace\",\"status\":\"failed\",\"reason\":\"HTTP "
	"429\",\"facts\":{}}],"
	"\"exits\":[{\"address\":\"203.0.113.20\",\"told_by\":[{\"source\":\"ipify\",\"fact\":\"exit.ip\"}],"
	"\"home\":\"is the server's own exit\",\"place\":null}],\"resolvers\":[{\"address\":\"9.9.9.9\","
	"\"told_by\":[{\"source\":\"zone\",\"fact\":\"zone.resolvers\"}],\"verdict\":\"third_party\","
	"\"rule\":"
	"\"dns_public\",\"rule_words\":\"the resolver is a public one\",\"place\":{\"country\":\"US\","
	"\"country_name\":\"United States\",\"asn\":\"AS19281\",\"org\":\"Quad9\",\"city\":\"Berkeley\","
	"\"hosting\":\"yes\",\"asked\":3,\"agreed\":2,\"sources\":\"a, b, c\",\"disagreement\":\"country: a "
	"US, b US, c CH\",\"stale\":true}}],\"home\":{\"learn\":true,\"asn\":\"auto\",\"learned\":[{"
	"\"address\":\"203.0.113.20\",\"network\":\"203.0.113.20/32\",\"source\":\"ipify\",\"age_ms\":60000,"
	"\"asn\":\"AS5617\",\"asn_used\":true,\"hosting\":\"no\"}],\"listed\":[\"192.0.2.0/"
	"24\",\"AS64500\"]},"
	"\"incidents\":[{\"kind\":\"bypass\",\"severity\":\"critical\",\"first_bad_at\":"
	"\"2026-11-23T11:00:00.000Z\",\"cause\":\"tunnel_down\",\"exposed_bytes\":4404019,\"evidence\":\"it "
	"is "
	"home\"}]}";

static void an_explanation_is_told_in_words(void **state)
{
	struct world *world = *state;

	ASK(world, 200, full, "--key", KEY, "office", NULL);
	assert_int_equal(world->caught.code, 0);
	assert_string_equal(world->caught.err, "");
	assert_string_equal(world->answerer.path, "/api/v1/clients/office/why");
	assert_string_equal(world->answerer.key, KEY);
	assert_string_equal(world->caught.out,
		"office: leak (alive, heard 12s ago)\n"
		"The last keepalive came from 203.0.113.20, from the home network.\n"
		"Cause: the tunnel is down.\n"
		"\n"
		"VERDICTS\n"
		"  tunnel      leak, certain\n"
		"      it is home\n"
		"      rule tunnel_exit_home: an exit belongs to the network outside the tunnel\n"
		"\n"
		"EXITS that were told\n"
		"  203.0.113.20, told by ipify (exit.ip)\n"
		"      it is the server's own exit\n"
		"      where it belongs is not known (yet)\n"
		"\n"
		"RESOLVERS that were seen\n"
		"  9.9.9.9: third_party, told by zone (zone.resolvers)\n"
		"      rule dns_public: the resolver is a public one\n"
		"      United States, Berkeley; AS19281 Quad9 (a data centre's); a, b, c: 2 of 3 agree\n"
		"      (country: a US, b US, c CH); old, and nobody could tell it anew\n"
		"\n"
		"SOURCES, and what each told\n"
		"  ipify, 12s ago: exit.ip 203.0.113.20\n"
		"  trace, failed (HTTP 429)\n"
		"\n"
		"OPEN INCIDENTS\n"
		"  bypass, critical, since 2026-11-23 11:00:00 UTC; cause: the tunnel is down; at most 4.2\n"
		"      MiB left beside the tunnel so far\n"
		"      it is home\n"
		"\n"
		"HOME, the network outside the tunnel\n"
		"  203.0.113.20 (203.0.113.20/32): this server's own exit, seen by ipify 1m ago; AS5617,\n"
		"      which counts as home\n"
		"  listed: 192.0.2.0/24, AS64500\n");
}

static void a_resolver_next_to_the_exit_needs_no_place(void **state)
{
	struct world *world = *state;

	ASK(world, 200,
		"{\"client_id\":\"office\",\"questions\":[],\"resolvers\":[{\"address\":\"198.51.100.8\","
		"\"verdict\":"
		"\"secure\","
		"\"rule\":\"dns_same_prefix\",\"rule_words\":\"the resolver is next to the "
		"exit\",\"place\":null},"
		"{\"address\":\"192.0.2.53\",\"verdict\":\"unknown\",\"rule\":\"dns_looking_up\","
		"\"rule_words\":\"it is being looked up\",\"place\":null}]}",
		"office", NULL);
	assert_int_equal(world->caught.code, 0);
	assert_has(world->caught.out, "  198.51.100.8: secure\n"
				      "      rule dns_same_prefix: the resolver is next to the exit\n"
				      "      it is next to the exit, and belongs where that does\n"
				      "  192.0.2.53: unknown\n"
				      "      rule dns_looking_up: it is being looked up\n"
				      "      where it belongs is not known (yet)\n");
}

static void what_is_missing_is_left_out(void **state)
{
	struct world *world = *state;

	ASK(world, 200,
		"{\"client_id\":\"office\",\"questions\":[{}],\"exits\":[{}],\"sources\":[{}],"
		"\"incidents\":[{}],\"resolvers\":7,\"home\":{\"learn\":false}}",
		"office", NULL);
	assert_int_equal(world->caught.code, 0);
	assert_has(world->caught.out, "RESOLVERS that were seen\n  none\n");
	assert_has(world->caught.out, "neither learned nor listed (monitor.home)");
}

static void the_reply_can_be_had_as_it_is(void **state)
{
	struct world *world = *state;

	ASK(world, 200, full, "--json", "office", NULL);
	assert_int_equal(world->caught.code, 0);
	assert_int_equal(strncmp(world->caught.out, full, sizeof(full) - 1), 0);
	assert_string_equal(world->caught.out + sizeof(full) - 1, "\n");
}

static void hostile_words_do_not_reach_the_terminal(void **state)
{
	struct world *world = *state;

	ASK(world, 200,
		"{\"client_id\":\"\\u001b[2J\",\"verdict\":\"\\u009b\",\"questions\":[{\"question\":"
		"\"\\u001b]0;x\\u0007\",\"verdict\":\"\\u001b[0m\",\"evidence\":\"\\u202e\"}],\"sources\":"
		"[{\"source\":\"\\u001b\",\"facts\":{\"\\u001b\":\"\\u001b\"}}]}",
		"office", NULL);
	assert_int_equal(world->caught.code, 0);
	assert_null(strchr(world->caught.out, '\x1b'));
	assert_null(strchr(world->caught.out, '\a'));
	assert_null(strstr(world->caught.out, "\xe2\x80\xae"));
}

static void what_cannot_be_explained_is_said_with_what_to_do(void **state)
{
	static const struct {
		int status;
		const char *body, *says;
	} rows[] = {
		{404, "{\"error\":\"client_not_found\"}",
			"never heard of a client \"office\"; `vpn-sentinel status`"},
		{404, "{\"error\":\"not_found\"}", "is VPN_SENTINEL_API_PATH the server's?"},
		{404, "<html>", "is VPN_SENTINEL_API_PATH the server's?"},
		{401, "{}", "--key-file"},
		{503, "{}", "not ready"},
		{200, "[]", "the reply is no explanation; is this the right server?"},
		{200, "{}", "the reply is no explanation"},
		{200, "no JSON", "the reply is no explanation"},
	};
	struct world *world = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ASK(world, rows[i].status, rows[i].body, "office", NULL);
		assert_int_equal(world->caught.code, VS_EXIT_FAILED);
		assert_has(world->caught.err, "vpn-sentinel why: ");
		assert_has(world->caught.err, rows[i].says);
		assert_string_equal(world->caught.out, "");
	}
}

static void what_is_no_id_of_a_client_asks_nobody(void **state)
{
	struct world *world = *state;

	RUN(&world->caught, &vs_command_why, "../status", NULL);
	assert_int_equal(world->caught.code, VS_EXIT_USAGE);
	assert_has(world->caught.err, "CLIENT is the id of a client");
	RUN(&world->caught, &vs_command_why, "--key", "a", "--key-file", "b", "office", NULL);
	assert_int_equal(world->caught.code, VS_EXIT_USAGE);
	assert_has(world->caught.err, "give one of them");
}

static void without_a_server_it_says_where_one_may_be(void **state)
{
	struct world *world = *state;

	RUN(&world->caught, &vs_command_why, "office", NULL);
	assert_int_equal(world->caught.code, VS_EXIT_FAILED);
	assert_has(world->caught.err, "--url URL");
}

/* However long and strange the words are, no line is wider, but for a word that is. */
static void lines_are_no_wider_than_a_terminal(void **state)
{
	char text[600] = "", word[120], out[2000];
	FILE *file = fmemopen(out, sizeof(out), "w");

	(void)state;
	memset(word, 'x', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	for (int i = 0; i < 20; i++)
		strcat(text, "București  ");
	strcat(text, word);
	strcat(text, " end");
	vs_wrap(file, text, 2, 6);
	fclose(file);
	for (char *line = strtok(out, "\n"); line != NULL; line = strtok(NULL, "\n")) {
		assert_true(vs_shown_columns(line) <= VS_WRAP_WIDTH || strchr(line + 6, ' ') == NULL);
		assert_int_equal(strncmp(line, "  ", 2), 0);
		assert_int_not_equal(line[strlen(line) - 1], ' ');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_explanation_is_told_in_words),
		TEST(a_resolver_next_to_the_exit_needs_no_place),
		TEST(what_is_missing_is_left_out),
		TEST(the_reply_can_be_had_as_it_is),
		TEST(hostile_words_do_not_reach_the_terminal),
		TEST(what_cannot_be_explained_is_said_with_what_to_do),
		TEST(what_is_no_id_of_a_client_asks_nobody),
		TEST(without_a_server_it_says_where_one_may_be),
		cmocka_unit_test(lines_are_no_wider_than_a_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
