/* `import-env`: what becomes of the original's variables. */
#include "caught.h"

#include "cli/commands.h"
#include "cli/import_env.h"

static struct caught caught;

static void read_back(struct place *place, const char *name, char *text, size_t size)
{
	FILE *file = fopen(place_path(place, name), "r");
	size_t got;

	assert_non_null(file);
	got = fread(text, 1, size - 1, file);
	text[got] = '\0';
	fclose(file);
}

static void import(struct place *place, const char *name, const char *text)
{
	char out[128];
	char file[256];

	snprintf(out, sizeof(out), "%s/out", place->folder);
	snprintf(file, sizeof(file), "%s", place_write(place, name, text));
	RUN(&caught, &vs_command_import_env, file, "--out", out);
}

static void every_name_of_the_table_has_a_fate_and_is_written_under_a_name_that_is_read(void **state)
{
	size_t count;
	const struct vs_env_variable *table = vs_env_table(&count);
	char value[] = "x";
	char file[] = "f";

	(void)state;
	for (size_t i = 0; i < count; i++) {
		char *name = strdup(table[i].name);
		struct vs_import_var var = {.name = name, .value = value, .file = file};
		struct vs_import_verdict verdict;

		vs_import_judge(&verdict, &var);
		assert_int_equal(verdict.fate, table[i].status == VS_ENV_ACCEPTED ? VS_IMPORT_KEPT
					       : table[i].status == VS_ENV_ALIAS  ? VS_IMPORT_RENAMED
										  : VS_IMPORT_DROPPED);
		if (verdict.fate == VS_IMPORT_DROPPED)
			assert_string_equal(verdict.reason, table[i].note);
		else
			assert_int_equal(vs_env_find(verdict.name)->status, VS_ENV_ACCEPTED);
		free(name);
	}
}

static void a_dotenv_becomes_a_file_for_each_role(void **state)
{
	struct place *place = *state;
	char text[1024];

	import(place, ".env",
		"VPN_SENTINEL_URL=http://h:5000\nVPN_SENTINEL_API_KEY=k "
		"y\nTELEGRAM_CHAT_ID=-5\nVPN_USER=x\n");
	assert_int_equal(caught.code, 0);
	assert_has(caught.out, ".env:1: VPN_SENTINEL_URL: becomes VPN_SENTINEL_SERVER_API_BASE_URL\n");
	assert_has(caught.out, ".env:4: VPN_USER: not VPN Sentinel's\n");
	assert_has(caught.out, "4 variables: 2 kept, 1 renamed, 1 not VPN Sentinel's\n");
	read_back(place, "out/client.env", text, sizeof(text));
	assert_has(text, "\nVPN_SENTINEL_SERVER_API_BASE_URL=http://h:5000\nVPN_SENTINEL_API_KEY='k y'\n");
	assert_has_not(text, "TELEGRAM");
	read_back(place, "out/server.env", text, sizeof(text));
	assert_has(text, "\nVPN_SENTINEL_API_KEY='k y'\nTELEGRAM_CHAT_ID=-5\n");
	assert_has_not(text, "URL");
}

