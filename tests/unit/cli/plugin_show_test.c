/* `plugin show` on the plugins of the build tree, and on files that are none. */
#include "caught.h"

#include "cli/commands.h"

struct world {
	struct place *place;
	struct caught caught;
};

static int setup(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	void *place = NULL;

	if (world == NULL || place_setup(&place) != 0)
		return -1;
	world->place = place;
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	struct world *world = *state;
	void *place = world->place;

	free(world);
	return place_teardown(&place);
}

static void a_notifier_is_shown_with_its_options_and_which_of_them_are_secret(void **state)
{
	struct world *world = *state;
	const char *out = world->caught.out;

	RUN(&world->caught, &vs_command_plugin_show, "telegram");
	assert_int_equal(world->caught.code, 0);
	assert_string_equal(world->caught.err, "");
	assert_int_equal(strncmp(out, "notifier telegram ", 18), 0);
	assert_has(out, "/lib/vpn-sentinel/notifiers/telegram.so\nsha256   ");
	assert_has(out, "\nabi      1.0\n");
	assert_has(out, "\ngrants   the network\n");
	assert_has(out, "\nneeds    http/1, ");
	assert_has(out, "\nOptions:\ntoken ");
	assert_has(out, "(required)");
	assert_has(out, "https://api.telegram.org");
	assert_has(out, "\nSecret, never shown in log or errors: token\n");
	assert_has_not(out, "FACT");
}

static void a_probe_is_shown_with_the_facts_it_tells(void **state)
{
	struct world *world = *state;

	RUN(&world->caught, &vs_command_plugin_show, "ipinfo");
	assert_int_equal(world->caught.code, 0);
	assert_has(world->caught.out, "\nFACT ");
	assert_has(world->caught.out, "\nexit.ip  ");
	assert_has(world->caught.out, "  ADDR  ");
	assert_has(world->caught.out, "  COUNTRY  ");
}

static void the_checksum_is_that_of_the_file(void **state)
{
	struct world *world = *state;
	char command[512];
	char path[300] = "";
	char sum[65] = "";
	char expected[65] = "";
	FILE *pipe;

	RUN(&world->caught, &vs_command_plugin_show, "console");
	assert_int_equal(sscanf(strstr(world->caught.out, "file "), "file %299s sha256 %64s", path, sum), 2);
	snprintf(command, sizeof(command), "sha256sum '%s'", path);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	assert_int_equal(fscanf(pipe, "%64s", expected), 1);
	pclose(pipe);
	assert_string_equal(sum, expected);
}

static void a_kind_narrows_where_it_is_looked_for(void **state)
{
	struct world *world = *state;

	RUN(&world->caught, &vs_command_plugin_show, "telegram", "--kind", "notifier");
	assert_int_equal(world->caught.code, 0);
	RUN(&world->caught, &vs_command_plugin_show, "--kind=probe", "telegram");
	assert_int_equal(world->caught.code, VS_EXIT_FAILED);
	assert_has(world->caught.err, "there is no probe \"telegram\"\n");
	assert_has(world->caught.err, "vpn-sentinel plugin list");
	RUN(&world->caught, &vs_command_plugin_show, "--kind", "notifer", "telegram");
	assert_int_equal(world->caught.code, VS_EXIT_USAGE);
	assert_has(world->caught.err, "not \"notifer\"");
}

static void a_misspelt_name_gets_a_suggestion(void **state)
{
	struct world *world = *state;

	RUN(&world->caught, &vs_command_plugin_show, "telegrm");
	assert_int_equal(world->caught.code, VS_EXIT_FAILED);
	assert_string_equal(world->caught.out, "");
	assert_string_equal(world->caught.err,
		"vpn-sentinel plugin show: there is no plugin \"telegrm\"; did you mean \"telegram\"?\n"
		"See: vpn-sentinel plugin list\n");
}

static void a_name_is_needed(void **state)
{
	struct world *world = *state;

	RUN(&world->caught, &vs_command_plugin_show, NULL);
	assert_int_equal(world->caught.code, VS_EXIT_USAGE);
	assert_has(world->caught.err, "NAME is missing");
}

static void a_file_that_is_refused_says_why_in_one_line(void **state)
{
	struct world *world = *state;
	const char *newline;

	mkdir(place_path(world->place, "probes"), 0755);
	place_write(world->place, "probes/poem.so", "I am a poem.\n");
	RUN(&world->caught, &vs_command_plugin_show, "poem", "--path", world->place->folder);
	assert_int_equal(world->caught.code, VS_EXIT_FAILED);
	assert_string_equal(world->caught.out, "");
	assert_has(world->caught.err, "vpn-sentinel plugin show: probe 'poem': ");
	assert_has(world->caught.err, "/probes/poem.so: the file is not a shared object");
	newline = strchr(world->caught.err, '\n');
	assert_non_null(newline);
	assert_string_equal(newline, "\n");
}

static void a_refused_file_of_one_kind_does_not_hide_a_good_one_of_another(void **state)
{
	struct world *world = *state;

	mkdir(place_path(world->place, "probes"), 0755);
	place_write(world->place, "probes/telegram.so", "I am a poem.\n");
	RUN(&world->caught, &vs_command_plugin_show, "telegram", "--path", world->place->folder);
	assert_int_equal(world->caught.code, 0);
	assert_has(world->caught.out, "notifier telegram ");
}

static void what_cannot_be_a_name_is_told_the_rule(void **state)
{
	struct world *world = *state;

	RUN(&world->caught, &vs_command_plugin_show, "../../etc/passwd");
	assert_int_equal(world->caught.code, VS_EXIT_FAILED);
	assert_has(world->caught.err, "this is not a plugin name");
}

#define show_test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		show_test(a_notifier_is_shown_with_its_options_and_which_of_them_are_secret),
		show_test(a_probe_is_shown_with_the_facts_it_tells),
		show_test(the_checksum_is_that_of_the_file),
		show_test(a_kind_narrows_where_it_is_looked_for),
		show_test(a_misspelt_name_gets_a_suggestion),
		show_test(a_name_is_needed),
		show_test(a_file_that_is_refused_says_why_in_one_line),
		show_test(a_refused_file_of_one_kind_does_not_hide_a_good_one_of_another),
		show_test(what_cannot_be_a_name_is_told_the_rule),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