static void the_files_are_for_their_owner_alone_and_never_overwritten(void **state)
{
	struct place *place = *state;
	struct stat info;

	import(place, ".env", "VPN_SENTINEL_API_KEY=k\n");
	assert_int_equal(stat(place_path(place, "out/server.env"), &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	import(place, ".env", "VPN_SENTINEL_API_KEY=other\n");
	assert_int_equal(caught.code, VS_EXIT_FAILED);
	assert_has(caught.err, "server.env");
}

static void a_compose_file_tells_the_role_and_puts_values_in(void **state)
{
	struct place *place = *state;
	char text[1024];

	place_write(place, ".env", "ID=home\nKEY=k\n");
	import(place, "compose.yml",
		"services:\n  gluetun:\n    environment:\n      TZ: Europe/Madrid\n"
		"  vpn-sentinel-client:\n    environment:\n      - VPN_SENTINEL_CLIENT_ID=${ID}\n      - "
		"VPN_SENTINEL_API_KEY=${KEY}\n"
		"  vpn-sentinel-server:\n    environment:\n      VPN_SENTINEL_API_KEY: ${KEY}2\n      "
		"VPN_SENTINEL_URL: http://h\n");
	assert_int_equal(caught.code, 0);
	assert_has(caught.out, "compose.yml:4: TZ: not VPN Sentinel's\n");
	assert_has(caught.out, "VPN_SENTINEL_URL: dropped: the server does not read it\n");
	assert_has_not(caught.out, ".env:1:");
	read_back(place, "out/client.env", text, sizeof(text));
	assert_has(text, "\nVPN_SENTINEL_CLIENT_ID=home\nVPN_SENTINEL_API_KEY=k\n");
	read_back(place, "out/server.env", text, sizeof(text));
	assert_has(text, "\nVPN_SENTINEL_API_KEY=k2\n");
}

static void an_env_file_is_read_beside_the_compose_file_and_environment_wins(void **state)
{
	struct place *place = *state;
	char text[1024];

	place_write(place, "c.env", "VPN_SENTINEL_CLIENT_ID=a\nINTERVAL=60\n");
	import(place, "compose.yaml",
		"services:\n  sentinel-client:\n    env_file: [c.env]\n    environment: { "
		"VPN_SENTINEL_CLIENT_ID: b }\n");
	assert_int_equal(caught.code, 0);
	read_back(place, "out/client.env", text, sizeof(text));
	assert_has(text, "\nVPN_SENTINEL_CLIENT_ID=b\nVPN_SENTINEL_INTERVAL=60\n");
}

static void two_clients_that_differ_are_imported_one_at_a_time(void **state)
{
	struct place *place = *state;
	char file[256];
	char out[128];

	import(place, "compose.yaml",
		"services:\n  sentinel-client-a:\n    environment: { VPN_SENTINEL_CLIENT_ID: a }\n"
		"  sentinel-client-b:\n    environment: { VPN_SENTINEL_CLIENT_ID: b }\n");
	assert_int_equal(caught.code, VS_EXIT_USAGE);
	assert_has(caught.err,
		"compose.yaml:5:1: error: the services sentinel-client-a and sentinel-client-b set "
		"VPN_SENTINEL_CLIENT_ID differently");
	snprintf(file, sizeof(file), "%s", place_path(place, "compose.yaml"));
	snprintf(out, sizeof(out), "%s/b", place->folder);
	RUN(&caught, &vs_command_import_env, file, "--out", out, "--service", "sentinel-client-b");
	assert_int_equal(caught.code, 0);
	RUN(&caught, &vs_command_import_env, file, "--service", "nobody");
	assert_int_equal(caught.code, VS_EXIT_USAGE);
}

static void no_value_is_printed_whatever_is_wrong_with_it(void **state)
{
	struct place *place = *state;

	import(place, ".env", "VPN_SENTINEL_API_KEY=\"hunter2'\"\nTELEGRAM_BOT_TOKEN=hunter2\n");
	assert_int_equal(caught.code, VS_EXIT_USAGE);
	assert_has(caught.err,
		".env:1:1: error: the value of VPN_SENTINEL_API_KEY holds a line break or a quote");
	assert_has_not(caught.out, "hunter2");
	assert_has_not(caught.err, "hunter2");
	assert_int_not_equal(access(place_path(place, "out/server.env"), F_OK), 0);
}

static void what_cannot_be_read_is_told_with_its_place(void **state)
{
	struct place *place = *state;

	import(place, ".env", "A=b\nnonsense here\n");
	assert_int_equal(caught.code, VS_EXIT_USAGE);
	assert_has(caught.err, ".env:2:1: error: '=' must follow the name nonsense");
	import(place, "compose.yaml", "version: '3'\n");
	assert_int_equal(caught.code, VS_EXIT_USAGE);
	assert_has(caught.err, "there is no map 'services'");
	import(place, "compose.yaml", "services:\n  sentinel-client:\n    env_file: gone.env\n");
	assert_int_equal(caught.code, VS_EXIT_USAGE);
	assert_has(caught.err, "gone.env");
	RUN(&caught, &vs_command_import_env, place_path(place, "missing.env"));
	assert_int_equal(caught.code, VS_EXIT_USAGE);
	assert_has(caught.err, "missing.env");
}

static void names_that_nobody_reads_are_told_with_the_nearest_and_empty_ones_as_empty(void **state)
{
	struct place *place = *state;

	import(place, ".env",
		"VPN_SENTINEL_API_KEYS=k\nVPN_SENTINEL_API_KEY_FILE=/run/key\nTELEGRAM_CHAT_ID=\nALONE\n");
	assert_int_equal(caught.code, 0);
	assert_has(caught.out,
		"VPN_SENTINEL_API_KEYS: unknown: nobody ever read it; did you mean VPN_SENTINEL_API_KEY?\n");
	assert_has(caught.out, "VPN_SENTINEL_API_KEY_FILE: kept: the original did not read it from a file\n");
	assert_has(caught.out, "TELEGRAM_CHAT_ID: empty: which is the same as unset\n");
	assert_has(caught.err, ".env:4:1: warning: ALONE stands here without a value");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_name_of_the_table_has_a_fate_and_is_written_under_a_name_that_is_read),
		place_test(a_dotenv_becomes_a_file_for_each_role),
		place_test(the_files_are_for_their_owner_alone_and_never_overwritten),
		place_test(a_compose_file_tells_the_role_and_puts_values_in),
		place_test(an_env_file_is_read_beside_the_compose_file_and_environment_wins),
		place_test(two_clients_that_differ_are_imported_one_at_a_time),
		place_test(no_value_is_printed_whatever_is_wrong_with_it),
		place_test(what_cannot_be_read_is_told_with_its_place),
		place_test(names_that_nobody_reads_are_told_with_the_nearest_and_empty_ones_as_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
